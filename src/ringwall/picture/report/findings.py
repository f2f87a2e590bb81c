"""Findings → what is said of each, worst first, and of the detections that were asked."""

from collections.abc import Mapping, Sequence
from typing import Final

from ringwall.model.finding import Severity
from ringwall.model.words import counted
from ringwall.picture.report.choosing import Group
from ringwall.picture.report.facts import Found, LeftOut, Question
from ringwall.picture.report.html import Html, html, joined, lines, prose, row, said, table, tag
from ringwall.picture.report.words import count, span

MOST_LEFT_OUT: Final = 50  # that are shown


def counts(findings: Sequence[Found]) -> Html:
    """Return how many there are of each severity."""
    items = []
    for severity in sorted(Severity, reverse=True):
        number = sum(each.severity is severity for each in findings)
        kind = severity.word if number else "none"
        items.append(tag("li", tag("b", count(number)), severity.word, kind=kind))
    return tag("ul", joined(items), kind="counts", aria_label="Findings by severity")


def listing(chosen: Sequence[Group], questions: Mapping[str, Question]) -> Html:
    """Return the findings under their detections, the worst first."""
    parts: list[Html] = []
    told: set[str] = set()
    for group in chosen:
        question = questions[group.detection]
        parts.append(_head(group, question))
        if group.detection not in told:
            parts.append(_meaning(question))
            told.add(group.detection)
        parts += [_finding(number, found) for number, found in group.shown]
        if group.rest:
            parts.append(_rest(group))
    return joined(parts, Html("\n"))


def _head(group: Group, question: Question) -> Html:
    severity = group.severity.word
    sign = tag("span", severity, kind=f"tell {severity}")
    about = [counted(group.whole, "finding"), f"confidence {question.confidence}"]
    if question.attacks:
        about.append(f"MITRE ATT&CK {', '.join(question.attacks)}")
    link = tag("a", f"{question.id} {question.name}", href=f"#{question.id}")
    return joined(
        (
            tag("h3", sign, _capital(question.title)),
            tag("p", link, f": {'; '.join(about)}", kind="soft"),
        )
    )


def _meaning(question: Question) -> Html:
    return joined(
        (
            tag("p", tag("b", "Why it matters: "), prose(question.why)),
            tag("p", tag("b", "What to do: "), prose(question.instead)),
            _folded("The SQL that found it", question),
        )
    )


def _folded(summary: str, question: Question) -> Html:
    return tag("details", tag("summary", summary), tag("pre", tag("code", lines(question.sql))))


def _finding(number: int, found: Found) -> Html:
    parts = joined(
        tag(
            "tr",
            tag("th", each.role, scope="row"),
            tag("td", _who(each.name, each.address)),
        )
        for each in found.parts
    )
    when = tag(
        "tr", tag("th", "when", scope="row"), tag("td", f"{span(found.first, found.last)} UTC")
    )
    identity = tag("tr", tag("th", "id", scope="row"), tag("td", tag("code", found.id)))
    shown = joined(
        tag("tr", tag("th", said(meaning), scope="row"), tag("td", said(value)))
        for meaning, value in found.evidence
    )
    hidden = tag("caption", f"Who and when, finding {number}", kind="hidden")
    evidence = tag("caption", f"Evidence of finding {number}", kind="hidden")
    title = tag("h4", f"{number}. ", said(found.text))
    left = tag("table", hidden, tag("tbody", parts, when, identity), kind="who")
    right = html("")
    if found.evidence:
        right = tag("table", evidence, tag("tbody", shown), kind="evidence")
    two = tag("div", left, right, kind="two")
    name = f"finding-{number}"
    return tag("article", title, two, _samples(number, found), id=name, kind=found.severity.word)


def _samples(number: int, found: Found) -> Html:
    """Return the first records behind a finding, folded."""
    if not found.samples:
        return Html()
    heads, *records = found.samples
    rows = (row(*(said(cell) for cell in record)) for record in records)
    caption = f"The first records behind finding {number}"
    told = table(caption, (head.replace("_", " ") for head in heads), rows)
    scrolled = tag("div", told, kind="wide", tabindex=0, role="region", aria_label=caption)
    return tag("details", tag("summary", "Sample records"), scrolled)


def _who(name: str, address: str) -> Html:
    if name and address:
        return joined((tag("b", said(name)), " ", tag("code", said(address))))
    return tag("b", said(name)) if name else tag("code", said(address))


def _rest(group: Group) -> Html:
    number = counted(len(group.rest), "finding")
    told = (
        f"{number} more of {group.detection}, for which there is no room here: "
        f"`ringwall traffic detect --only {group.detection}` lists them."
    )
    return tag("p", tag("b", prose(told)))


def left_out(suppressed: Sequence[LeftOut], expired: Sequence[str]) -> Html:
    """Return what was accepted, which no number above counts, and what is no longer."""
    parts: list[Html] = []
    if suppressed:
        shown = suppressed[:MOST_LEFT_OUT]
        rows = [
            row(said(e.text), e.detection, e.severity.word, said(e.reason), e.until) for e in shown
        ]
        more = f", {len(shown)} of them shown" if len(suppressed) > len(shown) else ""
        caption = f"Left out, for somebody accepted it: {counted(len(suppressed), 'finding')}{more}"
        heads = ("finding", "detection", "severity", "why it is accepted", "until")
        parts.append(table(caption, heads, rows))
    if expired:
        lines = joined(tag("li", said(each)) for each in expired[:MOST_LEFT_OUT])
        parts.append(tag("p", "Suppressions that have expired, and leave nothing out:"))
        parts.append(tag("ul", lines))
    return joined(parts, Html("\n"))


def asked(questions: Sequence[Question]) -> Html:
    """Return the detections: what each found, or why it could not be asked; the rest folded."""
    return tag("div", joined((_question(each) for each in questions), Html("\n")), kind="asked")


def _question(each: Question) -> Html:
    if each.unjudged:
        result = f"not judged: {each.unjudged}"
    else:
        result = counted(each.found, "finding") if each.found else "no finding"
    summary = tag("summary", f"{each.id} {each.name}, {each.title}: ", tag("b", result))
    blind = tag("p", tag("b", "What it cannot see: "), prose(each.blind))
    sql = [] if each.found else [tag("pre", tag("code", lines(each.sql)))]
    return tag("details", summary, blind, *sql, id=each.id)


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
