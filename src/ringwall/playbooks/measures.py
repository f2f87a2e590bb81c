"""One change that a response makes at AWS, with its way back, as data.

Rules:
- The requests hold physical ids and nothing to be looked up, so that a journal alone can take a
  measure back, on any machine, after any crash.
- Doing it twice, or taking it back twice, has the effect of once: `done` and `gone` are the codes
  with which AWS says that it is so already.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ringwall.model.graph import Address, Node


@dataclass(frozen=True, slots=True)
class Request:
    """One request in botocore's spelling; `same` are error codes that mean it is so already."""

    service: str
    operation: str
    request: Mapping[str, Any]
    same: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return its document."""
        return {
            "service": self.service,
            "operation": self.operation,
            "request": dict(self.request),
            "same": list(self.same),
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> "Request":
        """Return the request of a document; raises KeyError for what is none."""
        known = document
        return cls(
            known["service"], known["operation"], known["request"], tuple(known.get("same", ()))
        )


@dataclass(frozen=True, slots=True)
class Measure:
    """A change: `do` brings it about, `undo` takes it back, in order; `target` is what is locked.

    `text` says it to people. `nodes` is what becomes of the graph, for the proof alone.
    """

    text: str
    target: str
    do: tuple[Request, ...]
    undo: tuple[Request, ...]
    nodes: tuple[Node | Address, ...] = field(default=(), compare=False)

    def to_dict(self) -> dict[str, Any]:
        """Return its document, without what the proof needed."""
        return {
            "text": self.text,
            "target": self.target,
            "do": [each.to_dict() for each in self.do],
            "undo": [each.to_dict() for each in self.undo],
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> "Measure":
        """Return the measure of a document; raises KeyError for what is none."""
        return cls(
            document["text"],
            document["target"],
            tuple(map(Request.from_dict, document["do"])),
            tuple(map(Request.from_dict, document["undo"])),
        )
