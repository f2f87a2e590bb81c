"""The calls of load balancers and web ACLs: what they set, what they leave, under which lock."""

from dataclasses import replace
from typing import Any

import pytest

from ringwall.changes.align import align
from ringwall.changes.planning import make_plan
from ringwall.model.calls import Call, Lookup
from ringwall.model.graph import Node, Ref, ResourceGraph, references
from ringwall.resources import registry, resource_type
from ringwall.resources.assemble import assemble
from ringwall.resources.balancing import (
    LISTENER,
    LONGEST,
    TARGET_GROUP,
    TYPE,
    balancing_name,
    may_be_ours,
)
from ringwall.resources.kind import Reads
from ringwall.resources.ownership import ownership_tags
from tests.blueprint.compile.blueprints import ALL, compiled

ACCOUNT, REGION = "123456789012", "us-east-1"
ARN = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}"
BALANCER, OTHER = f"{ARN}:loadbalancer/app/web-main-front/1", f"{ARN}:loadbalancer/app/other/2"
LISTENED = f"{ARN}:listener/app/web-main-front/1/3"
RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"
WEB = compiled(ALL["web"])


def node(type_name: str, key: str) -> Node:
    return WEB[type_name, key]


def attributes(calls: tuple[Call, ...]) -> dict[str, Any]:
    [call] = [each for each in calls if each.operation == "modify_load_balancer_attributes"]
    return {each["Key"]: each["Value"] for each in call.request["Attributes"]}


@pytest.mark.parametrize(
    ("deployment", "key"),
    [
        ("web", "main/front"),
        ("web", "main/front/site/http-8080"),
        ("a" * 32, "main/front"),
        ("internal", "main/front"),
        ("internal-tools", "a/b"),
        ("a--b", "main/front"),
        ("web", "a" * 32 + "/" + "b" * 32),
        (f"{'a' * 22}-b", "main/front/site/http-8080"),
    ],
)
def test_a_name_is_one_that_aws_takes_and_known_again(deployment: str, key: str) -> None:
    """CreateTargetGroup refuses two hyphens in a row, CreateLoadBalancer "internal-"."""
    name = balancing_name(deployment, key)
    assert 0 < len(name) <= LONGEST
    assert "--" not in name
    assert not name.startswith(("-", "internal-"))
    assert not name.endswith("-")
    assert may_be_ours(name, deployment)
    assert may_be_ours(name, "")
    assert balancing_name(deployment, f"{key}x") != name


def test_every_attribute_is_set_so_that_what_hands_did_is_undone() -> None:
    found = attributes(resource_type(TYPE).create(node(TYPE, "main/front")))
    assert found["routing.http.drop_invalid_header_fields.enabled"] == "true"
    assert found["routing.http.desync_mitigation_mode"] == "defensive"
    assert found["access_logs.s3.bucket"] == Ref("AWS::S3::Bucket", "lb-logs")
    assert found["connection_logs.s3.enabled"] == "false"
    assert "connection_logs.s3.bucket" not in found


def test_logs_that_are_off_name_no_bucket() -> None:
    given = [
        {"Key": "access_logs.s3.enabled", "Value": "false"},
        {"Key": "access_logs.s3.bucket", "Value": "old"},
        {"Key": "access_logs.s3.prefix", "Value": "old"},
        {"Key": "not.known.to.us", "Value": "1"},
    ]
    normal = resource_type(TYPE).normalise({"LoadBalancerAttributes": given})
    assert "LoadBalancerAttributes" not in normal


def test_each_part_of_a_load_balancer_is_set_by_its_own_call() -> None:
    kind, one = resource_type(TYPE), node(TYPE, "main/front")
    calls = kind.update(one, one, frozenset({"Subnets", "SecurityGroups", "IpAddressType"}))
    assert [call.operation for call in calls] == [
        "set_ip_address_type",
        "set_subnets",
        "set_security_groups",
    ]
    dual = replace(one, properties={**one.properties, "IpAddressType": "dualstack"})
    calls = kind.update(one, dual, frozenset({"Subnets", "IpAddressType"}))
    assert [call.operation for call in calls] == ["set_subnets", "set_ip_address_type"]


def test_a_deletion_waits_until_the_interfaces_have_left() -> None:
    gone = replace(node(TYPE, "main/front"), physical_id=BALANCER)
    *_, last = resource_type(TYPE).delete(gone)
    [wait] = last.waits_for
    assert wait.request["Filters"][0]["Values"] == ["ELB app/web-main-front/1"]
    assert wait.success == {"gone"}


def test_a_health_check_is_set_whole() -> None:
    kind, one = resource_type(TARGET_GROUP), node(TARGET_GROUP, "main/front/site/http-8080")
    [call] = kind.update(one, one, frozenset({"HealthCheckPath"}))
    assert call.request["HealthCheckPath"] == "/health"
    assert call.request["HealthyThresholdCount"] == 5
    [made] = kind.create(one)
    assert "Targets" not in made.request


