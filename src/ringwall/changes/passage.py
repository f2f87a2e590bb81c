"""A plan → the networks before it, after it, and on the way, and what the way allows.

Rules:
- The network before is what is there of ours, with strangers inside of it; the network after is
  what is wanted, with the same strangers. What could not be read is unknown in both. What stands by
  a response is in neither; a denial under the responder's numbers that none accounts for, in both.
- Steps are made one at a time in the order of their numbers. Steps of one phase may run side by
  side; phases (closing, both, opening) are apart, so that what runs at the same time goes one way.
- What is looked for is a class of packets that arrives on the way and arrives neither before nor
  after, between ends that are there before. Ends that the plan itself makes bear nothing yet.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from ringwall.changes.align import align
from ringwall.changes.ownership import Owner, owners, standing
from ringwall.changes.responses import Effect, Responses, goes, gone
from ringwall.model.graph import Address, Node, Ref, ResourceGraph, references
from ringwall.model.plan import Action, Exposure, Plan, Step
from ringwall.reach.blocks import FAMILIES
from ringwall.reach.difference import compare, together
from ringwall.reach.differing import Difference
from ringwall.reach.ends import Networks
from ringwall.reach.engine import Engine
from ringwall.reach.exposure import port_texts
from ringwall.reach.gaps import BESIDE_PACKETS
from ringwall.reach.levels import Ids, Outcome
from ringwall.reach.matching import SiteKey, site_key
from ringwall.reach.relations import Board

_PARENTS = ("GroupId", "NetworkAclId", "RouteTableId")
FILTERS = frozenset(
    {
        "AWS::EC2::SecurityGroupIngress",
        "AWS::EC2::SecurityGroupEgress",
        "AWS::EC2::NetworkAclEntry",
    }
)
TRANSIT_TABLE = "AWS::EC2::TransitGatewayRouteTable"


@dataclass(frozen=True, slots=True)
class Opening:
    """What a step of the way lets through that is meant neither before nor after."""

    step: Step
    source: str
    destination: str
    ports: tuple[str, ...]

    def __str__(self) -> str:
        what = f"{self.step.action.value} {self.step.type.rsplit('::', 1)[-1]} {self.step.key}"
        ends = f"{self.source} -> {self.destination}"
        return f"step {self.step.number} ({what}) opens {ends} {', '.join(self.ports)}"


@dataclass(frozen=True, slots=True)
class Passage:
    """The networks at both ends of a plan, cut alike, and how it goes from one to the other."""

    plan: Plan
    before: Board
    after: Board
    start: ResourceGraph
    desired: ResourceGraph

    def difference(self) -> Difference:
        """Return what becomes possible and impossible by the plan."""
        return compare(self.before, self.after)


def passage(
    plan: Plan,
    desired: ResourceGraph,
    observed: ResourceGraph,
    networks: Networks | None = None,
    effects: Iterable[Effect] = (),
) -> Passage:
    """Return the passage of a plan that was made of these two graphs, and the same effects."""
    wanted, there = align(desired, observed)
    there = Responses(tuple(effects), wanted, there).lifted()
    start = _ours(there, plan.deployment)
    switches = [node for node in there if node.type in _SWITCHES]
    others = [*switches, *_responders(there, plan), *standing(there, plan.deployment)]
    left = _left(others, start, wanted)
    after = replace(wanted.with_nodes(left), unknowns=(*wanted.unknowns, *there.unknowns))
    first, second = together(start, after, (networks, networks))
    return Passage(plan, Board(first), Board(second), start, wanted)


# Switches of the whole account, which hold whoever made them.
_SWITCHES = frozenset(
    {"AWS::EC2::VPCBlockPublicAccessOptions", "AWS::EC2::VPCBlockPublicAccessExclusion"}
)


def _ours(there: ResourceGraph, deployment: str) -> ResourceGraph:
    """Return what is ours, the responder's, AWS's in it, and strangers inside of it."""
    whose = owners(there, deployment)
    strangers = {(node.type, node.key) for node in standing(there, deployment)}
    kept = [
        node
        for node in there
        if whose[node.type, node.key] in {Owner.OURS, Owner.RESPONDER, Owner.AWS}
        or node.type in _SWITCHES
        or (node.type, node.key) in strangers
    ]
    return ResourceGraph.of(map(_promising, kept), there.unknowns)


def _responders(there: ResourceGraph, plan: Plan) -> list[Node]:
    """Return what a plan leaves alone by the responder's right: what nobody accounts for.

    What it stands in may be made anew: then it is gone.
    """
    whose = owners(there, plan.deployment)
    return [
        node
        for node in there
        if whose[node.type, node.key] is Owner.RESPONDER and not goes(node, gone(plan))
    ]


def _promising(node: Node) -> Node:
    """Leave out what a table reported of propagated routes: on the way propagations decide."""
    if node.type != TRANSIT_TABLE or "PropagatedRoutes" not in node.observed:
        return node
    observed = {name: v for name, v in node.observed.items() if name != "PropagatedRoutes"}
    return replace(node, observed=observed)


def _left(others: list[Node], start: ResourceGraph, wanted: ResourceGraph) -> list[Node]:
    """Return what of others is left by a plan: not so what stood in something that goes."""
    known = wanted.nodes.keys() | {(node.type, node.key) for node in others}
    return [
        node
        for node in others
        if (node.type, node.key) not in wanted.nodes
        and all((r.type, r.key) in known or r not in start for r in references(node.properties))
    ]


def states(found: Passage) -> Iterator[tuple[Step, ResourceGraph]]:
    """Yield the graph after each step that makes calls, as AWS would hold it."""
    graph = found.start
    for step in found.plan.steps:
        if not step.calls:
            continue
        address = (step.type, step.key)
        if step.action is Action.DELETE:
            graph = graph.without([address, *_dying(graph, address)])
        elif address in found.desired:
            known = graph.get(address)
            node = found.desired[address]
            physical_id = known.physical_id if known else f"new-{step.number}"
            graph = graph.with_nodes([replace(node, physical_id=physical_id)])
        yield step, graph


def _dying(graph: ResourceGraph, address: Address) -> list[Address]:
    """Return what goes with a group, an ACL or a table: its rules, entries, routes and uses."""
    gone = Ref(*address)
    return [
        (node.type, node.key)
        for node in graph
        if gone
        in (node.properties.get(name) for name in ("GroupId", "NetworkAclId", "RouteTableId"))
    ]


def openings(found: Passage) -> Iterator[Opening]:
    """Yield what the way allows that neither end of it allows; nothing if it is safe."""
    held = _held(found.before.engine)
    if not held:
        return
    ends = (found.before.engine.network, found.after.engine.network)
    meant = {version: _arrivals(found, version) for version in held}
    within = _within(found.plan)
    for step, graph in states(found):
        if step.number in within:
            continue
        engine = Engine(graph, None, beside=ends, like=found.before.engine)
        yield from _opened(engine, step, meant)


def _within(plan: Plan) -> set[int]:
    """Return the steps after which nothing arrives but what a state that is looked at lets arrive.

    One that closes a filter leaves less than the state before it; of those that end a plan and open
    filters, each leaves less than the network after it.
    """
    steps = [step for step in plan.steps if step.calls]
    beside = {step.number for step in steps if step.type.startswith(BESIDE_PACKETS)}
    closing = {s.number for s in steps if s.type in FILTERS and s.exposure is Exposure.CLOSES}
    opening = set()
    for step in reversed(steps):
        opens = step.type in FILTERS and step.exposure is Exposure.OPENS
        if not opens and step.number not in beside:
            break
        opening.add(step.number)
    return beside | closing | opening


Arrivals = dict[tuple[SiteKey, SiteKey], int]


def _held(engine: Engine) -> list[int]:
    """Return the families that the network before has ends of."""
    board = Board(engine)
    return [version for version in FAMILIES if version in board.planes]


def _arrivals(found: Passage, version: int) -> Arrivals:
    """Return, for each pair of ends before, what arrives before or after: a level vector."""
    levels = found.before.engine.filters.levels
    meant: Arrivals = {}
    for board in (found.before, found.after):
        plane = board.planes.get(version)
        if plane is None:
            continue
        keys = [site_key(site) for site in plane.sites]
        for number, key in enumerate(keys):
            row: Ids = plane.row(number).forward
            for other, level in zip(keys, row.tolist(), strict=True):
                known = meant.get((key, other))
                if board is found.before or known is not None:
                    meant[key, other] = level if known is None else levels.join(known, level)
    return meant


def _opened(engine: Engine, step: Step, meant: dict[int, Arrivals]) -> Iterator[Opening]:
    levels = engine.filters.levels
    board = Board(engine)
    for version, pairs in meant.items():
        plane = board.planes.get(version)
        if plane is None:
            continue
        keys = [site_key(site) for site in plane.sites]
        for number, key in enumerate(keys):
            row = plane.row(number).forward.tolist()
            for other, (there, level) in enumerate(zip(keys, row, strict=True)):
                known = pairs.get((key, there))
                if known is None or known == level:
                    continue
                passes = levels.row(level) == Outcome.PASS
                fresh = passes & (levels.row(known) != Outcome.PASS)
                if fresh.any():
                    classes = engine.filters.packets.classes
                    asked = {i: classes[i].ports for i in np.flatnonzero(fresh).tolist()}
                    texts = tuple(port_texts(engine, asked))
                    yield Opening(step, plane.names[number][0], plane.names[other][0], texts)
