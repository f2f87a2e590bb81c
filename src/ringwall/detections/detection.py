"""What the file of a detection says of it, and what its rows become.

Rules:
- The SQL reads the relations of traffic/view.py alone, in the portable subset.
- A row has `first` and `last` (seconds), and for each role of `entities` either an address
  (`family`, `ROLE_high`, `ROLE_low`) or a text (`ROLE`). All else in it is evidence, by name.
- The rows of a detection that needs a network come as columns (traffic/columns.py), in any order:
  its sums are CAST AS BIGINT, and its judge tells the same whatever the order.
- A row may have `grade`, 1 (low) to 4 (critical): the severity of this finding.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ringwall.model.finding import Severity
from ringwall.traffic.addresses import from_halves
from ringwall.traffic.sizes import readable

if TYPE_CHECKING:
    from ringwall.blueprint.syntax import Blueprint
    from ringwall.model.expectation import Expectation
    from ringwall.reach.engine import Engine
    from ringwall.traffic.naming import Names

Value = int | float | str | None
Row = Mapping[str, Value]
# Numbers and texts; tuples of them for `IN ($name)`; CIDRs for `among(family, high, low, $name)`.
Setting = int | float | str | tuple[int, ...] | tuple[str, ...]

CONFIDENCES: Final = ("low", "medium", "high")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number or list that the SQL takes as `$name`, its default, and the default's reason."""

    name: str
    default: Setting
    reason: str


@dataclass(frozen=True, slots=True)
class Entity:
    """Who or what has a part in a finding: an address, or something with a name alone."""

    role: str
    address: str = ""
    name: str = ""

    def __str__(self) -> str:
        if self.address and self.name:
            return f"{self.name} ({self.address})"
        return self.name or self.address

    def to_dict(self) -> dict[str, str]:
        """Return its document."""
        return {"role": self.role, "address": self.address, "name": self.name}