def described(*listeners: dict[str, Any]) -> Reads:
    balancers = [
        {"LoadBalancerArn": arn, "LoadBalancerName": name, "Type": "application"}
        for arn, name in ((BALANCER, "web-main-front"), (OTHER, "other"))
    ]
    tags = [{"Key": k, "Value": v} for k, v in ownership_tags("web", "main/front").items()]
    rule = {
        "RuleArn": f"{LISTENED}/4",
        "Priority": "10",
        "Conditions": [{"Field": "path-pattern", "Values": ["/a"]}],
        "Actions": [],
    }
    return Reads(
        ACCOUNT,
        REGION,
        {"elbv2:describe_load_balancers": balancers},
        {
            "elbv2:describe_load_balancer_attributes": {BALANCER: []},
            "elbv2:describe_tags:load_balancers": {BALANCER: tags},
            "elbv2:describe_listeners": {BALANCER: list(listeners)},
            "elbv2:describe_rules": {LISTENED: [rule]},
        },
        deployment="web",
    )


def read() -> ResourceGraph:
    listener = {"ListenerArn": LISTENED, "LoadBalancerArn": BALANCER, "Port": 443}
    return assemble(described(listener), "web")


def test_rules_are_keyed_by_listeners_and_these_by_load_balancers() -> None:
    graph = read()
    assert (LISTENER, "main/front:443") in graph
    found = graph[RULE, "main/front:443/10"]
    assert found.properties["ListenerArn"] == Ref(LISTENER, "main/front:443")
    assert found.properties["Conditions"] == [
        {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/a"]}}
    ]


def test_what_bears_another_name_is_not_looked_at() -> None:
    """Its interfaces stand for something that is not modelled, so that nothing is called closed."""
    assert [n.key for n in read().of_type(TYPE)] == ["main/front"]
    assert not [u for u in read().unknowns if OTHER in u.why]


def test_what_was_not_answered_about_one_of_ours_is_unknown() -> None:
    reads = described()
    details = {n: v for n, v in reads.details.items() if n != "elbv2:describe_listeners"}
    unknowns = assemble(replace(reads, details=details), "web").unknowns
    assert any(u.what == LISTENER and BALANCER in u.why for u in unknowns)


def test_a_renamed_load_balancer_takes_listeners_and_rules_with_it() -> None:
    wanted = Node(TYPE, "main/door", ACCOUNT, REGION, was=("main/front",))
    _, observed = align(ResourceGraph.of([wanted]), read())
    assert (LISTENER, "main/door:443") in observed
    assert observed[RULE, "main/door:443/10"].properties["ListenerArn"].key == "main/door:443"


# --- AWS WAF

IP_SET, WEB_ACL = "AWS::WAFv2::IPSet", "AWS::WAFv2::WebACL"
WAF = f"arn:aws:wafv2:{REGION}:{ACCOUNT}:regional"


def in_aws() -> ResourceGraph:
    """The web ACL and its IP sets as they are read back, with what a responder put there."""
    names = {family: f"web-public-blocked-{family}" for family in ("ipv4", "ipv6")}
    sets = [
        {"Name": name, "Id": family, "ARN": f"{WAF}/ipset/{name}/{family}"}
        for family, name in names.items()
    ]
    acl = {"Name": "web-public", "Id": "7", "ARN": f"{WAF}/webacl/web-public/7"}
    listings = {"wafv2:list_ip_sets": sets, "wafv2:list_web_acls": [acl]}
    [made] = resource_type(WEB_ACL).create(node(WEB_ACL, "public"))

    def answered(value: Any) -> Any:
        if isinstance(value, Ref):
            return f"{WAF}/ipset/web-{value.key.replace('/', '-')}/{value.key[-4:]}"
        if isinstance(value, dict):
            return {n: v.encode() if n == "SearchString" else answered(v) for n, v in value.items()}
        return [answered(item) for item in value] if isinstance(value, list) else value

    def tags(key: str) -> list[dict[str, str]]:
        return [{"Key": k, "Value": v} for k, v in ownership_tags("web", key).items()]

    addresses = {"ipv4": ["198.51.100.7/32"], "ipv6": []}
    details: dict[str, dict[str, Any]] = {
        "wafv2:get_ip_set": {
            one["ARN"]: {"IPAddressVersion": one["Id"].upper(), "Addresses": addresses[one["Id"]]}
            for one in sets
        },
        "wafv2:list_tags_for_resource:ip_sets": {
            one["ARN"]: tags(f"public/blocked-{one['Id']}") for one in sets
        },
        "wafv2:get_web_acl": {acl["ARN"]: answered(dict(made.request)) | {"Capacity": 1}},
        "wafv2:list_tags_for_resource:web_acls": {acl["ARN"]: tags("public")},
    }
    return assemble(Reads(ACCOUNT, REGION, listings, details, deployment="web"), "web")


def test_what_is_written_reads_back_as_the_same() -> None:
    """The API has `ARN` where CloudFormation has `Arn`, and bytes where it has text."""
    wanted, found = node(WEB_ACL, "public"), in_aws()[WEB_ACL, "public"]
    assert dict(found.properties) == dict(wanted.properties)
    [made] = resource_type(WEB_ACL).create(wanted)
    assert "'Arn':" not in str(made.request["Rules"])


def test_what_responders_put_there_is_no_difference_and_in_no_call() -> None:
    only = ResourceGraph.of(n for n in WEB if n.type in {IP_SET, WEB_ACL})
    plan = make_plan(only, in_aws(), deployment="web", account=ACCOUNT, region=REGION)
    changes = {c.key: {p.name for p in c.properties} for c in plan.changes}
    assert {name for names in changes.values() for name in names} <= {"Tags"}
    assert [n.key for n in plan.temporary] == ["public/blocked-ipv4"]
    assert "198.51.100.7" not in str(plan.steps)


def test_a_saved_plan_outlives_what_others_fill() -> None:
    def state(addresses: list[str]) -> str:
        graph = in_aws()
        one = graph[IP_SET, "public/blocked-ipv4"]
        other = replace(one, properties={**one.properties, "Addresses": addresses})
        nothing = ResourceGraph()
        there = graph.with_nodes([other])
        return make_plan(nothing, there, deployment="web", account=ACCOUNT, region=REGION).state

    assert state([]) == state(["203.0.113.9/32"])


def test_no_type_writes_what_others_fill() -> None:
    """But for the empty list with which an IP set is made."""
    for kind in registry().values():
        for one in WEB.of_type(kind.name) if kind.others else ():
            filled = {name: ["198.51.100.7/32"] for name in kind.others}
            full = replace(one, properties={**one.properties, **filled})
            calls = (*kind.create(full), *kind.update(one, full, frozenset(kind.others)))
            assert "198.51.100.7" not in str(calls), kind.name


@pytest.mark.parametrize("type_name", [IP_SET, WEB_ACL])
def test_a_change_is_made_under_the_lock_of_the_moment_and_the_name_of_its_making(
    type_name: str,
) -> None:
    key = "public" if type_name == WEB_ACL else "public/blocked-ipv4"
    there = in_aws()[type_name, key]
    renamed = replace(there, properties={**there.properties, "Name": "web-other"})
    [call] = resource_type(type_name).delete(renamed)
    lock = call.request["LockToken"]
    assert isinstance(lock, Lookup)
    assert (lock.operation, lock.path) == (
        f"get_{'web_acl' if type_name == WEB_ACL else 'ip_set'}",
        "LockToken",
    )
    assert call.request["Name"] == there.properties["Name"]
    assert call.request["Id"] in {"7", "ipv4"}


def test_no_listener_opens_before_the_web_acl_judges() -> None:
    plan = make_plan(WEB, ResourceGraph(), deployment="web", account=ACCOUNT, region=REGION)
    place = {(s.type, s.key): s.number for s in plan.steps}
    judged = place["AWS::WAFv2::WebACLAssociation", "main/front"]
    assert all(place[LISTENER, f"main/front:{port}"] > judged for port in (80, 443))
    assert judged > place[WEB_ACL, "public"] > place[IP_SET, "public/blocked-ipv6"]
    assert judged > place[TYPE, "main/front"] > place["AWS::S3::BucketPolicy", "lb-logs"]


def test_everything_goes_before_what_it_stands_on() -> None:
    there = ResourceGraph.of(
        replace(n, physical_id=f"id of {n.key}", region=REGION, account=ACCOUNT) for n in WEB
    )
    plan = make_plan(ResourceGraph(), there, deployment="web", account=ACCOUNT, region=REGION)
    place = {(s.type, s.key): s.number for s in plan.steps}
    balancer = place[TYPE, "main/front"]
    for later in (
        (TARGET_GROUP, "main/front/site/http-8080"),
        (WEB_ACL, "public"),
        ("AWS::EC2::SecurityGroup", "main/edge"),
        ("AWS::EC2::Subnet", "main/public/us-east-1a"),
        ("AWS::EC2::VPCGatewayAttachment", "main/internet-gateway"),
        ("AWS::S3::Bucket", "lb-logs"),
    ):
        assert place[later] > balancer, later
    assert place[IP_SET, "public/blocked-ipv4"] > place[WEB_ACL, "public"]
    assert place["AWS::Logs::LogGroup", "web-acl-logs"] > place[WEB_ACL, "public"]
    assert not any(list(references(s.calls)) and s.type == LISTENER for s in plan.steps)
