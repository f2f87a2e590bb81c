"""Flows of a group → the lines of text in its box: who comes in by a line, and the chips.

Rules:
- A flow from inside of the VPC, or from the outside, is a row with a line that ends at it.
- A flow that leaves the VPC, or comes from another, is a chip; flows with the same ports are one.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ringwall.picture.scene import End, Flow, FlowKind, Group, Scene
from ringwall.picture.svg import wrapped

MOST_SOURCES = 10  # of one row; from more no lines are drawn
BOX = 212  # width of a box
PAD = 8
ROW, HEAD = 15, 20  # heights of a line of text, and of a box's name
MARK = 20  # what a violation's number takes
MOST_LINES = 4  # of a row or a chip; its title says all


@dataclass(frozen=True, slots=True)
class Entry:
    """A row or a chip: its lines, and the flows that it tells."""

    lines: tuple[str, ...]
    flows: tuple[Flow, ...]
    style: str  # classes, "" for an ordinary one
    is_chip: bool

    @property
    def height(self) -> float:
        """Return its height with the space below it."""
        return len(self.lines) * ROW + (7 if self.is_chip else 2)

    @property
    def has_lines(self) -> bool:
        """Tell whether lines end at it."""
        return not self.is_chip and len(self.flows) <= MOST_SOURCES

    @property
    def violations(self) -> tuple[int, ...]:
        """Return the numbers that stand beside it."""
        return tuple(dict.fromkeys(n for flow in self.flows for n in flow.violations))

    @property
    def title(self) -> str:
        """Return all of its flows in words."""
        shown = [f"{f.source.name} → {f.target.name}: {f.text}" for f in self.flows[:40]]
        more = len(self.flows) - len(shown)
        return "; ".join(shown) + (f"; and {more} more" if more else "")


@dataclass(frozen=True, slots=True)
class Content:
    """A box: its group, muted lines about it, rows and chips."""

    group: Group
    about: tuple[str, ...]
    entries: tuple[Entry, ...]

    @property
    def height(self) -> float:
        """Return the height of the box."""
        rows = sum(entry.height for entry in self.entries)
        return HEAD + len(self.about) * ROW + rows + PAD


class Contents:
    """What stands in the boxes of a scene."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._into: dict[End, list[Flow]] = defaultdict(list)
        self._out: dict[End, list[Flow]] = defaultdict(list)
        for flow in scene.flows:
            self._into[flow.target].append(flow)
            self._out[flow.source].append(flow)
        ends = {*self._into, *self._out}
        self._end = {(end.vpc, end.group): end for end in ends}

    def of(self, vpc: str, group: Group) -> Content:
        """Return what stands in the box of a group; of a VPC itself where its key is ""."""
        end = self._end.get((vpc, group.key))
        into = self._into[end] if end is not None else []
        out = self._out[end] if end is not None else []
        entries = [
            *self._rows(flow for flow in into if is_line(flow)),
            *self._chips((f for f in into if not is_line(f) and not is_vague(f)), incoming=True),
            *self._chips((f for f in out if f.kind is not FlowKind.INSIDE), incoming=False),
        ]
        if not group.key:
            entries += self._vague(vpc)
        return Content(group, tuple(_about(group)), tuple(entries))

    def _rows(self, flows: Iterable[Flow]) -> list[Entry]:
        """Return rows, those who come in alike in one."""
        groups: dict[tuple[str, tuple[int, ...], bool], list[Flow]] = defaultdict(list)
        for flow in flows:
            groups[flow.text, flow.violations, bool(flow.source.vpc)].append(flow)
        found = []
        for (text, _, _), members in groups.items():
            names = [
                "itself" if f.source == f.target else f.source.name.removeprefix(_home(f.target))
                for f in members
            ]
            who = ", ".join(names)
            if len(members) > MOST_SOURCES:
                who = (
                    f"{len(members)} groups" if members[0].source.vpc else f"{len(members)} parties"
                )
            told = f"from {who}: {text}"
            found.append(self._entry(told, members, is_chip=False))
        return found

    def _chips(self, flows: Iterable[Flow], *, incoming: bool) -> list[Entry]:
        groups: dict[tuple[str, tuple[int, ...], bool], list[Flow]] = defaultdict(list)
        for flow in flows:
            outer = not flow.source.vpc or not flow.target.vpc
            groups[flow.text, flow.violations, outer].append(flow)
        found = []
        for (text, _, _), members in groups.items():
            peers = [f.source if incoming else f.target for f in members]
            arrow = "←" if incoming else "→"
            found.append(self._entry(f"{arrow} {listed(peers)}: {text}", members, is_chip=True))
        return found

    def _vague(self, vpc: str) -> list[Entry]:
        """Return what may come into a VPC, group by group, and is not known: once for all."""
        groups: dict[tuple[str, frozenset[str]], list[Flow]] = defaultdict(list)
        targets: dict[tuple[End, str], dict[str, Flow]] = defaultdict(dict)
        for end, into in self._into.items():
            for flow in into if end.vpc == vpc else ():
                if is_vague(flow):
                    targets[flow.source, flow.text][flow.target.name] = flow
        for (_, text), by_name in targets.items():
            groups[text, frozenset(by_name)] += by_name.values()
        found = []
        for (text, names), members in groups.items():
            into_what = [name.removeprefix(_home(members[0].target)) for name in sorted(names)]
            sources = listed(flow.source for flow in members)
            told = f"← {sources}, to {', '.join(into_what)}: {text}"
            found.append(self._entry(told, members, is_chip=True))
        return found

    def _entry(self, text: str, flows: Sequence[Flow], *, is_chip: bool) -> Entry:
        space = BOX - 2 * PAD - (2 * PAD if is_chip else 0)
        numbers = dict.fromkeys(n for flow in flows for n in flow.violations)
        space -= MARK * min(len(numbers), 3)
        style = []
        if numbers:
            style.append("bad")
        elif any("unknown" in flow.doubt for flow in flows):
            style.append("doubt")
        elif any(flow.kind in {FlowKind.INTERNET, FlowKind.OUTSIDE} for flow in flows):
            style.append("net")
        if self._scene.selected and not any(self._scene.touches(flow) for flow in flows):
            style.append("dim")
        told = wrapped(text, "s", space, MOST_LINES)
        return Entry(told, tuple(flows), " ".join(style), is_chip)


