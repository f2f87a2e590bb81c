"""One change that a response makes at AWS, with its way back, as data.

Rules:
- The requests hold physical ids, so that a journal alone can take a measure back, on any machine,
  after any crash. What AWS alone knows at that moment stands in them as what to read: a Reading.
- Doing it twice, or taking it back twice, has the effect of once: `same` are the codes with which
  AWS says that it is so already. What has no such effect is `once`, and is not repaired.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ringwall.model.graph import Address, Node, Value

Ask = Callable[[str, str, Mapping[str, Any]], Mapping[str, Any]]  # service, operation, request
_READING: Final = "$reading"


@dataclass(frozen=True, slots=True)
class Reading:
    """A place in a request for what AWS answers just before: `path` as `Groups.0.GroupId`.

    With `add` or `drop` it is a list of texts to which some are added, and of which some are not.
    """

    service: str
    operation: str
    request: Mapping[str, Any]
    path: str
    add: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()

    def of(self, answer: Mapping[str, Any]) -> Value:
        """Return what an answer says; raises LookupError if it does not say it."""
        found: Any = answer
        try:
            for part in self.path.split("."):
                found = found[int(part) if isinstance(found, Sequence) else part]
        except (KeyError, IndexError, TypeError, ValueError):
            msg = f"{self.operation} does not answer {self.path}"
            raise LookupError(msg) from None
        if not self.add and not self.drop:
            return found
        kept = [each for each in found if each not in {*self.add, *self.drop}]
        return sorted([*kept, *self.add])

    def to_dict(self) -> dict[str, Any]:
        """Return its document."""
        known: dict[str, Any] = {
            "service": self.service,
            "operation": self.operation,
            "request": dict(self.request),
            "path": self.path,
        }
        return known | {n: list(v) for n, v in (("add", self.add), ("drop", self.drop)) if v}


@dataclass(frozen=True, slots=True)
class Request:
    """One request in botocore's spelling.

    `same` are error codes that mean it is so already; `again` those after which it is made again,
    with all that it reads read anew: somebody else was faster.
    """

    service: str
    operation: str
    request: Mapping[str, Any]
    same: tuple[str, ...] = ()
    again: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Return what tells it from other requests."""
        return json.dumps([self.service, self.operation, _written(self.request)], sort_keys=True)

    @property
    def readings(self) -> tuple[Reading, ...]:
        """Return what is read just before it is made."""
        return tuple(_readings(self.request))

    def filled(self, ask: Ask) -> dict[str, Any]:
        """Return what to ask of AWS, with each Reading read; equal questions are asked once.

        Raises LookupError for what AWS does not answer.
        """
        answers: dict[str, Mapping[str, Any]] = {}
        for each in self.readings:
            key = Request(each.service, each.operation, each.request).key
            if key not in answers:
                answers[key] = ask(each.service, each.operation, each.request)
        found: dict[str, Any] = _filled(self.request, answers)
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return its document."""
        return {
            "service": self.service,
            "operation": self.operation,
            "request": _written(self.request),
            "same": list(self.same),
            "again": list(self.again),
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> "Request":
        """Return the request of a document; raises KeyError for what is none."""
        known = document
        request = _read(known["request"])
        codes = (tuple(known.get("same", ())), tuple(known.get("again", ())))
        return cls(known["service"], known["operation"], request, *codes)


@dataclass(frozen=True, slots=True)
class Measure:
    """A change: `do` brings it about, `undo` takes it back, in order; `target` is what is locked.

    `text` says it to people, without a time. `once`: doing it again would do more, as a second copy
    of a disk is. `nodes` is what becomes of the graph, for the proof alone.
    """

    text: str
    target: str
    do: tuple[Request, ...]
    undo: tuple[Request, ...]
    nodes: tuple[Node | Address, ...] = field(default=(), compare=False)
    once: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return its document, without what the proof needed."""
        return {
            "text": self.text,
            "target": self.target,
            "do": [each.to_dict() for each in self.do],
            "undo": [each.to_dict() for each in self.undo],
            "once": self.once,
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> "Measure":
        """Return the measure of a document; raises KeyError for what is none."""
        return cls(
            document["text"],
            document["target"],
            tuple(map(Request.from_dict, document["do"])),
            tuple(map(Request.from_dict, document["undo"])),
            once=bool(document.get("once", False)),
        )


def _readings(value: object) -> list[Reading]:
    match value:
        case Reading():
            return [value]
        case Mapping():
            return [found for each in value.values() for found in _readings(each)]
        case list() | tuple():
            return [found for each in value for found in _readings(each)]
        case _:
            return []


def _filled(value: Value, answers: Mapping[str, Mapping[str, Any]]) -> Value:
    match value:
        case Reading():
            key = Request(value.service, value.operation, value.request).key
            return value.of(answers[key])
        case Mapping():
            return {name: _filled(each, answers) for name, each in value.items()}
        case list() | tuple():
            return [_filled(each, answers) for each in value]
        case _:
            return value


def _written(value: Value) -> Value:
    match value:
        case Reading():
            return {_READING: value.to_dict()}
        case Mapping():
            return {name: _written(each) for name, each in value.items()}
        case list() | tuple():
            return [_written(each) for each in value]
        case _:
            return value


def _read(value: Value) -> Value:
    match value:
        case {"$reading": known}:
            parts = (known["service"], known["operation"], known["request"], known["path"])
            return Reading(*parts, tuple(known.get("add", ())), tuple(known.get("drop", ())))
        case Mapping():
            return {name: _read(each) for name, each in value.items()}
        case list():
            return [_read(each) for each in value]
        case _:
            return value
