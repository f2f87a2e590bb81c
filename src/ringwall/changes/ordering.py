"""Changes → ordered steps.

Rules:
- What is referred to is created before, and deleted after, what refers to it.
- Everything that closes comes before anything that opens, so that no state on the way allows what
  neither the state before nor the state after allows: while closing, each state is within the one
  before; while opening, within the one after.
- What stands in a container that the same plan creates opens nothing until the container is used.
- A replacement is a deletion and a creation; the ids of a deletion are those known when planned.
- What dies with its parent needs no step of its own, unless steps would wait in a circle: a hub's
  route table keeps the Transit Gateway's attachment that its route leads to, which keeps the NAT
  gateway behind it, which keeps the subnet of that table. There the route goes first.
- A replacement that could overlap with what it replaces goes first in a circle: the flow log of a
  VPC keeps the VPC, which makes room for the new one.
- What is updated in place is taken away and made again where steps would wait in a circle: a route
  leads to a gateway by an attachment of which AWS allows one, so that the old one goes first.
"""

import heapq
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from typing import Any

from ringwall.changes.difference import TAGS, wrong_tags
from ringwall.model.calls import Call, Lookup
from ringwall.model.graph import Address, Node, Ref, ResourceGraph, references
from ringwall.model.plan import Action, Change, Exposure, Step
from ringwall.resources import registry, resource_type

Ids = Mapping[Address, Mapping[str, str]]
PHASES = {Exposure.CLOSES: 0, Exposure.NEUTRAL: 1, Exposure.BOTH: 2, Exposure.OPENS: 3}
BARRIER = "Ringwall::Barrier"


@dataclass
class _Draft:
    """A step that has no number yet; `verb` is create, update or delete."""

    verb: str
    change: Change
    calls: tuple[Call, ...]
    exposure: Exposure
    after: set[int] = field(default_factory=set)

    @property
    def order(self) -> tuple[int, str, str, str]:
        return (PHASES[self.exposure], self.verb, self.change.type, self.change.key)


def known_ids(observed: ResourceGraph) -> dict[Address, dict[str, str]]:
    """Return the physical ids and further attributes of observed nodes, by (type, key)."""
    found: dict[Address, dict[str, str]] = {}
    for node in observed:
        texts = {name: v for name, v in node.observed.items() if isinstance(v, str)}
        found[node.type, node.key] = texts | {"id": node.physical_id}
    return found


def steps(
    changes: Mapping[Address, Change], desired: ResourceGraph, observed: ResourceGraph, ids: Ids
) -> tuple[Step, ...]:
    """Return the steps that carry out the changes, in an order in which they may run one by one."""
    changes = dict(changes)
    apart: set[Address] = set()
    dying = {a for a, c in changes.items() if c.before and _dies_with_parent(c.before, changes)}
    while True:
        drafts = list(_drafts(changes, ids, dying))
        makes = {
            d.change.address: n for n, d in enumerate(drafts) if d.verb in {"create", "update"}
        }
        removes = {d.change.address: n for n, d in enumerate(drafts) if d.verb == "delete"}
        _order_creations(drafts, makes, desired)
        _order_deletions(drafts, makes, removes, changes, observed)
        _order_replacements(drafts, makes, removes, apart)
        circle = _circle(drafts)
        tying = _tying(circle, removes, [changes[a] for a in dying], observed)
        parted = {a for a in _overlapping(drafts, makes, removes) if removes[a] in circle} - apart
        yielding = _yielding(circle, drafts)
        if tying:
            dying -= tying
        elif parted:
            apart |= parted
        elif yielding:
            changes |= {c.address: replace(c, action=Action.REPLACE) for c in yielding}
        else:
            break
    _order_phases(drafts)
    return _numbered(drafts)


def _drafts(
    changes: Mapping[Address, Change], ids: Ids, dying: Collection[Address]
) -> Iterable[_Draft]:
    created = {
        address
        for address, change in changes.items()
        if change.action in {Action.CREATE, Action.REPLACE}
    }
    for change in changes.values():
        kind = resource_type(change.type)
        before, after = change.before, change.after
        if change.action in {Action.DELETE, Action.REPLACE}:
            assert before is not None
            if change.address not in dying:
                exposure = kind.exposure(before, None)
                calls = tuple(_concrete(call, ids) for call in kind.delete(before))
                yield _Draft("delete", change, calls, exposure)
        if change.action in {Action.CREATE, Action.REPLACE}:
            assert after is not None
            exposure = kind.exposure(None, after)
            if _inside_new(after, created):
                exposure = Exposure.NEUTRAL
            yield _Draft("create", change, kind.create(after), exposure)
        if change.action is Action.UPDATE:
            assert before is not None
            assert after is not None
            yield _Draft("update", change, _update_calls(change, before, after), change.exposure)