def is_line(flow: Flow) -> bool:
    """Tell whether a flow is drawn as a line: to a group, from its VPC or from the outside."""
    if not flow.target.group or is_vague(flow):
        return False
    if flow.kind is FlowKind.INSIDE:
        return bool(flow.source.group)
    return not flow.source.vpc


def is_vague(flow: Flow) -> bool:
    """Tell whether a flow from beyond the VPC is not known, and no violation: told of the VPC."""
    return flow.doubt == "unknown" and flow.kind is not FlowKind.INSIDE and not flow.violations


def _home(end: End) -> str:
    """Return the name of the VPC that the name of an end begins with, with the stroke."""
    return end.name[: end.name.find("/") + 1] if end.vpc else ""


def listed(ends: Iterable[End]) -> str:
    """Name ends: `a/x`, or `x, y of a, b` where VPCs have the same groups in it."""
    by_vpc: dict[str, list[str]] = defaultdict(list)
    outer: list[str] = []
    for end in dict.fromkeys(ends):
        vpc, stroke, name = end.name.partition("/")
        if end.vpc and stroke:
            by_vpc[vpc].append(name)
        else:
            outer.append(end.name)
    sets: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for vpc, names in by_vpc.items():
        sets[tuple(names)].append(vpc)
    parts = [
        f"{vpcs[0]}/{names[0]}"
        if len(vpcs) == len(names) == 1
        else f"{', '.join(names)} of {', '.join(vpcs)}"
        for names, vpcs in sets.items()
    ]
    return "; ".join([*parts, *([", ".join(outer)] if outer else [])])


def _about(group: Group) -> Iterable[str]:
    facts = []
    if group.interfaces is not None:
        facts.append(f"{group.interfaces} interface{'' if group.interfaces == 1 else 's'}")
    if group.also:
        facts.append(f"also in {', '.join(group.also)}")
    if group.holds:
        facts.append(", ".join(group.holds))
    return wrapped("; ".join(facts), "s", BOX - 2 * PAD, 2) if facts else ()


def by_vpc(flows: Iterable[Flow]) -> Mapping[str, list[Flow]]:
    """Return the flows that are drawn as lines, by the VPC in which they end."""
    found: dict[str, list[Flow]] = defaultdict(list)
    for flow in flows:
        if is_line(flow):
            found[flow.target.vpc].append(flow)
    return found
