"""A response that was taken back, the network before it and after → whether all is as it was.

Rules:
- Compared is what stands in all that the response touched, item by item, and the ways that it is
  about. What others' responses have put there or taken away meanwhile is told beside it.
- Which packets pass hangs on what is there and on nothing else: where nothing at all that packets
  meet differs, everybody reaches what they did. Where something else has changed, that is named.
- What could not be compared is named, and nothing is said of it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ringwall.model.words import counted
from ringwall.playbooks.measures import Measure
from ringwall.playbooks.playbook import Situation
from ringwall.playbooks.records import Action, ActionState
from ringwall.playbooks.touched import Stand, elsewhere, stands, there_and_gone

SHOWN: Final = 3
UNDONE: Final = "undone"  # of an action's facts
LISTS: Final = ("same", "left", "differs", "beside", "open")
_STANDING: Final = frozenset({ActionState.IN_FORCE, ActionState.APPLYING})
_CHANGES: Final = frozenset({*_STANDING, ActionState.UNDOING, ActionState.UNDONE})


@dataclass(frozen=True, slots=True)
class Undone:
    """What was found after an undo, in sentences.

    `as_before` is None where nothing could be compared. `same` was verified; `left` is of the
    response itself, and was not taken back; `differs` was changed by somebody else; `beside` is of
    other incidents; `open` is what could not be compared, and what was never to be taken back.
    """

    as_before: bool | None = None
    same: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    open: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """Return all of it, the worst first."""
        different = (f"not as before: {each}" for each in (*self.left, *self.differs))
        return (*different, *self.same, *self.beside, *self.open)

    def to_dict(self) -> dict[str, Any]:
        """Return its document."""
        lists = {name: list(getattr(self, name)) for name in LISTS}
        return {"as_before": self.as_before, **lists}

    @classmethod
    def of(cls, action: Action) -> "Undone":
        """Return what an action's facts hold of it, empty for one that was not taken back."""
        known = action.facts.get(UNDONE) or {}
        lists = {name: tuple(known.get(name, ())) for name in LISTS}
        return cls(known.get("as_before"), **lists)


def compared(
    action: Action,
    situation: Situation,
    ways: Mapping[str, Any],
    others: Sequence[Action] = (),
) -> Undone:
    """Compare what an action touched with what was recorded before it.

    `ways` are what `Playbook.state` says now; `others` are actions of other incidents.
    """
    return _Comparison(action, situation, others).judged(ways)


