"""A web service behind a load balancer, from nothing to deployed, broken, repaired and gone."""

import re

import boto3
import pytest

from tests.e2e.conftest import EXAMPLES
from tests.fortress import changed

TEXT = (EXAMPLES / "web.yaml").read_text()


def client(lab, service):
    return boto3.client(service, region_name="us-east-1", endpoint_url=lab.endpoint)


@pytest.fixture
def text(lab):
    arn = client(lab, "acm").request_certificate(DomainName="example.org")["CertificateArn"]
    return re.sub(r"arn:aws:acm:\S+", arn, TEXT)


@pytest.fixture
def web(text, tmp_path):
    path = tmp_path / "web.yaml"
    path.write_text(text)
    return path


@pytest.fixture
def deployed(lab, ringwall, web):
    ended = ringwall("apply", web, "--yes")
    assert ended.code == 0, ended.err + ended.out
    return web


@pytest.fixture
def elb(lab):
    return client(lab, "elbv2")


def balancer(elb):
    [found] = elb.describe_load_balancers()["LoadBalancers"]
    return found["LoadBalancerArn"]


def attributes(elb):
    told = elb.describe_load_balancer_attributes(LoadBalancerArn=balancer(elb))["Attributes"]
    return {one["Key"]: one["Value"] for one in told}


def changes(ringwall, web):
    return [(c["action"], c["type"].rsplit("::")[-1], c["key"])
            for c in ringwall("drift", web, "--json").json["changes"]]  # fmt: skip


