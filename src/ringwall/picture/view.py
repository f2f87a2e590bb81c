"""A network, the judgement of its expectations, and a selection → the scene of its map."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ringwall.errors import QuestionError
from ringwall.model.graph import Unknown
from ringwall.picture.alike import bunches
from ringwall.picture.boxes import Boxes
from ringwall.picture.facts import Facts
from ringwall.picture.flows import Flows
from ringwall.picture.matrix import matrix
from ringwall.picture.naming import name_of
from ringwall.picture.reachable import Reachable
from ringwall.picture.scene import INTERNET, Flow, FlowKind, Scene, Vpc
from ringwall.picture.violations import Ends, marked, violations
from ringwall.reach.end import OUTER, End
from ringwall.reach.expectations import Result
from ringwall.reach.relations import Board

MOST_VPCS = 8  # that are drawn side by side, with all their flows


def view(board: Board, title: str, results: Sequence[Result] = (), selection: str = "") -> Scene:
    """Return what the map of a network shows.

    More than eight VPCs are an overview, unless the selection has to do with fewer. Raises
    QuestionError for a selection that means nothing here.
    """
    return _View(board, title, results, selection).scene()


class _View:
    def __init__(self, board: Board, title: str, results: Sequence[Result], selection: str) -> None:
        self.board, self.title, self.results, self.selection = board, title, results, selection
        self.engine = board.engine
        self.boxes = Boxes(board)
        self.facts = Facts(self.engine, self.boxes)
        chosen = _selected(board, selection)
        known = {self.engine.ends.internet.name, self.engine.ends.outside.name}
        known |= {f"aws:{name}" for name in self.engine.network.lists.services}
        extra = [end for end in chosen if end.kind in OUTER and end.name not in known]
        self.reachable = Reachable(board, self.boxes, extra)
        self.flows = Flows(self.reachable, self.facts)
        self.ends = Ends(self.engine, self.flows, self.facts)
        self.selected = self.ends.party([selection]).keys if selection else frozenset[str]()
        self.vpcs = self.facts.vpcs()
        self.violations = tuple(violations(results, self.ends))

    def scene(self) -> Scene:
        """Choose what is drawn."""
        drawn = {vpc.key for vpc in self.vpcs}
        if len(drawn) > MOST_VPCS:
            near = self._near()
            if not near or len(near) > MOST_VPCS:
                return self._overview()
            drawn = near
        return self._detail(drawn)

    def _near(self) -> set[str]:
        """Return the VPCs of the selection, and of those with whom it has traffic."""
        boxes, reachable = self.boxes.all, self.reachable
        near = {box.vpc for box in boxes if box.key in self.selected or box.vpc in self.selected}
        for one, two in zip(reachable.sources.tolist(), reachable.targets.tolist(), strict=True):
            if boxes[one].key in self.selected or boxes[two].key in self.selected:
                near |= {boxes[one].vpc, boxes[two].vpc}
        for table in (reachable.outward, reachable.inward):
            near |= {
                boxes[box].vpc
                for box, outer in table
                if reachable.outer[outer].name in self.selected
            }
        return near

    def _detail(self, drawn: set[str]) -> Scene:
        numbers = [n for n, box in enumerate(self.boxes.all) if box.vpc in drawn]
        inside = set(numbers)
        pairs = [(a, b) for a, b in self._pairs() if a in inside and b in inside]
        vpcs = tuple(vpc for vpc in self.vpcs if vpc.key in drawn)
        left_out = len(self.vpcs) - len(vpcs)
        gaps = self.engine.gaps
        known = "no known traffic" if gaps.unread or gaps.of() or gaps.vpcs else "no traffic"
        note = f"{left_out} further VPCs have {known} with {self.selection} and are not drawn"
        return self._scene(vpcs, self._marked(pairs, numbers), [note] if left_out else [])

    def _overview(self) -> Scene:
        alone = {end.vpc for v in self.violations for end in (v.source, v.target) if end.vpc}
        alone |= {
            box.vpc
            for box in self.boxes.all
            if box.key in self.selected or box.vpc in self.selected
        }
        # A selection or a failing expectation of every VPC sets none of them apart.
        few = frozenset(alone) if len(alone) <= MOST_VPCS else frozenset[str]()
        found = bunches(self.vpcs, self.reachable, self.facts, few)
        drawn = {bunch.vpcs[0] for bunch in found}
        numbers = [n for n, box in enumerate(self.boxes.all) if box.vpc in drawn]
        home = {n: self.boxes.all[n].vpc for n in numbers}
        picked = {n for n, box in enumerate(self.boxes.all) if box.key in self.selected}
        pairs = [
            (a, b)
            for a, b in self._pairs()
            if home.get(a, "") == home.get(b, "-") or a in picked or b in picked
        ]
        outer = {
            box
            for table in (self.reachable.outward, self.reachable.inward)
            for box, number in table
            if self.reachable.outer[number].name in self.selected
        }
        flows = self._marked(pairs, sorted({*numbers, *picked, *outer}))
        return replace(
            self._scene(self.vpcs, flows, []),
            bunches=found,
            matrix=matrix(self.vpcs, found, self.flows, self.facts),
        )

    def _pairs(self) -> dict[tuple[int, int], None]:
        """Return the pairs of boxes between which anything may pass."""
        sources, targets = self.reachable.sources.tolist(), self.reachable.targets.tolist()
        return dict.fromkeys(zip(sources, targets, strict=True))

    def _marked(self, pairs: Iterable[tuple[int, int]], numbers: Iterable[int]) -> list[Flow]:
        failing = [result for result in self.results if not result.ok]
        classes = {
            number: frozenset(
                index
                for version in self.board.planes
                for index in self.engine.filters.packets.of_specs(result.expectation.ports, version)
            )
            for number, result in enumerate(failing, 1)
        }
        found = [*self.flows.inside(pairs), *self.flows.outside(numbers)]
        both = list(zip(self.violations, failing, strict=True))
        return list(marked(found, both, self.ends, classes))

    def _scene(self, vpcs: tuple[Vpc, ...], flows: list[Flow], notes: list[str]) -> Scene:
        keys = {vpc.key for vpc in vpcs}
        links = tuple(link for link in self.facts.links() if keys & set(link.ends))
        gaps = self.engine.gaps
        unread = [f"not read: {unknown}" for unknown in gaps.unread]
        everywhere = [f"not modelled: {unknown}" for unknown in gaps.of()]
        own = [f"not modelled in {vpc.name}: {text}" for vpc in vpcs for text in vpc.gaps]
        return Scene(
            title=self.title,
            vpcs=vpcs,
            segments=tuple(
                segment
                for segment in self.facts.segments()
                if any(vpc.segment == segment.key for vpc in vpcs)
            ),
            links=links,
            flows=tuple(sorted(flows, key=_order)),
            violations=self.violations,
            basis=self._basis(),
            status=self._status(),
            selection=self.selection,
            selected=self.selected | self._blocks(flows),
            notes=(*notes, *self._notes()),
            unknowns=(*unread, *everywhere, *own),
        )

    def _blocks(self, flows: list[Flow]) -> frozenset[str]:
        """Return the blocks of the internet that flows name, where all of it is selected."""
        if INTERNET not in self.selected:
            return frozenset()
        return frozenset(
            end.name
            for flow in flows
            if flow.kind is FlowKind.INTERNET
            for end in (flow.source, flow.target)
            if not end.vpc
        )

    def _basis(self) -> str:
        sites = sum(len(plane) for plane in self.board.planes.values())
        pairs = sum(len(plane) ** 2 for plane in self.board.planes.values())
        return f"{pairs:,} pairs of {sites:,} classes of placements judged, on all ports"

    def _status(self) -> str:
        if not self.results:
            return ""
        held = sum(result.ok for result in self.results)
        return f"{held} of {len(self.results)} expectations hold"

    def _notes(self) -> Iterable[str]:
        network = self.engine.network
        placed = {group for box in self.boxes.all for group in box.groups}
        loose = [
            name
            if (name := name_of(group.node, group.key)) == group.key
            else f"{name} ({group.key})"
            for group in network.groups.values()
            if group.key not in placed and not group.is_default
        ]
        if loose:
            names = ", ".join(loose[:6]) + (f" and {len(loose) - 6} more" if len(loose) > 6 else "")
            count = f"{len(loose)} groups bear" if len(loose) > 1 else "1 group bears"
            yield f"{count} no interface and are not drawn: {names}".replace(
                "bears no interface and are", "bears no interface and is"
            )


def _selected(board: Board, selection: str) -> tuple[End, ...]:
    if not selection:
        return ()
    found = board.engine.ends.named(selection)
    if isinstance(found, Unknown):
        msg = f"cannot select '{selection}': {found.why}"
        raise QuestionError(msg, hint="names are those of `ringwall explain`")
    return found


def _order(flow: Flow) -> tuple[object, ...]:
    return (
        flow.source.vpc,
        flow.source.group,
        flow.source.name,
        flow.target.vpc,
        flow.target.group,
        flow.target.name,
        flow.doubt,
        flow.ports,
    )
