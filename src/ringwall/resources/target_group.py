"""AWS::ElasticLoadBalancingV2::TargetGroup: those of HTTP are written, all are read.

Rule: who is registered is for others to say (an Auto Scaling group, a deployment's own tools):
targets and their health are read, never written, and a difference in them is no drift.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call, Idempotence
from ringwall.model.graph import Node, Ref
from ringwall.model.plan import Exposure
from ringwall.resources.balancing import (
    NOT_FOUND,
    TARGET_GROUP,
    TYPE,
    may_be_ours,
    may_have_balancer,
    pairs,
    ports,
    tag,
    tags_of,
    with_defaults,
    without_defaults,
)
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.identifiers import reference
from ringwall.resources.kind import Detail, Item, Listing, Reads, ResourceType
from ringwall.resources.ownership import to_tag_list

TARGET_GROUPS = Listing("elbv2", "describe_target_groups", "TargetGroups")


def _of_each(operation: str, items: str) -> Detail:
    return Detail(
        "elbv2",
        operation,
        of=TARGET_GROUPS.name,
        item_id=lambda item: str(item["TargetGroupArn"]),
        request=lambda item: {"TargetGroupArn": item["TargetGroupArn"]},
        items=items,
        wanted=lambda item, deployment: may_be_ours(item.get("TargetGroupName"), deployment),
        whole=True,
    )


HEALTH = _of_each("describe_target_health", "TargetHealthDescriptions")
ATTRIBUTES = _of_each("describe_target_group_attributes", "Attributes")
TAGS = tags_of(TARGET_GROUPS, "TargetGroupName", "TargetGroupArn")
HTTP = frozenset({"HTTP", "HTTPS"})
# What CreateTargetGroup takes for granted for HTTP and HTTPS (ELB API reference).
HEALTH_CHECK: Mapping[str, Any] = {
    "HealthCheckEnabled": True,
    "HealthCheckIntervalSeconds": 30,
    "HealthCheckPath": "/",
    "HealthCheckPort": "traffic-port",
    "HealthCheckProtocol": "HTTP",
    "HealthCheckTimeoutSeconds": 5,
    "HealthyThresholdCount": 5,
    "Matcher": {"HttpCode": "200"},
    "UnhealthyThresholdCount": 2,
}
FIXED: Mapping[str, Any] = {"ProtocolVersion": "HTTP1", "IpAddressType": "ipv4"}
# "Target group attributes" (Application Load Balancers guide).
DEFAULTS: Mapping[str, str] = {
    "deregistration_delay.timeout_seconds": "300",
    "load_balancing.algorithm.anomaly_mitigation": "off",
    "load_balancing.algorithm.type": "round_robin",
    "load_balancing.cross_zone.enabled": "use_load_balancer_configuration",
    "slow_start.duration_seconds": "0",
    "stickiness.enabled": "false",
    "stickiness.lb_cookie.duration_seconds": "86400",
    "stickiness.type": "lb_cookie",
    "target_group_health.dns_failover.minimum_healthy_targets.count": "1",
    "target_group_health.dns_failover.minimum_healthy_targets.percentage": "off",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": "1",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": "off",
}
# AWS refuses these for the algorithm that it has by default.
_WITH_ANOTHER = frozenset({"load_balancing.algorithm.anomaly_mitigation"})


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what a group of HTTP has by default."""
    full = {"TargetType": "instance", **properties}
    if full.get("Protocol") not in HTTP:
        return full
    defaults = {**HEALTH_CHECK, **FIXED}
    found = {n: v for n, v in full.items() if n not in defaults or v != defaults[n]}
    if "TargetGroupAttributes" in found:
        found["TargetGroupAttributes"] = without_defaults(found["TargetGroupAttributes"], DEFAULTS)
    return {n: v for n, v in found.items() if n != "TargetGroupAttributes" or v}


