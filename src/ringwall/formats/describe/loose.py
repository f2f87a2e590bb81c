"""Answers of calls per object, in files of any name → which call and which object they are of.

Rule: the object is named by the items themselves, by a member beside them, or by the file's path.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Items = list[Any]
Answer = tuple[str, str, Any]  # call, object, what is kept
_TABLE, _LIST = r"tgw-rtb-[0-9a-zA-Z]+", r"pl-[0-9a-zA-Z]+"


@dataclass(frozen=True, slots=True)
class _Named:
    """A member whose object stands in each item, beside the items, or in the path."""

    call: str
    of_item: Callable[[Mapping[str, Any]], str] = lambda _item: ""
    beside: tuple[str, ...] = ()
    in_path: str = ""


def _of(name: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda item: str(item.get(name) or "")


def _listener_of(rule: Mapping[str, Any]) -> str:
    """Return a rule's listener: `…:listener-rule/app/lb/1/2/3` → `…:listener/app/lb/1/2`."""
    arn = str(rule.get("RuleArn") or "")
    return arn.replace(":listener-rule/", ":listener/").rpartition("/")[0]


_EC2, _ELB = "ec2:", "elbv2:"
LISTS: Mapping[str, _Named] = {
    "TransitGatewayRouteTablePropagations": _Named(
        f"{_EC2}get_transit_gateway_route_table_propagations",
        _of("TransitGatewayRouteTableId"),
        ("TransitGatewayRouteTableId",),
        _TABLE,
    ),
    "TransitGatewayPrefixListReferences": _Named(
        f"{_EC2}get_transit_gateway_prefix_list_references",
        _of("TransitGatewayRouteTableId"),
        ("TransitGatewayRouteTableId",),
        _TABLE,
    ),
    "Listeners": _Named(f"{_ELB}describe_listeners", _of("LoadBalancerArn")),
    "Rules": _Named(f"{_ELB}describe_rules", _listener_of),
    "TargetHealthDescriptions": _Named(f"{_ELB}describe_target_health", beside=("TargetGroupArn",)),
    "directConnectGatewayAssociations": _Named(
        "directconnect:describe_direct_connect_gateway_associations", _of("directConnectGatewayId")
    ),
    "InstanceStates": _Named("elb:describe_instance_health", beside=("LoadBalancerName",)),
}
# Answers that are of one object as a whole, which they name.
WHOLE: Mapping[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "Firewall": (
        "network-firewall:describe_firewall",
        ("Firewall", "FirewallArn"),
        ("Firewall", "FirewallStatus"),
    ),
    "FirewallPolicyResponse": (
        "network-firewall:describe_firewall_policy",
        ("FirewallPolicyResponse", "FirewallPolicyArn"),
        ("FirewallPolicyResponse", "FirewallPolicy"),
    ),
    "RuleGroupResponse": (
        "network-firewall:describe_rule_group",
        ("RuleGroupResponse", "RuleGroupArn"),
        ("RuleGroupResponse", "RuleGroup"),
    ),
}
# What such an answer holds beside the member that names it.
PARTS = frozenset({"FirewallStatus", "FirewallPolicy", "RuleGroup", "UpdateToken"})
NAMES = frozenset(
    {"TransitGatewayRouteTableId", "PrefixListId", "LoadBalancerArn", "TargetGroupArn"}
    | {"LoadBalancerName"}
)
# Lists of such answers, each with the object that it is of, as Batfish's snapshots have them.
WRAPPERS = frozenset(
    {
        "LoadBalancerAttributes",
        "LoadBalancerListeners",
        "LoadBalancerTargetHealth",
        "TransitGatewayPropagations",
        "TransitGatewayStaticRoutes",
    }
)


def is_beside(member: str, document: Mapping[str, Any]) -> bool:
    """Tell whether a member only names the object of an answer, or is a part of a whole one."""
    if member in PARTS and any(name in document for name in WHOLE):
        return True
    return member in NAMES and isinstance(document[member], str)


