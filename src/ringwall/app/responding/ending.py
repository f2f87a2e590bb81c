"""What responses stood in is deleted → their ledger says so, as when their time is over.

Rules:
- A response ends if all that could be taken back of it stood in what a plan deleted, and is not in
  the account when that is read again. What is left of others is told, with the way to take it back.
- A ledger that was deleted with the network believes nothing any more.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Final

from ringwall.app.responding.accounting import Response, place_of
from ringwall.app.responding.ledgers import ledger_at
from ringwall.app.workspace import Wanted
from ringwall.errors import RingwallError
from ringwall.model.graph import ResourceGraph
from ringwall.playbooks.effects import STANDING
from ringwall.playbooks.records import ActionState, IncidentState, Line
from ringwall.shell.aws import Cloud
from ringwall.shell.clock import Clock, SystemClock
from ringwall.shell.ledger.port import Ledger

WHY: Final = "what it stood in is deleted"
_ENDS: Final = frozenset(
    {
        IncidentState.ACTING,
        IncidentState.FAILED,
        IncidentState.IN_FORCE,
        IncidentState.UNDOING,
    }
)


@dataclass(frozen=True, slots=True)
class Ended:
    """A response that stood in what was deleted; `fault` says why its ledger does not say so."""

    response: Response
    fault: str = ""


def ended_documents(ended: Iterable[Ended]) -> list[dict[str, str | None]]:
    """Return the member `ended` of a plan's document; `fault` is null where the ledger says so."""
    return [
        {
            "incident": each.response.action.incident,
            "action": each.response.action.id,
            "fault": each.fault or None,
        }
        for each in ended
    ]


def end(
    ending: Iterable[Response],
    there: ResourceGraph,
    wanted: Wanted,
    cloud: Cloud,
    *,
    lost: Collection[str] = (),
    clock: Clock | None = None,
) -> list[Ended]:
    """Let responses end of which nothing is left in what was read again; none stops another.

    `lost` are the places of ledgers that were deleted, too.
    """
    now = int((clock or SystemClock()).now().timestamp())
    ids = {node.physical_id for node in there}
    found: list[Ended] = []
    for response in ending:
        if any(each.undo and each.target in ids for each in response.measures()):
            continue
        if response.place in lost:
            found.append(Ended(response))
            continue
        try:
            ledger = ledger_at(place_of(response, wanted), lambda: cloud)
            fault = _end(ledger, response, now)
        except RingwallError as error:
            fault = error.message
        found.append(Ended(response, fault))
    return found


def _end(ledger: Ledger, response: Response, now: int) -> str:
    """Move an incident to its end, and its action with it; return why not, or ""."""
    id_ = response.action.incident
    incident = ledger.incident(id_)
    actions = [each for each in ledger.actions(id_) if each.state in STANDING]
    others = [each.id for each in actions if each.id != response.action.id]
    if others or not actions or incident.state not in _ENDS:
        return f"incident {id_} is {incident.state.value}, and has moved on meanwhile"
    gone = sorted({each.target for each in response.measures() if each.undo})
    facts = {"gone": gone}
    if incident.state is not IncidentState.UNDOING:
        actions = [replace(each, state=ActionState.UNDOING, changed=now) for each in actions]
        line = Line(now, id_, "undoing", "ringwall", WHY, response.action.id)
        incident = ledger.move(incident, IncidentState.UNDOING, line, actions)
    done = [replace(each, state=ActionState.UNDONE, changed=now) for each in actions]
    line = Line(now, id_, "closed", "ringwall", WHY, response.action.id, facts)
    ledger.move(incident, IncidentState.CLOSED, line, done)
    return ""
