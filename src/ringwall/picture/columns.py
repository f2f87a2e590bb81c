"""VPCs of a scene → columns: where every lane, tier, box and line of them lies.

Rules:
- Heights come first, from text alone; then the tracks of the lines; then the widths.
- A lane begins and ends at the same height in all columns.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ringwall.picture.content import BOX, ROW, Content, Contents, Entry, by_vpc
from ringwall.picture.gutters import EDGE, GAP, Gutter
from ringwall.picture.scene import End, Flow, Group, LaneKind, Scene, Tier, Vpc
from ringwall.picture.svg import wrapped

MARGIN = 10  # inside of a VPC, left and right
TIER_HEAD = 36  # a tier's name and its addresses
EMPTY = 16  # the line that says that a tier has no groups
SPACE = 8  # between boxes
PILL = 22  # height of a party outside
MANY = 5  # groups of a tier that want a second column
SHIFT = 7  # the second column lies lower, so that its lines are not on those of the first


@dataclass(slots=True)
class Placed:
    """A box, or a party outside, with its place; `column` is 0 or 1."""

    end: End
    height: float
    column: int = 0
    content: Content | None = None
    x: float = 0
    y: float = 0

    @property
    def port(self) -> float:
        """Return the height at which its lines leave."""
        return self.y + (PILL / 2 if self.content is None else 13)

    def rows(self) -> Iterator[tuple[Entry, float]]:
        """Yield its rows and chips with the top of each."""
        if self.content is None:
            return
        y = self.y + 20 + len(self.content.about) * ROW + 2
        for entry in self.content.entries:
            yield entry, y
            y += entry.height


@dataclass(slots=True)
class TierPlace:
    """A tier with its boxes."""

    tier: Tier
    boxes: list[Placed]
    y: float = 0
    height: float = 0


@dataclass(slots=True)
class Line:
    """A flow that is drawn as a line, from a place to a row."""

    flow: Flow
    entry: Entry
    source: Placed
    target: Placed
    y: float
    track: float = 0


@dataclass(slots=True)
class Column:
    """A VPC with all that is in it."""

    vpc: Vpc
    lanes: dict[LaneKind, list[TierPlace]]
    outer: list[Placed]
    head: tuple[str, ...]
    chips: tuple[Entry, ...]
    flows: Sequence[Flow]
    two: bool
    x: float = 0
    width: float = 0
    lines: list[Line] = field(default_factory=list)

    @property
    def boxes(self) -> Iterator[Placed]:
        """Yield its boxes, lane by lane."""
        for tiers in self.lanes.values():
            for place in tiers:
                yield from place.boxes

    @property
    def head_height(self) -> float:
        """Return the height of its name, its addresses and what is said of it."""
        chips = sum(entry.height for entry in self.chips)
        return 26 + len(self.head) * ROW + (chips + 6 if self.chips else 0) + 6

    def height_of(self, kind: LaneKind) -> float:
        """Return the height that a lane needs here."""
        places = self.lanes.get(kind, [])
        return sum(place.height + SPACE for place in places)

    @property
    def outer_height(self) -> float:
        """Return the height of the parties outside."""
        return len(self.outer) * (PILL + 4)


def columns(scene: Scene) -> list[Column]:
    """Return the columns of a scene, without their places."""
    contents, lines = Contents(scene), by_vpc(scene.flows)
    return [_column(vpc, contents, lines.get(vpc.key, [])) for vpc in scene.vpcs]


def _column(vpc: Vpc, contents: Contents, flows: Sequence[Flow]) -> Column:
    two = any(len(tier.groups) >= MANY for tier in vpc.tiers)
    lanes: dict[LaneKind, list[TierPlace]] = {}
    for tier in vpc.tiers:
        boxes = [_box(vpc, group, contents) for group in tier.groups]
        place = TierPlace(tier, boxes, height=TIER_HEAD + _stack(boxes, two=two))
        lanes.setdefault(tier.kind, []).append(place)
    parties = dict.fromkeys(flow.source for flow in flows if not flow.source.vpc)
    width = 2 * BOX if two else BOX
    chips = contents.of(vpc.key, Group("", vpc.name)).entries
    return Column(
        vpc,
        lanes,
        [Placed(end, PILL) for end in parties],
        tuple(_head(vpc, width)),
        chips,
        flows,
        two,
    )


def _box(vpc: Vpc, group: Group, contents: Contents) -> Placed:
    content = contents.of(vpc.key, group)
    return Placed(End(group.name, vpc.key, group.key), content.height, content=content)


def _stack(boxes: Sequence[Placed], *, two: bool) -> float:
    """Deal boxes to one or two columns; return the height of the higher one."""
    if not boxes:
        return EMPTY
    heights = [0.0, float(SHIFT)]
    whole = sum(box.height + SPACE for box in boxes)
    for box in boxes:
        box.column = int(two and heights[0] + box.height / 2 > whole / 2)
        box.y = heights[box.column]
        heights[box.column] += box.height + SPACE
    return max(heights[0], heights[1] if any(box.column for box in boxes) else 0)


def _head(vpc: Vpc, width: float) -> Iterator[str]:
    where = " ".join(each for each in (vpc.account, vpc.region) if each)
    yield from wrapped(", ".join(vpc.cidrs) or "no addresses", "s", width, 2)
    if where:
        yield from wrapped(where, "s", width, 1)
    if vpc.key != vpc.name:
        yield from wrapped(vpc.key, "s", width, 1)
    good = [badge.text for badge in vpc.badges if not badge.wrong]
    if good:
        yield from wrapped(", ".join(good), "s", width, 3)
    for badge in vpc.badges:
        if badge.wrong:
            yield from wrapped(f"! {badge.text}", "s", width, 2)
    if vpc.gaps:
        what = "thing" if len(vpc.gaps) == 1 else "things"
        yield from wrapped(f"? {len(vpc.gaps)} {what} not modelled", "s", width, 1)


def place(column: Column, x: float, lane_y: dict[LaneKind, float], outer_y: float) -> None:
    """Give everything in a column its place; lanes begin at the given heights."""
    for number, each in enumerate(column.outer):
        each.y = outer_y + number * (PILL + 4)
    for kind, tiers in column.lanes.items():
        y = lane_y[kind]
        for tier in tiers:
            tier.y = y
            for box in tier.boxes:
                box.y += y + TIER_HEAD
            y += tier.height + SPACE
    column.x = x
    _route(column)


def _route(column: Column) -> None:
    """Find the lines of a column, their tracks, and with them its width."""
    at = {(box.end.vpc, box.end.group): box for box in column.boxes}
    outer = {each.end.name: each for each in column.outer}
    for box in column.boxes:
        for entry, y in box.rows():
            for flow in entry.flows if entry.has_lines else ():
                source = at.get((flow.source.vpc, flow.source.group)) or outer.get(flow.source.name)
                if source is not None and source is not box:
                    column.lines.append(Line(flow, entry, source, box, y + ROW / 2))
    plain = [line for line in column.lines if not line.flow.violations]
    wrong = [line for line in column.lines if line.flow.violations]
    near, far = Gutter(), Gutter()
    trunks: dict[str, list[float]] = {}
    for line in plain:
        trunk = trunks.setdefault(_trunk(line), [line.source.port])
        trunk.append(line.y)
    tracks = near.take((name, min(ys), max(ys)) for name, ys in trunks.items())
    own = far.take(
        (str(n), min(line.source.port, line.y), max(line.source.port, line.y))
        for n, line in enumerate(wrong)
    )
    near_width = max(near.width, 14 if column.two else 0)
    left = column.x + MARGIN
    first = left if column.two else left + near_width
    second = first + BOX + near_width + far.width
    for placed in (*column.boxes, *column.outer):
        placed.x = second if placed.column else first
    for line in plain:
        step = EDGE + tracks[_trunk(line)] * GAP
        line.track = first + BOX + step if column.two else first - step
    beyond = first + BOX + (near_width if column.two else 0)
    for n, line in enumerate(wrong):
        line.track = beyond + EDGE + own[str(n)] * GAP
    end = second + BOX if column.two else first + BOX + far.width
    column.width = end + MARGIN - column.x


def _trunk(line: Line) -> str:
    """Return the name of what the lines of one source share, apart by their looks."""
    return f"{line.source.end.name}\n{line.source.end.group}\n{line.entry.style}"


def leaves_right(column: Column, line: Line, placed: Placed) -> bool:
    """Tell whether a line meets a box at its right edge."""
    if column.two:
        return placed.column == 0
    return bool(line.flow.violations)


def edge(column: Column, line: Line, placed: Placed) -> float:
    """Return where a line meets the edge of a box."""
    return placed.x + (BOX if leaves_right(column, line, placed) else 0)
