"""What was asked of traffic → lines that people read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ringwall.cli.charts import bar, sparkline, table
from ringwall.traffic.sizes import readable, size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ringwall.app.looking import Story
    from ringwall.app.showing import Answer

_PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6"}


def answer_lines(answer: Answer) -> Iterator[str]:
    """Yield a table of any rows, and how many there are."""
    if answer.rows:
        yield from table(answer.columns, answer.rows)
    count = len(answer.rows)
    yield f"{count} row{'' if count == 1 else 's'}"


def top_lines(answer: Answer, by: str) -> Iterator[str]:
    """Yield a table with a bar to each row."""
    most = max((_number(row[by]) for row in answer.rows), default=0)
    rows = [{**row, by: row[by], "": bar(_number(row[by]), most)} for row in answer.rows]
    if rows:
        yield from table([*answer.columns, ""], [_readable(row) for row in rows])
    yield f"{len(rows)} of those with most {by}, as logged"


def story_lines(story: Story) -> Iterator[str]:
    """Yield when there was traffic, what it was, and which names were asked for."""
    yield " and ".join(story.asked)
    if story.first is None or story.last is None:
        yield "no records"
        return
    from ringwall.cli.detect_text import span

    yield f"{span(story.first, story.last)}, {sum(story.records):,} records"
    yield f"each sign is {_width(story.bin)}"
    for name, values, shown in (
        ("out", story.bytes_out, size(sum(story.bytes_out))),
        ("back", story.bytes_back, size(sum(story.bytes_back))),
        ("rejected", story.rejected, str(sum(story.rejected))),
    ):
        yield f"{name:<8} {shown:>7}  {sparkline(values)}"
    for is_called, title in ((1, "it calls"), (0, "it is called by")):
        rows = [row for row in story.dealings.rows if row["called"] == is_called]
        if rows:
            columns = [name for name in story.dealings.columns if name != "called"]
            yield ""
            yield title
            yield from table(columns, [_readable(row) for row in rows])
    if story.lookups.rows:
        yield ""
        yield "it asks for"
        yield from table(story.lookups.columns, story.lookups.rows)


def _width(seconds: int) -> str:
    for unit, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        count, rest = divmod(seconds, unit)
        if not rest:
            return f"{count} {name}{'' if count == 1 else 's'}"
    return f"{seconds} seconds"


def _readable(row: object) -> dict[str, object]:
    assert isinstance(row, dict)
    told: dict[str, Any] = {name: readable(name, value) for name, value in row.items()}
    if "protocol" in told:
        told["protocol"] = _PROTOCOLS.get(told["protocol"], told["protocol"])
    return told


def _number(value: object) -> float:
    return value if isinstance(value, int | float) else 0
