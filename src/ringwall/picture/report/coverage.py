"""What the logs cover → what is said before any answer, and the tables behind it."""

from collections.abc import Iterator, Sequence
from typing import Final

from ringwall.model.words import counted
from ringwall.picture.report.facts import Cover, Log
from ringwall.picture.report.html import Html, html, joined, row, said, table, tag
from ringwall.picture.report.words import count, moment, span

MOST: Final = 40  # runs of hours, and interfaces, that are named
FEW: Final = 3  # in a sentence


def has_records(cover: Cover) -> bool:
    """Tell whether there is anything at all."""
    return any(log.records for log in cover.logs)


def lacks(cover: Cover) -> list[str]:
    """Return what is known to be missing, and what cannot be known, in sentences."""
    found = list(_missing(cover))
    if cover.known is None:
        found.append(
            "No network was given (--network): whether an interface has no logs is not known."
        )
    elif not cover.known:
        found.append(
            "The network names no interfaces that exist, so whether one is without logs is not "
            "known (a snapshot names them)."
        )
    found += [
        f"There are no {log.name} records: what needs them was not judged."
        for log in cover.logs
        if not log.records
    ]
    return found


def is_whole(cover: Cover) -> bool:
    """Tell whether there are flow logs, and nothing is known to be missing of any log."""
    return not any(_missing(cover)) and any(log.records for log in cover.logs if log.is_flow)


def _missing(cover: Cover) -> Iterator[str]:
    for log in cover.logs:
        if log.missing_hours:
            hours = counted(log.missing_hours, "hour")
            yield f"{log.name}: {hours} without records: {_times(log, FEW)}."
    if cover.losses:
        windows = sum(each.windows for each in cover.losses)
        yield (
            f"AWS lost records (SKIPDATA) of {counted(len(cover.losses), 'interface')} in "
            f"{counted(windows, 'window')}."
        )
    if cover.outside:
        yield (
            f"{counted(cover.outside, 'flow record')} between addresses that are both taken for "
            "outside: --network says what is inside, with --interfaces where AWS chose IPv6 blocks."
        )
    if cover.silent:
        yield (
            f"{counted(len(cover.silent), 'interface')} of the network "
            f"{'has' if len(cover.silent) == 1 else 'have'} no record: "
            f"{_some(cover.silent, FEW)}."
        )


def _times(log: Log, most: int) -> str:
    more = f"; and {len(log.missing) - most} more" if len(log.missing) > most else ""
    return "; ".join(span(*each) for each in log.missing[:most]) + more


def _some(names: Sequence[str], most: int) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def box(cover: Cover) -> Html:
    """Return what a reader must know before anything else."""
    lines = lacks(cover)
    if not has_records(cover):
        text = "There are no records of this time: nothing can be said about it."
        return tag(
            "div", tag("p", tag("b", "Nothing is covered. ", kind="word"), text), kind="box lacks"
        )
    if is_whole(cover):
        head = tag(
            "p",
            tag("b", "Coverage: "),
            "no hour is without records, and AWS says of none that it lost some.",
        )
        kind = "box"
    else:
        told = "what was not logged was not judged, and no finding there means nothing."
        head = tag("p", tag("b", "The logs do not cover everything: ", kind="word"), told)
        kind = "box lacks"
    items = joined(tag("li", said(line)) for line in lines)
    return tag("div", head, tag("ul", items) if lines else html(""), kind=kind)


def tables(cover: Cover) -> Html:
    """Return what there is and what is missing, in tables."""
    heads = ("log", "records", "first", "last", "hours without records")
    parts = [table("What there is of each kind of log (UTC)", heads, map(_log, cover.logs))]
    seen = f"{counted(cover.seen, 'interface')} with records or windows without traffic"
    if cover.known:
        seen += f"; the network has {count(cover.known)}"
    seen += f"; {cover.flagged:.0%} of flow records have tcp-flags."
    parts.append(tag("p", seen))
    if cover.losses:
        rows = [
            row(said(e.interface), count(e.windows), moment(e.first), moment(e.last))
            for e in cover.losses[:MOST]
        ]
        title = "Interfaces of which AWS lost records" + _of(len(cover.losses))
        parts.append(table(title, ("interface", "windows", "first", "last"), rows))
    if cover.silent:
        title = f"Interfaces of the network without any record: {_some(cover.silent, MOST)}."
        parts.append(tag("p", html(title)))
    return joined(parts, Html("\n"))


def _of(number: int) -> str:
    return f", {MOST} of {count(number)}" if number > MOST else ""


def _log(log: Log) -> Html:
    if not log.records or log.first is None or log.last is None:
        return row(log.name, "none", "", "", "")
    missing = f"{count(log.missing_hours)}: {_times(log, MOST)}" if log.missing_hours else "none"
    return row(log.name, count(log.records), moment(log.first), moment(log.last), missing)
