"""An incident and what is done about it → a notice of five lines.

What happened; what is proposed, or done, and why; what it would break, and what stays open; how to
say yes or no; how to take it back. People read it on a telephone, at night.

Rules:
- Texts of strangers are on one line, without credentials, and cut.
- What is said of a response is whole: where not all fits, sentences are left out at the end, and
  counted. A command is never cut.
- What a notice offers works now; what will work later is said to.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from ringwall.model.finding import Severity
from ringwall.model.words import counted
from ringwall.playbooks.commands import APPROVE, DENY, RECONCILE, UNDO, Desk, ways_on
from ringwall.playbooks.records import SELF, Action, ActionState, Incident, IncidentState, Line
from ringwall.playbooks.redaction import redacted
from ringwall.playbooks.undone import Undone

# How a notice is told from an alarm, when a topic delivers both to the responder.
MARK, NOTICE = "ringwall", "notice"
LONGEST: Final = 400  # characters of a line, but for commands
LEAST: Final = 40  # characters that are told of a title, whatever stands behind it
_SHORTER: Final = (LONGEST, 250, 150, 100)  # where less fits
_SHOW: Final = "show"
_STANDS: Final = frozenset({ActionState.IN_FORCE, ActionState.APPLYING, ActionState.UNDOING})
_PROVEN: Final = frozenset({IncidentState.PROPOSED, IncidentState.OBSERVED, IncidentState.IN_FORCE})
_OVER: Final = frozenset({IncidentState.REFUSED, IncidentState.DENIED, IncidentState.CLOSED})
_ENDS: Final[Mapping[IncidentState, str]] = {
    IncidentState.OPEN: "what to do is not worked out yet",
    IncidentState.REFUSED: "nothing is done",
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
    """The deployment, its account and region, and where its commands are typed."""

    deployment: str
    account: str = ""
    region: str = ""
    desk: Desk = field(default_factory=Desk)


@dataclass(frozen=True, slots=True)
class _Said:
    """A line: its head, sentences of which the last may be left out, and what stands at the end.

    `commands` are never cut, and not counted.
    """

    head: str
    parts: Sequence[str] = ("",)
    end: str = ""
    commands: str = ""

    def text(self, longest: int, more: str) -> str:
        """Return it; `more` is how one sees what is left out."""
        first, *rest = map(_one_line, self.parts)
        room = max(longest - len(self.end), len(self.head) + LEAST)
        text = _cut(f"{self.head}: {first}", room)
        for number, each in enumerate(rest):
            if len(text) + len(each) + 2 > room:
                return f"{text} ({len(rest) - number} more: {more})"
            text = f"{text}; {each}"
        return f"{text}{self.end}{self.commands}"


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told: the incident and its actions, and the same in words."""

    where: Where
    incident: Incident
    actions: tuple[Action, ...]
    said: tuple[_Said, ...]

    @classmethod
    def of(
        cls, where: Where, incident: Incident, actions: Sequence[Action], line: Line | None = None
    ) -> "Notice":
        """Return the notice about an incident as it stands; `line` is what brought it there."""
        last = actions[-1] if actions else None
        said = (
            _happened(incident),
            _Said("Response", [*_done(incident, last, _why(line))]),
            _Said("It would break", [*_breaks(incident, last)]),
            _approval(where.desk, incident, actions),
            _way_back(where.desk, incident, actions),
        )
        return cls(where, incident, tuple(actions), said)

    @property
    def subject(self) -> str:
        """Return what it is about, in at most 100 characters."""
        grade = Severity(self.incident.severity).word
        head = f"[{self.where.deployment}] {self.incident.state.value}: "
        return _cut(f"{head}{_one_line(self.incident.kind)} ({grade}) {_who(self.incident)}", 100)

    @property
    def lines(self) -> tuple[str, ...]:
        """Return the five lines."""
        return self._lines(LONGEST)

    @property
    def text(self) -> str:
        """Return the five lines as one text."""
        return "\n".join(self.lines)

    def within(self, most: int) -> str:
        """Return as much of it as fits into so many characters, and no command in part."""
        for longest in _SHORTER:
            text = "\n".join(self._lines(longest))
            if len(text) <= most:
                return text
        kept, left = list[str](), most
        for each in self._lines(_SHORTER[-1]):
            if len(each) < left:
                kept.append(each)
                left -= len(each) + 1
        return "\n".join(kept)

    def _lines(self, longest: int) -> tuple[str, ...]:
        more = self.where.desk.quoted(_SHOW, self.incident.id)
        return tuple(each.text(longest, more) for each in self.said)


def _happened(incident: Incident) -> _Said:
    grade = Severity(incident.severity).word
    times = f", told {counted(incident.events, 'time')}" if incident.events > 1 else ""
    when = f"{_time(incident.first)} to {_time(incident.last)}"
    kind = _cut(_one_line(incident.kind), 80)
    return _Said("What happened", [incident.title], f" ({kind}, {grade}; {when}{times})")


