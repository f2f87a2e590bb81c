"""A scene of many VPCs → a matrix of who reaches whom, and a card for each bunch of them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ringwall.picture.page import (
    EDGE,
    LEAST_WIDTH,
    foot,
    head,
    head_height,
    listing,
    mark,
    selection_parties,
)
from ringwall.picture.scene import (
    ANSWERS,
    OUTSIDE,
    Bunch,
    Cell,
    Flow,
    FlowKind,
    Matrix,
    Scene,
    Tier,
    Vpc,
)
from ringwall.picture.svg import Canvas, enough, measure, wrapped

CARD, GAP, PAD = 224, 12, 10
ROW = 15
ACROSS = 6  # cards in a row, more where the matrix is wider
NAMES, CELL_HEIGHT, HEAD = 190, 26, 40  # of the matrix
MOST_INSIDE = 6
MOST_NAMES = 4  # lines of those that are like the one that is drawn
KEY = (
    (
        "The matrix counts groups: how many groups of the column's VPCs are reached from those of "
        "the row, on any port; under the internet and other parties outside, how many get out."
    ),
    (
        "What VPCs of one segment reach of each other stands where a segment meets itself; traffic "
        "inside of a VPC is not counted. · is proven none, ? is not known."
    ),
    (
        "A card is one VPC and those that are like it: same tiers, groups and traffic. Where it "
        "says `other ports` they differ in ports alone."
    ),
    "`--select NAME` draws NAME and what it has traffic with, if that is eight VPCs or fewer.",
)


@dataclass(frozen=True, slots=True)
class Card:
    """The texts of a card with their classes: first lines, then strips of lanes, then the last."""

    vpc: Vpc
    bunch: Bunch
    first: tuple[tuple[str, str], ...]
    strips: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    last: tuple[tuple[str, str], ...]
    numbers: tuple[int, ...]
    touched: bool  # by the selection

    @property
    def height(self) -> float:
        """Return the height of the card."""
        strips = sum(len(lines) * ROW + 8 for _, lines in self.strips)
        return 26 + (len(self.first) + len(self.last)) * ROW + strips + 14


def overview(canvas: Canvas, scene: Scene) -> tuple[float, float]:
    """Draw the scene; return the width and the height of it."""
    assert scene.matrix is not None
    y = head_height(scene)
    y, least = _matrix(canvas, scene.matrix, y)
    vpcs = {vpc.key: vpc for vpc in scene.vpcs}
    flows: dict[str, list[Flow]] = defaultdict(list)
    for flow in scene.flows:
        for key in dict.fromkeys((flow.source.vpc, flow.target.vpc)):
            flows[key].append(flow)
    sections: dict[str, list[Card]] = defaultdict(list)
    for bunch in scene.bunches:
        vpc = vpcs[bunch.vpcs[0]]
        touched = any(scene.touches(flow) for key in bunch.vpcs for flow in flows[key])
        card = _card(vpc, bunch, flows[vpc.key], vpcs)
        sections[vpc.segment].append(replace(card, touched=touched))
    across = max(ACROSS, int((least - 2 * EDGE + GAP) // (CARD + GAP)))
    rows = list(_packed(list(sections.items()), across))
    used = max((sum(len(cards) for _, cards in row) for row in rows), default=0)
    width = max(float(LEAST_WIDTH), least, 2 * EDGE + used * (CARD + GAP) - GAP)
    head(canvas, scene, width)
    if scene.selected:
        title = f"{scene.selection} …"
        y = listing(canvas, title, selection_parties(scene), y, width)
    for row in rows:
        y = _sections(canvas, scene, row, y)
    return width, foot(canvas, scene, y, width, KEY)


Section = tuple[str, list[Card]]


def _packed(sections: list[Section], across: int) -> Iterator[list[Section]]:
    """Put sections side by side as long as their cards fit; a longer one has its rows to itself."""
    row: list[Section] = []
    used = 0
    for segment, cards in sections:
        if row and used + len(cards) > across:
            yield row
            row, used = [], 0
        if len(cards) > across:
            for start in range(0, len(cards), across):
                yield [(segment, cards[start : start + across])]
            continue
        row.append((segment, cards))
        used += len(cards)
    if row:
        yield row


def _matrix(canvas: Canvas, matrix: Matrix, y: float) -> tuple[float, float]:
    """Draw who reaches whom; return where it ends, below and at the right."""
    cell = 92.0
    top, left = y + HEAD + 22, EDGE + NAMES
    canvas.text(EDGE, y + 16, "Who reaches whom", "h2", limit=NAMES)
    canvas.text(EDGE, top - 12, "from ↓, to →", "s soft", limit=NAMES - PAD)
    rows = [n for n, size in enumerate(matrix.sizes) if size != ANSWERS]
    for m, name in enumerate(matrix.names):
        for line, text in enumerate(reversed(wrapped(name, "s", cell - 8, 2))):
            x = left + m * cell + cell / 2
            canvas.text(x, top - 10 - line * 13, text, "s", limit=cell - 8, anchor="middle")
    for n in rows:
        size, row = matrix.sizes[n], top + n * CELL_HEIGHT
        count = f"{size} VPC{'' if size == 1 else 's'}" if size else ""
        room = NAMES - PAD - (measure(count, "s") + 8 if count else 0)
        canvas.text(EDGE, row + 17, matrix.names[n], "h3", limit=room)
        if count:
            canvas.text(left - PAD, row + 17, count, "s soft", limit=80, anchor="end")
        for m, other in enumerate(matrix.sizes):
            if size > OUTSIDE or other > OUTSIDE:
                _cell(canvas, matrix, (n, m), (left + m * cell, row), cell)
    right = left + len(matrix.names) * cell + EDGE
    return top + len(rows) * CELL_HEIGHT + 8, right


def _cell(
    canvas: Canvas,
    matrix: Matrix,
    at: tuple[int, int],
    corner: tuple[float, float],
    width: float,
) -> None:
    found = matrix.cells.get(at, Cell(0))
    (x, y), names = corner, (matrix.names[at[0]], matrix.names[at[1]])
    text = str(found.reached) if found.reached else ("" if found.unknown else "·")
    text = f"{text} ?".strip() if found.unknown else text
    told = "; ".join(found.examples)
    more = found.reached - len(found.examples)
    told += f"; and {more} more" if told and more > 0 else ""
    said = told or ("not known" if found.unknown else "nothing")
    kind = ("some" if found.reached else "none") + (" doubt" if found.unknown else "")
    with canvas.group(title=f"{names[0]} → {names[1]}: {said}"):
        canvas.rect(x + 1, y + 1, width - 2, CELL_HEIGHT - 2, kind, round_by=3)
        style = "p doubt" if found.unknown else ("h3" if found.reached else "p soft")
        canvas.text(x + width / 2, y + 17, text, style, limit=width - 8, anchor="middle")


def _sections(canvas: Canvas, scene: Scene, row: Sequence[Section], y: float) -> float:
    """Draw segments side by side, each with its cards; return where they end."""
    wide = [len(cards) * (CARD + GAP) - GAP for _, cards in row]
    told = [
        wrapped(_routes(scene, segment), "s", width, 2)
        for (segment, _), width in zip(row, wide, strict=True)
    ]
    below = y + 32 + max(map(len, told)) * ROW + 8
    height = max(card.height for _, cards in row for card in cards)
    x = float(EDGE)
    for (segment, cards), width, lines in zip(row, wide, told, strict=True):
        found = next((each for each in scene.segments if each.key == segment), None)
        picked = " pick" if segment and segment in scene.selected else ""
        name = found.name if found else "VPCs of no segment"
        canvas.text(x, y + 30, name, f"h2{picked}", limit=width)
        for n, line in enumerate(lines, 1):
            canvas.text(x, y + 31 + n * ROW, line, "s soft", limit=width)
        for card in cards:
            _draw_card(canvas, scene, card, (x, below), height)
            x += CARD + GAP
    return below + height


def _routes(scene: Scene, key: str) -> str:
    count = sum(len(bunch.vpcs) for bunch in scene.bunches if _segment(scene, bunch.vpcs[0]) == key)
    told = f"{count} VPC{'' if count == 1 else 's'}"
    found = next((segment for segment in scene.segments if segment.key == key), None)
    if found:
        told += f", routes to {', '.join(found.routes_to) or 'no other VPC'}"
        told += f", also attached: {', '.join(found.others)}" if found.others else ""
    return told


def _segment(scene: Scene, key: str) -> str:
    return next(vpc.segment for vpc in scene.vpcs if vpc.key == key)


def _draw_card(
    canvas: Canvas, scene: Scene, card: Card, corner: tuple[float, float], height: float
) -> None:
    (x, y), space = corner, CARD - 2 * PAD
    picked = any(group.key in scene.selected for group in card.vpc.groups)
    picked = picked or card.vpc.key in scene.selected
    dim = "dim" if scene.selected and not (picked or card.touched) else ""
    with canvas.group(dim, ", ".join(card.bunch.vpcs)):
        canvas.rect(x, y, CARD, height, "vpc pick" if picked else "vpc", round_by=7)
        name = f"▸ {card.vpc.name}" if picked else card.vpc.name
        room = space - 22 * min(len(card.numbers), 3)
        canvas.text(x + PAD, y + 20, name, "h2 pick" if picked else "h2", limit=room)
        for n, number in enumerate(card.numbers[:3]):
            mark(canvas, x + CARD - PAD - 8 - n * 22, y + 15, number)
        y += 22
        for text, kind in card.first:
            y += ROW
            canvas.text(x + PAD, y, text, kind, limit=space)
        y += 8
        for lane, lines in card.strips:
            canvas.rect(x + 5, y, CARD - 10, len(lines) * ROW + 4, f"{lane} tier", round_by=3)
            for n, (text, kind) in enumerate(lines):
                canvas.text(x + PAD, y + 13 + n * ROW, text, kind, limit=space)
            y += len(lines) * ROW + 8
        for text, kind in card.last:
            y += ROW
            canvas.text(x + PAD, y - 2, text, kind, limit=space)


def _card(vpc: Vpc, bunch: Bunch, flows: Sequence[Flow], vpcs: Mapping[str, Vpc]) -> Card:
    space = CARD - 2 * PAD
    numbers = tuple(sorted({n for flow in flows for n in flow.violations}))
    strips = tuple(
        (
            tier.kind.value,
            tuple(
                (line, "s")
                for line in wrapped(
                    f"{tier.name}: {_groups(tier)}",
                    "s",
                    space,
                    3,
                )
            ),
        )
        for tier in vpc.tiers
    )
    first = tuple(_first(vpc, bunch, vpcs, space))
    return Card(vpc, bunch, first, strips, tuple(_last(flows, space)), numbers, False)


def _groups(tier: Tier) -> str:
    names = [*(group.name for group in tier.groups), *tier.also]
    return ", ".join(names) or "no groups"


def _first(
    vpc: Vpc, bunch: Bunch, vpcs: Mapping[str, Vpc], space: float
) -> Iterator[tuple[str, str]]:
    others = [vpcs[key].name for key in bunch.vpcs[1:]]
    yield from ((t, "s soft") for t in wrapped(", ".join(vpc.cidrs) or "-", "s", space, 1))
    if others:
        but = ", other ports" if bunch.ports_differ else ""
        text = f"and {len(others)} like it{but}: "
        yield from ((line, "s") for line in enough(text, others, "s", space, MOST_NAMES))
    for badge in vpc.badges:
        if badge.wrong:
            yield from ((t, "s bad") for t in wrapped(f"! {badge.text}", "s", space, 2))
    if vpc.gaps:
        what = "thing" if len(vpc.gaps) == 1 else "things"
        text = f"? {len(vpc.gaps)} {what} not modelled"
        yield from ((t, "s doubt") for t in wrapped(text, "s", space, 1))


def _last(flows: Sequence[Flow], space: float) -> Iterator[tuple[str, str]]:
    """Yield what comes in from outside, port by port, and who gets out."""
    into: dict[tuple[str, str], list[str]] = defaultdict(list)
    out: dict[str, dict[str, None]] = defaultdict(dict)
    for flow in flows:
        if flow.kind not in {FlowKind.INTERNET, FlowKind.OUTSIDE} or flow.doubt == "missing":
            continue
        if flow.target.group:
            name = flow.target.name.split("/", 1)[-1]
            into[flow.source.name, flow.text].append(name)
        elif flow.source.group:
            out[flow.target.name][flow.source.name.split("/", 1)[-1]] = None
    inside = [flow for flow in flows if flow.kind is FlowKind.INSIDE and flow.doubt != "missing"]
    for flow in inside[:MOST_INSIDE]:
        names = [end.name.split("/", 1)[-1] for end in (flow.source, flow.target)]
        told = f"{names[0]} → {names[1]}: {flow.text}"
        yield from ((line, "s") for line in wrapped(told, "s", space, 2))
    if len(inside) > MOST_INSIDE:
        yield f"and {len(inside) - MOST_INSIDE} more inside", "s soft"
    for (source, text), names in into.items():
        told = f"{source} → {', '.join(names)}: {text}"
        yield from ((line, "s net") for line in wrapped(told, "s", space, 2))
    for target, sources in out.items():
        told = f"{', '.join(sources)} → {target}"
        yield from ((line, "s net") for line in wrapped(told, "s", space, 2))
