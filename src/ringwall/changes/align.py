"""Bring what is wanted into the terms of what is there, so that only true differences remain.

Rules:
- A former key (`was:`) that is observed gives its place to the new key, and so does one that a
  hand wrote (`lost_tags`).
- A derived NACL entry keeps the number that it has; AWS evaluates by number, but derived entries
  all allow, so that their order has no effect. A new one takes the lowest free number.
- An IPv6 block that AWS has given takes the place of its reference.
- A zone that is wanted by its id has the name that the account gives it.
- Derived names are as they were given.
- What others fill (registered targets, a responder's addresses) is as it is.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ringwall.changes.given_names import as_given
from ringwall.changes.lost_tags import meant_keys
from ringwall.model.graph import Address, Node, Ref, ResourceGraph, map_references
from ringwall.resources import registry
from ringwall.resources.ipv6 import derive_block

NACL = "AWS::EC2::NetworkAcl"
ENTRY = "AWS::EC2::NetworkAclEntry"
CIDR_BLOCK = "AWS::EC2::VPCCidrBlock"
SUBNET = "AWS::EC2::Subnet"
FIRST_DERIVED = 1000  # hand-written entries are 100-999
STEP = 10


def align(desired: ResourceGraph, observed: ResourceGraph) -> tuple[ResourceGraph, ResourceGraph]:
    """Return both graphs in the same terms."""
    observed = _rename(observed, _former_keys(desired, observed))
    while meant := meant_keys(desired, observed):
        observed = _rename(observed, meant)
    desired = as_given(_name_zones(_resolve_ipv6(desired, observed), observed), observed)
    return _keep_numbers(_keep_others(desired, observed), observed), observed


def _keep_others(desired: ResourceGraph, observed: ResourceGraph) -> ResourceGraph:
    """Return what is wanted with what others filled, as it is there."""
    kept = []
    for kind in registry().values():
        for node in desired.of_type(kind.name) if kind.others else ():
            there = observed.get((node.type, node.key))
            if there is not None:
                own = {n: v for n, v in node.properties.items() if n not in kind.others}
                theirs = {n: v for n, v in there.properties.items() if n in kind.others}
                kept.append(replace(node, properties={**own, **theirs}))
    return desired.with_nodes(kept) if kept else desired


def _rekeyed(node: Node) -> Node:
    kind = registry().get(node.type)
    if kind is None or kind.key is None:
        return node
    return replace(node, key=kind.key(node.properties))


def _former_keys(desired: ResourceGraph, observed: ResourceGraph) -> dict[Address, str]:
    renamed: dict[Address, str] = {}
    for node in desired:
        if (node.type, node.key) in observed:
            continue
        for former in node.was:
            address = (node.type, former)
            if address in observed and address not in desired.nodes:
                renamed[address] = node.key
                break
    return renamed


def _rename(observed: ResourceGraph, renamed: Mapping[Address, str]) -> ResourceGraph:
    """Return the graph with the new key of each (type, key), in references too."""
    if not renamed:
        return observed

    def change(ref: Ref) -> Ref:
        return replace(ref, key=renamed.get((ref.type, ref.key), ref.key))

    nodes = []
    for node in observed:
        moved = replace(
            node,
            key=renamed.get((node.type, node.key), node.key),
            properties=map_references(node.properties, change),
            observed=map_references(node.observed, change),
        )
        nodes.append(_rekeyed(_sorted(moved) if moved.properties != node.properties else moved))
    found = ResourceGraph.of(nodes, observed.unknowns)
    # What belongs to something that bears no tags follows that: rules of a listener.
    return _rename(found, _rekeyed_by(observed, nodes, renamed))


def _rekeyed_by(
    before: ResourceGraph, after: Iterable[Node], renamed: Mapping[Address, str]
) -> dict[Address, str]:
    return {
        (old.type, old.key): new.key
        for old, new in zip(before, after, strict=True)
        if old.key != new.key and (old.type, old.key) not in renamed
    }


def _sorted(node: Node) -> Node:
    """Restore the order of what is sorted by reference; what was left out stays out."""
    kind = registry().get(node.type)
    normal = kind.normalise(node.properties) if kind else node.properties
    return replace(node, properties={n: v for n, v in normal.items() if n in node.properties})


def _resolve_ipv6(desired: ResourceGraph, observed: ResourceGraph) -> ResourceGraph:
    blocks = {
        node.key: str(node.observed["Ipv6CidrBlock"])
        for node in observed.of_type(CIDR_BLOCK)
        if node.observed.get("Ipv6CidrBlock")
    }
    if not blocks:
        return desired

    def change(ref: Ref) -> Any:  # noqa: ANN401  (a Ref or its text)
        if ref.type == CIDR_BLOCK and ref.attribute.startswith("ipv6/") and ref.key in blocks:
            return derive_block(ref.attribute, blocks[ref.key])
        return ref

    return ResourceGraph.of(
        (
            _rekeyed(replace(node, properties=map_references(node.properties, change)))
            for node in desired
        ),
        desired.unknowns,
    )


def _name_zones(desired: ResourceGraph, observed: ResourceGraph) -> ResourceGraph:
    """Zone names differ between accounts, ids do not; `describe` reports both."""
    names = {
        str(node.observed["AvailabilityZoneId"]): node.properties["AvailabilityZone"]
        for node in observed.of_type(SUBNET)
        if "AvailabilityZoneId" in node.observed and "AvailabilityZone" in node.properties
    }
    named = []
    for node in desired.of_type(SUBNET):
        name = names.get(str(node.properties.get("AvailabilityZoneId")))
        if name is not None:
            properties = {n: v for n, v in node.properties.items() if n != "AvailabilityZoneId"}
            named.append(replace(node, properties=properties | {"AvailabilityZone": name}))
    return desired.with_nodes(named) if named else desired


def _content(node: Node) -> str:
    """Return what an entry says, its number aside."""
    return repr(
        sorted(
            (name, value if not isinstance(value, Mapping) else sorted(value.items()))
            for name, value in node.properties.items()
            if name != "RuleNumber"
        )
    )


def _keep_numbers(desired: ResourceGraph, observed: ResourceGraph) -> ResourceGraph:
    there: dict[tuple[Ref, bool], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for node in observed.of_type(ENTRY):
        number = int(node.properties["RuleNumber"])
        if number >= FIRST_DERIVED:
            table = there[node.properties["NetworkAclId"], bool(node.properties["Egress"])]
            table[_content(node)].append(number)
    if not there:
        return desired
    taken: dict[tuple[Ref, bool], set[int]] = defaultdict(set)
    numbers: dict[Address, int] = {}
    waiting: list[Node] = []
    for node in desired.of_type(ENTRY):
        place = (node.properties["NetworkAclId"], bool(node.properties["Egress"]))
        number = int(node.properties["RuleNumber"])
        kept = there[place][_content(node)] if place in there else []
        if number < FIRST_DERIVED or place not in there:
            taken[place].add(number)
        elif kept:
            # Its own number first: an unchanged NACL keeps every number.
            number = number if number in kept else min(kept)
            kept.remove(number)
            numbers[node.type, node.key] = number
            taken[place].add(number)
        else:
            waiting.append(node)
    for node in waiting:
        place = (node.properties["NetworkAclId"], bool(node.properties["Egress"]))
        # A number that is still in use by an entry that goes would turn the change into a
        # replacement of one rule by another; a free one lets the old close before the new opens.
        used = taken[place] | {n for ns in there[place].values() for n in ns}
        number = next(n for n in _derived_numbers() if n not in used)
        numbers[node.type, node.key] = number
        taken[place].add(number)
    return ResourceGraph.of(
        (_numbered(node, numbers.get((node.type, node.key))) for node in desired), desired.unknowns
    )


def _derived_numbers() -> Iterator[int]:
    yield from range(FIRST_DERIVED, 32767, STEP)


def _numbered(node: Node, number: int | None) -> Node:
    if number is None or node.properties["RuleNumber"] == number:
        return node
    return _rekeyed(replace(node, properties={**node.properties, "RuleNumber": number}))
