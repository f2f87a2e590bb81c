"""What the types of load balancing share: references by ARN, actions, and the trace they leave."""

from collections.abc import Iterable, Iterator
from typing import Any

from ringwall.model.graph import Ref
from ringwall.resources.kind import Item, Reads
from ringwall.resources.network_interface import NETWORK_INTERFACES

TYPE = "AWS::ElasticLoadBalancingV2::LoadBalancer"
TARGET_GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"
LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
# How the description of a load balancer's interface starts (Elastic Load Balancing guides).
DESCRIPTION = "ELB "
LAST_PORT = 65535
INTERFACE_TYPES = frozenset({"load_balancer", "network_load_balancer", "gateway_load_balancer"})


def may_have_balancer(reads: Reads) -> bool:
    """Tell whether a load balancer may be there: each has interfaces in its subnets."""
    return not reads.was_read(NETWORK_INTERFACES) or any(
        str(item.get("Description") or "").startswith(DESCRIPTION)
        or item.get("InterfaceType") in INTERFACE_TYPES
        for item in reads.items(NETWORK_INTERFACES)
    )


def ports(item: Item, *names: str) -> dict[str, int]:
    """Return the members that are port numbers; raises ValueError for what is none."""
    found = {name: item[name] for name in names if item.get(name) is not None}
    for name, value in found.items():
        if type(value) is not int or not 0 <= value <= LAST_PORT:
            msg = f"{name} {value!r} is no port"
            raise ValueError(msg)
    return found


def actions(items: Iterable[Item] | None) -> list[dict[str, Any]]:
    """Return actions with references to target groups; what authenticates users is left out."""
    return [dict(_action(item)) for item in items or ()]


def _action(item: Item) -> Iterator[tuple[str, Any]]:
    for name in ("Type", "Order", "RedirectConfig"):
        if item.get(name) is not None:
            yield name, item[name]
    if item.get("FixedResponseConfig"):
        yield "FixedResponseConfig", {"StatusCode": item["FixedResponseConfig"].get("StatusCode")}
    if item.get("TargetGroupArn"):
        yield "TargetGroupArn", Ref(TARGET_GROUP, item["TargetGroupArn"])
    forward = (item.get("ForwardConfig") or {}).get("TargetGroups")
    if forward:
        yield "ForwardConfig", {"TargetGroups": [_weighted(each) for each in forward]}


def _weighted(item: Item) -> dict[str, Any]:
    found: dict[str, Any] = {"TargetGroupArn": Ref(TARGET_GROUP, item["TargetGroupArn"])}
    if item.get("Weight") is not None:
        found["Weight"] = item["Weight"]
    return found