def _update_calls(change: Change, before: Node, after: Node) -> tuple[Call, ...]:
    kind = resource_type(change.type)
    changed = frozenset(c.name for c in change.properties if c.name != TAGS)
    # The observed node knows the ids, the desired one what is wanted.
    target = replace(after, physical_id=before.physical_id, observed=before.observed)
    calls = kind.update(before, target, changed) if changed else ()
    tags = wrong_tags(before, after)
    if tags and kind.tag is not None:
        calls += kind.tag(target, tags)
    return calls


def _dies_with_parent(node: Node, changes: Mapping[Address, Change]) -> bool:
    kind = resource_type(node.type)
    parent = node.properties.get(kind.parent) if kind.parent else None
    if not isinstance(parent, Ref) or not kind.dies_with_parent(node):
        return False
    change = changes.get((parent.type, parent.key))
    return change is not None and change.action in {Action.DELETE, Action.REPLACE}


def _parent(node: Node) -> Address:
    """Return what a node dies with."""
    parent = node.properties[resource_type(node.type).parent]
    return (parent.type, parent.key)


def _circle(drafts: list[_Draft]) -> set[int]:
    """Return the steps that wait for each other, and those between such circles."""
    before = {n: set(d.after) for n, d in enumerate(drafts)}
    behind: dict[int, set[int]] = {n: set() for n in before}
    for number, earlier in before.items():
        for other in earlier:
            behind[other].add(number)
    left = set(before)
    for edges, back in ((before, behind), (behind, before)):
        free = [n for n in left if not edges[n] & left]
        while free:
            number = free.pop()
            left.discard(number)
            for other in back[number] & left:
                edges[other].discard(number)
                if not edges[other] & left:
                    free.append(other)
    return left


def _tying(
    circle: set[int],
    removes: Mapping[Address, int],
    dying: Iterable[Change],
    observed: ResourceGraph,
) -> set[Address]:
    """Return what closes a circle by dying with its parent only."""
    found: set[Address] = set()
    for change in dying:
        if circle and change.before is not None and removes.get(_parent(change.before)) in circle:
            needed = _needs(change.before, observed) - {_parent(change.before)}
            if any(removes.get(address) in circle for address in needed):
                found.add(change.address)
    return found


def _yielding(circle: Iterable[int], drafts: list[_Draft]) -> list[Change]:
    """Return the updates in a circle of what bears no tags: made again, it is the same."""
    return [
        drafts[number].change
        for number in sorted(circle)
        if drafts[number].verb == "update"
        and (kind := resource_type(drafts[number].change.type)).key is not None
        and not kind.restore
    ]


def _inside_new(node: Node, created: set[Address]) -> bool:
    parent = node.properties.get(resource_type(node.type).parent)
    return isinstance(parent, Ref) and (parent.type, parent.key) in created


def _concrete(call: Call, ids: Ids) -> Call:
    """Put the ids known now in the place of Refs: the same key may soon mean a new resource."""

    def known(ref: Ref) -> Any:  # noqa: ANN401  (text, or the Ref where nothing is known)
        found = ids.get((ref.type, ref.key))
        if found is None:
            return ref.key if ref.attribute == "id" else ref
        return found.get(ref.attribute, ref)

    def walk(value: Any) -> Any:  # noqa: ANN401  (JSON with leaves of ours)
        match value:
            case Ref():
                return known(value)
            case Lookup():
                return replace(value, request=walk(value.request), values=walk(value.values))
            case Mapping():
                return {name: walk(item) for name, item in value.items()}
            case list() | tuple():
                return [walk(item) for item in value]
            case _:
                return value

    waits = tuple(replace(wait, request=walk(wait.request)) for wait in call.waits_for)
    return replace(call, request=walk(call.request), waits_for=waits)


def _needs(node: Node, graph: ResourceGraph) -> set[Address]:
    """Return what must be there before a node, and outlive it."""
    found = {(ref.type, ref.key) for ref in references(node.properties)}
    found.update(resource_type(node.type).depends(node, graph))
    found.discard((node.type, node.key))
    return found


def _order_creations(
    drafts: list[_Draft], makes: Mapping[Address, int], desired: ResourceGraph
) -> None:
    for draft in drafts:
        if draft.verb != "delete" and draft.change.after is not None:
            needed = _needs(draft.change.after, desired)
            draft.after |= {
                makes[address]
                for address in needed
                if address in makes and drafts[makes[address]].verb == "create"
            }


def _order_deletions(
    drafts: list[_Draft],
    makes: Mapping[Address, int],
    removes: Mapping[Address, int],
    changes: Mapping[Address, Change],
    observed: ResourceGraph,
) -> None:
    for change in changes.values():
        before = change.before
        if before is None:
            continue
        # Whatever lets go of a resource comes before its deletion: a deletion of the referrer
        # (with its parent, if it dies with it), or an update that drops the reference.
        if change.action is Action.UPDATE:
            number: int | None = makes.get(change.address)
        else:
            number = removes.get(change.address)
            if number is None:
                number = removes.get(_parent(before))
        if number is None:
            continue
        for address in _needs(before, observed):
            other = removes.get(address)
            if other is not None and other != number:
                drafts[other].after.add(number)


