"""Probes: web ACLs and IP sets, what they are associated with, and what AWS refuses of them."""

from collections.abc import Callable
from typing import Any

import pytest

SEEN = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}
SCOPE = {"Scope": "REGIONAL"}


@pytest.fixture
def waf(client: Callable[..., Any]) -> Any:
    return client("wafv2")


def ip_set(waf: Any, name: str = "blocked") -> dict[str, Any]:
    asked = {**SCOPE, "Name": name, "IPAddressVersion": "IPV4", "Addresses": []}
    found: dict[str, Any] = waf.create_ip_set(**asked)["Summary"]
    return found


def rule(arn: str) -> dict[str, Any]:
    return {
        "Name": "blocked",
        "Priority": 0,
        "Statement": {"IPSetReferenceStatement": {"ARN": arn}},
        "Action": {"Block": {}},
        "VisibilityConfig": SEEN,
    }


def web_acl(waf: Any, *rules: dict[str, Any], name: str = "front") -> dict[str, Any]:
    found: dict[str, Any] = waf.create_web_acl(
        **SCOPE, Name=name, DefaultAction={"Allow": {}}, Rules=list(rules), VisibilityConfig=SEEN
    )["Summary"]
    return found


def named(one: dict[str, Any], read: Callable[..., Any]) -> dict[str, Any]:
    name = {**SCOPE, "Name": one["Name"], "Id": one["Id"]}
    return {**name, "LockToken": read(**name)["LockToken"]}


def balancer(ec2: Any, elb: Any) -> str:
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"us-east-1{zone}"
        )["Subnet"]["SubnetId"]
        for n, zone in enumerate("ab")
    ]
    made = elb.create_load_balancer(Name="front", Subnets=subnets, Scheme="internal")
    arn: str = made["LoadBalancers"][0]["LoadBalancerArn"]
    return arn


def judge(waf: Any, arn: str) -> Any:
    return (waf.get_web_acl_for_resource(ResourceArn=arn).get("WebACL") or {}).get("Name")


def test_a_name_is_taken_once(waf: Any, refused: Any) -> None:
    ip_set(waf)
    with refused("WAFDuplicateItemException"):
        ip_set(waf)
    web_acl(waf)
    with refused("WAFDuplicateItemException"):
        web_acl(waf)


def test_what_is_in_use_stays(ec2: Any, waf: Any, client: Callable[..., Any], refused: Any) -> None:
    used = ip_set(waf)
    judging = web_acl(waf, rule(used["ARN"]))
    with refused("WAFAssociatedItemException"):
        waf.delete_ip_set(**named(used, waf.get_ip_set))
    arn = balancer(ec2, client("elbv2"))
    waf.associate_web_acl(WebACLArn=judging["ARN"], ResourceArn=arn)
    with refused("WAFAssociatedItemException"):
        waf.delete_web_acl(**named(judging, waf.get_web_acl))
    waf.disassociate_web_acl(ResourceArn=arn)
    waf.delete_web_acl(**named(judging, waf.get_web_acl))
    waf.delete_ip_set(**named(used, waf.get_ip_set))
    assert waf.list_ip_sets(**SCOPE)["IPSets"] == []


def test_a_load_balancer_has_one_web_acl(
    ec2: Any, waf: Any, client: Callable[..., Any], refused: Any
) -> None:
    elb = client("elbv2")
    arn = balancer(ec2, elb)
    first, second = web_acl(waf, name="first"), web_acl(waf, name="second")
    for one in (first, second):
        waf.associate_web_acl(WebACLArn=one["ARN"], ResourceArn=arn)
        assert judge(waf, arn) == one["Name"]
    waf.delete_web_acl(**named(first, waf.get_web_acl))
    elb.delete_load_balancer(LoadBalancerArn=arn)
    waf.delete_web_acl(**named(second, waf.get_web_acl))
    third = web_acl(waf, name="third")
    with refused("WAFNonexistentItemException"):
        waf.associate_web_acl(WebACLArn=third["ARN"], ResourceArn=arn)


def test_rules_are_replaced_as_a_whole(waf: Any, refused: Any) -> None:
    used = ip_set(waf)
    lost = used["ARN"].replace("blocked", "another")
    with refused("WAFNonexistentItemException"):
        web_acl(waf, rule(lost))
    with refused("WAFInvalidParameterException"):
        web_acl(waf, rule(used["ARN"]), rule(used["ARN"]))
    judging = web_acl(waf, rule(used["ARN"]))
    waf.update_web_acl(
        **named(judging, waf.get_web_acl),
        DefaultAction={"Allow": {}},
        Rules=[],
        VisibilityConfig=SEEN,
    )
    name = {**SCOPE, "Name": judging["Name"], "Id": judging["Id"]}
    assert waf.get_web_acl(**name)["WebACL"]["Rules"] == []


def test_logs_go_to_groups_named_for_it(waf: Any, refused: Any) -> None:
    judging = web_acl(waf)
    group = "arn:aws:logs:us-east-1:123456789012:log-group:"

    def wanted(name: str) -> dict[str, Any]:
        return {"ResourceArn": judging["ARN"], "LogDestinationConfigs": [f"{group}{name}"]}

    with refused("WAFInvalidParameterException"):
        waf.put_logging_configuration(LoggingConfiguration=wanted("front"))
    waf.put_logging_configuration(LoggingConfiguration=wanted("aws-waf-logs-front"))
    assert len(waf.list_logging_configurations(**SCOPE)["LoggingConfigurations"]) == 1
    waf.delete_web_acl(**named(judging, waf.get_web_acl))
    assert waf.list_logging_configurations(**SCOPE)["LoggingConfigurations"] == []
