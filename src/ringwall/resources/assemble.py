"""Everything read of an account → one graph in which our resources have their keys.

Rules:
- What bears both ownership tags has the key of its tag, what bears none has its physical id.
- References are renamed with what they name; then what belongs to a parent is keyed by it, so that
  the key of a stranger's child starts with its parent's physical id.
- Two resources with one key of ours: one keeps it, the others keep their physical ids and say so
  in `observed["DuplicateOf"]`. It stays with the one whose name fits it, then with the one that
  most others refer to, then with the lowest physical id.
- What AWS is deleting, or has deleted, is left out by its reader: it never stands in the way of
  creating it again.
- What was refused or not read is an `Unknown` of each type that it feeds, where the rest of what
  was read leaves room for it: without a load balancer's interface there is no load balancer.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from operator import is_
from typing import Any

from ringwall.model.graph import Address, Node, Ref, ResourceGraph, Unknown, references
from ringwall.resources import registry
from ringwall.resources.derived_names import is_named_by_key
from ringwall.resources.kind import Reads, ResourceType
from ringwall.resources.ownership import KEY_TAG, is_ours

# A group or NACL that AWS makes with every VPC is a type of its own, but its id looks the same.
STAND_INS: Mapping[str, str] = {
    "AWS::EC2::SecurityGroup": "Ringwall::EC2::DefaultSecurityGroup",
    "AWS::EC2::NetworkAcl": "Ringwall::EC2::DefaultNetworkAcl",
}
DUPLICATE = "DuplicateOf"
LEAVES = frozenset({str, int, bool, float, type(None)})


def assemble(reads: Reads, deployment: str, absent: frozenset[str] = frozenset()) -> ResourceGraph:
    """Build the graph of what was read; `deployment` tells which ownership tags are ours.

    Of the types in `absent` there is none where no call for them was answered: the asker says so.
    """
    types = registry()
    nodes = [node for kind in types.values() for node in kind.read(reads)]
    nodes = _with_our_keys(nodes, deployment)
    names: dict[Address, Ref] = {(node.type, node.physical_id): node.ref for node in nodes}
    for node in nodes:
        names.setdefault((node.type, node.key), node.ref)
    _name_stand_ins(nodes, names, types)
    nodes = [_renamed(node, names, types[node.type]) for node in nodes]
    children = (node for node in nodes if types[node.type].key is not None)
    others = [node for node in nodes if types[node.type].key is None]
    assumed = tuple(name for name in types if name in absent and _is_unread(reads, types[name]))
    asked = [kind for kind in types.values() if kind.name not in assumed]
    graph = ResourceGraph.of([*others, *_keyed(children, types)], _unread(reads, asked))
    return replace(graph, assumed=assumed)


def _is_unread(reads: Reads, kind: ResourceType) -> bool:
    """Tell whether a type may be there and no listing for it was answered."""
    names = [listing.name for listing in kind.listings if listing.name not in reads.listings]
    return kind.possible(reads) and len(names) == len(kind.listings)


def _with_our_keys(nodes: Iterable[Node], deployment: str) -> list[Node]:
    claims: dict[Address, list[Node]] = defaultdict(list)
    placed: list[Node] = []
    for node in nodes:
        if is_ours(node.tags, deployment):
            claims[node.type, node.tags[KEY_TAG]].append(node)
        else:
            placed.append(node)
    doubles = any(len(claimants) > 1 for claimants in claims.values())
    uses = _uses(nodes) if doubles else Counter()

    def doubt(node: Node) -> tuple[bool, int, str]:
        fits = is_named_by_key(node, deployment)
        return (not fits, -uses[node.type, node.physical_id], node.physical_id)

    for (_, key), claimants in claims.items():
        first, *further = sorted(claimants, key=doubt)
        placed.append(replace(first, key=key))
        placed += [replace(node, observed={**node.observed, DUPLICATE: key}) for node in further]
    return placed


def _uses(nodes: Iterable[Node]) -> Counter[Address]:
    """Count the nodes that refer to each."""
    return Counter(
        address
        for node in nodes
        for address in {(ref.type, ref.key) for ref in references(node.properties)}
    )


def _renamed(node: Node, names: Mapping[Address, Ref], kind: ResourceType) -> Node:
    """Rename references, and restore the normal form: what is sorted by reference has moved.

    What a reader left out stays out: a default would stand for something unknown.
    """
    observed = _members(node.observed, names)
    normal = kind.normalise(_members(node.properties, names))
    properties = {name: value for name, value in normal.items() if name in node.properties}
    if observed is node.observed and properties == node.properties:
        return node
    return replace(node, properties=properties, observed=observed)


def _with_names(value: object, names: Mapping[Address, Ref]) -> object:
    """Return a value with its references renamed; the very value, not a copy, if none is."""
    if type(value) in LEAVES:
        return value
    if isinstance(value, Ref):
        return _name(value, names)
    if isinstance(value, Mapping):
        return _members(value, names)
    if isinstance(value, (list, tuple)):
        items = [_with_names(item, names) for item in value]
        return value if all(map(is_, items, value)) else items
    return value


def _members(values: Mapping[str, Any], names: Mapping[Address, Ref]) -> Mapping[str, Any]:
    """Return members with their references renamed; the very mapping if none is."""
    changed: dict[str, Any] = {}
    for name, item in values.items():
        renamed = _with_names(item, names)
        if renamed is not item:
            changed[name] = renamed
    return {**values, **changed} if changed else values


def _name_stand_ins(
    nodes: Iterable[Node], names: dict[Address, Ref], types: Mapping[str, ResourceType]
) -> None:
    """Name what belongs to a VPC and is referred to all the same, by the key that it will have."""
    for node in nodes:
        make = types[node.type].key
        if node.type in STAND_INS.values() and make is not None:
            vpc = _name(node.properties["VpcId"], names)
            names[node.type, node.physical_id] = Ref(node.type, make({"VpcId": vpc}))


def _name(ref: Ref, names: Mapping[Address, Ref]) -> Ref:
    found = names.get((ref.type, ref.key))
    if found is None and ref.type in STAND_INS:
        found = names.get((STAND_INS[ref.type], ref.key))
    if found is None or (found.key == ref.key and found.type == ref.type):
        return ref
    return Ref(found.type, found.key, ref.attribute)


def _keyed(nodes: Iterable[Node], types: Mapping[str, ResourceType]) -> Iterator[Node]:
    """Yield what belongs to parents under its key; of two, the lowest physical id has it.

    A parent that is keyed itself comes before what belongs to it.
    """
    taken: set[Address] = set()
    keyed: dict[Address, Ref] = {}
    ordered = sorted(nodes, key=lambda node: (_depth(node, types), node.type, node.physical_id))
    for child in ordered:
        node = child
        kind = types[node.type]
        parent = node.properties.get(kind.parent)
        if isinstance(parent, Ref) and (parent.type, parent.key) in keyed:
            node = replace(node, properties=_members(node.properties, keyed))
        make = kind.key
        assert make is not None
        key = make(node.properties)
        if (node.type, key) not in taken:
            taken.add((node.type, key))
            keyed[node.type, node.physical_id] = Ref(node.type, key)
            yield replace(node, key=key)
            continue
        own = node.physical_id
        while (node.type, own) in taken:
            own += "~"
        taken.add((node.type, own))
        yield replace(node, key=own, observed={**node.observed, DUPLICATE: key})


def _depth(node: Node, types: Mapping[str, ResourceType]) -> int:
    """Return 1 for what belongs to something that bears no tags either, 0 for the rest."""
    parent = node.properties.get(types[node.type].parent)
    outer = types.get(parent.type) if isinstance(parent, Ref) else None
    return int(outer is not None and outer.key is not None)


def _unread(reads: Reads, kinds: Iterable[ResourceType]) -> Iterator[Unknown]:
    for kind in kinds:
        name = kind.name
        if not kind.possible(reads):
            continue
        names = [listing.name for listing in kind.listings]
        for call in (*names, *(detail.name for detail in kind.details)):
            if call in reads.refused:
                yield Unknown(name, f"{call} was refused: {reads.refused[call]}")
        for call in names:
            if call not in reads.listings and call not in reads.refused:
                yield Unknown(name, f"{call} was not read")
        yield from _unanswered(reads, kind)


def _unanswered(reads: Reads, kind: ResourceType) -> Iterator[Unknown]:
    """Yield an Unknown for each object of which a call that it needs was not answered."""
    for detail in kind.details:
        if detail.name in reads.refused or not (kind.survey or detail.whole):
            continue
        for item in reads.asked_of(detail, reads.deployment):
            if reads.detail(detail, detail.item_id(item)) is None:
                yield Unknown(kind.name, f"{detail.name} of {detail.item_id(item)} was not read")