def _replaced(
    drafts: list[_Draft], makes: Mapping[Address, int], removes: Mapping[Address, int]
) -> list[Address]:
    return [a for a in removes if a in makes and drafts[makes[a]].verb == "create"]


def _overlapping(
    drafts: list[_Draft], makes: Mapping[Address, int], removes: Mapping[Address, int]
) -> list[Address]:
    return [
        address
        for address in _replaced(drafts, makes, removes)
        if (before := drafts[removes[address]].change.before) is not None
        and (after := drafts[makes[address]].change.after) is not None
        and registry()[address[0]].overlap(before, after)
    ]


def _order_replacements(
    drafts: list[_Draft],
    makes: Mapping[Address, int],
    removes: Mapping[Address, int],
    apart: Collection[Address],
) -> None:
    overlapping = set(_overlapping(drafts, makes, removes)) - set(apart)
    for address in _replaced(drafts, makes, removes):
        making, removal = makes[address], removes[address]
        if address in overlapping:
            drafts[removal].after.add(making)
        else:
            drafts[making].after.add(removal)
    subnets = [n for (type_name, _), n in removes.items() if type_name == "AWS::EC2::Subnet"]
    for (type_name, _), making in makes.items():
        if type_name != "AWS::EC2::Subnet" or drafts[making].verb != "create":
            continue
        for removal in subnets:
            if _overlaps(drafts[removal].change.before, drafts[making].change.after):
                drafts[making].after.add(removal)


def _overlaps(old: Node | None, new: Node | None) -> bool:
    if old is None or new is None or old.properties["VpcId"] != new.properties["VpcId"]:
        return False
    return ip_network(old.properties["CidrBlock"]).overlaps(ip_network(new.properties["CidrBlock"]))


def _order_phases(drafts: list[_Draft]) -> None:
    """Put barriers between what closes, what does both, and what opens.

    A new container is filled before anything is moved into it, so that nothing is cut on the way.
    """
    by_phase: dict[Exposure, list[int]] = defaultdict(list)
    for number, draft in enumerate(drafts):
        by_phase[draft.exposure].append(number)
    closing, both, opening = (by_phase[e] for e in (Exposure.CLOSES, Exposure.BOTH, Exposure.OPENS))
    filling = [n for n in by_phase[Exposure.NEUTRAL] if drafts[n].verb != "delete"]
    _barrier(drafts, filling, both)
    _barrier(drafts, closing, both + opening)
    _barrier(drafts, both, opening)


def _barrier(drafts: list[_Draft], first: list[int], then: list[int]) -> None:
    if not first or not then:
        return
    change = Change(Action.UPDATE, BARRIER, f"barrier {len(drafts)}", None, None)
    number = len(drafts)
    waits = _reachable_from(drafts, first)
    drafts.append(_Draft("barrier", change, (), Exposure.NEUTRAL, set(first)))
    for later in then:
        # A step that something closing waits for cannot wait for the barrier.
        if later not in waits:
            drafts[later].after.add(number)


def _reachable_from(drafts: list[_Draft], numbers: Iterable[int]) -> set[int]:
    """Return every step that one of these waits for, directly or not."""
    seen: set[int] = set()
    queue = list(numbers)
    while queue:
        for earlier in drafts[queue.pop()].after:
            if earlier not in seen:
                seen.add(earlier)
                queue.append(earlier)
    return seen


_VERBS: Mapping[str, Callable[[Change], Action]] = {
    "create": lambda _: Action.CREATE,
    "delete": lambda _: Action.DELETE,
    "update": lambda _: Action.UPDATE,
    "barrier": lambda _: Action.UPDATE,
}


def _numbered(drafts: list[_Draft]) -> tuple[Step, ...]:
    """Return numbered steps in topological order; raise ValueError if they wait in a circle."""
    waiting = {n: len(d.after) for n, d in enumerate(drafts)}
    followers: dict[int, list[int]] = defaultdict(list)
    for number, draft in enumerate(drafts):
        for earlier in draft.after:
            followers[earlier].append(number)
    ready = [(drafts[n].order, n) for n, count in waiting.items() if not count]
    heapq.heapify(ready)
    place: dict[int, int] = {}
    while ready:
        _, number = heapq.heappop(ready)
        place[number] = len(place)
        for later in followers[number]:
            waiting[later] -= 1
            if not waiting[later]:
                heapq.heappush(ready, (drafts[later].order, later))
    if len(place) < len(drafts):
        stuck = sorted(str(drafts[n].change.address) for n in waiting if n not in place)
        msg = f"steps wait for each other: {', '.join(stuck[:6])}"
        raise ValueError(msg)
    return tuple(
        Step(
            number=place[number],
            action=_VERBS[drafts[number].verb](drafts[number].change),
            type=drafts[number].change.type,
            key=drafts[number].change.key,
            calls=drafts[number].calls,
            after=frozenset(place[n] for n in drafts[number].after),
            exposure=drafts[number].exposure,
        )
        for number in sorted(place, key=lambda n: place[n])
    )
