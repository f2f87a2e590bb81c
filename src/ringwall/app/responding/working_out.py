"""An incident and the network as it is → what a playbook would do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ringwall.app.responding.seeing import near
from ringwall.errors import RingwallError
from ringwall.playbooks.playbook import Playbook, Proposal, Refusal, Situation
from ringwall.playbooks.records import Incident
from ringwall.playbooks.strangers import strangers

if TYPE_CHECKING:
    from ringwall.app.responding.loop import Responder

ROUNDS: Final = 6  # of questions that a playbook asks, each after the answers to those before


def situation_of(responder: Responder, incident: Incident, playbook: Playbook) -> Situation:
    """Read what a playbook may know, and what it asks of AWS beside the network."""
    try:
        seen = near(responder.traffic, incident)
        situation = replace(responder.read(), now=responder.now(), seen=seen)
        answers: dict[str, Mapping[str, Any]] = {}
        for _ in range(ROUNDS):
            asked = {r.key: r for r in playbook.reads(incident, situation)}
            fresh = {key: r for key, r in asked.items() if key not in answers}
            if not fresh:
                break
            answers |= {key: responder.measures.ask(each) for key, each in fresh.items()}
            situation = replace(situation, answers=dict(answers))
    except RingwallError as error:
        responder.ledger.write(responder.line(incident, "not worked out", reason=error.message))
        raise
    return situation


def answer_of(
    responder: Responder, incident: Incident, playbook: Playbook, situation: Situation
) -> Proposal | Refusal:
    """Return what a playbook answers, with what it would have cut."""
    answer = playbook.propose(incident, situation)
    if isinstance(answer, Refusal):
        return answer
    doubts = (*answer.doubts, *strangers(answer, situation))
    try:
        replayed = responder.traffic.replay(answer.blocks)
    except RingwallError as error:
        why = f"the traffic could not be replayed: {error.message}"
        replayed, doubts = {"replayed": why}, (*doubts, why)
    return replace(answer, doubts=doubts, facts={**answer.facts, "replay": dict(replayed)})
