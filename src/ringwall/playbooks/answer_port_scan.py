"""answer-port-scan: a scanner outside is denied, one of ours is isolated and never blocked.

Rule: a target that is named beside the scanner is a victim, and nothing is done to it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ringwall.playbooks import block_source, isolate_instance, isolation
from ringwall.playbooks.measures import Request
from ringwall.playbooks.parties import began, is_inside
from ringwall.playbooks.playbook import Playbook, Proposal, Refusal, Situation
from ringwall.playbooks.records import Action, Incident


def _of_ours(incident: Incident, situation: Situation) -> Incident:
    """Return the incident with none but the scanners that are inside."""
    inside = [each for each in began(incident) if is_inside(each, situation.names)]
    return replace(incident, parties=tuple(inside))


def reads(incident: Incident, situation: Situation) -> tuple[Request, ...]:
    """Return the questions after scanners of ours."""
    return isolate_instance.reads(_of_ours(incident, situation), situation)


def work(playbook: Playbook, incident: Incident, situation: Situation) -> Proposal | Refusal:
    """Isolate the scanners inside, if there are any; else deny those outside."""
    ours = _of_ours(incident, situation)
    if not ours.parties:
        return block_source.work(playbook, incident, situation)
    found = isolate_instance.work(playbook, ours, situation)
    if isinstance(found, Refusal):
        return found
    residual = (*isolate_instance.RESIDUAL, "whoever sits on it had time to look around: look too")
    outside = len(began(incident)) - len(ours.parties)
    facts = dict(found.facts)
    if outside:
        facts["left"] = [f"{outside} sources outside: ask for block-source"]
    # What is isolated stays so until a person has looked at it.
    return replace(found, residual=residual, seconds=0, facts=facts)


def lacks(action: Action, situation: Situation) -> tuple[str, ...]:
    """Return what of an action does not stand."""
    return _of(action.facts).lacks(action, situation)


def state(about: Sequence[str], situation: Situation) -> Mapping[str, Any]:
    """Return the groups of interfaces, or the ways of blocks."""
    interfaces = [text for text in about if "/" not in text]
    blocks = [text for text in about if "/" in text]
    return {
        **isolation.state(interfaces, situation),
        **block_source.state(blocks, situation),
    }


def _of(facts: Mapping[str, Any]) -> Playbook:
    [isolating] = isolate_instance.PLAYBOOKS
    [blocking] = block_source.PLAYBOOKS
    return isolating if facts.get("interfaces") else blocking


PLAYBOOKS = (
    Playbook(
        id="answer-port-scan",
        title="deny a scanner outside; isolate one of ours",
        answers=("RW505", "RW506", "RW507", "*port-scan*", "Recon:EC2/*"),
        asks=tuple(sorted({*block_source.ASKS, *isolate_instance.ASKS})),
        hours=24,
        residual=block_source.RESIDUAL,
        work=work,
        lacks=lacks,
        state=state,
        reads=reads,
    ),
)
