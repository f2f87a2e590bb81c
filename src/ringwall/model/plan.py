"""A plan: an ordered list of frozen steps that can be printed, refused, journalled and resumed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ringwall.model.calls import Call
from ringwall.model.graph import Address, Node, Origin


class Action(StrEnum):
    """What happens to a resource."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"


class Exposure(StrEnum):
    """What a step can do to what is reachable."""

    CLOSES = "closes"
    NEUTRAL = "neutral"
    OPENS = "opens"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class PropertyChange:
    """One property that differs; None stands for an absent value."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Change:
    """What differs at one resource, and what is done about it."""

    action: Action
    type: str
    key: str
    before: Node | None
    after: Node | None
    properties: tuple[PropertyChange, ...] = ()
    exposure: Exposure = Exposure.NEUTRAL
    summary: str = ""
    origin: Origin | None = None

    @property
    def address(self) -> Address:
        """Return (type, key)."""
        return (self.type, self.key)


@dataclass(frozen=True, slots=True)
class Step:
    """Calls that are made together, in order; `after` are the numbers of steps that come first."""

    number: int
    action: Action
    type: str
    key: str
    calls: tuple[Call, ...]
    after: frozenset[int] = frozenset()
    exposure: Exposure = Exposure.NEUTRAL


@dataclass(frozen=True, slots=True)
class Plan:
    """The way from what is observed to what is wanted.

    `state` is a digest of everything observed that the plan relies on; `ids` are the physical ids
    known when it was made, by (type, key), then attribute. `blocked` says why the plan cannot be
    carried out; `cost` is dollars an hour that come and go with it.
    """

    deployment: str
    account: str
    region: str
    changes: tuple[Change, ...]
    steps: tuple[Step, ...]
    state: str
    foreign: tuple[Node, ...] = ()
    temporary: tuple[Node, ...] = ()
    ids: Mapping[Address, Mapping[str, str]] = field(default_factory=dict)
    blocked: tuple[str, ...] = ()
    cost: float = 0.0

    @property
    def empty(self) -> bool:
        """Tell whether there is nothing to do."""
        return not self.changes
