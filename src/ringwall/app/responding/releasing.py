"""Locks of whoever died, where no ledger can know that → released by a person, who says why."""

from collections.abc import Iterable

from ringwall.app.responding.halves import BEGUN, held_document
from ringwall.app.responding.locking import owners
from ringwall.app.responding.naming import find_incident
from ringwall.app.responding.telling import Document
from ringwall.errors import StaleError
from ringwall.playbooks.commands import RECONCILE, Desk
from ringwall.playbooks.records import Line
from ringwall.shell.clock import Clock, SystemClock
from ringwall.shell.ledger.entries import LONGEST_TARGET, judge_release
from ringwall.shell.ledger.holders import Held
from ringwall.shell.ledger.port import Ledger


def release(
    ledger: Ledger, word: str, by: str, reason: str, clock: Clock | None = None
) -> list[Held]:
    """Release the locks of a target, or of all targets of an incident that a word means.

    Return what was released. Raises StaleError where nobody holds any, LockedError, before anything
    is released, if one of their owners is known to live, and QuestionError for an unknown word.
    """
    now = int((clock or SystemClock()).now().timestamp())
    incident, targets = _meant(ledger, word)
    held = ledger.held(targets)
    if not held:
        msg = f"nobody holds a lock of {word}"
        raise StaleError(msg)
    judge_release(held)
    by_owner: dict[str, list[Held]] = {}
    for each in held:
        by_owner.setdefault(each.owner, []).append(each)
    for owner, own in by_owner.items():
        names = [each.target for each in own]
        [who] = owners(own[:1])
        facts = {"targets": names, "owner": owner, "held_by": who}
        line = Line(now, incident, "released", by, f"{reason} (held by {who})", facts=facts)
        ledger.release(names, owner, line)
    return held


def released_document(found: Iterable[Held], desk: Desk) -> Document:
    """Return the document of `ringwall respond unlock`."""
    return {
        "schema": "ringwall/respond-unlock/1",
        "released": [held_document(each) for each in found],
        "run": desk.command(RECONCILE),
    }


def _meant(ledger: Ledger, word: str) -> tuple[str, Iterable[str]]:
    """Return the incident and the targets of a word; of a target, those that go with it."""
    if 0 < len(word) <= LONGEST_TARGET and ledger.held([word]):
        for action in ledger.actions():
            if word in action.targets and action.state in BEGUN:
                return action.incident, action.targets
        return "", [word]
    incident = find_incident(ledger, word).id
    return incident, {t for action in ledger.actions(incident) for t in action.targets}
