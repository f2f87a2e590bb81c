"""Incidents and actions to be told of."""

from dataclasses import replace

from ringwall.playbooks.commands import Desk
from ringwall.playbooks.notice import Notice, Where
from ringwall.playbooks.records import (
    Action,
    ActionState,
    Incident,
    IncidentState,
    Line,
    Party,
    Source,
)

DESK = Desk("shop.yaml", "dynamodb:ringwall-shop-journal")
WHERE = Where("shop", "123456789012", "eu-central-1", DESK)
PROPOSED = Line(1_795_683_700, "s1-1", "proposed", "ringwall", "the mode is approve")
INCIDENT = Incident(
    "s1-1",
    "s1",
    Source.DETECTION,
    "RW505",
    "198.51.100.7 tries 300 ports of web",
    3,
    (Party("source", "198.51.100.7"), Party("instance", "10.0.1.5", "i-0abc")),
    1_795_680_000,
    1_795_683_599,
    IncidentState.PROPOSED,
    1_795_683_700,
    1_795_683_700,
    events=2,
)
ACTION = Action(
    "a1",
    "s1-1",
    "block-source",
    ActionState.PROPOSED,
    ("acl-1", "acl-2"),
    (),
    1_795_770_100,
    1_795_683_700,
    1_795_683_700,
    {
        "title": "deny 198.51.100.7/32 both ways at 2 network ACLs",
        "proven": ["before: 2 ways open", "after: all are DENY both ways"],
        "breaks": [],
        "doubts": [],
        "residual": ["whoever it is may come from another address"],
        "replay": {"days": 7, "conversations": 3, "answered": 0, "bytes": 1, "most": []},
    },
)
IN_FORCE = replace(ACTION, state=ActionState.IN_FORCE)


def notice(state=IncidentState.PROPOSED, actions=(ACTION,), line=None, **changes):
    later = 0 if state is IncidentState.PROPOSED else 60
    moved = replace(INCIDENT, state=state, changed=INCIDENT.changed + later, **changes)
    return Notice.of(WHERE, moved, actions, line)
