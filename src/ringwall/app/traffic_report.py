"""A store of logs → a report of its traffic: the facts of a page, and the page in a file."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address, ip_network
from typing import Any, Final

from ringwall.app.detecting import Detected, Settings, chosen, detect_with, sql_of
from ringwall.app.inquiring import Inquiry
from ringwall.app.sampling import samples
from ringwall.detections import registry
from ringwall.detections.coverage import HOUR, Coverage
from ringwall.detections.detection import Detection, Row, Sighting, Value
from ringwall.detections.suppression import Suppression
from ringwall.model.words import counted
from ringwall.picture.report.choosing import groups
from ringwall.picture.report.facts import (
    Bar,
    Cover,
    Found,
    LeftOut,
    Log,
    Loss,
    Part,
    Question,
    Report,
    Series,
    Timeline,
    Top,
)
from ringwall.picture.report.page import page
from ringwall.picture.report.words import count, moment
from ringwall.shell.engines.engine import Engine
from ringwall.shell.engines.queries import detection_query
from ringwall.shell.engines.store import FOREVER
from ringwall.shell.files import write_text
from ringwall.traffic import overview
from ringwall.traffic.addresses import from_halves
from ringwall.traffic.sizes import readable, size

SCHEMA: Final = "ringwall/traffic-report/1"
MOST_COLUMNS: Final = 200  # of the chart
SHORT: Final = 6 * HOUR  # what is no longer than this is shown by five minutes
_STEPS: Final = (HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR)
_LOGS: Final = {"flow": "flow log", "transit": "Transit Gateway", "dns": "DNS"}
_SERIES: Final[Mapping[str, tuple[tuple[str, str, str], ...]]] = {  # column, title, unit
    "flow": (
        ("accepted", "Accepted records", ""),
        ("rejected", "Rejected records", ""),
        ("accepted_bytes", "Accepted bytes", "bytes"),
        ("rejected_bytes", "Rejected bytes", "bytes"),
    ),
    "transit": (("records", "Transit Gateway records", ""),),
    "dns": (("records", "DNS queries", ""),),
}
_EPOCH: Final = "(seconds since 1970)"


@dataclass(frozen=True, slots=True)
class Written:
    """A report that was written: where, how large, and what is in it."""

    file: str
    bytes: int
    report: Report
    detected: Detected

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document `ringwall/traffic-report/1`."""
        return {
            "schema": SCHEMA,
            "file": self.file,
            "bytes": self.bytes,
            "counts": self.detected.counts(),
            "findings": {
                "found": len(self.report.findings),
                "shown": sum(len(each.shown) for each in groups(self.report.findings)),
            },
            "suppressed": len(self.detected.suppressed),
            "unjudged": [
                {"detection": id_, "reason": reason}
                for id_, reason in self.detected.unjudged.items()
            ],
            "coverage": self.detected.coverage.to_dict(),
        }


def write_report(
    inquiry: Inquiry,
    file: str,
    only: Sequence[str] = (),
    settings: Settings | None = None,
    suppressions: Sequence[Suppression] = (),
    *,
    sampled: int = 0,
    progress: Callable[[int, int, str], None] = lambda *_: None,
) -> Written:
    """Ask a store, and write the page; raises what asking raises, and OutsideError."""
    report, detected = report_of(
        inquiry, only, settings, suppressions, sampled=sampled, progress=progress
    )
    text = page(report)
    write_text(file, text)
    return Written(file, len(text.encode()), report, detected)