def test_it_is_deployed_secure_and_proven(deployed, ringwall, elb):
    assert ringwall("drift", deployed, "--json").json["changes"] == []
    again = ringwall("apply", deployed, "--yes", "--json").json
    assert all(expectation["ok"] for expectation in again["expectations"])
    found = attributes(elb)
    assert found["routing.http.drop_invalid_header_fields.enabled"] == "true"
    assert found["routing.http.desync_mitigation_mode"] == "defensive"
    assert found["access_logs.s3.enabled"] == "true"
    listeners = elb.describe_listeners(LoadBalancerArn=balancer(elb))["Listeners"]
    by_port = {one["Port"]: one for one in listeners}
    assert by_port[443]["SslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
    assert by_port[80]["DefaultActions"][0]["RedirectConfig"]["Protocol"] == "HTTPS"


def test_what_hands_did_to_it_is_found_and_undone(deployed, ringwall, elb):
    arn = balancer(elb)
    loose = [{"Key": "routing.http.drop_invalid_header_fields.enabled", "Value": "false"}]
    elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=loose)
    answer = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}]
    elb.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=8080, DefaultActions=answer)
    secure = next(
        one["ListenerArn"]
        for one in elb.describe_listeners(LoadBalancerArn=arn)["Listeners"]
        if one["Port"] == 443
    )
    elb.modify_listener(ListenerArn=secure, SslPolicy="ELBSecurityPolicy-2016-08")
    hidden = [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/backdoor"]}}]
    elb.create_rule(ListenerArn=secure, Conditions=hidden, Priority=5, Actions=answer)
    assert sorted(changes(ringwall, deployed)) == [
        ("delete", "Listener", "main/front:8080"),
        ("delete", "ListenerRule", "main/front:443/5"),
        ("update", "Listener", "main/front:443"),
        ("update", "LoadBalancer", "main/front"),
    ]
    assert ringwall("apply", deployed, "--yes").code == 0
    assert changes(ringwall, deployed) == []


def test_targets_are_for_others_to_register(deployed, ringwall, lab, elb):
    ec2 = client(lab, "ec2")
    tagged = [{"Name": "tag:ringwall:key", "Values": ["main/private/us-east-1a"]}]
    [subnet] = ec2.describe_subnets(Filters=tagged)["Subnets"]
    tagged = [{"Name": "tag:ringwall:key", "Values": ["main/site"]}]
    [group] = ec2.describe_security_groups(Filters=tagged)["SecurityGroups"]
    made = ec2.run_instances(
        ImageId="ami-12c6146b", MinCount=1, MaxCount=1, SubnetId=subnet["SubnetId"],
        SecurityGroupIds=[group["GroupId"]],
    )  # fmt: skip
    instance = made["Instances"][0]["InstanceId"]
    [targets] = [
        one["TargetGroupArn"]
        for one in elb.describe_target_groups()["TargetGroups"]
        if "site" in one["TargetGroupName"]
    ]
    elb.register_targets(TargetGroupArn=targets, Targets=[{"Id": instance}])
    assert changes(ringwall, deployed) == []
    asked = ("explain", "aws", "internet", "main/front", "443", "--blueprint", deployed)
    assert ringwall(*asked, "--json").json["verdict"] == "ALLOW"
    assert instance in ringwall(*asked).out
    assert ringwall("apply", deployed, "--yes").code == 0
    assert elb.describe_target_health(TargetGroupArn=targets)["TargetHealthDescriptions"]


def test_it_changes_in_place(deployed, ringwall, text, elb):
    before = balancer(elb)
    deployed.write_text(
        changed(
            text,
            ("port: 8080, health_check: {path: /health}", "port: 8081"),
            ("from: edge, to: site, ports: [8080]", "from: edge, to: site, ports: [8081]"),
            ("ports: [8080], reachable: true", "ports: [8081], reachable: true"),
            ("priority: 10, path: /api/*", "priority: 20, path: [/api/*, /v2/*]"),
            ("zones: [us-east-1a, us-east-1b]", "zones: [us-east-1a, us-east-1b, us-east-1c]"),
            ("retention_days: 90}", "retention_days: 90}\n        idle_seconds: 120"),
        )
    )  # fmt: skip
    ended = ringwall("apply", deployed, "--yes")
    assert ended.code == 0, ended.err
    assert balancer(elb) == before
    [found] = elb.describe_load_balancers()["LoadBalancers"]
    assert len(found["AvailabilityZones"]) == 3
    assert attributes(elb)["idle_timeout.timeout_seconds"] == "120"
    assert sorted(one["Port"] for one in elb.describe_target_groups()["TargetGroups"]) == [
        8081, 9090,
    ]  # fmt: skip
    assert changes(ringwall, deployed) == []


def test_it_is_renamed_without_a_new_one(deployed, ringwall, text, elb):
    before = balancer(elb)
    renamed = changed(
        text,
        ("      front:\n", "      door:\n        was: front\n"),
        ("to: main/front, ports: [80", "to: main/door, ports: [80"),
        ("from: main/front", "from: main/door"),
        ("to: main/front", "to: main/door"),
    )
    deployed.write_text(renamed)
    ended = ringwall("apply", deployed, "--yes")
    assert ended.code == 0, ended.err
    assert balancer(elb) == before
    assert changes(ringwall, deployed) == []


def test_what_is_protected_is_kept(lab, ringwall, web, text, elb):
    web.write_text(
        changed(text, ("        group: edge  ", "        protect: true\n        group: edge  "))
    )
    assert ringwall("apply", web, "--yes").code == 0
    assert attributes(elb)["deletion_protection.enabled"] == "true"
    ended = ringwall("destroy", web, "--yes")
    assert ended.code == 1
    assert "protected" in ended.err
    web.write_text(text)
    assert ringwall("apply", web, "--yes").code == 0
    assert ringwall("destroy", web, "--yes", "--delete-logs").code == 0


def test_destroying_it_leaves_nothing(deployed, ringwall, elb):
    ended = ringwall("destroy", deployed, "--yes", "--delete-logs")
    assert ended.code == 0, ended.err
    assert ringwall("output", deployed).json["resources"] == {}
    assert elb.describe_load_balancers()["LoadBalancers"] == []
    assert elb.describe_target_groups()["TargetGroups"] == []


def test_a_stranger_of_the_same_name_is_not_adopted(lab, ringwall, web, elb):
    ec2 = client(lab, "ec2")
    vpc = ec2.create_vpc(CidrBlock="172.16.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"172.16.{n}.0/24", AvailabilityZone=f"us-east-1{zone}"
        )["Subnet"]["SubnetId"]
        for n, zone in enumerate("ab")
    ]
    elb.create_load_balancer(Name="web-main-front", Subnets=subnets, Scheme="internal")
    ended = ringwall("apply", web, "--yes")
    assert ended.code == 4
    assert "web-main-front" in ended.err
