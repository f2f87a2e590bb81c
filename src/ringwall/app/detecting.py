"""A store of logs → the findings of detections, and what the logs cover."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from ringwall.app.inquiring import Inquiry
from ringwall.app.sampling import MOST, samples
from ringwall.detections import named, registry
from ringwall.detections.coverage import (
    HOURS,
    INTERFACES,
    LOST,
    TOTALS,
    Coverage,
    covered,
    lost,
    when,
)
from ringwall.detections.detection import Detection, Row, Setting, Sighting, Value, without_relayed
from ringwall.detections.ocsf import detection_finding
from ringwall.detections.suppression import Suppression, sort
from ringwall.errors import QuestionError, RingwallError
from ringwall.model.finding import Severity
from ringwall.shell.engines import athena
from ringwall.shell.engines.engine import Engine, Scope, with_relations
from ringwall.shell.engines.queries import detection_query, relations_of, rendered
from ringwall.shell.engines.store import FOREVER

if TYPE_CHECKING:
    from sqlglot import exp

VERSION = version("ringwall")
Progress = Callable[[int, int, str], None]  # how many are done, of how many, and which is next
_FAILED = "it failed: "
Settings = Mapping[str, Mapping[str, Setting]]  # by the id of the detection


@dataclass(frozen=True, slots=True)
class Detected:
    """The findings, worst first; `unjudged` says why a detection was not run, by its id.

    `suppressed` are findings that are left out, each with why; `expired` what no longer is.
    `records` are samples, by the id of the finding.
    """

    store: str
    engine: str
    asked_at: datetime
    detections: tuple[str, ...]
    findings: tuple[Sighting, ...]
    coverage: Coverage
    unjudged: Mapping[str, str]
    suppressed: tuple[tuple[Sighting, Suppression], ...] = ()
    expired: tuple[Suppression, ...] = ()
    records: Mapping[str, tuple[Mapping[str, Value], ...]] = field(default_factory=dict)

    @property
    def is_partial(self) -> bool:
        """Tell whether a detection failed."""
        return any(reason.startswith(_FAILED) for reason in self.unjudged.values())

    def counts(self) -> dict[str, int]:
        """Return how many findings there are of each severity, worst first."""
        return {
            severity.word: sum(f.severity is severity for f in self.findings)
            for severity in sorted(Severity, reverse=True)
        }

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document `ringwall/traffic-detect/1`."""
        return {
            "schema": "ringwall/traffic-detect/1",
            "store": self.store,
            "engine": self.engine,
            "detections": list(self.detections),
            "counts": self.counts(),
            "findings": [
                {
                    **finding_document(each),
                    "records": [dict(row) for row in self.records.get(each.id, ())],
                }
                for each in self.findings
            ],
            "unjudged": [
                {"detection": id_, "reason": reason} for id_, reason in self.unjudged.items()
            ],
            "suppressed": [
                {**finding_document(found), "suppression": why.to_dict()}
                for found, why in self.suppressed
            ],
            "expired_suppressions": [each.to_dict() for each in self.expired],
            "coverage": self.coverage.to_dict(),
        }

    def to_ocsf(self) -> list[dict[str, Any]]:
        """Return the findings as OCSF Detection Findings."""
        known, now = registry(), int(self.asked_at.timestamp())
        return [
            detection_finding(found, known[found.detection], VERSION, now)
            for found in self.findings
        ]


def finding_document(found: Sighting) -> dict[str, Any]:
    """Return the document of one finding."""
    detection = registry()[found.detection]
    return {
        "id": found.id,
        "detection": found.detection,
        "name": detection.name,
        "title": detection.title,
        "severity": found.severity.word,
        "confidence": detection.confidence,
        "attacks": list(detection.attacks),
        "entities": [each.to_dict() for each in found.entities],
        "first": when(found.first),
        "last": when(found.last),
        "text": found.text,
        "evidence": dict(found.evidence),
    }


def _quiet(done: int, total: int, name: str) -> None:
    del done, total, name


def chosen(only: Sequence[str]) -> list[Detection]:
    """Return the detections of these ids and names, or all that run by default."""
    if not only:
        return [each for each in registry().values() if each.by_default]
    found: dict[str, Detection] = {}
    for word in only:
        detection = named(word)
        if detection is None:
            msg = f"there is no detection {word!r}"
            known = ", ".join(f"{each.id} {each.name}" for each in registry().values())
            raise QuestionError(msg, hint=f"detections: {known}")
        found[detection.id] = detection
    return [found[id_] for id_ in sorted(found)]


def detect(
    inquiry: Inquiry,
    only: Sequence[str] = (),
    settings: Settings | None = None,
    suppressions: Sequence[Suppression] = (),
    *,
    sampled: int = 0,
    progress: Progress = _quiet,
) -> Detected:
    """Run the detections that are chosen; raises QuestionError for one that does not exist.

    `sampled` records are kept of each of the worst findings.
    """
    chosen(only)  # before an engine is opened
    engine = inquiry.open()
    try:
        return detect_with(
            engine, inquiry, only, settings, suppressions, sampled=sampled, progress=progress
        )
    finally:
        engine.close()


