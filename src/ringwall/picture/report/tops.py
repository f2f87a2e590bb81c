"""Who has most of what → tables with bars."""

from collections.abc import Sequence

from ringwall.picture.report.facts import Bar, Top
from ringwall.picture.report.html import Html, html, joined, said, tag
from ringwall.picture.report.words import amount
from ringwall.picture.svg import number


def tops(lists: Sequence[Top]) -> Html:
    """Return the lists, side by side where there is room."""
    return tag("div", joined((_top(each) for each in lists), Html("\n")), kind="tops")


def _top(top: Top) -> Html:
    if not top.bars:
        return tag("section", tag("h3", top.title), tag("p", "None.", kind="soft"))
    heads = [
        tag("th", top.who, scope="col"),
        tag("th", tag("span", "bar", kind="hidden"), scope="col"),
        *(tag("th", each, scope="col", kind="n") for each in (top.measure, *top.further)),
    ]
    most = max(bar.value for bar in top.bars)
    body = joined((_row(top, bar, most) for bar in top.bars), Html("\n"))
    told = tag(
        "table",
        tag("caption", top.caption),
        tag("thead", tag("tr", *heads)),
        tag("tbody", body),
    )
    return tag("section", tag("h3", top.title), told)


def _row(top: Top, bar: Bar, most: int) -> Html:
    beside = tag("small", said(bar.beside)) if bar.beside else html("")
    return tag(
        "tr",
        tag("th", said(bar.name), beside, scope="row"),
        tag("td", _bar(bar, most), kind="bar"),
        tag("td", amount(bar.value, top.unit), kind="n"),
        *(tag("td", said(each), kind="n") for each in bar.further),
    )


def _bar(bar: Bar, most: int) -> Html:
    """Draw a bar whose rejected part, at its end, is hatched."""
    whole = 100 * bar.value / most if most else 0.0
    bad = whole * min(bar.rejected / bar.value, 1.0) if bar.value else 0.0
    parts = [_rect(0, whole - bad, "accepted")] if whole > bad else []
    parts += [_rect(whole - bad, bad, "rejected")] if bad else []
    return tag("svg", *parts, aria_hidden="true")


def _rect(left: float, width: float, kind: str) -> Html:
    x, w = f"{number(left)}%", f"{number(max(width, 0.6))}%"
    return tag("rect", kind=kind, x=x, y=0, width=w, height=12)
