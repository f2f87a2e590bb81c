"""answer-port-scan: a scanner outside is denied, one of ours is isolated and never blocked.

Rule: a target that is named beside the scanner is a victim, and nothing is done to it.
"""

from dataclasses import replace

from ringwall.playbooks import block_source, isolate_instance, standing
from ringwall.playbooks.measures import Request
from ringwall.playbooks.parties import began, is_inside
from ringwall.playbooks.playbook import Playbook, Proposal, Refusal, Situation
from ringwall.playbooks.records import Incident


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


PLAYBOOKS = (
    Playbook(
        id="answer-port-scan",
        title="deny a scanner outside; isolate one of ours",
        answers=("RW505", "RW506", "RW507", "*port-scan*", "Recon:EC2/*"),
        grants=(*block_source.GRANTS, *isolate_instance.GRANTS),
        hours=24,
        residual=block_source.RESIDUAL,
        work=work,
        lacks=standing.lacks,
        state=standing.state,
        reads=reads,
    ),
)
