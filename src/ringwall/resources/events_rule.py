"""AWS::Events::Rule, with its targets: events of a kind, or a schedule, and who gets them.

Rule: what a target is given is JSON; equal values have one text.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call
from ringwall.model.graph import Node, Ref, Value
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.kind import Detail, Item, Listing, Reads, ResourceType
from ringwall.resources.ownership import to_tag_list
from ringwall.resources.policy_document import to_text

TYPE = "AWS::Events::Rule"
RULES = Listing("events", "list_rules", "Rules", request={"NamePrefix": "ringwall-{deployment}-"})
GONE = frozenset({"ResourceNotFoundException"})


def _name(item: Item) -> str:
    return str(item["Name"])


TARGETS = Detail(
    "events",
    "list_targets_by_rule",
    RULES.name,
    item_id=_name,
    request=lambda item: {"Rule": _name(item)},
    items="Targets",
)
TAGS = Detail(
    "events",
    "list_tags_for_resource",
    RULES.name,
    item_id=_name,
    request=lambda item: {"ResourceARN": item["Arn"]},
    items="Tags",
)
DEFAULTS: Mapping[str, Any] = {"State": "ENABLED"}
PUT = ("Description", "EventPattern", "Name", "ScheduleExpression", "State")


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Take JSON text apart, sort the targets, and leave out what is empty."""
    full = {**DEFAULTS, **properties}
    if isinstance(full.get("EventPattern"), str):
        full["EventPattern"] = json.loads(full["EventPattern"])
    targets = [_target(one) for one in full.get("Targets") or ()]
    full["Targets"] = sorted(targets, key=lambda one: str(one["Id"]))
    return {name: value for name, value in full.items() if value not in ("", None, [])}


def _target(one: Mapping[str, Any]) -> dict[str, Any]:
    given = one.get("Input")
    if given is None:
        return dict(one)
    return {**one, "Input": to_text(json.loads(given))}


def _receiver(arn: str) -> Ref | str:
    parts = arn.split(":")
    match parts[2:3]:
        case ["sns"]:
            return Ref("AWS::SNS::Topic", arn)
        case ["lambda"] if len(parts) == 7:
            return Ref("AWS::Lambda::Function", parts[6], "Arn")
        case _:
            return arn


def read(reads: Reads) -> Iterable[Node]:
    """Yield the rules under the deployment's prefix."""
    for item in reads.items(RULES):
        name = _name(item)
        properties = {one: item[one] for one in PUT if item.get(one)}
        properties["Targets"] = [
            {**target, "Arn": _receiver(target["Arn"])}
            for target in reads.detail(TARGETS, name) or ()
        ]
        tags = reads.detail(TAGS, name)
        observed = {"Arn": item.get("Arn")}
        yield ec2_node(reads, TYPE, name, normalise(properties), observed, tags)


def _put(node: Node, **more: Value) -> Call:
    request = {name: node.properties[name] for name in PUT if name in node.properties}
    if "EventPattern" in request:
        request["EventPattern"] = to_text(request["EventPattern"])
    name = node.properties["Name"]
    # The name is the id: a constant (JMESPath raw string).
    extract = {"id": f"'{name}'", "Arn": "RuleArn"}
    return Call("events", "put_rule", request | more, extract=extract)


def _targets(node: Node, wanted: Iterable[Mapping[str, Any]]) -> tuple[Call, ...]:
    listed = list(wanted)
    request = {"Rule": node.properties["Name"], "Targets": listed}
    return (Call("events", "put_targets", request),) if listed else ()


def _remove(node: Node, gone: Iterable[str], ignore: frozenset[str] = GONE) -> tuple[Call, ...]:
    ids = sorted(gone)
    request = {"Rule": node.properties["Name"], "Ids": ids}
    return (Call("events", "remove_targets", request, ignore=ignore),) if ids else ()


def create(node: Node) -> tuple[Call, ...]:
    """Put it, then its targets."""
    made = _put(node, Tags=to_tag_list(node.tags))
    return (made, *_targets(node, node.properties.get("Targets", ())))


def update(before: Node, after: Node, changed: frozenset[str]) -> tuple[Call, ...]:
    """Put what differs; PutRule ignores the tags of a rule that is there."""
    old, new = (node.properties.get("Targets", []) for node in (before, after))
    gone = {one["Id"] for one in old} - {one["Id"] for one in new}
    put = (_put(after),) if changed & set(PUT) else ()
    return (*put, *_remove(after, gone), *_targets(after, [one for one in new if one not in old]))


def delete(node: Node) -> tuple[Call, ...]:
    """Remove its targets, then delete it: a rule with targets is not deleted."""
    targets = [one["Id"] for one in node.properties.get("Targets", ())]
    request = {"Name": node.properties["Name"]}
    return (*_remove(node, targets), Call("events", "delete_rule", request, ignore=GONE))


def tag(node: Node, tags: Mapping[str, str]) -> tuple[Call, ...]:
    """Set tags."""
    request = {"ResourceARN": Ref(TYPE, node.key, "Arn"), "Tags": to_tag_list(tags)}
    return (Call("events", "tag_resource", request),)


RESOURCE = ResourceType(
    name=TYPE,
    listings=(RULES,),
    details=(TARGETS, TAGS),
    read=read,
    normalise=normalise,
    create=create,
    update=update,
    delete=delete,
    tag=tag,
    replace=frozenset({"Name"}),
    # PutRule with tags ("Actions … for Amazon EventBridge").
    permissions={"apply": ("events:TagResource",)},
)