@dataclass(frozen=True, slots=True)
class Sighting:
    """A finding of a detection: who, when (seconds, `last` included), and what shows it."""

    detection: str
    severity: Severity
    entities: tuple[Entity, ...]
    first: int
    last: int
    text: str
    evidence: Mapping[str, Value] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Return what stays the same whenever the same detection finds the same entities."""
        parts = [self.detection, *(f"{e.role}={e.address or e.name}" for e in self.entities)]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]

    def entity(self, role: str) -> Entity | None:
        """Return the entity of a role."""
        return next((each for each in self.entities if each.role == role), None)


NameOf = Callable[[int, int, int], str]


def _no_name(family: int, high: int, low: int) -> str:
    del family, high, low
    return ""


def _is_none(address: str) -> bool:
    del address
    return False


@dataclass(frozen=True, slots=True)
class Context:
    """What a judge may know beside the rows: names of addresses, and the network if one is given.

    `name` takes family, high and low half, and returns "" where there is none. `relays` tells
    whether an address, as text, only passes on what others send: a NAT gateway, a load balancer.
    `engine` answers about the network as it is deployed, `meant` about the one that was wanted;
    where only one is known, both are that. `blueprint` is what was wanted, as it is written, and
    `expected` what must hold.

    Networks change: this one holds from the second `since` on, `before` is what held until then.
    The first holds before its time, too.
    """

    name: NameOf = _no_name
    relays: Callable[[str], bool] = _is_none
    engine: "Engine | None" = None
    meant: "Engine | None" = None
    names: "Names | None" = None
    blueprint: "Blueprint | None" = None
    expected: "tuple[Expectation, ...]" = ()
    since: int = 0
    before: "Context | None" = None

    def at(self, second: int) -> "Context":
        """Return the network that held at a second."""
        found = self
        while found.before is not None and second < found.since:
            found = found.before
        return found

    def each(self) -> "tuple[Context, ...]":
        """Return the networks of all times, the first one first."""
        found = [self]
        while found[-1].before is not None:
            found.append(found[-1].before)
        return tuple(reversed(found))

    @property
    def changes(self) -> tuple[int, ...]:
        """Return the seconds from which another network held, the first one's left out."""
        return tuple(each.since for each in self.each()[1:])

    def last_name(self, family: int, high: int, low: int) -> str:
        """Return the name of an address in the last network that has one for it, "" for none."""
        names = (each.name(family, high, low) for each in reversed(self.each()))
        return next((name for name in names if name), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """A detection; each file in this package defines one or more as `DETECTIONS`.

    id          `RW5nn`, stable and never used again.
    name        the same in words, for `--only` and `--set`.
    title       what it finds, in a few words.
    confidence  low, medium or high: how often a finding of it is what it says.
    attacks     ids of MITRE ATT&CK techniques.
    sql         in DuckDB's dialect, the portable subset; `$name` is a parameter.
    entities    roles: whose columns make the entities of a finding.
    says        the finding's sentence, with `{column}` and `{role}`.
    counts      columns of evidence, each with what it is.
    why         what can come of it. instead: what to do about it. blind: what it cannot see.
    by_default  False: run only when asked for by name.
    judge       turns rows into findings in another way than row by row.
    network     the network of the examples: in the words of audits/example.py, or a blueprint.
    hits,misses traffic in the words of detections/example.py, with and without a finding.
    """

    id: str
    name: str
    title: str
    severity: Severity
    confidence: str
    sql: str
    entities: tuple[str, ...]
    says: str
    counts: Mapping[str, str]
    why: str
    instead: str
    blind: str
    hits: tuple[str, ...]
    misses: tuple[str, ...]
    attacks: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    by_default: bool = True
    needs_network: bool = False
    needs_blueprint: bool = False
    network: str = ""
    judge: Callable[["Detection", Sequence[Row], Context], Iterable[Sighting]] | None = None

    def settings(self, given: Mapping[str, Setting]) -> dict[str, Setting]:
        """Return the defaults with what is given in their place."""
        return {each.name: given.get(each.name, each.default) for each in self.parameters}

    def sightings(self, rows: Sequence[Row], context: Context) -> list[Sighting]:
        """Return the findings that the rows of the SQL are."""
        if self.judge is not None:
            return list(self.judge(self, rows, context))
        return [self.sighting(row, context) for row in rows]

    def sighting(self, row: Row, context: Context) -> Sighting:
        """Return the finding that a row is."""
        then = context.at(_whole(row["first"]))
        entities = tuple(_entity(row, role, then) for role in self.entities)
        evidence = {name: row[name] for name in self.counts if name in row}
        words: dict[str, Any] = {name: readable(name, value) for name, value in row.items()}
        words |= {each.role: each for each in entities}
        grade = row.get("grade")
        return Sighting(
            self.id,
            self.severity if grade is None else Severity(int(grade)),
            entities,
            _whole(row["first"]),
            _whole(row["last"]),
            self.says.format_map(words),
            evidence,
        )


def _entity(row: Row, role: str, context: Context) -> Entity:
    low = row.get(f"{role}_low")
    if low is None:
        return Entity(role, name=str(row.get(role) or ""))
    family, high = _whole(row["family"]), _whole(row[f"{role}_high"])
    address = from_halves(family, high, _whole(low))
    return Entity(role, address, context.name(family, high, _whole(low)))


def _whole(value: Value) -> int:
    assert isinstance(value, int | float), value
    return int(value)


def without_relayed(found: Sequence[Sighting], context: Context) -> list[Sighting]:
    """Leave out what a relay is found to do, where somebody else is found to do the same.

    The same is the same detection with the same destination.
    """
    origins = {
        (each.detection, _address(each, "destination"))
        for each in found
        if not context.at(each.first).relays(_address(each, "source"))
    }
    return [
        each
        for each in found
        if not context.at(each.first).relays(_address(each, "source"))
        or (each.detection, _address(each, "destination")) not in origins
    ]


def _address(found: Sighting, role: str) -> str:
    entity = found.entity(role)
    return "" if entity is None else entity.address
