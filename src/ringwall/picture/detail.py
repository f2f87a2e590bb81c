"""A scene of a few VPCs → columns side by side, with every flow."""

from collections.abc import Sequence

from ringwall.picture import bars
from ringwall.picture.columns import (
    MARGIN,
    PILL,
    SPACE,
    TIER_HEAD,
    Column,
    Line,
    Placed,
    TierPlace,
    columns,
    edge,
    leaves_right,
    place,
)
from ringwall.picture.content import BOX, MARK, PAD, ROW, Entry
from ringwall.picture.gutters import elbow, tip
from ringwall.picture.page import EDGE, LEAST_WIDTH, foot, head, head_height, mark
from ringwall.picture.scene import LaneKind, Scene
from ringwall.picture.svg import Canvas, enough, number, wrapped

LABELS = 118  # the column of the lanes' names
BETWEEN = 18  # VPCs
LANES = {
    LaneKind.PUBLIC: "a route to an internet gateway",
    LaneKind.PRIVATE: "a default route out, none in",
    LaneKind.ISOLATED: "no default route",
    LaneKind.ATTACHMENT: "for the Transit Gateway alone",
    LaneKind.UNCLEAR: "the routes do not say",
}
KEY = (
    (
        "A line is traffic that may pass inside of a VPC or from outside; it ends at the row with "
        "its ports, unless more than ten groups have the same. Rows and chips are read from the "
        "group in whose box they stand."
    ),
    (
        "→ leaves for another VPC or the outside, ← comes from another VPC. Ports are those of the "
        "first packet; replies pass unless it says `one way`."
    ),
    (
        "(in part): not between all placements or addresses; (some clients): replies reach only "
        "some client ports; dashes and (unknown): not proven either way."
    ),
    "A number in red stands for an expectation that does not hold, explained above.",
)


def detail(canvas: Canvas, scene: Scene) -> tuple[float, float]:
    """Draw the scene; return the width and the height of it."""
    found = columns(scene)
    lanes = [kind for kind in LaneKind if any(column.height_of(kind) for column in found)]
    head_y = head_height(scene)
    outer_y = head_y + max((column.head_height for column in found), default=0) + SPACE
    outer = max((column.outer_height for column in found), default=0)
    y = outer_y + (outer + 2 * SPACE if outer else 0)
    lane_y: dict[LaneKind, float] = {}
    heights: dict[LaneKind, float] = {}
    for kind in lanes:
        lane_y[kind] = y + SPACE
        heights[kind] = max(column.height_of(kind) for column in found)
        y += heights[kind] + 2 * SPACE
    end = y + SPACE / 2
    x = float(EDGE + LABELS)
    for column in found:
        place(column, x, lane_y, outer_y)
        x += column.width + BETWEEN
    right = x - BETWEEN + EDGE / 2
    width = max(float(LEAST_WIDTH), right + EDGE / 2)
    if outer:
        _lane(canvas, "from outside", "", (outer_y - SPACE / 2, outer + SPACE), right)
    for kind in lanes:
        span = (lane_y[kind] - SPACE / 2, heights[kind] + SPACE)
        _lane(canvas, kind.value, LANES[kind], span, right)
    for column in found:
        canvas.rect(column.x, head_y, column.width, end - head_y, "vpc", round_by=8)
        _column(canvas, scene, column, head_y)
    for column in found:
        for line in column.lines:
            _line(canvas, scene, column, line)
    head(canvas, scene, width)
    bottom = bars.draw(canvas, scene, found, end, width)
    return width, foot(canvas, scene, bottom, width, KEY)


def _lane(canvas: Canvas, name: str, why: str, span: tuple[float, float], right: float) -> None:
    y, height = span
    canvas.rect(EDGE / 2, y, right - EDGE / 2, height, "lane", round_by=4)
    canvas.text(EDGE, y + 20, name, "h3", limit=LABELS - 12)
    for n, line in enumerate(wrapped(why, "s", LABELS - 16, 3) if height > 60 else ()):
        canvas.text(EDGE, y + 36 + n * 14, line, "s soft", limit=LABELS - 12)


def _column(canvas: Canvas, scene: Scene, column: Column, y: float) -> None:
    vpc, x, space = column.vpc, column.x + MARGIN, column.width - 2 * MARGIN
    picked = vpc.key in scene.selected
    detail_of = "; ".join(f"{badge.text}: {badge.detail}" for badge in vpc.badges if badge.detail)
    with canvas.group(title="; ".join(each for each in (detail_of, *vpc.gaps) if each)):
        kind = "h2 pick" if picked else "h2"
        canvas.text(x, y + 20, f"▸ {vpc.name}" if picked else vpc.name, kind, limit=space)
        for n, line in enumerate(column.head, 1):
            style = {"!": "s bad", "?": "s doubt"}.get(line[:1], "s soft")
            canvas.text(x, y + 22 + n * ROW, line, style, limit=space)
    below = y + 26 + len(column.head) * ROW + 6
    for entry in column.chips:
        _chip(canvas, entry, x, below, BOX)
        below += entry.height
    for pill in column.outer:
        touched = any(scene.touches(line.flow) for line in column.lines if line.source is pill)
        dim = " dim" if scene.selected and not touched else ""
        with canvas.group(f"pill{dim}"):
            canvas.rect(pill.x, pill.y, BOX, PILL, "outer chip net", round_by=11)
            name = pill.end.name
            canvas.text(pill.x + 12, pill.y + 15, name, "h3 net", limit=BOX - 24)
    for tiers in column.lanes.values():
        for tier in tiers:
            _tier(canvas, scene, column, tier)