def read(reads: Reads) -> Iterable[Node]:
    """Yield the target groups that were looked at; the key of one is its ARN."""
    for item in reads.items(TARGET_GROUPS):
        arn = item["TargetGroupArn"]
        if not may_be_ours(item.get("TargetGroupName"), reads.deployment):
            continue
        attributes = reads.detail(ATTRIBUTES, arn)
        properties: dict[str, Any] = {
            "Name": item.get("TargetGroupName", ""),
            "TargetType": item.get("TargetType") or "instance",
        }
        properties |= ports(item, "Port")
        if item.get("Protocol"):
            properties["Protocol"] = str(item["Protocol"])
        if item.get("VpcId"):
            properties["VpcId"] = Ref("AWS::EC2::VPC", item["VpcId"])
        if properties.get("Protocol") in HTTP:
            known = (*HEALTH_CHECK, *FIXED)
            properties |= {name: item[name] for name in known if item.get(name) is not None}
        observed: dict[str, Any] = {"LoadBalancerArns": list(item.get("LoadBalancerArns") or ())}
        health = reads.detail(HEALTH, arn)
        if health is not None:
            kind = properties["TargetType"]
            properties["Targets"] = [_target(each["Target"], kind) for each in health]
            observed["TargetHealth"] = [_health(each, kind) for each in health]
        if attributes is not None:
            properties["TargetGroupAttributes"] = pairs(attributes)
        tags = reads.detail(TAGS, arn)
        yield ec2_node(reads, RESOURCE.name, arn, properties, observed, tags)


def _target(item: Item, kind: str) -> dict[str, Any]:
    named = Ref(TYPE, item["Id"]) if kind == "alb" else reference(item["Id"])
    found: dict[str, Any] = {"Id": named, **ports(item, "Port")}
    if item.get("AvailabilityZone"):
        found["AvailabilityZone"] = item["AvailabilityZone"]
    return found


def _health(item: Item, kind: str) -> dict[str, Any]:
    said = item.get("TargetHealth") or {}
    found: dict[str, Any] = {"Target": _target(item["Target"], kind)}
    found |= {name: said[name] for name in ("State", "Reason") if said.get(name)}
    return found


def _attributes(node: Node) -> Call:
    wanted = with_defaults(node.properties.get("TargetGroupAttributes", ()), DEFAULTS)
    given = {each["Key"] for each in node.properties.get("TargetGroupAttributes", ())}
    request = {
        "TargetGroupArn": node.ref,
        "Attributes": [w for w in wanted if w["Key"] not in _WITH_ANOTHER or w["Key"] in given],
    }
    return Call("elbv2", "modify_target_group_attributes", request)


def create(node: Node) -> tuple[Call, ...]:
    """Create it without targets, then set its attributes."""
    own = {n: v for n, v in node.properties.items() if n not in {"TargetGroupAttributes", *OTHERS}}
    request = {
        **HEALTH_CHECK,
        **FIXED,
        **own,
        **({"Tags": to_tag_list(node.tags)} if node.tags else {}),
    }
    made = Call(
        "elbv2",
        "create_target_group",
        request,
        extract={"id": "TargetGroups[0].TargetGroupArn"},
        idempotent_by=Idempotence.TAG,
    )
    if not node.properties.get("TargetGroupAttributes"):
        return (made,)
    return (made, _attributes(node))


def update(_before: Node, after: Node, changed: frozenset[str]) -> tuple[Call, ...]:
    """Set the health check and the attributes."""
    calls = []
    if changed & HEALTH_CHECK.keys():
        own = {n: v for n, v in after.properties.items() if n in HEALTH_CHECK}
        request = {"TargetGroupArn": after.ref, **HEALTH_CHECK, **own}
        calls.append(Call("elbv2", "modify_target_group", request))
    if "TargetGroupAttributes" in changed:
        calls.append(_attributes(after))
    return tuple(calls)


def delete(node: Node) -> tuple[Call, ...]:
    """Delete it with its registrations; AWS refuses while a listener or a rule names it."""
    request = {"TargetGroupArn": node.ref}
    return (Call("elbv2", "delete_target_group", request, ignore=NOT_FOUND),)


def exposure(before: Node | None, after: Node | None) -> Exposure:
    """Tell the exposure: alone it does nothing, but listeners that name it feel its changes."""
    return Exposure.NEUTRAL if before is None or after is None else Exposure.BOTH


OTHERS = frozenset({"Targets"})
RESOURCE = ResourceType(
    name=TARGET_GROUP,
    listings=(TARGET_GROUPS,),
    details=(HEALTH, ATTRIBUTES, TAGS),
    possible=may_have_balancer,
    read=read,
    normalise=normalise,
    create=create,
    update=update,
    delete=delete,
    tag=tag,
    initial=frozenset({"Name"}),
    others=OTHERS,
    replace=frozenset(
        {"IpAddressType", "Port", "Protocol", "ProtocolVersion", "TargetType", "VpcId"}
    ),
    exposure=exposure,
    permissions={
        "apply": ("elasticloadbalancing:AddTags", "ec2:DescribeVpcs"),
    },
)
