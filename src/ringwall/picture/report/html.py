"""Texts and tags → HTML in which a text is a text, whatever is in it.

Rule: whatever is not `Html` already is escaped where it is put in; there is no other way in.
"""

from collections.abc import Iterable
from typing import Final

from ringwall.picture.font import ELLIPSIS
from ringwall.picture.svg import escape

LONGEST: Final = 600  # characters of a text that came from logs
_EMPTY: Final = frozenset({"meta", "rect", "path"})  # without an end tag


class Html(str):
    """Text that is HTML."""

    __slots__ = ()


def html(text: str) -> Html:
    """Return a text as HTML, escaped unless it is; what nobody sees in it is marked."""
    return text if isinstance(text, Html) else Html(escape(text))


def said(text: str) -> Html:
    """Return what came from logs: beginning and end alone where it is longer than anybody reads."""
    if len(text) <= LONGEST:
        return html(text)
    return html(f"{text[: LONGEST - 60]}{ELLIPSIS}{text[-40:]}")


def joined(parts: Iterable[str], between: str = "") -> Html:
    """Return parts as one."""
    return Html(html(between).join(html(part) for part in parts))


def tag(name: str, /, *inside: str, **attributes: str | int | bool) -> Html:
    """Return an element; `kind` is its class, `aria_label` is aria-label, True is a bare word."""
    told = []
    for key, value in attributes.items():
        word = {"kind": "class", "for_": "for"}.get(key, key.replace("_", "-"))
        if value is True:
            told.append(f" {word}")
        elif value is not False and value != "":
            told.append(f' {word}="{escape(str(value))}"')
    opening = f"<{name}{''.join(told)}>"
    return Html(opening if name in _EMPTY else f"{opening}{joined(inside)}</{name}>")


def prose(text: str) -> Html:
    """Return a sentence of ours, what stands in backticks as code."""
    parts = text.split("`")
    return joined(tag("code", part) if n % 2 else html(part) for n, part in enumerate(parts))


def lines(text: str) -> Html:
    """Return a text of many lines, each kept and as far in as it was."""
    told = []
    for line in text.split("\n"):
        bare = line.lstrip(" ")
        told.append(" " * (len(line) - len(bare)) + escape(bare))
    return Html("\n".join(told))


def table(caption: str, head: Iterable[str], rows: Iterable[Html], kind: str = "") -> Html:
    """Return a table whose head says what the columns are."""
    heads = joined(tag("th", each, scope="col") for each in head)
    return tag(
        "table",
        tag("caption", caption),
        tag("thead", tag("tr", heads)),
        tag("tbody", joined(rows, Html("\n"))),
        kind=kind,
    )


def row(first: str, *cells: str, kind: str = "") -> Html:
    """Return a row; its first cell heads it."""
    return tag(
        "tr", tag("th", first, scope="row"), joined(tag("td", each) for each in cells), kind=kind
    )