def _tier(canvas: Canvas, scene: Scene, column: Column, found: TierPlace) -> None:
    tier = found.tier
    first = min((box.x for box in found.boxes), default=_first_x(column))
    with canvas.group(title=tier.why):
        x, width = column.x + 5, column.width - 10
        canvas.rect(x, found.y, width, found.height, f"{tier.kind} tier", round_by=5)
        canvas.text(first, found.y + 15, tier.name, "h3", limit=BOX)
        cidrs = next(iter(enough("", tier.cidrs, "s", BOX)), "no addresses")
        whole = ", ".join(tier.cidrs)
        title = whole if cidrs not in {whole, "no addresses"} else ""
        canvas.text(first, found.y + 30, cidrs, "s soft", limit=BOX, title=title)
        if not found.boxes:
            y = found.y + TIER_HEAD + 9
            told = f"also {', '.join(tier.also)}" if tier.also else "no groups"
            canvas.text(first, y, told, "s soft", limit=BOX)
    for box in found.boxes:
        _box(canvas, scene, box)


def _first_x(column: Column) -> float:
    places: Sequence[Placed] = [*column.boxes, *column.outer]
    return min((placed.x for placed in places), default=column.x + MARGIN)


def _box(canvas: Canvas, scene: Scene, box: Placed) -> None:
    content = box.content
    assert content is not None
    picked = scene.is_selected(box.end)
    group = content.group
    about = f"{group.key}: {', '.join(group.holds)}" if group.holds else group.key
    with canvas.group(title=about):
        canvas.rect(box.x, box.y, BOX, box.height, "box pick" if picked else "box", round_by=4)
        name = f"▸ {group.name}" if picked else group.name
        kind = "h3 pick" if picked else "h3"
        canvas.text(box.x + PAD, box.y + 17, name, kind, limit=BOX - 2 * PAD)
        for n, line in enumerate(content.about, 1):
            y = box.y + 17 + n * ROW
            canvas.text(box.x + PAD, y, line, "s soft", limit=BOX - 2 * PAD)
    for entry, y in box.rows():
        if entry.is_chip:
            _chip(canvas, entry, box.x + PAD, y, BOX - 2 * PAD)
        else:
            _row(canvas, entry, box.x + PAD, y)


def _colour(entry: Entry) -> str:
    return " ".join(each for each in entry.style.split() if each != "dim")


def _row(canvas: Canvas, entry: Entry, x: float, y: float) -> None:
    dim = "dim" if "dim" in entry.style.split() else ""
    with canvas.group(dim, entry.title):
        for n, line in enumerate(entry.lines):
            kind = f"s {_colour(entry)}".strip()
            canvas.text(x, y + 11 + n * ROW, line, kind, limit=BOX - 2 * PAD)
        _marks(canvas, entry, x + BOX - 2 * PAD, y + 7)


def _chip(canvas: Canvas, entry: Entry, x: float, y: float, width: float) -> None:
    dim = "dim" if "dim" in entry.style.split() else ""
    height = len(entry.lines) * ROW + 3
    with canvas.group(dim, entry.title):
        canvas.rect(x, y, width, height, f"chip {_colour(entry)}".strip(), round_by=7)
        for n, line in enumerate(entry.lines):
            kind = f"s {_colour(entry)}".strip()
            canvas.text(x + PAD, y + 12.5 + n * ROW, line, kind, limit=width - 2 * PAD)
        _marks(canvas, entry, x + width - 2, y + 9)


def _marks(canvas: Canvas, entry: Entry, right: float, y: float) -> None:
    for n, violation in enumerate(entry.violations[:3]):
        mark(canvas, right - 9 - n * MARK, y, violation)


def _line(canvas: Canvas, scene: Scene, column: Column, line: Line) -> None:
    start = (edge(column, line, line.source), line.source.port)
    to_left = leaves_right(column, line, line.target)
    end_x = edge(column, line, line.target)
    style = _colour(line.entry)
    if line.flow.doubt == "missing":
        style = f"{style} missing"
    dim = "dim" if scene.selected and not scene.touches(line.flow) else ""
    told = f"{line.flow.source.name} → {line.flow.target.name}: {line.flow.text}"
    steps = elbow(start, line.track, (end_x, line.y))
    with canvas.group(dim, told):
        canvas.path(steps, "hit")
        canvas.path(steps, f"flow {style}".strip())
        canvas.path(tip(end_x, line.y, to_right=not to_left), f"tip {style}".strip())
        canvas.path(
            f"M{number(start[0] - 2.5)} {number(start[1])}a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0 -5 0z",
            f"tip {style}".strip(),
        )