class _Comparison:
    """Collects the sentences."""

    def __init__(self, action: Action, situation: Situation, others: Sequence[Action]) -> None:
        self.action = action
        self.values = situation.engine.network.values
        self.others = [
            each
            for each in others
            if each.state in _CHANGES and each.id != action.id and each.changed >= action.made
        ]
        self.same: list[str] = []
        self.left: list[str] = []
        self.differs: list[str] = []
        self.beside: dict[str, list[str]] = defaultdict(list)
        self.open: list[str] = []

    def judged(self, ways: Mapping[str, Any]) -> Undone:
        recorded = self.action.facts.get("touched") or {}
        before = {own: Stand.from_dict(each) for own, each in recorded.items()}
        now = stands(self.values, self.action.targets)
        for own, stand in before.items():
            self._target(own, stand, now.get(own))
        self._ways(ways, before)
        self._measures(before)
        has_compared = bool(self.same or self.left or self.differs or self.beside)
        if has_compared:
            self._elsewhere()
        as_before = not (self.left or self.differs) if has_compared else None
        beside = (f"by incident {id_} meanwhile: {_listed(e)}" for id_, e in self.beside.items())
        parts = (self.same, self.left, self.differs, beside, self.open)
        return Undone(as_before, *map(tuple, parts))

    def _target(self, own: str, before: Stand, now: Stand | None) -> None:
        if now is None:
            self.differs.append(f"{before.name} is there no more")
        elif before.digest == now.digest:
            self.same.append(f"{now.name}, as before: {now}")
        elif before.items is None or now.items is None:
            self._many(own, before, now)
        else:
            self._items(own, before, now)

    def _many(self, own: str, before: Stand, now: Stand) -> None:
        by = sorted({each.incident for each in self.others if own in each.targets})
        text = f"{now.name} held {before} and holds {now}"
        if by:
            self.open.append(f"not compared: {text}; incident {', '.join(by)} has changed it, too")
        else:
            self.differs.append(text)

    def _items(self, own: str, before: Stand, now: Stand) -> None:
        had, has = set(before.items or ()), set(now.items or ())
        there, gone = self._explained(own)
        made, taken = self._own(own)
        name, rest = now.name, len(self.differs) + len(self.left)
        for text in sorted(has - had):
            if text in there:
                self.beside[there[text]].append(f"{name} has {text}")
            else:
                into = self.left if text in made else self.differs
                into.append(f"{name} has {text}, which it had not")
        for text in sorted(had - has):
            if text in gone:
                self.beside[gone[text]].append(f"{name} has no more {text}")
            else:
                into = self.left if text in taken else self.differs
                into.append(f"{name} has no {text}, which it had")
        if len(self.differs) + len(self.left) == rest:
            others = counted(len(had & has), f"other {now.noun}")
            self.same.append(f"{name}, as before: {others}")

    def _own(self, own: str) -> tuple[frozenset[str], frozenset[str]]:
        """Return the items that the action itself brought into a resource, and took out of it."""
        every = (Measure.from_dict(each) for each in self.action.measures)
        parts = [there_and_gone(m, standing=True) for m in every if m.target == own]
        made, taken = (frozenset[str]().union(*each) for each in zip(*parts, strict=True))
        return made, taken

    def _explained(self, own: str) -> tuple[dict[str, str], dict[str, str]]:
        """Return the items that are there, and not, by other incidents: each with the incident."""
        there, gone = dict[str, str](), dict[str, str]()
        for other in self.others:
            for document in other.measures:
                measure = Measure.from_dict(document)
                if measure.target == own:
                    is_standing = other.state in _STANDING
                    present, absent = there_and_gone(measure, standing=is_standing)
                    there |= dict.fromkeys(present, other.incident)
                    gone |= dict.fromkeys(absent, other.incident)
        return there, gone

    def _ways(self, now: Mapping[str, Any], touched: Mapping[str, Stand]) -> None:
        for text, before in (self.action.facts.get("before") or {}).items():
            if text in touched:
                continue
            if now.get(text) == before:
                self.same.append(f"{text}, as before: {_listed(before)}")
            else:
                self.differs.append(f"{text} was: {_listed(before)}; is: {_listed(now.get(text))}")

    def _measures(self, touched: Mapping[str, Stand]) -> None:
        for document in self.action.measures:
            text = document["text"]
            if not document["undo"]:
                self.open.append(f"stays, as it was to: {text}")
            elif document["target"] not in touched:
                self.open.append(f"not compared, taken back by AWS's word: {text}")

    def _elsewhere(self) -> None:
        before = self.action.facts.get("elsewhere")
        if before is None:
            self.open.append("not compared: the rest of the network, which was not recorded before")
            return
        now = elsewhere(self.values, self.action.targets)
        changed = [n for n in sorted({*before, *now}) if before.get(n) != now.get(n)]
        if changed:
            names = ", ".join(changed)
            self.open.append(f"not compared: what else passes by what has changed since: {names}")
        elif self.left or self.differs or self.beside:
            self.same.append("nothing else that packets meet has changed")
        else:
            self.same.append("nothing that packets meet differs: everybody reaches what they did")


def _listed(value: object) -> str:
    """Return what a state says, in words."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        return "nothing" if value is None else str(value)
    more = f" and {len(value) - SHOWN} more" if len(value) > SHOWN else ""
    return f"{', '.join(map(str, value[:SHOWN]))}{more}" if value else "nothing"
