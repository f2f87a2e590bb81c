"""AWS::WAFv2::WebACL: rules that judge the requests of what it is associated with."""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call, Idempotence
from ringwall.model.graph import Node, Ref, Value
from ringwall.model.plan import Exposure
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.kind import Detail, Listing, Reads, ResourceType
from ringwall.resources.ownership import to_tag_list
from ringwall.resources.web_application_firewall import (
    EXTRACT,
    IP_SET,
    NOT_FOUND,
    SCOPE,
    WEB_ACL,
    arn_of,
    locked,
    may_be_ours,
    named,
    tag,
    tags_of,
)

WEB_ACLS = Listing("wafv2", "list_web_acls", "WebACLs", request={"Scope": SCOPE})
TAGS = tags_of(WEB_ACLS)
CONTENT = Detail(
    "wafv2",
    "get_web_acl",
    WEB_ACLS.name,
    item_id=arn_of,
    request=named,
    items="WebACL",
    wanted=may_be_ours,
)
BY_SET = "IPSetReferenceStatement"
# What a web ACL may have that no blueprint asks for: a hand that sets one of these is drift.
FURTHER = ("AssociationConfig", "CaptchaConfig", "ChallengeConfig", "CustomResponseBodies")
WRITTEN = ("DefaultAction", "Description", "Rules", "VisibilityConfig")


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Sort the rules by priority; leave out what is empty."""
    full = {n: v for n, v in properties.items() if v not in (None, "", {}) or n == "DefaultAction"}
    if "Rules" in full:
        full["Rules"] = sorted(map(_normal_rule, full["Rules"]), key=lambda r: int(r["Priority"]))
    return full


def _normal_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in rule.items() if value is not None}


def _renamed(value: Value, names: Mapping[str, str]) -> Value:
    """Return a statement in which the ARN of an IP set has another name.

    CloudFormation writes `Arn` where the API has `ARN`.
    """
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")  # what a string is compared with
    if isinstance(value, Mapping):
        found = {name: _renamed(item, names) for name, item in value.items()}
        if BY_SET in found:
            found[BY_SET] = {names.get(n, n): v for n, v in found[BY_SET].items()}
        return found
    return [_renamed(item, names) for item in value] if isinstance(value, list) else value


def _with_sets(value: Value) -> Value:
    """Return a statement in which IP sets are references."""
    if isinstance(value, Mapping):
        found = {name: _with_sets(item) for name, item in value.items()}
        arn = (found.get(BY_SET) or {}).get("Arn")
        if isinstance(arn, str):
            found[BY_SET] = {**found[BY_SET], "Arn": Ref(IP_SET, arn, "Arn")}
        return found
    return [_with_sets(item) for item in value] if isinstance(value, list) else value


def read(reads: Reads) -> Iterable[Node]:
    """Yield every web ACL, with the rules of those that may be ours."""
    for item in reads.items(WEB_ACLS):
        arn = arn_of(item)
        properties: dict[str, Any] = {"Name": item["Name"], "Scope": SCOPE}
        content = reads.detail(CONTENT, arn)
        if content is not None:
            known = {name: content.get(name) for name in (*WRITTEN, *FURTHER)}
            known["Rules"] = _with_sets(_renamed(list(content.get("Rules") or ()), {"ARN": "Arn"}))
            properties |= known
        observed = {"Arn": arn, "Id": item["Id"], "Capacity": (content or {}).get("Capacity")}
        tags = reads.detail(TAGS, arn)
        yield ec2_node(reads, WEB_ACL, arn, normalise(properties), observed, tags)


def _content(node: Node) -> dict[str, Any]:
    found = {name: node.properties[name] for name in WRITTEN if name in node.properties}
    return {**found, "Rules": _renamed(found.get("Rules", []), {"Arn": "ARN"})}


def create(node: Node) -> tuple[Call, ...]:
    """Create it with its rules."""
    request = {
        "Name": node.properties["Name"],
        "Scope": SCOPE,
        **_content(node),
        "Tags": to_tag_list(node.tags),
    }
    return (
        Call("wafv2", "create_web_acl", request, extract=EXTRACT, idempotent_by=Idempotence.TAG),
    )


def update(_before: Node, after: Node, _changed: frozenset[str]) -> tuple[Call, ...]:
    """Set everything at once: UpdateWebACL replaces the whole."""
    request = {**locked(after, "get_web_acl"), **_content(after)}
    return (Call("wafv2", "update_web_acl", request),)


def delete(node: Node) -> tuple[Call, ...]:
    """Delete it; AWS refuses while anything is associated with it."""
    return (Call("wafv2", "delete_web_acl", locked(node, "get_web_acl"), ignore=NOT_FOUND),)


def exposure(before: Node | None, after: Node | None) -> Exposure:
    """Tell the exposure: it judges only what is associated with it."""
    return Exposure.NEUTRAL if before is None or after is None else Exposure.BOTH


RESOURCE = ResourceType(
    name=WEB_ACL,
    listings=(WEB_ACLS,),
    details=(TAGS, CONTENT),
    read=read,
    normalise=normalise,
    create=create,
    update=update,
    delete=delete,
    tag=tag,
    initial=frozenset({"Name"}),
    replace=frozenset({"Scope"}),
    exposure=exposure,
    permissions={"apply": ("wafv2:TagResource",)},
    price=lambda node: ("web-acl-rule", 5 + len(node.properties.get("Rules", ()))),
)
