"""A report's facts → one HTML file that needs nothing else and runs nothing.

Rules:
- No script; no style, font, picture or link from elsewhere, and a policy in the head that says so.
- What is missing in the logs is said before any answer.
- What a picture shows is in a table too.
"""

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from itertools import accumulate
from typing import Final

from ringwall.model.words import counted
from ringwall.picture.report.chart import chart
from ringwall.picture.report.choosing import Group, groups
from ringwall.picture.report.coverage import box, has_records, is_whole, tables
from ringwall.picture.report.facts import Found, Report, Timeline
from ringwall.picture.report.findings import asked, counts, left_out, listing
from ringwall.picture.report.html import Html, joined, row, said, table, tag
from ringwall.picture.report.look import sheet
from ringwall.picture.report.tops import tops
from ringwall.picture.report.words import amount, count, lasting, moment, span

MOST_NUMBERS: Final = 12  # of findings, in a row of the table
SECTIONS: Final = (
    ("time", "Over time"),
    ("findings", "Findings"),
    ("tops", "Top lists"),
    ("coverage", "Coverage"),
    ("asked", "What was asked"),
)


def page(report: Report) -> str:
    """Return the text of the file."""
    style = sheet()
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    head = joined(
        (
            Html('<meta charset="utf-8">'),
            tag("meta", http_equiv="Content-Security-Policy", content=policy),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            tag("meta", name="referrer", content="no-referrer"),
            tag("title", said(report.title)),
            tag("style", Html(style)),
        ),
        Html("\n"),
    )
    body = joined((_head(report), *_sections(report)), Html("\n"))
    whole = tag("html", tag("head", head), tag("body", tag("main", body)), lang="en")
    return f"<!DOCTYPE html>\n{whole}\n"


def _head(report: Report) -> Html:
    links = joined(
        tag("li", tag("a", title, href=f"#{id_}"))
        for id_, title in SECTIONS
        if has_records(report.cover) or id_ in {"coverage", "asked"}
    )
    return tag(
        "header",
        tag("h1", said(report.title)),
        tag("p", _when(report)),
        tag("p", ". ".join((*report.facts, f"Written {moment(report.made)} UTC.")), kind="soft"),
        tag("nav", tag("ul", links), aria_label="Sections"),
        box(report.cover),
        _result(report),
    )


def _when(report: Report) -> str:
    logs = [log for log in report.cover.logs if log.first is not None and log.last is not None]
    if report.since is not None and report.until is not None:
        asked_for = f"{span(report.since, report.until)} UTC"
    elif report.since is not None:
        asked_for = f"From {moment(report.since)} UTC on"
    elif report.until is not None:
        asked_for = f"Before {moment(report.until)} UTC"
    else:
        asked_for = ""
    first = min((log.first for log in logs if log.first is not None), default=None)
    last = max((log.last for log in logs if log.last is not None), default=None)
    if first is None or last is None:
        return f"{asked_for}." if asked_for else "All that is in the store."
    there = f"records {span(first, last)} UTC"
    return f"{asked_for}: {there}." if asked_for else f"{there[:1].upper()}{there[1:]}."


def _sections(report: Report) -> list[Html]:
    questions = {each.id: each for each in report.questions}
    sections = []
    if has_records(report.cover):
        chosen = groups(report.findings)
        if report.timeline is not None:
            sections.append(_section("time", _time(report, report.timeline, chosen)))
        found = listing(chosen, questions)
        accepted = left_out(report.suppressed, report.expired)
        sections.append(_section("findings", _judged(report), found, accepted))
        sections.append(_section("tops", tops(report.tops)))
    sections.append(_section("coverage", tables(report.cover)))
    sections.append(_section("asked", asked(report.questions)))
    return sections


def _section(id_: str, *inside: Html) -> Html:
    return tag("section", tag("h2", dict(SECTIONS)[id_]), *inside, id=id_)


def _result(report: Report) -> Html:
    """Return how many findings there are; where there is none, what that is worth."""
    if not has_records(report.cover):
        return Html()
    if report.findings:
        return counts(report.findings)
    if is_whole(report.cover):
        clean = "No finding, in what the logs cover."
    else:
        clean = "No finding in what was logged; the logs do not cover everything."
    if report.suppressed:
        clean += f" What somebody accepted is left out: {len(report.suppressed)}."
    return tag("p", tag("b", clean))


def _judged(report: Report) -> Html:
    judged = sum(not each.unjudged for each in report.questions)
    told = f"{counted(judged, 'detection')} looked at these logs"
    left = len(report.questions) - judged
    if left:
        told += f"; {left} more could not look, for the reasons at the end"
    return tag("p", f"{told}.")


def _time(report: Report, timeline: Timeline, chosen: Sequence[Group]) -> Html:
    names = {each.id: each.name for each in report.questions}
    drawn = chart(timeline, chosen, names, report.cover.losses)
    scrolled = tag("div", drawn, kind="wide", tabindex=0, role="region", aria_label="Time chart")
    caption = f"By {lasting(timeline.step)}, each panel on its own scale."
    if any(any(series.missing) for series in timeline.series):
        caption += " Where a panel is hatched there are no logs."
    if report.findings:
        caption += " Numbers are findings, from first to last record; they lead to what is said."
    return joined(
        (
            tag("figure", tag("figcaption", caption, kind="soft"), scrolled),
            tag("details", tag("summary", "The chart as a table"), _twin(timeline, chosen)),
        )
    )


def _twin(timeline: Timeline, chosen: Sequence[Group]) -> Html:
    heads = ["from (UTC)", *(each.title for each in timeline.series), "findings", "without"]
    shown = [each for group in chosen for each in group.shown]
    others = _counted(timeline, [found for group in chosen for found in group.rest])
    rows = []
    for n in range(timeline.columns):
        start, end = timeline.at(n), timeline.at(n + 1)
        values = [amount(each.values[n], each.unit) for each in timeline.series]
        within = [number for number, f in shown if f.first < end and f.last >= start]
        found = _numbers(within, others[n])
        rows.append(row(moment(start), *values, found, _lacking(timeline, n)))
    caption = f"What the chart shows, by {lasting(timeline.step)}"
    return table(caption, heads, rows, kind="twin")


def _lacking(timeline: Timeline, column: int) -> str:
    """Return the logs that a column has none of, or not all of."""
    found = {each.log: each.missing[column] for each in timeline.series if each.missing[column]}
    return ", ".join(
        log if missing > 0.999 else f"{log} ({missing:.0%})" for log, missing in found.items()
    )


def _counted(timeline: Timeline, findings: Sequence[Found]) -> list[int]:
    """Return how many findings there are in each column."""
    changes = [0] * (timeline.columns + 1)
    for found in findings:
        if found.last >= timeline.start and found.first < timeline.end:
            changes[max((found.first - timeline.start) // timeline.step, 0)] += 1
            last = min((found.last - timeline.start) // timeline.step, timeline.columns - 1)
            changes[last + 1] -= 1
    return list(accumulate(changes[:-1]))


def _numbers(found: Sequence[int], others: int) -> str:
    told = [str(number) for number in found[:MOST_NUMBERS]]
    more = len(found) - len(told) + others
    if more:
        told.append(f"{count(more)} more")
    return ", ".join(told)
