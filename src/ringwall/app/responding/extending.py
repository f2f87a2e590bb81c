"""An offender that comes back → what stands against it stands longer, for whichever incident."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from ringwall.playbooks.parties import offending
from ringwall.playbooks.records import Action, ActionState, Incident, IncidentState, Line
from ringwall.shell.ledger.port import Ledger


class Extends(Protocol):
    """What a responder has for it."""

    @property
    def ledger(self) -> Ledger:
        """Return where incidents are kept."""
        ...

    def now(self) -> int:
        """Return the second that it is."""
        ...

    def standing(self, incident: Incident, state: ActionState) -> Sequence[Action]:
        """Return the actions of an incident that are in a state."""
        ...

    def line(
        self, incident: Incident, what: str, action: str = "", by: str = "", reason: str = ""
    ) -> Line:
        """Return a line of the journal."""
        ...


def extend(responder: Extends, incident: Incident) -> None:
    """Let what stands for an incident stand longer, as if it began now."""
    now, longer = responder.now(), []
    for action in responder.standing(incident, ActionState.IN_FORCE):
        until = now + int(action.facts["seconds"]) if action.expires else 0
        if until > action.expires:
            longer.append(replace(action, expires=until, changed=now))
    if longer:
        line = responder.line(incident, "extended", reason="it came back")
        responder.ledger.write(line, longer)


def others_against(responder: Extends, incident: Incident) -> str:
    """Extend what stands against the same offenders for other incidents; say which, in words."""
    who = offending(incident)
    found = [
        other
        for other in responder.ledger.incidents((IncidentState.IN_FORCE,))
        if who & offending(other)
    ]
    for other in found:
        extend(responder, other)
    return f"; {', '.join(each.id for each in found)} stands against it" if found else ""