def detect_with(
    engine: Engine,
    inquiry: Inquiry,
    only: Sequence[str] = (),
    settings: Settings | None = None,
    suppressions: Sequence[Suppression] = (),
    *,
    sampled: int = 0,
    progress: Progress = _quiet,
) -> Detected:
    """Run the detections that are chosen on an engine that stays open."""
    detections = chosen(only)
    try:
        coverage = covering(engine, inquiry)
        found: list[Sighting] = []
        unjudged: dict[str, str] = {}
        for number, detection in enumerate(detections):
            progress(number, len(detections), f"{detection.id} {detection.name}")
            query = _query(detection, settings)
            reason = _unjudged(detection, relations_of(query), coverage, inquiry)
            if reason:
                unjudged[detection.id] = reason
                continue
            try:
                asked = engine.columns if detection.needs_network else engine.rows
                found += detection.sightings(asked(query), inquiry.context)
            except QuestionError as error:  # it cannot be asked of these logs
                unjudged[detection.id] = f"{error.message}; {error.hint}"
            except RingwallError as error:
                unjudged[detection.id] = f"{_FAILED}{error.message}"
            except Exception as fault:  # noqa: BLE001  (a fault of ours must not read as clean)
                unjudged[detection.id] = f"{_FAILED}{type(fault).__name__}: {fault}"
        found = without_relayed(found, inquiry.context)
        found.sort(key=lambda f: (-f.severity, f.detection, f.first, f.id))
        sorted_ = sort(found, suppressions, inquiry.asked_at.date())
        records = {
            each.id: samples(engine, inquiry, each, registry()[each.detection], sampled)
            for each in sorted_.told[: MOST if sampled else 0]
        }
    finally:
        progress(len(detections), len(detections), "")
    return Detected(
        str(inquiry.store),
        inquiry.engine,
        inquiry.asked_at,
        tuple(each.id for each in detections),
        sorted_.told,
        coverage,
        unjudged,
        sorted_.left_out,
        sorted_.expired,
        records,
    )


def _query(detection: Detection, settings: Settings | None) -> "exp.Query":
    given = detection.settings((settings or {}).get(detection.id, {}))
    return detection_query(detection.sql, given)


def sql_of(detection: Detection, settings: Settings | None = None) -> Iterator[str]:
    """Yield the lines of a detection's SQL as it is asked, over the relations of view.py."""
    yield from rendered(_query(detection, settings), "duckdb", pretty=True).splitlines()


def _unjudged(
    detection: Detection, relations: Sequence[str], coverage: Coverage, inquiry: Inquiry
) -> str:
    """Return why a detection cannot say anything, or ""."""
    if detection.needs_network and inquiry.context.engine is None:
        return "it needs a network (--network)"
    if detection.needs_blueprint and inquiry.context.blueprint is None:
        return "it needs a blueprint (--blueprint)"
    bases = [name for name in relations if name in coverage.tables]
    if bases and not any(coverage.tables[name].records for name in bases):
        return f"there are no {bases[0]} records"
    return ""


def covering(engine: Engine, inquiry: Inquiry) -> Coverage:
    """Return what the logs cover."""

    def rows(sql: str) -> list[Row]:
        return engine.rows(detection_query(sql, {}))

    extent = inquiry.scope.extent
    since = extent.since or None
    until = extent.until if extent.until < FOREVER else None
    totals = {table: rows(sql)[0] for table, sql in TOTALS.items()}
    tables = {
        table: covered(total, rows(HOURS[table]) if total["records"] else [], since, until)
        for table, total in totals.items()
    }
    seen = [str(row["interface"]) for row in rows(INTERFACES)]
    records, flagged = tables["flow"].records, totals["flow"]["flagged"]
    known = inquiry.interfaces
    return Coverage(
        tables,
        len(seen),
        round(float(flagged or 0) / records, 4) if records else 0.0,
        lost(rows(LOST)),
        tuple(sorted(set(known or ()) - set(seen))),
        known=None if known is None else len(known),
        outside=int(totals["flow"]["outside"] or 0),
    )


def shown(only: Sequence[str], settings: Settings, scope: Scope, engine: str) -> Iterator[str]:
    """Yield the SQL of detections as an engine gets it, each with all that it reads."""
    for detection in chosen(only):
        given = settings.get(detection.id, {})
        yield f"-- {detection.id} {detection.name}: {detection.title}"
        if engine == athena.DIALECT:
            yield from f"{athena.statement(detection, given, scope)};".splitlines()
            continue
        query = _query(detection, settings)
        whole = with_relations(query, relations_of(query), scope)
        yield from f"{rendered(whole, engine, pretty=True)};".splitlines()


def to_settings(given: Sequence[tuple[str, str]]) -> Settings:
    """Return `DETECTION.PARAMETER`, `VALUE` as settings; raises QuestionError for unknown ones."""
    found: dict[str, dict[str, Setting]] = {}
    for place, text in given:
        word, _, name = place.rpartition(".")
        detection = named(word)
        if detection is None:
            msg = f"there is no detection {word!r}"
            raise QuestionError(
                msg, hint="--set DETECTION.PARAMETER=VALUE, as vertical-scan.ports=30"
            )
        parameter = next((each for each in detection.parameters if each.name == name), None)
        if parameter is None:
            msg = f"{detection.name} has no parameter {name!r}"
            names = ", ".join(each.name for each in detection.parameters)
            raise QuestionError(msg, hint=f"it has: {names or 'none'}")
        found.setdefault(detection.id, {})[name] = _as(parameter.default, text, place)
    return found


def _as(default: Setting, text: str, place: str) -> Setting:
    """Return a text as what a parameter's default is."""
    try:
        if isinstance(default, tuple):
            words = [word for word in map(str.strip, text.split(",")) if word]
            if all(isinstance(each, int) for each in default):
                return tuple(int(word) for word in words)
            return tuple(words)
        return type(default)(text)
    except ValueError:
        kind = "a list of numbers" if isinstance(default, tuple) else "a number"
        msg = f"{place}={text!r} is not {kind}"
        raise QuestionError(msg) from None