def unwrapped(member: str, value: Any) -> Items | None:  # noqa: ANN401  (JSON)
    """Return the answers that a wrapper holds; None if it holds none."""
    if member not in WRAPPERS or not isinstance(value, list):
        return None
    if not all(isinstance(item, Mapping) for item in value):
        return None
    if any("ListenerArn" in item for item in value):
        return [{"Listeners": value}]
    return value


def answers(path: str, member: str, document: Mapping[str, Any]) -> Iterator[Answer] | None:
    """Return what a member of a document answers; None if nobody can tell of which object."""
    value = document[member]
    if member in WHOLE:
        return _whole(member, document)
    if member == "items":
        return _lattice(path, value)
    if member == "Attributes":
        return _attributes(value, document)
    if member == "Routes":
        table = _beside(document, ("TransitGatewayRouteTableId",)) or _in_path(path, _TABLE)
        kept = {n: document[n] for n in ("Routes", "AdditionalRoutesAvailable") if n in document}
        routes: Answer = (f"{_EC2}search_transit_gateway_routes", table, kept)
        return iter([routes]) if table and isinstance(value, list) else None
    if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        return None
    if member == "Entries":
        name = _beside(document, ("PrefixListId",)) or _in_path(path, _LIST)
        cidrs = [item.get("Cidr") for item in value]
        entries: Answer = (f"{_EC2}get_managed_prefix_list_entries", name, cidrs)
        return iter([entries]) if name else None
    return _list(path, LISTS[member], value, document) if member in LISTS else None


def _list(
    path: str, named: _Named, items: Items, document: Mapping[str, Any]
) -> Iterator[Answer] | None:
    owner = _beside(document, named.beside) or _in_path(path, named.in_path)
    if owner:
        return iter([(named.call, owner, items)])
    groups: dict[str, Items] = defaultdict(list)
    for item in items:
        groups[named.of_item(item)].append(item)
    if "" in groups or not groups:  # an empty list that names nothing says nothing
        return None
    return ((named.call, name, group) for name, group in groups.items())


def _whole(member: str, document: Mapping[str, Any]) -> Iterator[Answer] | None:
    call, (outer, inner), parts = WHOLE[member]
    said = document.get(outer)
    arn = said.get(inner) if isinstance(said, Mapping) else None
    if not isinstance(arn, str):
        return None
    return iter([(call, arn, {name: document[name] for name in parts if name in document})])


def _attributes(value: Any, document: Mapping[str, Any]) -> Iterator[Answer] | None:  # noqa: ANN401
    """Take the attributes of a load balancer or of a target group whose ARN stands beside them."""
    if not isinstance(value, list):
        return None
    for name, call in (
        ("LoadBalancerArn", f"{_ELB}describe_load_balancer_attributes"),
        ("TargetGroupArn", f"{_ELB}describe_target_group_attributes"),
    ):
        if isinstance(document.get(name), str):
            return iter([(call, str(document[name]), value)])
    return None


def _lattice(path: str, value: Any) -> Iterator[Answer] | None:  # noqa: ANN401
    """Take associations of service networks with VPCs; most lists of VPC Lattice are `items`."""
    if not isinstance(value, list) or not all(isinstance(i, Mapping) for i in value) or not value:
        return None
    call = "vpc-lattice:list_service_network_vpc_associations"
    if not all("vpcId" in item and "serviceNetworkId" in item for item in value):
        return None
    named = _Named(call, _of("serviceNetworkId"))
    return _list(path, named, value, {})


def _beside(document: Mapping[str, Any], names: tuple[str, ...]) -> str:
    found = (document.get(name) for name in names)
    return next((value for value in found if isinstance(value, str)), "")


def _in_path(path: str, pattern: str) -> str:
    match = re.search(pattern, path) if pattern else None
    return match.group() if match else ""
