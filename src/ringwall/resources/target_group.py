"""AWS::ElasticLoadBalancingV2::TargetGroup: read only, with its targets and their health."""

from collections.abc import Iterable
from typing import Any

from ringwall.model.graph import Node, Ref
from ringwall.resources.balancing import TARGET_GROUP, TYPE, may_have_balancer, ports
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.identifiers import reference
from ringwall.resources.kind import Detail, Item, Listing, Reads, ResourceType
from ringwall.resources.load_balancer import pairs

TARGET_GROUPS = Listing("elbv2", "describe_target_groups", "TargetGroups")


def _of_each(operation: str, items: str) -> Detail:
    return Detail(
        "elbv2",
        operation,
        of=TARGET_GROUPS.name,
        item_id=lambda item: str(item["TargetGroupArn"]),
        request=lambda item: {"TargetGroupArn": item["TargetGroupArn"]},
        items=items,
    )


HEALTH = _of_each("describe_target_health", "TargetHealthDescriptions")
ATTRIBUTES = _of_each("describe_target_group_attributes", "Attributes")


def read(reads: Reads) -> Iterable[Node]:
    """Yield every target group; its key is its ARN."""
    for item in reads.items(TARGET_GROUPS):
        arn = item["TargetGroupArn"]
        properties: dict[str, Any] = {
            "Name": item.get("TargetGroupName", ""),
            "TargetType": item.get("TargetType") or "instance",
        }
        properties |= ports(item, "Port")
        if item.get("Protocol"):
            properties["Protocol"] = str(item["Protocol"])
        if item.get("VpcId"):
            properties["VpcId"] = Ref("AWS::EC2::VPC", item["VpcId"])
        observed: dict[str, Any] = {"LoadBalancerArns": list(item.get("LoadBalancerArns") or ())}
        health = reads.detail(HEALTH, arn)
        if health is not None:
            kind = properties["TargetType"]
            properties["Targets"] = [_target(each["Target"], kind) for each in health]
            observed["TargetHealth"] = [_health(each, kind) for each in health]
        attributes = reads.detail(ATTRIBUTES, arn)
        if attributes is not None:
            properties["TargetGroupAttributes"] = pairs(attributes)
        yield ec2_node(reads, RESOURCE.name, arn, properties, observed)


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


RESOURCE = ResourceType(
    name=TARGET_GROUP,
    listings=(TARGET_GROUPS,),
    details=(HEALTH, ATTRIBUTES),
    survey=True,
    possible=may_have_balancer,
    read=read,
)
