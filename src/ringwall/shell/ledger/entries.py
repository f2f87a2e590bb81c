"""What every ledger writes: records on their way to the next state, plain, bounded, redacted.

Rules:
- No I/O: a ledger reads, asks here what follows, and writes that in one step.
- What tells (evidence, facts of a line, reasons) is cut to its bound and says so; what acts, an
  action with its facts, is kept whole or refused.
- The bounds keep a record below DynamoDB's 400 kB an item, and a step below its 100 items and
  4 MB a transaction (DynamoDB developer guide, quotas), in SQLite too: a ledger can be moved.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Any, Final

from ringwall.errors import LockedError, QuestionError, RefusedError, StaleError
from ringwall.playbooks.records import (
    ENDED,
    NEXT,
    ONWARD,
    Action,
    ActionState,
    Event,
    Incident,
    IncidentState,
    Line,
    Party,
)
from ringwall.playbooks.redaction import DEEPEST, TOO_DEEP, has_secret, plain, redacted
from ringwall.shell.ledger.holders import Held, Life

# Bytes of JSON.
LARGEST_EVIDENCE: Final = 100_000
LARGEST_PARTIES: Final = 100_000
LARGEST_ACTION: Final = 200_000
LONGEST_TEXT: Final = 2_000  # characters of a title, a reason, a name
MOST_ACTIONS: Final = 16  # of one step
MOST_LOCKS: Final = 100  # taken at once
MOST_COUNTED: Final = 10_000  # the highest limit of a count
LONGEST_ID: Final = 200  # characters of an incident's or an action's id
LONGEST_TARGET: Final = 500  # characters; a key has 2,048 bytes
NEAR: Final = 3
LEFT_OUT: Final = "left_out"


def written(document: object) -> str:
    """Return plain JSON as text of ASCII."""
    return json.dumps(document, allow_nan=False, separators=(",", ":"))


def event_key(id_: str) -> str:
    """Return what stands for an event's id, however long that is and whatever is in it."""
    return hashlib.sha256(id_.encode("utf-8", "surrogatepass")).hexdigest()


def opened(event: Event, ordinal: int, now: int) -> Incident:
    """Return the incident that an event opens, as its subject's n-th."""
    parties, missing = _bounded_parties(event.parties)
    evidence = _told(event.evidence)
    if missing:
        evidence[LEFT_OUT] = [*evidence.get(LEFT_OUT, []), f"{missing} more parties"]
    return Incident(
        id=f"{event.subject}-{ordinal}",
        subject=event.subject,
        source=event.source,
        kind=_text(event.kind),
        title=_text(event.title),
        severity=event.severity,
        parties=parties,
        first=event.first,
        last=event.last,
        state=IncidentState.OPEN,
        opened=now,
        changed=now,
        evidence=evidence,
    )


def again(incident: Incident, event: Event, now: int) -> Incident:
    """Return an incident that one more event told of."""
    return replace(
        incident,
        severity=max(incident.severity, event.severity),
        first=min(incident.first, event.first),
        last=max(incident.last, event.last),
        events=incident.events + 1,
        changed=max(incident.changed, now),
    )


def judge_move(given: Incident, state: IncidentState, actions: Sequence[Action]) -> None:
    """Raise ValueError for a move that NEXT does not know, or with another incident's actions."""
    if state not in NEXT[given.state]:
        msg = f"an incident does not move from {given.state} to {state}"
        raise ValueError(msg)
    if any(action.incident != given.id for action in actions):
        msg = f"an action of another incident than {given.id}"
        raise ValueError(msg)


def moved(
    current: Incident,
    given: Incident,
    state: IncidentState,
    at: int,
    actions: Sequence[Action] = (),
) -> Incident:
    """Return the current incident moved on, with what the given one has learnt.

    What events tell (`first`, `last`, `events`, `severity`) stays as it is now; `title`, `parties`,
    `evidence` and `actions` are those of the given one, the new actions added. Raises StaleError
    if it has moved since it was given.
    """
    if (current.state, current.moves) != (given.state, given.moves):
        msg = f"incident {given.id} is {current.state} by now, no longer {given.state}"
        raise StaleError(msg)
    parties, _ = _bounded_parties(given.parties)
    ids = (*current.actions, *given.actions, *(action.id for action in actions))
    known = replace(
        current,
        title=_text(given.title),
        parties=parties,
        evidence=_told(given.evidence),
        actions=tuple(dict.fromkeys(ids)),
    )
    return known.moved(state, max(current.changed, at))


def kept_actions(actions: Sequence[Action]) -> list[Action]:
    """Return actions as they are kept; raises RefusedError for what has no place in a ledger."""
    if len(actions) > MOST_ACTIONS:
        msg = f"{len(actions)} actions in one step; at most {MOST_ACTIONS} can be written at once"
        raise RefusedError(msg)
    if len({(action.incident, action.id) for action in actions}) < len(actions):
        msg = "an action stands twice in one step"
        raise ValueError(msg)
    return [_kept_action(action) for action in actions]


