"""A timeline and findings → the time chart: an SVG element for a page.

Rules:
- Each series has a panel and a scale of its own, so that a few rejected records beside millions
  that are accepted are seen; beside it stands what its highest column is.
- Where there are no logs a panel is hatched: nothing there is not zero.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from ringwall.picture.report.choosing import Group
from ringwall.picture.report.facts import Loss, Series, Timeline
from ringwall.picture.report.html import Html
from ringwall.picture.report.marks import Mark, Row, rows
from ringwall.picture.report.words import amount, count, lasting, moment, short, span
from ringwall.picture.svg import Canvas, escape, number

WIDTH: Final = 1072.0
LABELS: Final = 184.0  # width of what stands beside the plots
LEFT: Final = 236.0  # of the plots
RIGHT: Final = 12.0
SPACE: Final = WIDTH - LEFT - RIGHT
PLOT: Final = 58.0  # height of a panel's columns
ABOVE: Final = 16.0  # a panel
LANE: Final = 20.0
AXIS: Final = 40.0
DAY: Final = 86400
MOST_TICKS: Final = 12
MOST_ROWS: Final = 16  # of marks
SHADED: Final = 0.999  # of a column without logs: hatched
_TICKS: Final = (300, 900, 1800, 3600, 7200, 10800, 21600, 43200, DAY)
_HATCHES: Final = (
    '<defs><pattern id="hatched" width="6" height="6" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><rect class="hatch" width="6" height="6"/>'
    '<path class="line" d="M0 0V6"/></pattern>'
    '<pattern id="missing" width="7" height="7" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(-45)"><path class="gapline" d="M0 0V7"/></pattern></defs>'
)


class _Chart(Canvas):
    """A canvas whose shapes lead somewhere, over a stretch of time."""

    def __init__(self, timeline: Timeline) -> None:
        super().__init__()
        self._start, self._length = timeline.start, max(timeline.end - timeline.start, 1)

    def x(self, second: int) -> float:
        """Return where a second is, or the edge beyond which it lies."""
        return LEFT + min(max((second - self._start) / self._length, 0.0), 1.0) * SPACE

    @contextmanager
    def link(self, target: str, label: str) -> Iterator[None]:
        """Let what follows lead to a place of the page."""
        self._parts.append(f'<a href="#{escape(target)}" aria-label="{escape(label)}">')
        yield
        self._parts.append("</a>")


def chart(
    timeline: Timeline, chosen: Sequence[Group], names: Mapping[str, str], losses: Sequence[Loss]
) -> Html:
    """Draw the chart; the mark of finding N leads to `#finding-N`, `names` are of detections."""
    canvas = _Chart(timeline)
    marked = rows(chosen[:MOST_ROWS], (timeline.start, timeline.end), (LEFT, SPACE))
    bottom = 0.0
    for row in marked:
        bottom = _marks(canvas, row, names.get(row.group.detection, ""), bottom)
    if len(chosen) > MOST_ROWS:
        text = f"and {len(chosen) - MOST_ROWS} rows more, without room here"
        canvas.text(LEFT, bottom + 14, text, "s soft", limit=SPACE)
        bottom += LANE
    bottom = _losses(canvas, losses, bottom)
    for series in timeline.series:
        bottom = _panel(canvas, timeline, series, bottom)
    _axis(canvas, timeline, bottom)
    about = f"Time chart from {moment(timeline.start)} to {moment(timeline.end)} UTC"
    size = f"0 0 {number(WIDTH)} {number(bottom + AXIS)}"
    label = escape(f"{about}; the same as a table stands below it")
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{size}" role="group"'
    return Html(f'{head} aria-label="{label}">\n{_HATCHES}\n{canvas}\n</svg>')


def _marks(canvas: _Chart, row: Row, name: str, y: float) -> float:
    severity = row.group.severity.word
    canvas.text(0, y + 14, f"{severity}  {name}", "h3", limit=LABELS + 40)
    for mark in row.marks:
        _mark(canvas, mark, y + mark.lane * LANE)
    lanes = row.lanes
    low = y + lanes * LANE + 4
    if row.others:
        canvas.text(0, y + 30, f"{count(len(row.others))} more as a line", "s soft", limit=LABELS)
        low = y + max(lanes, 2) * LANE + 10
        times = [(each.first, each.last) for each in row.others]
        _line(canvas, times, low - 8, f"other {severity}", "findings without a mark of their own")
    canvas.path(f"M0 {number(low - 2)}H{number(WIDTH - RIGHT)}", "grid")
    return low


def _mark(canvas: _Chart, mark: Mark, y: float) -> None:
    severity = mark.found.severity.word
    text = f"finding {mark.number}, {severity}: {mark.found.text[:200]}"
    with (
        canvas.link(f"finding-{mark.number}", text),
        canvas.group(title=f"{text}; {span(mark.found.first, mark.found.last)}"),
    ):
        canvas.rect(mark.left, y + 1, mark.width, LANE - 4, f"mark {severity}", round_by=3)
        kind = "n onbad" if severity in {"critical", "high"} else "n"
        middle = mark.left + mark.width / 2
        canvas.text(middle, y + 12.5, str(mark.number), kind, limit=mark.width, anchor="middle")


def _losses(canvas: _Chart, losses: Sequence[Loss], y: float) -> float:
    """Draw from when to when AWS lost records of any interface."""
    if not losses:
        return y
    canvas.text(0, y + 14, "records lost (SKIPDATA)", "h3", limit=LABELS + 40)
    told = "from the first to the last window of which AWS lost records"
    _line(canvas, [(each.first, each.last) for each in losses], y + 10, "lost", told)
    return y + LANE + 4


def _line(
    canvas: _Chart, times: Sequence[tuple[int, int]], y: float, kind: str, title: str
) -> None:
    """Draw when something was, what meets as one."""
    spans: list[tuple[float, float]] = []
    for left, right in sorted((canvas.x(first), canvas.x(last)) for first, last in times):
        if spans and left <= spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], max(spans[-1][1], right))
        else:
            spans.append((left, max(right, left + 6)))
    with canvas.group(title=title):
        for left, right in spans:
            canvas.path(f"M{number(left)} {number(y)}H{number(right)}", kind)


def _panel(canvas: _Chart, timeline: Timeline, series: Series, y: float) -> float:
    most = max(series.values, default=0)
    high, low = y + ABOVE, y + ABOVE + PLOT
    canvas.text(0, high + 10, series.title, "h3", limit=LABELS)
    told = f"at most {amount(most, series.unit)}" if most else "none"
    canvas.text(0, high + 27, told, "s soft", limit=LABELS)
    if most:
        canvas.text(0, high + 42, f"in {_article(timeline.step)}", "s soft", limit=LABELS)
    for second in _ticks(timeline):
        canvas.path(f"M{number(canvas.x(second))} {number(high)}V{number(low)}", "grid")
    _gaps(canvas, timeline, series, low)
    canvas.path(f"M{number(LEFT)} {number(low)}H{number(WIDTH - RIGHT)}", "axis")
    if most:
        scale = amount(most, "bytes") if series.unit == "bytes" else short(most)
        canvas.text(LEFT - 6, high + 8, scale, "s soft", limit=LEFT - LABELS, anchor="end")
    canvas.text(LEFT - 6, low, "0", "s soft", limit=LEFT - LABELS, anchor="end")
    kind = "rejected" if series.rejected else "accepted"
    for n, value in enumerate(series.values):
        if value:
            start, end = timeline.at(n), timeline.at(n + 1)
            left, right = canvas.x(start), canvas.x(end)
            wide = max(right - left - (1 if right - left > 3 else 0), 1.0)
            tall = max(PLOT * value / most, 1.0)
            with canvas.group(title=f"{span(start, end)}: {amount(value, series.unit)}"):
                canvas.rect(left, low - tall, wide, tall, kind)
    return low


def _article(step: int) -> str:
    length = lasting(step)
    if length[0].isdigit():
        return length
    return f"an {length}" if length == "hour" else f"a {length}"


def _gaps(canvas: _Chart, timeline: Timeline, series: Series, low: float) -> None:
    """Hatch the columns of a panel without logs, and say so where there is room."""
    for start, end in _without(timeline, series):
        left, right = canvas.x(start), canvas.x(end)
        with canvas.group(title=f"no logs, {span(start, end)}"):
            canvas.rect(left, low - PLOT, right - left, PLOT, "gap")
            if right - left > 54:
                middle = (left + right) / 2
                canvas.rect(middle - 25, low - 22, 50, 16, "paper", round_by=3)
                canvas.text(middle, low - 10, "no logs", "s", limit=50, anchor="middle")


def _without(timeline: Timeline, series: Series) -> Iterator[tuple[int, int]]:
    """Yield the times of columns without logs, those that touch as one."""
    start: int | None = None
    for n, missing in enumerate((*series.missing, 0.0)):
        if missing >= SHADED and start is None:
            start = n
        elif missing < SHADED and start is not None:
            yield timeline.at(start), timeline.at(n)
            start = None


def _ticks(timeline: Timeline) -> range:
    step = _tick(timeline)
    return range(-(-timeline.start // step) * step, timeline.end + 1, step)


def _axis(canvas: _Chart, timeline: Timeline, bottom: float) -> None:
    ticks = _ticks(timeline)
    room = SPACE / max((timeline.end - timeline.start) / ticks.step, 1)
    day = ""
    for second in ticks:
        x = canvas.x(second)
        canvas.path(f"M{number(x)} {number(bottom)}V{number(bottom + 4)}", "axis")
        if ticks.step < DAY:
            _centred(canvas, x, bottom + 17, moment(second, "%H:%M"), min(room, 34))
        now = moment(second, "%Y-%m-%d")
        if now != day:
            _centred(canvas, x, bottom + (31 if ticks.step < DAY else 17), now, 66)
            day = now
    canvas.text(0, bottom + 17, "time (UTC)", "s soft", limit=LABELS)


def _centred(canvas: _Chart, x: float, y: float, text: str, room: float) -> None:
    """Write below a place, or as far right as there is room."""
    at_end = x + room / 2 > WIDTH
    place, anchor = (WIDTH, "end") if at_end else (x, "middle")
    canvas.text(place, y, text, "s soft", limit=room, anchor=anchor)


def _tick(timeline: Timeline) -> int:
    length = timeline.end - timeline.start
    for step in _TICKS:
        if length / step <= MOST_TICKS:
            return step
    return -(-length // (MOST_TICKS * DAY)) * DAY
