"""What joins VPCs → bars below their columns: peerings, then the Transit Gateway's segments."""

from collections.abc import Sequence

from ringwall.picture.columns import Column
from ringwall.picture.page import EDGE
from ringwall.picture.scene import Link, Scene, Segment
from ringwall.picture.svg import Canvas, number, wrapped

LABELS = 104
ROW = 15
PEERING = 30
PAD = 10


def draw(canvas: Canvas, scene: Scene, columns: Sequence[Column], y: float, width: float) -> float:
    """Draw the bars below y; return where they end."""
    found = {column.vpc.key: column for column in columns}
    if scene.links:
        y += 14
        canvas.text(EDGE, y + 16, "peerings", "h3", limit=LABELS)
        for link in scene.links:
            _link(canvas, link, found, y, width)
            y += PEERING
    if scene.segments:
        y = _segments(canvas, scene, columns, y)
    return y


def _link(canvas: Canvas, link: Link, columns: dict[str, Column], y: float, width: float) -> None:
    ends = sorted((columns[key] for key in link.ends if key in columns), key=lambda c: c.x)
    far = [key for key in link.ends if key not in columns]
    if not ends:
        return
    first = ends[0].x + 24
    last = ends[-1].x + 24 if len(ends) > 1 else min(first + 190, width - EDGE)
    style = "flow" if link.state == "active" else "flow doubt"
    told = f"{link.key} {link.state}" + (f", with {far[0]}" if far else "")
    level = y + 22
    with canvas.group(title=told):
        canvas.path(f"M{number(first)} {number(level)}H{number(last)}", style)
        canvas.circle(first, level, 4, "tip")
        canvas.circle(last, level, 4, "tip" if len(ends) > 1 else "tip doubt")
        limit = ends[0].width - 34
        canvas.text(first + 4, level - 8, told, "s soft", limit=limit)


def _segments(canvas: Canvas, scene: Scene, columns: Sequence[Column], y: float) -> float:
    top = y + 22
    blocks = [(segment, _members(segment, columns)) for segment in scene.segments]
    lines = [_lines(segment, members) for segment, members in blocks]
    height = 26 + max((len(each) for each in lines), default=0) * ROW + 4
    gateways = dict.fromkeys(segment.gateway for segment in scene.segments if segment.gateway)
    canvas.text(EDGE, top + 18, "Transit Gateway", "h3", limit=LABELS)
    names = wrapped(", ".join(gateways), "s", LABELS, 2)
    for n, line in enumerate(names, 1):
        canvas.text(EDGE, top + 18 + n * ROW, line, "s soft", limit=LABELS)
    for (segment, members), told in zip(blocks, lines, strict=True):
        if not members:
            continue
        left, right = _span(members)
        for column in members:
            middle = column.x + column.width / 2
            canvas.path(f"M{number(middle)} {number(y)}V{number(top)}", "flow")
        picked = " pick" if segment.key in scene.selected else ""
        with canvas.group(title=f"segment {segment.name}; " + "; ".join(told)):
            canvas.rect(left, top, right - left, height, f"some{picked}", round_by=6)
            space = right - left - 2 * PAD
            canvas.text(left + PAD, top + 18, segment.name, "h2", limit=space)
            for n, line in enumerate(told, 1):
                canvas.text(left + PAD, top + 20 + n * ROW, line, "s", limit=space)
    loose = [column for column in columns if not column.vpc.segment]
    for column in loose:
        canvas.text(
            column.x + PAD, top + 18, "not in a segment", "s soft", limit=column.width - 2 * PAD
        )
    return top + max(height, 40)


def _members(segment: Segment, columns: Sequence[Column]) -> list[Column]:
    return [column for column in columns if column.vpc.segment == segment.key]


def _span(members: Sequence[Column]) -> tuple[float, float]:
    return members[0].x, members[-1].x + members[-1].width


def _lines(segment: Segment, members: Sequence[Column]) -> tuple[str, ...]:
    if not members:
        return ()
    left, right = _span(members)
    space = right - left - 2 * PAD
    routes = ", ".join(segment.routes_to)
    told = f"routes to {routes}" if routes else "routes to no other VPC"
    others = f"also attached: {', '.join(segment.others)}" if segment.others else ""
    return (
        *wrapped(told, "s", space, 3),
        *(wrapped(others, "s", space, 3) if others else ()),
    )
