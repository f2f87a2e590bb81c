"""A timeline and findings → the time chart: an SVG element for a page.

Rules:
- Each series has a panel and a scale of its own, so that a few rejected records beside millions
  that are accepted are seen; its title says what the highest column is.
- Where there are no logs, all panels are hatched: nothing there is not zero.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from ringwall.picture.report.facts import Found, Loss, Series, Timeline
from ringwall.picture.report.html import Html
from ringwall.picture.report.marks import Mark, Row, rows
from ringwall.picture.report.words import amount, lasting, moment, several, short, span
from ringwall.picture.svg import Canvas, escape, number

WIDTH: Final = 1072.0
LEFT: Final = 92.0  # of the plots
RIGHT: Final = 12.0
SPACE: Final = WIDTH - LEFT - RIGHT
PLOT: Final = 58.0  # height of a panel's columns
TITLE: Final = 24.0  # above them
LANE: Final = 20.0
AXIS: Final = 40.0
DAY: Final = 86400
MOST_TICKS: Final = 13
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
    timeline: Timeline, findings: Sequence[Found], shown: int, losses: Sequence[Loss]
) -> Html:
    """Draw the chart; the mark of each of the first `shown` findings leads to `#finding-N`."""
    canvas = _Chart(timeline)
    marked = rows(findings, shown, (timeline.start, timeline.end), (LEFT, SPACE))
    bottom = _losses(canvas, losses, _findings(canvas, marked))
    for series in timeline.series:
        bottom = _panel(canvas, timeline, series, bottom)
    _axis(canvas, timeline, bottom)
    about = f"Time chart from {moment(timeline.start)} to {moment(timeline.end)} UTC"
    size = f"0 0 {number(WIDTH)} {number(bottom + AXIS)}"
    label = escape(f"{about}; the same as a table stands below it")
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{size}" role="group"'
    return Html(f'{head} aria-label="{label}">\n{_HATCHES}\n{canvas}\n</svg>')


def _findings(canvas: _Chart, marked: Sequence[Row]) -> float:
    y = 4.0
    for row in marked:
        canvas.text(0, y + 14, row.severity.word, "h3", limit=LEFT - 8)
        for mark in row.marks:
            _mark(canvas, mark, y + mark.lane * LANE)
        y += row.lanes * LANE if row.marks else 0
        if row.further:
            more = " more" if row.marks else ""
            told = f"{several(row.further, 'finding')}{more}, without room here"
            canvas.text(LEFT, y + 13, told, "s soft", limit=SPACE)
            y += LANE
        y += 4
    return y


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
    canvas.text(0, y + 14, "records lost", "h3", limit=LEFT - 8)
    spans: list[tuple[float, float]] = []
    for left, right in sorted((canvas.x(e.first), canvas.x(e.last)) for e in losses):
        if spans and left <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], right))
        else:
            spans.append((left, max(right, left + 3)))
    with canvas.group(title="from the first to the last window of which AWS lost records"):
        for left, right in spans:
            canvas.path(f"M{number(left)} {number(y + 10)}H{number(right)}", "lost")
    return y + LANE + 4


def _panel(canvas: _Chart, timeline: Timeline, series: Series, y: float) -> float:
    most = max(series.values, default=0)
    per = lasting(timeline.step)
    told = f"{series.title}, at most {amount(most, series.unit)} in {_article(per)}"
    canvas.text(LEFT, y + 15, told if most else f"{series.title}: none", "h3", limit=SPACE)
    low = y + TITLE + PLOT
    for second in _ticks(timeline):
        canvas.path(f"M{number(canvas.x(second))} {number(low - PLOT)}V{number(low)}", "grid")
    _gaps(canvas, timeline, low)
    canvas.path(f"M{number(LEFT)} {number(low)}H{number(WIDTH - RIGHT)}", "axis")
    if most:
        unit = "B" if series.unit == "bytes" else ""
        scale = f"{short(most)}{unit if most >= 1000 else ' ' + unit}".strip()
        canvas.text(LEFT - 8, low - PLOT + 8, scale, "s soft", limit=LEFT - 12, anchor="end")
    canvas.text(LEFT - 8, low, "0", "s soft", limit=LEFT - 12, anchor="end")
    kind = "rejected" if series.rejected else "accepted"
    for n, value in enumerate(series.values):
        if value:
            left, right = canvas.x(timeline.at(n)), canvas.x(timeline.at(n + 1))
            wide = max(right - left - (1 if right - left > 3 else 0), 1.0)
            high = max(PLOT * value / most, 1.0)
            about = f"{span(timeline.at(n), timeline.at(n + 1))}: {amount(value, series.unit)}"
            with canvas.group(title=about):
                canvas.rect(left, low - high, wide, high, kind)
    return low


def _article(per: str) -> str:
    if per[0].isdigit():
        return per
    return f"an {per}" if per == "hour" else f"a {per}"


def _gaps(canvas: _Chart, timeline: Timeline, low: float) -> None:
    """Hatch the columns of a panel without logs, and say so where there is room."""
    for start, end in _without(timeline):
        left, right = canvas.x(start), canvas.x(end)
        with canvas.group(title=f"no logs, {span(start, end)}"):
            canvas.rect(left, low - PLOT, right - left, PLOT, "gap")
            if right - left > 54:
                middle = (left + right) / 2
                canvas.rect(middle - 25, low - 22, 50, 16, "paper", round_by=3)
                canvas.text(middle, low - 10, "no logs", "s", limit=50, anchor="middle")


def _without(timeline: Timeline) -> Iterator[tuple[int, int]]:
    """Yield the times of columns without logs, those that touch as one."""
    start: int | None = None
    for n, missing in enumerate((*timeline.missing, 0.0)):
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
        at_end = x > WIDTH - RIGHT - 34
        place = (WIDTH, "end") if at_end else (x, "middle")
        canvas.path(f"M{number(x)} {number(bottom)}V{number(bottom + 4)}", "axis")
        if ticks.step < DAY:
            text = moment(second, "%H:%M")
            canvas.text(place[0], bottom + 17, text, "s", limit=room, anchor=place[1])
        now = moment(second, "%Y-%m-%d")
        if now != day:
            drop = 31 if ticks.step < DAY else 17
            canvas.text(place[0], bottom + drop, now, "s soft", limit=66, anchor=place[1])
            day = now
    canvas.text(0, bottom + 17, "time (UTC)", "s soft", limit=LEFT - 30)


def _tick(timeline: Timeline) -> int:
    length = timeline.end - timeline.start
    for step in _TICKS:
        if length / step <= MOST_TICKS:
            return step
    return -(-length // (MOST_TICKS * DAY)) * DAY
