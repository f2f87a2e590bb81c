"""What is delivered to the responder → events, each with an id that stays the same.

Input: the document that AWS invokes a function with, or the text of a file: messages of SNS and
SQS, alarms, findings of GuardDuty and Security Hub, our own findings, schedules. Output: arrivals,
in their order.

Rules:
- What is wrong in a delivery is an InputError among the arrivals: it says where, what and why, and
  does not stop what stands beside it.
- What is not known is wrong, not passed over: somebody sent it for a reason.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from ringwall.app.responding.events import alarms, asff, guardduty, ours
from ringwall.app.responding.events.arrivals import Arrival, Passed, Task, of_another
from ringwall.app.responding.events.people import reported
from ringwall.app.responding.events.told import Told, clean, kind_of, parsed
from ringwall.errors import InputError
from ringwall.playbooks.notice import MARK, NOTICE

__all__ = ["Arrival", "Passed", "Task", "arrivals", "of_another", "of_text", "reported"]

MOST_BYTES: Final = 64 << 20  # of a file of findings
DETECTIONS: Final = "detections"  # a schedule of which a function does no more than to sweep
_DEEPEST: Final = 4  # envelopes: a queue's, a topic's, a list, a finding
_HINT: Final = (
    "alarms by SNS, findings of GuardDuty and Security Hub by EventBridge, documents of"
    " `traffic detect --json` and `--ocsf`"
)
_Reader = Callable[[Told], Iterable[Arrival]]


def arrivals(document: object, where: str = "event") -> Iterator[Arrival]:
    """Yield what a delivery holds."""
    yield from _read(Told(document, where), 0)


def of_text(text: str | bytes, where: str) -> Iterator[Arrival]:
    """Yield what the text of a file holds: one JSON document, or one on each line."""
    if len(text) > MOST_BYTES:
        yield InputError(f"{where}: it is longer than {MOST_BYTES >> 20} MiB")
        return
    try:
        yield from arrivals(parsed(text, where).value, where)
    except InputError as error:
        lines = [each for each in text.splitlines() if each.strip()]
        if len(lines) < 2:
            yield error
            return
        for number, line in enumerate(lines, 1):
            place = f"{where}:{number}"
            try:
                document = parsed(line, place).value
            except InputError as wrong:
                yield wrong
            else:
                yield from arrivals(document, place)


def _read(told: Told, depth: int) -> Iterator[Arrival]:
    try:
        yield from _opened(told, depth)
    except InputError as error:
        yield error


def _opened(told: Told, depth: int) -> Iterator[Arrival]:
    """Open an envelope, or read what is in it; raises InputError."""
    if depth > _DEEPEST:
        told.complain("lies in too many envelopes")
    if isinstance(told.value, list):
        for each in told.items():
            yield from _read(each, depth + 1)
    elif told.has("Records"):
        for each in told.items("Records"):
            yield from _read(each, depth + 1)
    elif told.has("Sns"):
        yield from _published(told.at("Sns"), depth)
    elif told.has("eventSource", "body"):
        yield from _message(told, "body", depth)
    elif told.has("Type", "Message", "TopicArn"):
        yield from _published(told, depth)
    elif told.has("Findings"):
        for each in told.items("Findings"):
            yield from _read(each, depth + 1)
    else:
        yield from _reader(told)(told)


def _published(told: Told, depth: int) -> Iterator[Arrival]:
    """Read what a topic delivers; notices of our own may come back from it."""
    if told.text(f"MessageAttributes.{MARK}.Value") == NOTICE:
        yield Passed("a notice of our own")
        return
    yield from _message(told, "Message", depth)


def _message(told: Told, member: str, depth: int) -> Iterator[Arrival]:
    found = told.at(member)
    if not isinstance(found.value, str):
        found.complain("is no text")
    yield from _read(parsed(found.value, found.where), depth + 1)


def _reader(told: Told) -> _Reader:
    """Return what reads a document, by its members; raises InputError for none that is known."""
    if told.has("detail-type"):
        kind = told.text("detail-type")
        if kind in _DETAILS:
            return _DETAILS[kind]
        told.at("detail-type").complain("is not known", hint=_HINT)
    for members, reader in _READERS.items():
        if told.has(*members):
            return reader
    names = list(told.value)[:6] if isinstance(told.value, Mapping) else []
    shown = ", ".join(clean(str(each), 40) for each in names)
    what = f"an object with {shown}" if shown else kind_of(told.value)
    msg = f"{told.where}: {what} is no event that is known"
    raise InputError(msg, hint=_HINT)


def _finding(told: Told) -> Iterator[Arrival]:
    yield from guardduty.of_finding(told.at("detail"))


def _imported(told: Told) -> Iterator[Arrival]:
    for each in told.items("detail.findings"):
        yield from _caught(asff.of_finding, each)


def _second(told: Told) -> Iterator[Arrival]:
    for each in told.items("detail.findings"):
        yield from _caught(ours.of_ocsf, each)


def _caught(reader: _Reader, told: Told) -> Iterator[Arrival]:
    try:
        yield from reader(told)
    except InputError as error:
        yield error


def _scheduled(told: Told) -> Iterator[Arrival]:
    """Read what a rule of EventBridge with a schedule sends when it is given no words of ours."""
    del told
    yield Task.SWEEP
    yield Task.RECONCILE


def _asked(told: Told) -> Iterator[Arrival]:
    word = told.text("ringwall")
    if word == DETECTIONS:
        yield Task.SWEEP
        yield Passed(f"{word}: what judges logs is not in the package of the function")
        return
    if word not in set(Task):
        told.at("ringwall").complain("is no task", hint=f"one of {', '.join(Task)}")
    if word == Task.DRIFT:
        yield Task.RECONCILE  # what a response lost is no drift once it is there again
    yield Task(word)


def _detections(told: Told) -> Iterator[Arrival]:
    schema = told.text("schema")
    if schema != "ringwall/traffic-detect/1":
        told.at("schema").complain("is not known", hint=_HINT)
    yield from ours.of_detections(told)


_DETAILS: Final[Mapping[str, _Reader]] = MappingProxyType(
    {
        "GuardDuty Finding": _finding,
        "Security Hub Findings - Imported": _imported,
        "Security Hub Findings - Custom Action": _imported,
        "Findings Imported V2": _second,
        "CloudWatch Alarm State Change": alarms.of_change,
        "Scheduled Event": _scheduled,
    }
)
# By members that an object must have, the first that fits.
_READERS: Final[Mapping[tuple[str, ...], _Reader]] = MappingProxyType(
    {
        ("AlarmName", "NewStateValue"): alarms.of_notification,
        ("class_uid",): ours.of_ocsf,
        ("SchemaVersion", "ProductArn"): asff.of_finding,
        ("schema", "findings"): _detections,
        ("id", "type", "service"): guardduty.of_finding,
        ("ringwall",): _asked,
    }
)
