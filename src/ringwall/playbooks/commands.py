"""An incident and where people type → the commands about it, each as it works when it is pasted.

Rules:
- A command names all that it needs to be about the same ledger and account: the words that were
  given to whatever prints it, and no more.
- What a person has to say for themselves is the reason alone: WHY stands in its place.
- Only what works now is offered, or is said to work later.
"""

from collections.abc import Collection
from dataclasses import dataclass
from shlex import join
from typing import Final

from ringwall.playbooks.records import ActionState, IncidentState

USUAL: Final = "blueprint.yaml"  # what a command takes where no blueprint is named
APPROVE, DENY, UNDO, RECONCILE = "approve", "deny", "undo", "reconcile"
STATUS, UNLOCK = "status", "unlock"
_DECIDES: Final = frozenset({APPROVE, DENY, UNDO, UNLOCK, "halt", "resume"})
_ACTS: Final = frozenset({APPROVE, DENY, UNDO, RECONCILE, "sweep"})
_ASKS: Final = frozenset({IncidentState.PROPOSED, IncidentState.OBSERVED})
_BEGUN: Final = frozenset({IncidentState.ACTING, IncidentState.UNDOING, IncidentState.FAILED})


@dataclass(frozen=True, slots=True)
class Desk:
    """Where commands are typed: the words that find the same ledger and account; "" for none.

    `policy` and `notify` are for what acts: what may be done, and who is told of it.
    """

    file: str = ""
    ledger: str = ""
    policy: str = ""
    notify: tuple[str, ...] = ()
    profile: str = ""
    endpoint: str = ""

    def command(self, verb: str, incident: str = "") -> str:
        """Return `ringwall respond VERB …`, quoted for a shell."""
        words = ["ringwall", "respond", verb, *filter(None, [incident])]
        words += [self.file] if self.file not in {"", USUAL} else []
        options = [("--ledger", self.ledger)]
        if verb in _ACTS:
            options += [("--policy", self.policy), *(("--notify", each) for each in self.notify)]
        options += [("--profile", self.profile), ("--endpoint-url", self.endpoint)]
        options += [("--reason", "WHY")] if verb in _DECIDES else []
        return join([*words, *(word for pair in options if pair[1] for word in pair)])

    def quoted(self, verb: str, incident: str = "") -> str:
        """Return a command as it stands in a sentence."""
        return f"`{self.command(verb, incident)}`"


def ways_on(state: str, actions: Collection[str]) -> tuple[str, ...]:
    """Return what a person may do about an incident now, by its state and those of its actions."""
    found = [APPROVE] if state in _ASKS and ActionState.PROPOSED in actions else []
    found += [DENY] if state == IncidentState.PROPOSED else []
    found += [UNDO] if state == IncidentState.IN_FORCE and ActionState.IN_FORCE in actions else []
    return (*found, RECONCILE) if state in _BEGUN else tuple(found)
