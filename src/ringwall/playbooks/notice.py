"""An incident and what is done about it → a notice of five lines.

What happened; what is proposed, or done; what it would break, and what stays open; how to say yes;
how to take it back. People read it on a telephone, at night.

Rule: texts of strangers are on one line, without credentials, and cut.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from ringwall.model.finding import Severity
from ringwall.playbooks.records import Action, ActionState, Incident, IncidentState
from ringwall.playbooks.redaction import redacted

# How a notice is told from an alarm, when a topic delivers both to the responder.
MARK, NOTICE = "ringwall", "notice"
LONGEST: Final = 400  # characters of a line
_ASKS: Final = frozenset({IncidentState.PROPOSED, IncidentState.OBSERVED})
_STANDS: Final = frozenset({ActionState.IN_FORCE, ActionState.APPLYING, ActionState.UNDOING})
_ENDS: Final[Mapping[IncidentState, str]] = {
    IncidentState.OPEN: "what to do is not worked out yet",
    IncidentState.REFUSED: "nothing is done: no response was proven to be right",
    IncidentState.DENIED: "nothing is done: a person said no",
    IncidentState.CLOSED: "what was done is taken back",
}
_UNANSWERED: Final[Mapping[IncidentState, str]] = {
    **_ENDS,
    IncidentState.OBSERVED: "none: it is told, and nothing is proposed",
    IncidentState.CLOSED: "none was needed: it is over",
}


@dataclass(frozen=True, slots=True)
class Where:
    """The deployment, its account and region."""

    deployment: str
    account: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told: the incident and its actions, and the same in words."""

    where: Where
    incident: Incident
    actions: tuple[Action, ...]
    lines: tuple[str, str, str, str, str]

    @classmethod
    def of(cls, where: Where, incident: Incident, actions: Sequence[Action]) -> "Notice":
        """Return the notice about an incident as it stands."""
        last = actions[-1] if actions else None
        lines = (
            _happened(incident),
            _done(incident, last),
            _breaks(incident, last),
            _approval(incident, last),
            _way_back(incident, actions),
        )
        return cls(where, incident, tuple(actions), lines)

    @property
    def subject(self) -> str:
        """Return what it is about, in at most 100 characters."""
        grade = Severity(self.incident.severity).word
        head = f"[{self.where.deployment}] {self.incident.state.value}: "
        return _cut(f"{head}{_one_line(self.incident.kind)} ({grade}) {_who(self.incident)}", 100)

    @property
    def text(self) -> str:
        """Return the five lines."""
        return "\n".join(self.lines)


def _happened(incident: Incident) -> str:
    grade = Severity(incident.severity).word
    times = f", told {incident.events} times" if incident.events > 1 else ""
    when = f"{_time(incident.first)} to {_time(incident.last)}"
    return _line("What happened", f"{incident.title} ({incident.kind}, {grade}; {when}{times})")


def _done(incident: Incident, action: Action | None) -> str:
    state = incident.state
    if action is None or state in _ENDS:
        ends = _UNANSWERED if action is None else _ENDS
        said = ends.get(state, f"none; the incident is {state.value}")
        return _line("Response", "; ".join([said, *_not_known(incident)]))
    facts = action.facts
    title = str(facts.get("title") or action.playbook)
    proofs = "; ".join(map(str, facts.get("proven") or ()))
    until = f", until {_time(action.expires)}" if action.expires else ""
    match state:
        case IncidentState.PROPOSED:
            said = f"proposed: {title}{until}"
        case IncidentState.OBSERVED:
            said = f"only told, as the mode says: {title}"
        case IncidentState.IN_FORCE:
            said = f"in force{until}: {title}"
        case _:
            said = f"{state.value}: {title}"
    return _line("Response", f"{said} ({proofs})" if proofs else said)


def _not_known(incident: Incident) -> list[str]:
    """Return what of the logs of an incident was not read: who else had a part is not known."""
    looked = incident.evidence.get("looked")
    if not isinstance(looked, Mapping):
        return []
    unread = [" ".join(map(str, each)) for each in looked.get("unread") or ()]
    more = f", and {len(unread) - 1} more files" if len(unread) > 1 else ""
    told = [f"not read: {unread[0]}{more}"] if unread else []
    stopped = str(looked.get("stopped") or "")
    return [f"unknown: {each}" for each in (*told, *([stopped] if stopped else []))]


def _breaks(incident: Incident, action: Action | None) -> str:
    if action is None:
        return _line("It would break", "nothing, as nothing is done")
    facts = action.facts
    broken = [str(each) for each in facts.get("breaks") or ()]
    doubts = [f"not proven: {each}" for each in facts.get("doubts") or ()]
    told = [*broken, *doubts] or ["nothing that is expected to work"]
    told += [*_replayed(facts.get("replay")), *_not_known(incident)]
    told += [f"stays open: {each}" for each in facts.get("residual") or ()]
    return _line("It would break", "; ".join(told))


def _replayed(replay: object) -> list[str]:
    if not isinstance(replay, Mapping) or "conversations" not in replay:
        return []
    count, over = replay["conversations"], replay.get("over") or f"{replay.get('days')} days"
    return [f"in {over} it would have cut {count} conversations"]


def _approval(incident: Incident, action: Action | None) -> str:
    if incident.state in _ASKS and action is not None:
        said = f"ringwall respond approve {incident.id} --reason WHY (or deny)"
    elif incident.state is IncidentState.FAILED:
        said = "ringwall respond reconcile finishes it or takes it back"
    else:
        said = "there is nothing to approve"
    return _line("To approve", said)


def _way_back(incident: Incident, actions: Sequence[Action]) -> str:
    if any(each.state in _STANDS for each in actions) or (actions and incident.state in _ASKS):
        return _line("To undo", f"ringwall respond undo {incident.id} --reason WHY")
    return _line("To undo", "nothing of it stands")


def _who(incident: Incident) -> str:
    parties = (_one_line(each.name or each.address) for each in incident.parties)
    return " > ".join(parties) or "nobody named"


def _line(head: str, text: str) -> str:
    return _cut(f"{head}: {_one_line(text)}", LONGEST)


def _one_line(text: str) -> str:
    known: Any = redacted(text)
    return " ".join("".join(_printable(str(known))).split())


def _printable(text: str) -> Iterator[str]:
    for each in text:
        yield each if each.isprintable() else " "


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _time(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%SZ}"