def _kept_action(action: Action) -> Action:
    if len(action.id) > LONGEST_ID or len(action.incident) > LONGEST_ID or "#" in action.incident:
        msg = f"{action.id[:LONGEST_ID]!r} of {action.incident[:LONGEST_ID]!r} is no action's id"
        raise ValueError(msg)
    measures = tuple(plain(measure) for measure in action.measures)
    targets = tuple(plain(target) for target in action.targets)
    if has_secret([*measures, *targets]):
        msg = f"action {action.id}: a measure holds a credential or a webhook's address"
        raise RefusedError(msg, hint="name the secret's parameter instead; nothing was written")
    if TOO_DEEP in written(measures):
        msg = f"action {action.id}: a measure is nested deeper than {DEEPEST} levels"
        raise RefusedError(msg, hint="nothing was written")
    # What is proven after an undo is compared with its facts: they are kept whole, and only what is
    # certainly a secret is taken out.
    facts = redacted(plain(action.facts), likely=False)
    action = replace(action, targets=targets, measures=measures, facts=facts)
    size = len(written(action.to_dict()))
    if size > LARGEST_ACTION:
        msg = f"action {action.id} takes {size:,} bytes; at most {LARGEST_ACTION:,} are kept"
        raise RefusedError(msg, hint="fewer targets or measures in one action; nothing was written")
    return action


def judge_action(before: Action | None, action: Action) -> None:
    """Raise StaleError for an action that is, by now, being taken back or over, and would stand."""
    if before is not None and action.state not in ONWARD.get(before.state, ActionState):
        msg = f"action {action.id} is {before.state} by now, and cannot be {action.state}"
        raise StaleError(msg)


def kept_line(line: Line, number: int, incident: Incident | None = None) -> Line:
    """Return a line as it is kept under a number; with the incident that it moved."""
    if len(line.incident) > LONGEST_ID:
        msg = f"{line.incident[:LONGEST_ID]!r} is no incident's id"
        raise ValueError(msg)
    return replace(
        line,
        incident=incident.id if incident else _text(line.incident),
        action=_text(line.action),
        what=_text(line.what),
        by=_text(line.by),
        reason=_text(line.reason),
        facts=_told(line.facts),
        number=number,
        state=incident.state.value if incident else "",
    )


def admission_line(event: Event, incident: Incident, what: str, now: int) -> Line:
    """Return the line that tells of an event."""
    return Line(
        at=now,
        incident=incident.id,
        what=what,
        by=event.source.value,
        facts={"event": event.id, "events": incident.events},
    )


def is_ended(incident: Incident) -> bool:
    """Tell whether nothing follows."""
    return incident.state in ENDED


def is_expiring(action: Action) -> bool:
    """Tell whether an action will be due."""
    return action.state is ActionState.IN_FORCE and action.expires > 0


def counted(times: Iterable[int], limit: int, now: int, seconds: int) -> list[int] | None:
    """Return the times of a count with this one, or None where that would be one too many.

    Times are kept for twice the window, so that no window is exceeded while the clocks of those
    who count differ by less than one. Raises ValueError for a limit beyond MOST_COUNTED.
    """
    if limit > MOST_COUNTED:
        msg = f"a count's limit is at most {MOST_COUNTED:,}"
        raise ValueError(msg)
    known = list(times)
    if sum(at > now - seconds for at in known) >= limit:
        return None
    newest = max([now, *known])
    return [at for at in [*known, now] if at > newest - 2 * seconds]


def asked_locks(targets: Iterable[str]) -> list[str]:
    """Return targets, each once, in order; raises ValueError for too many, or one too long."""
    wanted = sorted({str(plain(target)) for target in targets})
    if any(len(target) > LONGEST_TARGET for target in wanted):
        msg = f"a lock's name has at most {LONGEST_TARGET} characters"
        raise ValueError(msg)
    if len(wanted) > MOST_LOCKS:
        msg = f"{len(wanted)} locks at once; at most {MOST_LOCKS} can be taken together"
        raise ValueError(msg)
    return wanted


def judge_release(held: Iterable[Held]) -> None:
    """Raise LockedError for a lock whose owner is known to live."""
    for each in held:
        if each.life is Life.ALIVE:
            msg = f"{each.who} lives, and holds the lock of {each.target}"
            hint = "wait until it is done, or end that process: then its locks are free"
            raise LockedError(msg, hint=hint)


def unknown(id_: str, known: Iterable[str]) -> QuestionError:
    """Return the error of an incident that is not there."""
    ids = list(known)
    near = [each for each in ids if id_ and each.startswith(id_)][:NEAR]
    near = near or get_close_matches(id_, ids, NEAR)
    hint = f"did you mean {' or '.join(near)}?" if near else ""
    return QuestionError(f"no incident {plain(id_)!r} in the ledger", hint=hint)


def _text(text: str) -> str:
    # Redacted before it is cut, for half a secret is not known as one.
    known = str(redacted(plain(text[: 20 * LONGEST_TEXT])))
    return known if len(known) <= LONGEST_TEXT else f"{known[: LONGEST_TEXT - 1]}…"


def _told(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts within the bound; names of what did not fit stand under `left_out`."""
    kept: dict[str, Any] = {}
    missing: list[str] = []
    room = LARGEST_EVIDENCE
    for name, value in plain(facts).items():
        size = len(written({name: value}))
        if size <= room:
            kept[name] = value
            room -= size
        else:
            missing.append(f"{_text(name)[:80]} ({size:,} bytes)")
    if missing:
        known = kept.get(LEFT_OUT)
        kept[LEFT_OUT] = [*(known if isinstance(known, list) else []), *missing[:20]]
    return dict(redacted(kept))


def _bounded_parties(parties: Sequence[Party]) -> tuple[tuple[Party, ...], int]:
    kept: list[Party] = []
    room = LARGEST_PARTIES
    for party in parties:
        text = Party(_text(party.role), _text(party.address), _text(party.name))
        room -= len(written(text.to_dict()))
        if room < 0:
            break
        kept.append(text)
    return tuple(kept), len(parties) - len(kept)
