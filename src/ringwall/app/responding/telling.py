"""Incidents, actions and lines → JSON documents with a versioned schema."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from ringwall.detections.coverage import when
from ringwall.errors import RingwallError
from ringwall.playbooks.records import Action, ActionState, Incident, IncidentState, Line
from ringwall.playbooks.undone import UNDONE
from ringwall.shell.ledger.port import Ledger

Document = dict[str, Any]


def incident_document(incident: Incident, actions: Sequence[Action] = ()) -> Document:
    """Return an incident with its actions, times as people write them."""
    document = incident.to_dict()
    for name in ("first", "last", "opened", "changed"):
        document[name] = when(document[name])
    document["actions"] = [action_document(each) for each in actions]
    return document


def action_document(action: Action) -> Document:
    """Return an action, times as people write them; `expires` is null for what does not."""
    document = action.to_dict()
    for name in ("made", "changed"):
        document[name] = when(document[name])
    document["expires"] = when(action.expires) if action.expires else None
    return document


def line_document(line: Line) -> Document:
    """Return a line of the journal."""
    return line.to_dict() | {"at": when(line.at)}


def list_document(found: Sequence[Incident]) -> Document:
    """Return the document of `ringwall respond list`."""
    return {
        "schema": "ringwall/respond-list/1",
        "incidents": [incident_document(each) for each in found],
    }


def show_document(ledger: Ledger, id_: str) -> Document:
    """Return the document of `ringwall respond show`; raises QuestionError for no incident."""
    incident = ledger.incident(id_)
    return {
        "schema": "ringwall/respond-show/1",
        "incident": incident_document(incident, ledger.actions(id_)),
        "journal": [line_document(each) for each in ledger.lines(id_)],
    }


def refused_document(error: RingwallError) -> Document:
    """Return what stands under `refused` where something about an incident was refused."""
    return {"message": error.message, "hint": error.hint}


def is_left(document: Document) -> bool:
    """Tell whether something of a shown incident was to be taken back, and is still there."""
    undone = (each["facts"].get(UNDONE) or {} for each in document["incident"]["actions"])
    return any(each.get("left") for each in undone)


def status_document(ledger: Ledger, now: int) -> Document:
    """Return the document of `ringwall respond status`."""
    incidents, actions = ledger.incidents(), ledger.actions()
    states = Counter(each.state for each in incidents)
    standing = [a for a in actions if a.state is ActionState.IN_FORCE]
    return {
        "schema": "ringwall/respond-status/1",
        "halted": ledger.is_halted,
        "incidents": {state.value: states[state] for state in IncidentState if states[state]},
        "waiting": [
            incident_document(each) for each in incidents if each.state is IncidentState.PROPOSED
        ],
        "in_force": [action_document(each) for each in standing],
        "due": [action_document(each) for each in ledger.due(now)],
    }


def journal_document(lines: Sequence[Line]) -> Document:
    """Return the document of `ringwall respond journal`."""
    return {
        "schema": "ringwall/respond-journal/1",
        "lines": [line_document(each) for each in lines],
    }
