"""Events, actions and lines to try ledgers with."""

from ringwall.playbooks.records import Action, ActionState, Event, Line, Party, Source


def event(id_="e1", who="203.0.113.9", *, kind="RW504", first=100, last=160, severity=50, **more):
    parties = more.pop("parties", (Party("source", who),))
    return Event(
        id=id_,
        source=Source.DETECTION,
        kind=kind,
        title=f"{who} scans ports",
        severity=severity,
        parties=parties,
        first=first,
        last=last,
        **more,
    )


def line(what="noted", at=200, incident="", **more):
    return Line(at=at, incident=incident, what=what, by="ringwall", **more)


def action(incident, id_="a1", state=ActionState.PROPOSED, *, expires=0, made=200, **more):
    known = {
        "playbook": "block-source",
        "targets": ("acl-1",),
        "measures": ({"kind": "deny", "number": 7, "cidr": "203.0.113.9/32"},),
        "changed": made,
    }
    return Action(
        id=id_, incident=incident.id, state=state, expires=expires, made=made, **{**known, **more}
    )
