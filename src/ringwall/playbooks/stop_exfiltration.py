"""stop-exfiltration: deny where the data goes, keep evidence, isolate who sends, end its sessions.

Rules:
- The destination is denied first, at network ACLs: that cuts what is under way, too.
- Who sends is isolated if that breaks nothing; else it is offered, with what it would break.
- What is missing to a part (no instance, no time, no DNS Firewall) is told, and the rest is done.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ringwall.model.words import counted
from ringwall.playbooks import (
    block_domain,
    block_source,
    domains,
    isolate_instance,
    revoke_credentials,
    standing,
)
from ringwall.playbooks.measures import Request
from ringwall.playbooks.parties import Host, hosts, outsiders
from ringwall.playbooks.playbook import Playbook, Proposal, Refusal, Situation
from ringwall.playbooks.proof import broken
from ringwall.playbooks.records import Incident
from ringwall.reach.blocks import to_block
from ringwall.reach.engine import Engine
from ringwall.reach.what_if import engine_after

RESIDUAL: Final = (
    "what has left is gone: look at what it was",
    "who sends may know other destinations, until it is isolated",
)
_PARTS: Final = {
    "destination": "the destination is denied",
    "domain": "the domain is blocked",
    "sender": "who sends is isolated",
    "credentials": "its sessions are ended",
}


@dataclass(slots=True)
class _Parts:
    """What was proposed of each part, and why other parts are not done."""

    done: dict[str, Proposal] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)

    def take(self, part: str, found: Proposal | Refusal) -> None:
        if isinstance(found, Proposal):
            self.done[part] = found
        else:
            self.left.append(f"{_PARTS[part]}: not, {found.why}")


def reads(incident: Incident, situation: Situation) -> tuple[Request, ...]:
    """Return the questions after who sends, and after its credentials."""
    asked = (
        *isolate_instance.reads(incident, situation),
        *revoke_credentials.reads(incident, situation),
    )
    return tuple({each.key: each for each in asked}.values())


def work(playbook: Playbook, incident: Incident, situation: Situation) -> Proposal | Refusal:
    """Stop data from leaving."""
    parts = _Parts()
    now = situation
    outside = outsiders(incident, situation.names)
    if outside:
        parts.take("destination", block_source.denial(playbook, outside, now, requests=False))
        if "destination" in parts.done:
            now = _after(now, parts.done["destination"])
    named = [domains.canonical(p.name) for p in incident.parties if p.role == "domain"]
    if any(named):
        asked = [name for name in named if name]
        parts.take("domain", block_domain.denial(playbook, incident, asked, now))
    found = hosts(incident, situation.engine.network.values, situation.names)
    offers: list[str] = []
    if found:
        offers += _isolate(parts, (playbook, incident, now), found, situation.engine)
    else:
        parts.left.append(f"{_PARTS['sender']}: not, the incident names nobody inside")
    if parts.done and any(each.instance for each in found):
        revoking = replace(playbook, residual=revoke_credentials.RESIDUAL)
        parts.take("credentials", revoke_credentials.work(revoking, incident, situation))
    if not parts.done:
        return Refusal("; ".join(parts.left) or "the incident names nobody")
    return _together(playbook, situation, parts, offers)


def _after(situation: Situation, made: Proposal) -> Situation:
    nodes = isolate_instance.nodes_of(made.measures)
    return replace(situation, engine=engine_after(situation.engine, nodes))


def _isolate(
    parts: _Parts,
    asked: tuple[Playbook, Incident, Situation],
    found: list[Host],
    before: Engine,
) -> list[str]:
    """Isolate who sends unless it breaks something; return what is offered instead."""
    playbook, incident, situation = asked
    denied = tuple(to_block(b) for each in parts.done.values() for b in each.blocks)
    isolating = replace(playbook, residual=isolate_instance.RESIDUAL)
    made = isolate_instance.isolation_of(isolating, incident, situation, found, (before, denied))
    if isinstance(made, Proposal) and made.breaks:
        parts.left.append(f"{_PARTS['sender']}: not, {made.breaks[0]}")
        broken_ones = counted(len(made.breaks), "expectation")
        return [f"isolate-instance: {made.title}, which breaks {broken_ones}"]
    parts.take("sender", made)
    return list(made.facts.get("offers", ())) if isinstance(made, Proposal) else []


def _together(
    playbook: Playbook, situation: Situation, parts: _Parts, offers: Sequence[str]
) -> Proposal:
    """Return one proposal of all parts; what they break is judged of all at once."""
    every = tuple(parts.done.values())
    measures = tuple(measure for each in every for measure in each.measures)
    blocks = tuple(block for each in every for block in each.blocks)
    after = engine_after(situation.engine, isolate_instance.nodes_of(measures))
    breaks = broken(situation.engine, after, situation.expected, map(to_block, blocks))
    facts: dict[str, Any] = {}
    for each in every:
        parts.left.extend(each.facts.get("left", ()))
        facts |= each.facts
    facts |= {"parts": [_PARTS[part] for part in parts.done], "offers": list(offers)}
    facts["left"] = parts.left
    return Proposal(
        playbook.id,
        "; ".join(each.title for each in every),
        measures,
        tuple(f"{part}: {text}" for part, each in parts.done.items() for text in each.proven),
        tuple(dict.fromkeys((*RESIDUAL, *(t for each in every for t in each.residual)))),
        playbook.seconds(situation),
        blocks,
        tuple(text for each in every for text in each.about),
        breaks,
        tuple(text for each in every for text in each.doubts),
        sum(each.reach for each in every),
        facts,
    )


PLAYBOOKS = (
    Playbook(
        id="stop-exfiltration",
        title="deny where data goes; keep evidence of who sends, isolate it, end its sessions",
        answers=(
            "RW503",
            "RW532",
            "RW542",
            "RW543",
            "*data-exfiltration*",
            "Backdoor:EC2/C&CActivity*",
            "Behavior:EC2/TrafficVolumeUnusual",
            "Exfiltration:*",
            "Trojan:EC2/DNSDataExfiltration",
            "Trojan:EC2/DropPoint",
        ),
        grants=(
            *domains.GRANTS,
            *block_source.PACKETS,
            *isolate_instance.GRANTS,
            *revoke_credentials.GRANTS,
        ),
        hours=0,
        residual=RESIDUAL,
        work=work,
        lacks=standing.lacks,
        state=standing.state,
        reads=reads,
    ),
)
