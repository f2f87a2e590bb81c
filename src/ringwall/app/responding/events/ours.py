"""Findings of our own detections → events: documents of `traffic detect` and OCSF findings.

Source: docs/reference of `ringwall/traffic-detect/1`; OCSF 1.4, Detection Finding (class 2004),
https://schema.ocsf.io/1.4.0/classes/detection_finding, as `traffic detect --ocsf` and the second
Security Hub write it.

Rules:
- The same finding in both spellings is the same event: its id and its last second make the id.
- Notices of the responder are passed over, or each would be an incident.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ringwall.app.responding.events.arrivals import Passed
from ringwall.app.responding.events.roles import DESTINATION, DOMAIN, SOURCE, each_source, unique
from ringwall.app.responding.events.told import Told, clean
from ringwall.errors import InputError
from ringwall.model.finding import Severity
from ringwall.playbooks.records import Event, Party, Source, digest

NOTICES: Final = "respond"  # the feature of Ringwall whose findings are notices
_DETECTION_FINDING: Final = 2004
_CLOSED: Final = 3  # activity_id; 1 is Create, 2 Update
_ENDED: Final = {3: "suppressed", 4: "resolved", 5: "archived"}  # status_id
_WORDS: Final = {each.word: each for each in Severity}
# OCSF's severity_id from 1, Informational; 6 is Fatal.
_MOST_NAME: Final = 80  # characters of the name of a value
_NUMBERS: Final = {
    1: Severity.LOW,
    2: Severity.LOW,
    3: Severity.MEDIUM,
    4: Severity.HIGH,
    5: Severity.CRITICAL,
    6: Severity.CRITICAL,
}
_ENDPOINTS: Final = ((SOURCE, "src_endpoint"), (DESTINATION, "dst_endpoint"))


def of_detections(told: Told) -> Iterator[Event | InputError]:
    """Read a document of `traffic detect --json`; a finding that is wrong does not stop others."""
    for each in told.items("findings"):
        try:
            yield from _finding(each)
        except InputError as error:
            yield error


def _finding(told: Told) -> Iterator[Event]:
    parties = unique(
        Party(each.needed("role"), each.address("address"), each.text("name"))
        for each in told.items("entities")
    )
    severity = _WORDS.get(told.text("severity"))
    if severity is None:
        told.at("severity").complain("is no severity", hint=f"one of {', '.join(_WORDS)}")
    yield from _events(
        Source.DETECTION,
        told.needed("id"),
        told.needed("detection"),
        told.text("text") or told.text("title"),
        severity,
        parties,
        (told.seconds("first"), told.seconds("last")),
        _evidence(told.at("evidence")),
    )


def of_ocsf(told: Told) -> Iterator[Event | Passed]:
    """Read an OCSF finding; raises InputError."""
    class_ = int(told.number("class_uid", 0))
    if class_ != _DETECTION_FINDING:
        yield Passed(f"a finding of OCSF's class {class_} is no detection")
        return
    uid = told.needed("finding_info.uid")
    why = _passed(told)
    if why:
        yield Passed(f"finding {uid} {why}")
        return
    is_ours = told.text("metadata.product.name") == "Ringwall"
    kind = told.text("finding_info.analytic.uid") if is_ours else _type(told)
    number = int(told.number("severity_id", 0))
    evidences = list(told.items("evidences"))
    last = _moment(told, "end_time") or _moment(told, "finding_info.last_seen_time")
    last = last or _moment(told, "time")
    if not last:
        told.at("time").complain()
    yield from _events(
        Source.DETECTION if is_ours else Source.SECURITYHUB,
        uid,
        kind or told.needed("finding_info.title"),
        told.text("message") or told.text("finding_info.title"),
        _NUMBERS.get(number, Severity.MEDIUM),
        unique(_parties(told, evidences, is_ours=is_ours)),
        (_moment(told, "start_time") or last, last),
        _evidence(evidences[0].at("data")) if evidences else {},
    )


def _events(
    source: Source,
    uid: str,
    kind: str,
    title: str,
    severity: Severity,
    parties: tuple[Party, ...],
    span: tuple[int, int],
    evidence: Mapping[str, Any],
) -> Iterator[Event]:
    told_of = list(each_source(parties))
    for each in told_of:
        apart = [each[0].address] if len(told_of) > 1 else []
        yield Event(
            id=digest("finding", uid, str(span[1]), *apart),
            source=source,
            kind=kind,
            title=title or kind,
            severity=severity,
            parties=each,
            first=min(span),
            last=span[1],
            evidence={"finding": uid, **evidence},
        )


def _passed(told: Told) -> str:
    if told.text("metadata.product.feature.name") == NOTICES:
        return "is a notice of our own"
    if int(told.number("activity_id", 1)) == _CLOSED:
        return "is closed"
    ended = _ENDED.get(int(told.number("status_id", 1)))
    return f"is {ended}" if ended else ""


def _type(told: Told) -> str:
    types = [each.text("") for each in told.items("finding_info.types")]
    return next(filter(None, types), told.text("finding_info.analytic.name"))


def _moment(told: Told, path: str) -> int:
    """Return OCSF's milliseconds as seconds, 0 where they are absent; raises InputError."""
    millis = told.number(path, 0)
    if not 0 <= millis < 4_102_444_800_000:
        Told(str(millis), f"{told.where}.{path}").complain("is no time of 1970 to 2099")
    return int(millis) // 1000


def _parties(told: Told, evidences: list[Told], *, is_ours: bool) -> Iterator[Party]:
    """Yield who has a part: ours says each entity as a resource, others in their evidence."""
    if is_ours:
        for each in told.items("resources"):
            address, name = each.address("ip"), each.text("name")
            yield Party(each.needed("type"), address, "" if name == address else name)
        return
    for evidence in evidences:
        for role, member in _ENDPOINTS:
            end = evidence.at(member)
            yield Party(role, end.address("ip"), end.text("name"))
        yield Party(DOMAIN, name=evidence.text("query.hostname").rstrip(".").lower())


def _evidence(told: Told) -> dict[str, Any]:
    """Return the plain values of what a finding shows."""
    if not isinstance(told.value, Mapping):
        return {}
    found: dict[str, Any] = {}
    for said, value in list(told.value.items())[:40]:
        name = clean(str(said), _MOST_NAME)  # it is shown, as the values are
        each = Told(value, f"{told.where}.{name}")
        if isinstance(value, str):
            found[name] = each.text("")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            number = each.number("", 0)
            found[name] = int(number) if number.is_integer() else number
    return found
