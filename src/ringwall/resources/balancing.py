"""What the types of load balancing share: names, tags, actions, and the trace they leave.

Rule: of the load balancers of an account, plan, apply and drift look closer at those whose names
start as ours do; surveys (of no deployment) look at all. What was not looked at yields no node, so
that its interfaces stand for something that is not modelled.
"""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any

from ringwall.model.calls import Call
from ringwall.model.graph import Node, Ref
from ringwall.resources.kind import Detail, Item, Listing, Reads
from ringwall.resources.network_interface import NETWORK_INTERFACES
from ringwall.resources.ownership import TARGETS_TAG, to_tag_list

TYPE = "AWS::ElasticLoadBalancingV2::LoadBalancer"
TARGET_GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"
LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
# How the description of a load balancer's interface starts (Elastic Load Balancing guides).
DESCRIPTION = "ELB "
LAST_PORT = 65535
# CreateLoadBalancer, Name: 32 letters, digits and hyphens, no hyphen at an end, not "internal-".
LONGEST = 32
_DIGEST = 8
_REFUSED = "internal-"
NOT_FOUND = frozenset({"LoadBalancerNotFound", "TargetGroupNotFound", "ListenerNotFound"})
# What a redirect keeps of the request (ELB API, RedirectActionConfig).
REDIRECT = {
    "Protocol": "#{protocol}",
    "Port": "#{port}",
    "Host": "#{host}",
    "Path": "/#{path}",
    "Query": "#{query}",
}
INTERFACE_TYPES = frozenset({"load_balancer", "network_load_balancer", "gateway_load_balancer"})


def _stem(deployment: str) -> str:
    """Return how the names of a deployment's load balancers and target groups start."""
    stem = f"{deployment}-"
    return f"lb-{stem}" if stem.startswith(_REFUSED) else stem


def balancing_name(deployment: str, key: str) -> str:
    """Return `deployment-key` as a name; one that is too long ends in a digest of itself."""
    name = _stem(deployment) + "-".join(key.split("/"))
    if len(name) <= LONGEST and "--" not in name:
        return name
    start = name[: LONGEST - 1 - _DIGEST].replace("--", "-").rstrip("-")
    return f"{start}-{sha256(name.encode()).hexdigest()[:_DIGEST]}"


def may_be_ours(name: object, deployment: str) -> bool:
    """Tell by its name whether something may be ours; of no deployment, everything is meant."""
    start = _stem(deployment)[: LONGEST - 1 - _DIGEST].replace("--", "-").rstrip("-")
    return not deployment or str(name or "").startswith(start)


def name_in(arn: object) -> str:
    """Return the name in the ARN of a load balancer or a listener: …/app/NAME/…."""
    parts = str(arn).split("/")
    return parts[2] if len(parts) > 2 else ""


def tags_of(listing: Listing, name: str, arn: str) -> Detail:
    """Return the detail that reads the tags of what a listing lists; `name`, `arn`: its members."""
    return Detail(
        "elbv2",
        "describe_tags",
        of=listing.name,
        item_id=lambda item: str(item[arn]),
        request=lambda item: {"ResourceArns": [item[arn]]},
        items="TagDescriptions[0].Tags",
        wanted=lambda item, deployment: may_be_ours(item.get(name), deployment),
        variant=listing.operation.removeprefix("describe_"),
    )


def tag(node: Node, tags: Mapping[str, str]) -> tuple[Call, ...]:
    """Set tags on a load balancer or a target group by its ARN."""
    request = {"ResourceArns": [node.ref], "Tags": to_tag_list(tags)}
    return (Call("elbv2", "add_tags", request),)


def pairs(attributes: Iterable[Item]) -> list[dict[str, Any]]:
    """Return attributes as CloudFormation writes them, sorted by key."""
    found = ({"Key": each["Key"], "Value": each.get("Value", "")} for each in attributes)
    return sorted(found, key=lambda each: str(each["Key"]))


def without_defaults(
    attributes: Iterable[Item], defaults: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the attributes that we know and whose values are not AWS's defaults, sorted by key."""
    return [
        each
        for each in pairs(attributes)
        if each["Key"] in defaults and each["Value"] != defaults[each["Key"]]
    ]


def with_defaults(attributes: Iterable[Item], defaults: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return every attribute that we know, as the calls that modify them take it."""
    given = {each["Key"]: each["Value"] for each in attributes}
    return pairs({"Key": key, "Value": given.get(key, value)} for key, value in defaults.items())


def meant_for(node: Node) -> str:
    """Return the key of the group that a target group without targets is for, "" for none.

    Whoever bears that group may be registered, so that each subnet of its tier holds a target.
    """
    if node.properties.get("Protocol") not in {"HTTP", "HTTPS"}:
        return ""
    if node.properties.get("Targets") or node.observed.get("TargetHealth"):
        return ""
    return node.tags.get(TARGETS_TAG, "")


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


def normal_actions(items: Iterable[Item]) -> list[dict[str, Any]]:
    """Return actions in normal form: one target group by its ARN, a redirect with what it keeps."""
    found = [_normal_action(item) for item in items]
    if len(found) == 1:
        found[0].pop("Order", None)
    return found


def _normal_action(item: Item) -> dict[str, Any]:
    full = dict(item)
    if "RedirectConfig" in full:
        said = {**REDIRECT, **full["RedirectConfig"]}
        full["RedirectConfig"] = {n: str(v) if isinstance(v, int) else v for n, v in said.items()}
    groups: list[Item] = (full.get("ForwardConfig") or {}).get("TargetGroups") or []
    if len(groups) == 1 and groups[0].get("Weight") != 0:
        del full["ForwardConfig"]
        full["TargetGroupArn"] = groups[0]["TargetGroupArn"]
    return full


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