def report_of(
    inquiry: Inquiry,
    only: Sequence[str] = (),
    settings: Settings | None = None,
    suppressions: Sequence[Suppression] = (),
    *,
    sampled: int = 0,
    progress: Callable[[int, int, str], None] = lambda *_: None,
) -> tuple[Report, Detected]:
    """Ask a store for all that a report says; raises QuestionError, InputError, OutsideError."""
    detections = chosen(only)
    engine = inquiry.open()
    try:
        detected = detect_with(engine, inquiry, only, settings, suppressions, progress=progress)
        asking = _Asking(engine, inquiry, detected.coverage)
        timeline, tops = asking.timeline(), tuple(asking.tops())
        findings = tuple(_with_samples(engine, inquiry, detected, sampled))
    finally:
        engine.close()
    extent = inquiry.scope.extent
    report = Report(
        f"Traffic in {inquiry.store.resolve().name}",
        int(inquiry.asked_at.timestamp()),
        extent.since or None,
        extent.until if extent.until < FOREVER else None,
        _cover(detected.coverage, asking),
        timeline,
        tops,
        findings,
        tuple(_question(each, detected, settings) for each in detections),
        tuple(_facts(detected.coverage, timeline)),
        tuple(_left_out(found, why) for found, why in detected.suppressed),
        tuple(
            f"{e.entity}, {e.detection}, until {e.expires}: {e.reason}" for e in detected.expired
        ),
    )
    return report, detected