def _why(line: Line | None) -> list[str]:
    """Return why an incident came to where it stands, by whom, and the way on."""
    if line is None or not line.reason:
        return []
    said = line.reason if line.by == SELF else f"{line.by}: {line.reason}"
    return [said, *filter(None, [str(line.facts.get("hint") or "")])]


def _done(incident: Incident, action: Action | None, why: list[str]) -> Iterator[str]:
    state = incident.state
    if action is None or state in _ENDS:
        ends = _UNANSWERED if action is None else _ENDS
        yield ends.get(state, f"none; the incident is {state.value}")
        if state is not IncidentState.OBSERVED:
            yield from why
        yield from Undone.of(action).lines if action is not None else ()
        yield from _not_known(incident)
        return
    facts = action.facts
    title = str(facts.get("title") or action.playbook)
    until = f", until {_time(action.expires)}" if action.expires else ""
    match state:
        case IncidentState.PROPOSED:
            yield f"proposed: {title}{until}"
        case IncidentState.OBSERVED:
            yield f"only told, as the mode says: {title}"
        case IncidentState.IN_FORCE:
            yield f"in force{until}: {title}"
        case _:
            yield f"{state.value}: {title}"
    if state is not IncidentState.OBSERVED:
        yield from why
    if state in _PROVEN:
        yield from map(str, facts.get("proven") or ())


def _not_known(incident: Incident) -> list[str]:
    """Return what of the logs of an incident was not read: who else had a part is not known."""
    looked = incident.evidence.get("looked")
    if not isinstance(looked, Mapping):
        return []
    unread = [" ".join(map(str, each)) for each in looked.get("unread") or ()]
    more = f", and {counted(len(unread) - 1, 'more file')}" if len(unread) > 1 else ""
    told = [f"not read: {unread[0]}{more}"] if unread else []
    stopped = str(looked.get("stopped") or "")
    return [f"unknown: {each}" for each in (*told, *([stopped] if stopped else []))]


def _breaks(incident: Incident, action: Action | None) -> Iterator[str]:
    if action is None or incident.state in _OVER:
        was_done = action is not None and incident.state is IncidentState.CLOSED
        yield "nothing, as nothing of it stands" if was_done else "nothing, as nothing is done"
        return
    facts = action.facts
    broken = [str(each) for each in facts.get("breaks") or ()]
    doubts = [f"not proven: {each}" for each in facts.get("doubts") or ()]
    yield from [*broken, *doubts] or ["nothing that is expected to work"]
    yield from _replayed(facts.get("replay"))
    yield from _not_known(incident)
    yield from (f"stays open: {each}" for each in facts.get("residual") or ())


def _replayed(replay: object) -> Iterator[str]:
    if isinstance(replay, Mapping) and "conversations" in replay:
        over = replay.get("over") or counted(int(replay.get("days") or 0), "day")
        yield f"in {over} it would have cut {counted(replay['conversations'], 'conversation')}"


def _approval(desk: Desk, incident: Incident, actions: Sequence[Action]) -> _Said:
    head = "To approve"
    ways = ways_on(incident.state, {each.state for each in actions})
    if APPROVE in ways:
        deny = f"; to deny: {desk.quoted(DENY, incident.id)}" if DENY in ways else ""
        return _Said(head, commands=f"{desk.quoted(APPROVE, incident.id)}{deny}")
    if RECONCILE in ways:
        said = f"{desk.quoted(RECONCILE)} finishes it or takes it back"
        return _Said(head, commands=said)
    return _Said(head, ["there is nothing to approve"])


def _way_back(desk: Desk, incident: Incident, actions: Sequence[Action]) -> _Said:
    head, undo = "To undo", desk.quoted(UNDO, incident.id)
    ways = ways_on(incident.state, {each.state for each in actions})
    if UNDO in ways or any(each.state in _STANDS for each in actions):
        return _Said(head, commands=undo)
    if APPROVE in ways:
        return _Said(head, commands=f"nothing is done yet; once it is approved: {undo}")
    return _Said(head, ["nothing of it stands"])


def _who(incident: Incident) -> str:
    parties = (_one_line(each.name or each.address) for each in incident.parties)
    return " > ".join(parties) or "nobody named"


def _one_line(text: str) -> str:
    known: Any = redacted(text)
    return " ".join("".join(_printable(str(known))).split())


def _printable(text: str) -> Iterator[str]:
    for each in text:
        yield each if each.isprintable() else " "


def _cut(text: str, most: int) -> str:
    """Return a text, or its beginning to the end of a word."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    words = cut.rpartition(" ")[0]
    return f"{words if len(words) > most // 2 else cut}…"


def _time(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%SZ}"
