"""Probes: load balancers, what they stand in, their listeners, and what AWS refuses of them."""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from ringwall.lab.load_balancer import ATTRIBUTES


@pytest.fixture
def net(ec2: Any, client: Callable[..., Any]) -> SimpleNamespace:
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"us-east-1{zone}"
        )["Subnet"]["SubnetId"]
        for n, zone in enumerate("ab")
    ]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    group = ec2.create_security_group(GroupName="edge", Description="edge", VpcId=vpc)["GroupId"]
    return SimpleNamespace(
        vpc=vpc, subnets=subnets, gateway=gateway, group=group, elb=client("elbv2")
    )


def made(net: SimpleNamespace, **more: Any) -> str:
    asked = {"Name": "front", "Subnets": net.subnets, "SecurityGroups": [net.group], **more}
    balancer: str = net.elb.create_load_balancer(**asked)["LoadBalancers"][0]["LoadBalancerArn"]
    return balancer


def interfaces(ec2: Any, arn: str) -> list[Any]:
    text = f"ELB {arn.partition(':loadbalancer/')[2]}"
    asked = [{"Name": "description", "Values": [text]}]
    found: list[Any] = ec2.describe_network_interfaces(Filters=asked)["NetworkInterfaces"]
    return found


def test_a_load_balancer_stands_in_its_subnets(
    ec2: Any, net: SimpleNamespace, until: Any, refused: Any
) -> None:
    arn = made(net)

    def state() -> Any:
        found = net.elb.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"][0]
        return found["State"]["Code"]

    assert state() == "provisioning"
    until(state, "active")
    found = interfaces(ec2, arn)
    assert sorted(one["SubnetId"] for one in found) == sorted(net.subnets)
    assert {group["GroupId"] for one in found for group in one["Groups"]} == {net.group}
    assert all(one["RequesterManaged"] for one in found)
    with refused("DependencyViolation"):
        ec2.delete_subnet(SubnetId=net.subnets[0])
    with refused("DependencyViolation"):
        ec2.detach_internet_gateway(InternetGatewayId=net.gateway, VpcId=net.vpc)


def test_it_needs_two_zones_and_a_gateway(ec2: Any, net: SimpleNamespace, refused: Any) -> None:
    with refused("ValidationError"):
        made(net, Subnets=net.subnets[:1])
    ec2.detach_internet_gateway(InternetGatewayId=net.gateway, VpcId=net.vpc)
    with refused("InvalidSubnet"):
        made(net)
    assert made(net, Scheme="internal")


def test_one_name_is_one_load_balancer(net: SimpleNamespace, refused: Any) -> None:
    assert made(net) == made(net)
    with refused("DuplicateLoadBalancerName"):
        made(net, Scheme="internal")


def test_its_interfaces_leave_later(
    ec2: Any, net: SimpleNamespace, until: Any, refused: Any
) -> None:
    arn = made(net)
    protection = {"Key": "deletion_protection.enabled", "Value": "true"}
    net.elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[protection])
    with refused("OperationNotPermitted"):
        net.elb.delete_load_balancer(LoadBalancerArn=arn)
    off = {**protection, "Value": "false"}
    net.elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[off])
    net.elb.delete_load_balancer(LoadBalancerArn=arn)
    assert net.elb.describe_load_balancers()["LoadBalancers"] == []
    assert len(interfaces(ec2, arn)) == 2
    until(lambda: len(interfaces(ec2, arn)), 0)


def test_every_attribute_is_told(net: SimpleNamespace) -> None:
    arn = made(net)
    told = net.elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    assert {one["Key"]: one["Value"] for one in told} == ATTRIBUTES
    asked = {"Name": "site", "Protocol": "HTTP", "Port": 80, "VpcId": net.vpc}
    group = net.elb.create_target_group(**asked)["TargetGroups"][0]["TargetGroupArn"]
    told = net.elb.describe_target_group_attributes(TargetGroupArn=group)["Attributes"]
    values = {one["Key"]: one["Value"] for one in told}
    assert values["deregistration_delay.timeout_seconds"] == "300"
    assert values["stickiness.lb_cookie.duration_seconds"] == "86400"
    assert "waf.fail_open.enabled" not in values


def test_access_logs_want_a_bucket_that_takes_them(
    net: SimpleNamespace, client: Callable[..., Any], refused: Any
) -> None:
    arn, s3 = made(net), client("s3")
    s3.create_bucket(Bucket="logs-of-front")
    wanted = [
        {"Key": "access_logs.s3.enabled", "Value": "true"},
        {"Key": "access_logs.s3.bucket", "Value": "logs-of-front"},
    ]
    with refused("InvalidConfigurationRequest"):
        net.elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=wanted)
    policy = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": "arn:aws:s3:::logs-of-front/*",
        },
    }
    s3.put_bucket_policy(Bucket="logs-of-front", Policy=json.dumps(policy))
    net.elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=wanted)


def test_listeners_are_one_a_port(
    net: SimpleNamespace, client: Callable[..., Any], refused: Any
) -> None:
    arn = made(net)
    answer = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}]
    plain = {"LoadBalancerArn": arn, "Protocol": "HTTP", "Port": 80, "DefaultActions": answer}
    [listener] = net.elb.create_listener(**plain)["Listeners"]
    assert "SslPolicy" not in listener
    with refused("DuplicateListener"):
        net.elb.create_listener(**plain)
    secured = {**plain, "Protocol": "HTTPS", "Port": 443}
    lost = "arn:aws:acm:us-east-1:123456789012:certificate/none"
    with refused("CertificateNotFound"):
        net.elb.create_listener(**secured, Certificates=[{"CertificateArn": lost}])
    known = client("acm").request_certificate(DomainName="example.org")["CertificateArn"]
    net.elb.create_listener(**secured, Certificates=[{"CertificateArn": known}])
