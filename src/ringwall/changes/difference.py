"""Two aligned graphs → the changes that turn the observed one into the desired one.

Rules:
- Only what is ours is changed; a stranger's node with a key of ours cannot exist, for a key that is
  not ours is a physical id.
- A replacement carries every node with it that refers to what is replaced.
- A group that a responder made in a VPC goes with that VPC.
- What always exists (a default group) is updated, and never deleted; of a VPC that is replaced, the
  new one has AWS's, so that ours is made as in any new VPC.
"""

from collections import defaultdict
from collections.abc import Mapping

from ringwall.changes.ownership import Owner, owners
from ringwall.model.graph import Address, Node, Ref, ResourceGraph, references
from ringwall.model.plan import Action, Change, Exposure, PropertyChange
from ringwall.resources import registry, resource_type
from ringwall.resources.ownership import PROTECT_TAG

TAGS = "Tags"


def difference(
    desired: ResourceGraph, observed: ResourceGraph, deployment: str
) -> dict[Address, Change]:
    """Return the changes by (type, key), the desired ones first, in the order of their graphs."""
    whose = owners(observed, deployment)
    changes: dict[Address, Change] = {}
    for node in desired:
        change = _changed(node, observed.get((node.type, node.key)))
        if change is not None:
            changes[change.address] = change
    for node in observed:
        address = (node.type, node.key)
        kind = registry().get(node.type)
        if address in desired.nodes or whose[address] is not Owner.OURS:
            continue
        if kind is None or kind.restore:
            continue
        changes[address] = _change(Action.DELETE, node, None)
    _spread_replacements(changes, desired, observed)
    for node in observed:
        vpc = node.properties.get("VpcId")
        if whose[node.type, node.key] is Owner.RESPONDER and isinstance(vpc, Ref):
            change = changes.get((vpc.type, vpc.key))
            if change is not None and change.action in {Action.DELETE, Action.REPLACE}:
                changes[node.type, node.key] = _change(Action.DELETE, node, None)
    return changes


def property_changes(before: Node, after: Node) -> tuple[PropertyChange, ...]:
    """Return the properties that differ, in order of their names; tags come last."""
    initial = resource_type(after.type).initial
    names = sorted((set(before.properties) | set(after.properties)) - initial)
    found = [
        PropertyChange(name, before.properties.get(name), after.properties.get(name))
        for name in names
        if before.properties.get(name) != after.properties.get(name)
    ]
    wanted = wrong_tags(before, after)
    if wanted:
        there = _tags(before)
        was = {name: there[name] for name in wanted if name in there}
        found.append(PropertyChange(TAGS, was, wanted))
    return tuple(found)


def wrong_tags(before: Node, after: Node) -> dict[str, str]:
    """Return the wanted tags that are missing or differ; further tags are somebody else's."""
    if resource_type(after.type).tag is None:
        return {}
    there = _tags(before)
    wanted = {name: value for name, value in after.tags.items() if there.get(name) != value}
    if there.get(PROTECT_TAG) == "true" and PROTECT_TAG not in after.tags:
        wanted[PROTECT_TAG] = "false"
    return wanted


def _tags(node: Node) -> Mapping[str, str]:
    """Return the tags themselves, where something else says, too, whose it is: a zone's comment."""
    tags: Mapping[str, str] = node.observed.get(TAGS, node.tags)
    return tags


def _changed(after: Node, before: Node | None) -> Change | None:
    kind = resource_type(after.type)
    if before is None:
        return _change(Action.CREATE, None, after)
    found = property_changes(before, after)
    if not found:
        return None
    forced = any(change.name in kind.replace for change in found)
    return _change(Action.REPLACE if forced else Action.UPDATE, before, after, found)


def _change(
    action: Action,
    before: Node | None,
    after: Node | None,
    properties: tuple[PropertyChange, ...] = (),
) -> Change:
    node = after or before
    assert node is not None
    kind = resource_type(node.type)
    only_tags = action is Action.UPDATE and all(change.name == TAGS for change in properties)
    exposure = Exposure.NEUTRAL if only_tags else kind.exposure(before, after)
    return Change(action, node.type, node.key, before, after, properties, exposure, "", node.origin)


def _spread_replacements(
    changes: dict[Address, Change], desired: ResourceGraph, observed: ResourceGraph
) -> None:
    """Replace whatever refers to what is replaced: its old reference would dangle."""
    referrers = _referrers(desired)
    queue = [address for address, change in changes.items() if change.action is Action.REPLACE]
    while queue:
        address = queue.pop()
        for node, names in referrers.get(address, {}).items():
            before = observed.get(node)
            change = changes.get(node)
            after = desired[node]
            if before is None or (change and change.action is Action.REPLACE):
                continue
            if resource_type(after.type).restore:
                changes[node] = _change(Action.CREATE, None, after)
                continue
            properties = {c.name: c for c in (change.properties if change else ())}
            for name in names:
                properties.setdefault(
                    name,
                    PropertyChange(name, before.properties.get(name), after.properties.get(name)),
                )
            changes[node] = _change(Action.REPLACE, before, after, tuple(properties.values()))
            queue.append(node)


def _referrers(graph: ResourceGraph) -> Mapping[Address, dict[Address, list[str]]]:
    found: dict[Address, dict[Address, list[str]]] = defaultdict(lambda: defaultdict(list))
    for node in graph:
        for name, value in node.properties.items():
            for ref in references(value):
                target = (ref.type, ref.key)
                if (
                    target != (node.type, node.key)
                    and name not in found[target][node.type, node.key]
                ):
                    found[target][node.type, node.key].append(name)
    return found


def refers_to(node: Node, ref: Ref) -> bool:
    """Tell whether a node's properties refer to another."""
    return any((r.type, r.key) == (ref.type, ref.key) for r in references(node.properties))
