"""A ledger in AWS: one DynamoDB table, of which every item is found by its key.

| pk | sk | what it holds |
|---|---|---|
| LEDGER | - | `version` |
| EVENT#digest | - | `incident`: the one that the event told of |
| SUBJECT#subject | - | `ordinal` of its last incident |
| LIVE | incident | the incident, until it ends; `events` and `moves` tell whether it was changed |
| ENDED | incident | the incident, from its end on |
| ACTIONS | incident#action | the action; `revision` tells whether it was changed |
| DUE | expires#incident#action | there while an action is in force that expires |
| LINES | number | the line |
| INCIDENT#incident | number | the same line, once more |
| LOCK#target | - | `owner`, `holder` (its process), `since` and `until` when |
| COUNT#name | - | `times`; `revision` tells whether it was changed |
| SWITCH | halt | `is_on` |

Rules:
- Numbers in sort keys have fifteen digits, so that their order as texts is theirs.
- A line takes the number after the last one's on the condition that it is free. Lines are never
  removed, so there are no gaps; who was late reads again.
- An incident goes from LIVE to ENDED and never back: who reads LIVE first misses none.
- `PERMISSIONS` are IAM's actions: TransactWriteItems is a call, and none of them.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from ringwall.errors import CloudError, InputError
from ringwall.playbooks.records import ENDED, Action, Event, Incident, IncidentState, Line
from ringwall.playbooks.redaction import plain
from ringwall.shell.aws import Cloud
from ringwall.shell.clock import Clock, SystemClock
from ringwall.shell.ledger import entries
from ringwall.shell.ledger.holders import Held, Holder, read_holder
from ringwall.shell.ledger.port import OPENED, TOLD_AGAIN, Admission, Admitted
from ringwall.shell.ledger.table import PACE, PARTITION, SORT, Delete, Key, Put, Table, Value, Write
from ringwall.shell.pace import Pace

VERSION: Final = 1
PERMISSIONS: Final = (
    "dynamodb:BatchGetItem",
    "dynamodb:DeleteItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
)
# What CreateTable, and AWS::DynamoDB::Table, must be told.
SCHEMA: Final[Mapping[str, Any]] = {
    "AttributeDefinitions": [
        {"AttributeName": PARTITION, "AttributeType": "S"},
        {"AttributeName": SORT, "AttributeType": "S"},
    ],
    "KeySchema": [
        {"AttributeName": PARTITION, "KeyType": "HASH"},
        {"AttributeName": SORT, "KeyType": "RANGE"},
    ],
    "BillingMode": "PAY_PER_REQUEST",
}
MOST_RELEASED: Final = 50  # locks of one step, with its line
# What AWS takes as a table: a name, or its ARN (API reference, TableName of TransactWriteItems).
_NAME: Final = re.compile(
    r"(arn:aws[a-z-]*:dynamodb:[a-z0-9-]+:\d{12}:table/)?[A-Za-z0-9_.-]{3,255}"
)
_ONLY: Final = "-"  # the sort key of what is alone in its partition
_LEDGER: Final = ("LEDGER", _ONLY)
_SWITCH: Final = ("SWITCH", "halt")


class DynamoLedger:
    """A ledger in a table; raises InputError for what is none, CloudError where AWS does."""

    def __init__(
        self,
        cloud: Cloud,
        table: str,
        *,
        clock: Clock | None = None,
        pace: Pace = PACE,
        here: Holder | None = None,
    ) -> None:
        _judge_name(table)
        self._table = Table(cloud, table, clock or SystemClock(), pace)
        self._here = here or Holder.this()
        try:
            self._open()
        except CloudError as error:
            if error.code == "ResourceNotFoundException":
                msg = f"there is no table '{table}' in {cloud.region}"
                raise InputError(
                    msg, hint="`ringwall apply` makes it where a blueprint responds"
                ) from None
            if error.code == "ValidationException":
                msg = f"table '{table}' is no ledger"
                raise InputError(msg, hint=error.detail) from None
            raise

    def admit(self, event: Event, now: int) -> Admitted:
        """Take an event: open an incident, or count it to the one that has not ended."""
        return self._table.change(lambda: self._admission(event, now))

    def _admission(self, event: Event, now: int) -> tuple[list[Write], Admitted]:
        key = (f"EVENT#{entries.event_key(event.id)}", _ONLY)
        known = self._table.get(key)
        if known is not None:
            return [], Admitted(Admission.KNOWN, self.incident(str(known["incident"])))
        subject = (f"SUBJECT#{event.subject}", _ONLY)
        last = self._table.get(subject)
        ordinal = int(last["ordinal"]) if last else 0
        current = self._table.get(("LIVE", f"{event.subject}-{ordinal}"))
        if current is None:
            incident = entries.opened(event, ordinal + 1, now)
            admission, what = Admission.NEW, OPENED
            same = {"ordinal": ordinal} if last else {}
            written: list[Write] = [
                Put(subject, {"ordinal": ordinal + 1}, absent=not last, same=same),
                Put(("LIVE", incident.id), _of_incident(incident), absent=True),
            ]
        else:
            before = _incident(current)
            incident = entries.again(before, event, now)
            admission, what = Admission.AGAIN, TOLD_AGAIN
            written = [Put(("LIVE", incident.id), _of_incident(incident), same=_state(before))]
        written.append(Put(key, {"incident": incident.id}, absent=True))
        written += self._line(entries.admission_line(event, incident, what, now))
        return written, Admitted(admission, incident)

    def incident(self, id_: str) -> Incident:
        """Return an incident; raises QuestionError for none, with ids that are near."""
        name = plain(id_)
        if 0 < len(name) <= entries.LONGEST_ID:
            for part in ("LIVE", "ENDED"):
                found = self._table.get((part, name))
                if found is not None:
                    return _incident(found)
        raise entries.unknown(id_, [each.id for each in self.incidents()])

    def incidents(self, states: Iterable[IncidentState] = ()) -> list[Incident]:
        """Return incidents in these states, or all, the last changed first, then by id."""
        wanted = frozenset(states) or frozenset(IncidentState)
        found: dict[str, Incident] = {}
        # What ends in between is read twice, and is what it is in the end.
        parts = [("LIVE", bool(wanted - ENDED)), ("ENDED", bool(wanted & ENDED))]
        for part in [name for name, is_asked in parts if is_asked]:
            found |= {each.id: each for each in map(_incident, self._table.query(part))}
        known = [each for each in found.values() if each.state in wanted]
        return sorted(known, key=lambda each: (-each.changed, each.id))

    def actions(self, incident: str = "") -> list[Action]:
        """Return the actions of an incident, or all, the first made first, then by id."""
        name = plain(incident)
        if len(name) > entries.LONGEST_ID:
            return []
        condition = f"begins_with({SORT}, :of)" if name else ""
        items = self._table.query("ACTIONS", condition, {"of": f"{name}#"} if name else {})
        return sorted(map(_action, items), key=lambda each: (each.made, each.id, each.incident))

    def due(self, now: int) -> list[Action]:
        """Return the actions in force whose time is over (`expires` is past or now), in order."""
        found = self._table.query("DUE", f"{SORT} < :after", {"after": _number(now + 1)})
        keys = [("ACTIONS", str(item[SORT]).partition("#")[2]) for item in found]
        actions = [_action(item) for item in self._table.get_all(keys)]
        over = [each for each in actions if entries.is_expiring(each) and each.expires <= now]
        return sorted(over, key=lambda each: (each.expires, each.id, each.incident))

    def move(
        self,
        incident: Incident,
        state: IncidentState,
        line: Line,
        actions: Sequence[Action] = (),
    ) -> Incident:
        """Move an incident on, with its line and the actions as they are from now on."""
        entries.judge_move(incident, state, actions)
        kept = entries.kept_actions(actions)

        def judge() -> tuple[list[Write], Incident]:
            current = self.incident(incident.id)
            moved = entries.moved(current, incident, state, line.at, kept)
            live, same = ("LIVE", moved.id), _state(current)
            written: list[Write]
            if entries.is_ended(moved):
                written = [
                    Delete(live, same=same),
                    Put(("ENDED", moved.id), _of_incident(moved), absent=True),
                ]
            else:
                written = [Put(live, _of_incident(moved), same=same)]
            return [*written, *self._keep(kept), *self._line(line, moved)], moved

        return self._table.change(judge)

    def write(self, line: Line, actions: Sequence[Action] = ()) -> None:
        """Write a line, and actions as they are from now on; raises RefusedError as `move`."""
        kept = entries.kept_actions(actions)
        self._table.change(lambda: ([*self._keep(kept), *self._line(line)], None))

    def lines(self, incident: str = "", after: int = 0) -> list[Line]:
        """Return lines of the journal by number: of an incident, or all; those after a number."""
        name = plain(incident)
        if len(name) > entries.LONGEST_ID:
            return []
        part = f"INCIDENT#{name}" if name else "LINES"
        items = self._table.query(part, f"{SORT} > :after", {"after": _number(after)})
        return [Line.from_dict(json.loads(str(item["document"]))) for item in items]

    def lock(self, targets: Iterable[str], owner: str, now: int, seconds: int) -> bool:
        """Take the locks of all targets or of none, until `seconds` from now, exclusive."""
        wanted = [_lock(target) for target in entries.asked_locks(targets)]

        def judge() -> tuple[list[Write], bool]:
            held = self._table.get_all(wanted)
            if any(item["owner"] != owner and int(item["until"]) > now for item in held):
                return [], False
            own = [int(item.get("since", now)) for item in held if item["owner"] == owner]
            values: dict[str, Value] = {
                "owner": owner,
                "until": now + seconds,
                "since": min(own, default=now),
                "holder": self._here.written(),
            }
            free: dict[str, Value] = {"owner": owner, "until": now}
            return [Put(key, values, free=free) for key in wanted], True

        return self._table.change(judge)

    def unlock(self, targets: Iterable[str], owner: str) -> None:
        """Give back those of the locks that the owner still has."""
        keys = [_lock(target) for target in dict.fromkeys(targets)]

        def judge(part: Sequence[Key]) -> tuple[list[Write], None]:
            own = [item for item in self._table.get_all(part) if item["owner"] == owner]
            deletes = [Delete((str(item[PARTITION]), _ONLY), {"owner": owner}) for item in own]
            return list(deletes), None

        for first in range(0, len(keys), entries.MOST_LOCKS):
            part = keys[first : first + entries.MOST_LOCKS]
            self._table.change(partial(judge, part))

    def held(self, targets: Iterable[str]) -> list[Held]:
        """Return the locks of targets, as they stand, by target; over or not."""
        found = self._table.get_all(_lock(target) for target in targets)
        return sorted(map(self._held, found), key=lambda each: each.target)

    def release(self, targets: Iterable[str], owner: str, line: Line) -> None:
        """Give back what an owner has of the locks in its place, with a line that says why."""
        wanted = sorted({plain(target) for target in targets})

        def judge(part: Sequence[str], told: Sequence[Line]) -> tuple[list[Write], None]:
            own = [each for each in self.held(part) if each.owner == owner]
            entries.judge_release(own)
            deletes = [Delete(_lock(each.target), {"owner": owner}) for each in own]
            return [*deletes, *(write for each in told for write in self._line(each))], None

        told = [line]
        for first in range(0, max(len(wanted), 1), MOST_RELEASED):
            part = wanted[first : first + MOST_RELEASED]
            self._table.change(partial(judge, part, told))
            told = []

    def _held(self, item: Mapping[str, Value]) -> Held:
        holder, _ = read_holder(str(item.get("holder", "")))
        return Held(
            str(item[PARTITION]).partition("#")[2],
            str(item["owner"]),
            holder.text,
            int(item.get("since", 0)),
            int(item["until"]),
            holder.life(self._here),
        )

    def count(self, name: str, limit: int, now: int, seconds: int) -> bool:
        """Count one of a kind, if fewer than `limit` were counted in the last `seconds`."""
        key = (f"COUNT#{name}", _ONLY)

        def judge() -> tuple[list[Write], bool]:
            known = self._table.get(key)
            before = json.loads(str(known["times"])) if known else []
            times = entries.counted(before, limit, now, seconds)
            if times is None:
                return [], False
            revision = int(known["revision"]) if known else 0
            values: dict[str, Value] = {
                "times": entries.written(times),
                "revision": revision + 1,
            }
            return [_revised(key, values, revision)], True

        return self._table.change(judge)

    def halt(self, line: Line) -> None:
        """Stop all that acts by itself, until `resume`."""
        self._switch(line, is_on=True)

    def resume(self, line: Line) -> None:
        """Let what acts by itself act again."""
        self._switch(line, is_on=False)

    @property
    def is_halted(self) -> bool:
        """Tell whether all that acts by itself is stopped."""
        found = self._table.get(_SWITCH)
        return found is not None and bool(found["is_on"])

    def _switch(self, line: Line, *, is_on: bool) -> None:
        self._table.change(lambda: ([Put(_SWITCH, {"is_on": is_on}), *self._line(line)], None))

    def _keep(self, actions: Sequence[Action]) -> list[Write]:
        keys = {f"{action.incident}#{action.id}": action for action in actions}
        items = self._table.get_all([("ACTIONS", name) for name in keys])
        known = {str(item[SORT]): item for item in items}
        written: list[Write] = []
        for name, action in keys.items():
            item = known.get(name)
            before = _action(item) if item else None
            entries.judge_action(before, action)
            revision = int(item["revision"]) if item else 0
            values: dict[str, Value] = {
                "document": entries.written(action.to_dict()),
                "revision": revision + 1,
            }
            written.append(_revised(("ACTIONS", name), values, revision))
            was, is_ = _due(name, before), _due(name, action)
            if was != is_:
                written += [Delete(key) for key in was]
                written += [Put(key, {}) for key in is_]
        return written

    def _line(self, line: Line, moved: Incident | None = None) -> list[Write]:
        number = int(self._table.last("LINES") or 0) + 1
        kept = entries.kept_line(line, number, moved)
        values: dict[str, Value] = {"document": entries.written(kept.to_dict())}
        written: list[Write] = [Put(("LINES", _number(number)), values, absent=True)]
        if kept.incident:
            written.append(Put((f"INCIDENT#{kept.incident}", _number(number)), values))
        return written

    def _open(self) -> None:
        found = self._table.change(self._founding)
        if found > VERSION:
            msg = f"table '{self._table.name}' was written by a newer Ringwall (version {found})"
            raise InputError(msg, hint="update Ringwall: pip install -U ringwall")

    def _founding(self) -> tuple[list[Write], int]:
        known = self._table.get(_LEDGER)
        if known is not None:
            return [], int(known.get("version", 0))
        return [Put(_LEDGER, {"version": VERSION}, absent=True)], VERSION


def _judge_name(table: str) -> None:
    if not _NAME.fullmatch(table):
        msg = f"'{table}' is no name of a table of DynamoDB" if table else "no table is named"
        raise InputError(
            msg,
            hint="dynamodb:TABLE: 3 to 255 letters, digits, dots, hyphens and underscores;"
            " `ringwall output FILE` tells that of a deployment",
        )


def _revised(key: Key, values: Mapping[str, Value], revision: int) -> Put:
    if not revision:
        return Put(key, values, absent=True)
    return Put(key, values, same={"revision": revision})


def _due(name: str, action: Action | None) -> list[Key]:
    """Return the key under which an action is due, if it is at all."""
    if action is None or not entries.is_expiring(action):
        return []
    return [("DUE", f"{_number(action.expires)}#{name}")]


def _lock(target: str) -> Key:
    return (f"LOCK#{plain(target)}", _ONLY)


def _number(number: int) -> str:
    return f"{number:015}"


def _state(incident: Incident) -> dict[str, Value]:
    return {"events": incident.events, "moves": incident.moves}


def _of_incident(incident: Incident) -> dict[str, Value]:
    return {"document": entries.written(incident.to_dict()), **_state(incident)}


def _incident(item: Mapping[str, Value]) -> Incident:
    return Incident.from_dict(json.loads(str(item["document"])))


def _action(item: Mapping[str, Value]) -> Action:
    return Action.from_dict(json.loads(str(item["document"])))