class _Asking:
    """What is asked of an engine beside the detections; `lacking` are times without a log."""

    def __init__(self, engine: Engine, inquiry: Inquiry, coverage: Coverage) -> None:
        self._engine, self._inquiry, self._coverage = engine, inquiry, coverage
        self._blocks = [ip_network(block) for block in inquiry.scope.inside]
        extent = inquiry.scope.extent
        ends = {
            table: tuple(_whole(row[name]) for name in ("first", "last"))
            for table in overview.EXTENTS
            if self._has(table)
            for row in self._rows(overview.EXTENTS[table])
        }
        first = min((one for one, _ in ends.values()), default=0)
        last = max((other for _, other in ends.values()), default=0)
        self._ends = (first, last)
        self._period = (
            extent.since or first - first % HOUR,
            extent.until if extent.until < FOREVER else last - last % HOUR + HOUR,
        )
        self.lacking = {
            table: tuple(self._lacking(table, *ends.get(table, (0, 0)))) for table in _LOGS
        }

    def _rows(self, sql: str, step: int = 0) -> list[Row]:
        return self._engine.rows(detection_query(sql, {"step": step} if step else {}))

    def _has(self, table: str) -> bool:
        return self._coverage.tables[table].records > 0

    def _lacking(self, table: str, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Yield the hours without a record of a log as times, those in which others go on too.

        Logs do not begin and end at one second: less than an hour is no gap there.
        """
        if not self._has(table):
            return
        start, end = self._period
        extent = self._inquiry.scope.extent
        hours = list(self._coverage.tables[table].missing)
        if not extent.since and first - self._ends[0] >= HOUR:
            hours = [*range(start, first - first % HOUR, HOUR), *hours]
        if extent.until == FOREVER and self._ends[1] - last >= HOUR:
            hours += range(last - last % HOUR + HOUR, end, HOUR)
        yield from _runs(hours)

    def timeline(self) -> Timeline | None:
        """Return the columns in time, None without any record."""
        tables = [table for table in overview.EXTENTS if self._has(table)]
        if not tables:
            return None
        start, end = self._period
        step = step_of(start, end)
        start -= start % step
        columns = -(-(end - start) // step)
        frame = Timeline(start, step, columns, ())
        series = [each for table in tables for each in self._series(table, frame)]
        return replace(frame, series=tuple(series))

    def _series(self, table: str, frame: Timeline) -> Iterator[Series]:
        rows = self._rows(overview.COLUMNS[table], frame.step)
        log, missing = _LOGS[table], _missing(self.lacking[table], frame)
        for column, title, unit in _SERIES[table]:
            values = [0] * frame.columns
            for row in rows:
                values[(_whole(row["at"]) - frame.start) // frame.step] = _whole(row[column])
            is_rejected = column.startswith("rejected")
            yield Series(title, log, unit, tuple(values), missing, rejected=is_rejected)

    def tops(self) -> Iterator[Top]:
        """Yield the lists of who has most."""
        if self._has("flow"):
            yield Top(
                "Who sends most",
                "Accepted bytes by sender; a pair of addresses counts by the interface that saw "
                "most of it.",
                "sent",
                "bytes",
                self._bars(overview.TALKERS, "peers"),
                ("to addresses",),
            )
            yield Top(
                "Who is rejected most",
                "Rejected records by who opened the connection.",
                "rejected",
                "",
                self._bars(overview.REJECTED, "peers", "ports", is_rejected=True),
                ("at addresses", "ports of one"),
            )
            yield Top(
                "Who is called most",
                "Records of callers as logged, by whom they call; the hatched part was rejected.",
                "records",
                "",
                self._bars(overview.DESTINATIONS, "peers", "size"),
                ("callers", "bytes both ways"),
            )
            yield self._ports()
        if self._has("dns"):
            bars = tuple(
                Bar(str(row["domain"]), "", *_amounts(row), (count(_whole(row["peers"])),))
                for row in self._rows(overview.DOMAINS)
            )
            told = "Queries that the resolver's cache did not answer; the hatched part was blocked."
            yield Top(
                "Domains asked for most", told, "queries", "", bars, ("clients",), who="domain"
            )

    def _bars(self, sql: str, *further: str, is_rejected: bool = False) -> tuple[Bar, ...]:
        bars = []
        for row in self._rows(sql):
            family, high, low = (_whole(row[name]) for name in ("family", "high", "low"))
            address = from_halves(family, high, low)
            name = self._inquiry.context.last_name(family, high, low)
            kind = "inside" if self._inside(address) else "outside"
            value, rejected = _amounts(row)
            told = tuple(_told(each, _whole(row[each])) for each in further)
            bars.append(
                Bar(
                    name or address,
                    address if name else kind,
                    value,
                    value if is_rejected else rejected,
                    told,
                )
            )
        return tuple(bars)

    def _inside(self, address: str) -> bool:
        found = ip_address(address)
        return any(found in block for block in self._blocks)

    def _ports(self) -> Top:
        bars = []
        for row in self._rows(overview.PORTS):
            protocol, port = _whole(row["protocol"]), _whole(row["port"])
            service = overview.SERVICES.get(port, "") if protocol in {6, 17} else ""
            name = overview.port_name(protocol, port)
            bars.append(Bar(name, service, *_amounts(row), (size(_whole(row["size"])),)))
        told = "Records of callers as logged, by the port they call; the hatched part was rejected."
        return Top("Ports", told, "records", "", tuple(bars), ("bytes both ways",), who="port")


def step_of(start: int, end: int) -> int:
    """Return the seconds of a column: hours, five minutes of a short time, more of a long one."""
    if end - start <= SHORT:
        return 300
    for step in _STEPS:
        if (end - start) / step <= MOST_COLUMNS - 1:
            return step
    step = 7 * 24 * HOUR
    while (end - start) / step > MOST_COLUMNS - 1:
        step *= 2
    return step


def _missing(times: Sequence[tuple[int, int]], frame: Timeline) -> tuple[float, ...]:
    """Return how much of each column lies in times without a record."""
    found = [0.0] * frame.columns
    for start, end in times:
        first = max((start - frame.start) // frame.step, 0)
        last = min((end - 1 - frame.start) // frame.step, frame.columns - 1)
        for n in range(first, last + 1):
            lack = min(end, frame.at(n + 1)) - max(start, frame.at(n))
            found[n] += lack / frame.step
    return tuple(round(min(each, 1.0), 4) for each in found)


def _cover(coverage: Coverage, asking: _Asking) -> Cover:
    logs = tuple(
        Log(
            _LOGS[table],
            table == "flow",
            covered.records,
            covered.first,
            covered.last,
            sum(end - start for start, end in asking.lacking[table]) // HOUR,
            asking.lacking[table],
        )
        for table, covered in coverage.tables.items()
    )
    losses = tuple(Loss(e.interface, e.windows, e.first, e.last) for e in coverage.lost)
    outside = coverage.outside if coverage.is_outside else 0
    seen, silent, known = coverage.interfaces, coverage.silent, coverage.known
    return Cover(logs, seen, coverage.flagged, losses, silent, known, outside)


def _runs(hours: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield hours that follow on each other as one time, its end exclusive."""
    start = before = -HOUR
    for hour in hours:
        if hour != before + HOUR:
            if before >= 0:
                yield start, before + HOUR
            start = hour
        before = hour
    if before >= 0:
        yield start, before + HOUR


def _found(found: Sighting) -> Found:
    meanings = _meanings(found.detection)
    return Found(
        found.id,
        found.detection,
        found.severity,
        found.text,
        tuple(Part(e.role, e.name, e.address) for e in found.entities),
        found.first,
        found.last,
        tuple(
            _evidence(meanings.get(name, name), readable(name, value))
            for name, value in found.evidence.items()
            if value is not None and value != ""
        ),
    )


def _with_samples(
    engine: Engine, inquiry: Inquiry, detected: Detected, sampled: int
) -> Iterator[Found]:
    """Yield all findings, those that the page shows with the first records behind them."""
    told = [_found(each) for each in detected.findings]
    shown = {found.id for group in groups(told) for _, found in group.shown} if sampled else set()
    for found, sighting in zip(told, detected.findings, strict=True):
        if found.id not in shown:
            yield found
            continue
        records = samples(engine, inquiry, sighting, registry()[found.detection], sampled)
        heads = tuple(dict.fromkeys(name for record in records for name in record))
        cells = (tuple(_cell(record.get(name)) for name in heads) for record in records)
        yield replace(found, samples=(heads, *cells) if heads else ())


def _cell(value: Value) -> str:
    return "" if value is None else str(value)


def _meanings(id_: str) -> dict[str, str]:
    return dict(registry()[id_].counts)


def _evidence(meaning: str, value: object) -> tuple[str, str]:
    if meaning.endswith(_EPOCH) and isinstance(value, int | float):
        return meaning.removesuffix(_EPOCH).rstrip(), f"{moment(int(value))} UTC"
    if isinstance(value, int):
        return meaning, count(value)
    return meaning, f"{value:,.6g}" if isinstance(value, float) else str(value)


def _left_out(found: Sighting, why: Suppression) -> LeftOut:
    return LeftOut(found.detection, found.severity, found.text, why.reason, str(why.expires))


def _question(
    detection: Detection,
    detected: Detected,
    settings: Settings | None,
) -> Question:
    return Question(
        detection.id,
        detection.name,
        detection.title,
        detection.confidence,
        detection.attacks,
        detection.why,
        detection.instead,
        detection.blind,
        "\n".join(sql_of(detection, settings)),
        detected.unjudged.get(detection.id, ""),
        sum(each.detection == detection.id for each in detected.findings),
    )


def _facts(coverage: Coverage, timeline: Timeline | None) -> Iterator[str]:
    for table, covered in coverage.tables.items():
        if covered.records:
            yield counted(covered.records, f"{_LOGS[table]} record")
    if timeline is not None and coverage.tables["flow"].records:
        sums = {each.title: sum(each.values) for each in timeline.series}
        yield (
            f"{count(sums['Accepted records'])} accepted ({size(sums['Accepted bytes'])}), "
            f"{count(sums['Rejected records'])} rejected ({size(sums['Rejected bytes'])})"
        )


def _amounts(row: Row) -> tuple[int, int]:
    return _whole(row["amount"]), _whole(row.get("rejected") or 0)


def _told(name: str, value: int) -> str:
    return size(value) if name == "size" else count(value)


def _whole(value: Value) -> int:
    assert isinstance(value, int | float), value
    return int(value)
