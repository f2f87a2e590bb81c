"""Files of logs → a store of logs, and what became of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

from ringwall.app.keeping import remove_old
from ringwall.errors import InputError
from ringwall.shell.aws import Cloud, connect
from ringwall.shell.clock import Clock, SystemClock
from ringwall.shell.store.buckets import SCHEME, s3_sources
from ringwall.shell.store.group_events import GROUP
from ringwall.shell.store.groups import read_group
from ringwall.shell.store.ingesting import Ingest, Report, Watcher
from ringwall.shell.store.manifest import told
from ringwall.shell.store.sources import Source, local_sources
from ringwall.shell.store.store import Store
from ringwall.traffic.layouts import of_format
from ringwall.traffic.parsers import PYTHON, Parser, best, compiled
from ringwall.traffic.problems import Reason
from ringwall.traffic.stamps import Hours
from ringwall.traffic.times import to_moment, to_seconds

SCHEMA: Final = "ringwall/traffic-ingest/1"
MOST_LISTED: Final = 50_000  # files whose sizes are added up before the first is read
PARSERS: Final = ("auto", "compiled", "python")


@dataclass(frozen=True, slots=True)
class Wish:
    """What to ingest: `since` and `until` choose files by the time in their names."""

    sources: Sequence[str]
    store: str
    since: str = ""
    until: str = ""
    format: str = ""
    parser: str = "auto"
    keep: str = ""
    profile: str = ""
    endpoint_url: str = ""


def ingest(
    wish: Wish,
    *,
    watcher: Watcher | None = None,
    clock: Clock | None = None,
    take: Callable[[Source], bool] = lambda _: True,
) -> tuple[Report, int]:
    """Read what was not read yet and `take` takes; return what was done and the exit code.

    Raises InputError, LockedError, MissingExtra, CloudError, StoreError.
    """
    clock = clock or SystemClock()
    now = clock.now()
    hours: Hours = (
        to_moment(wish.since, now) if wish.since else None,
        to_moment(wish.until, now) if wish.until else None,
    )
    layout = of_format(wish.format) if wish.format else None
    parser, length = parser_of(wish.parser), to_seconds(wish.keep) if wish.keep else 0
    cloud = cache(lambda: connect(wish.profile, "", wish.endpoint_url, clock=clock))
    files = [text for text in wish.sources if not text.startswith(GROUP)]
    groups = [text for text in wish.sources if text.startswith(GROUP)]
    sources = filter(take, chain.from_iterable(_sources_of(text, hours, cloud) for text in files))
    listed = list(islice(sources, MOST_LISTED))
    more = list(islice(sources, 1))
    with Store(Path(wish.store), create=True) as store, told(store.manifest.path):
        run = Ingest(store, parser, clock, layout=layout, watcher=watcher)
        if not more and not groups:
            run.report.files, run.report.total_bytes = len(listed), sum(s.size for s in listed)
        with run:
            run.read(chain(listed, more, sources))
            for text in groups:
                read_group(text, hours, cloud(), run)
        if length:
            run.report.removed = remove_old(store, length, clock)
    return run.report, exit_code(run.report)


def parser_of(name: str) -> Parser:
    """Return the parser of a name; raises InputError where it is not there."""
    if name == "python":
        return PYTHON
    found = compiled()
    if name == "compiled" and found is None:
        message = "there is no compiled parser here"
        hint = "install a C compiler, then `pip install --force-reinstall ringwall`"
        raise InputError(message, hint=hint)
    return best()


def exit_code(report: Report) -> int:
    """Return 4 if something could not be read, 2 if a file that was named is no log, else 0."""
    if report.unreadable:
        return 4
    return 2 if any(named for _, named in report.strange) else 0


def report_document(report: Report) -> dict[str, Any]:
    """Return the JSON document of an ingest."""
    return {
        "schema": SCHEMA,
        "parser": report.parser,
        "seconds": round(report.seconds, 3),
        "files": {
            "read": report.read,
            "known": report.known,
            "assumed": report.assumed,
            "grown": report.grown,
            "changed": report.changed,
            "damaged": [{"file": name, "fault": fault} for name, fault in report.faults],
            "strange": [name for name, _ in report.strange],
            "unreadable": [{"file": name, "reason": why} for name, why in report.unreadable],
        },
        "bytes": report.bytes,
        "records": report.records,
        "quiet": report.quiet,
        "lines": report.lines,
        "set_aside": dict(sorted(report.aside.items())),
        "set_aside_file": report.aside_file,
        "written": {"files": report.parts, "bytes": report.size},
        "earlier_records": report.earlier,
        "removed": dict(zip(("files", "records"), report.removed, strict=True)),
    }


def meaning_of(reason: str) -> str:
    """Return what a reason of `set_aside` means."""
    return Reason[reason.upper()].meaning


def _sources_of(text: str, hours: Hours, cloud: Callable[[], Cloud]) -> Iterator[Source]:
    if text.startswith(SCHEME):
        yield from s3_sources(text, hours, cloud())
    else:
        yield from local_sources(text, hours)
