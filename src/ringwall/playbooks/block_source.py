"""block-source: deny an address outside at the network ACLs that its ways pass."""

from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import Any

from ringwall.playbooks.cutting import Cut, cut, outside, passing
from ringwall.playbooks.playbook import Playbook, Proposal, Refusal, Situation
from ringwall.playbooks.proof import broken
from ringwall.playbooks.records import Action, Incident, Party
from ringwall.reach.blocks import Block, to_block


def _offenders(incident: Incident) -> list[Party]:
    """Return the parties that began it, with an address."""
    sources = [p for p in incident.parties if p.role in {"source", "remote"} and p.address]
    return sources or [p for p in incident.parties if p.address and p.role != "destination"]


def work(playbook: Playbook, incident: Incident, situation: Situation) -> Proposal | Refusal:
    """Deny the source of an incident; refuse what is ours or never blocked."""
    parties = _offenders(incident)
    if not parties:
        why = "the incident names no source"
        return Refusal(why, hint="an alarm names nobody: give it a store of logs (--store)")
    cuts: list[Cut] = []
    for party in parties:
        block = to_block(str(ip_address(party.address)))
        owner = situation.names.of_address(party.address)
        if owner.is_inside:
            why = f"{party.address} is {owner.name}, inside of the network"
            return Refusal(why, hint="what is inside is isolated, not blocked: isolate-instance")
        refused = situation.never.because(block)
        if refused:
            return Refusal(f"never blocked: {refused}")
        if not outside(situation.engine, block):
            return Refusal(f"{party.address} is nowhere outside of the network")
        cuts.append(cut(situation.engine, block, quota=situation.quota))
    return _proposal(playbook, situation, cuts[0]) if len(cuts) == 1 else _many(cuts)


def _many(cuts: list[Cut]) -> Refusal:
    names = ", ".join(str(each.block) for each in cuts)
    return Refusal(f"several sources at once: {names}", hint="one incident each")


def _proposal(playbook: Playbook, situation: Situation, made: Cut) -> Proposal | Refusal:
    if not made.measures:
        if made.still:
            return Refusal(f"no network ACL can deny it: {made.still[0]}")
        return Refusal(f"{made.block} reaches nothing, and nothing reaches it: there is no need")
    block: Block = made.block
    breaks = broken(situation.engine, made.engine, situation.expected, (block,))
    doubts = tuple(str(each) for each in made.still)
    ways = ", ".join(made.before[:3]) + (" …" if len(made.before) > 3 else "")
    end = "all are DENY both ways" if made.is_proven else f"{len(doubts)} are not DENY"
    proven = (
        f"before: {len(made.before)} ways were open ({ways})",
        f"after: {made.judged} pairs of ends, {made.classes} classes of packets: {end}",
        f"{len(situation.expected)} expectations: {len(breaks)} would break",
    )
    acls = len({each.target for each in made.measures})
    return Proposal(
        playbook.id,
        f"deny {block} both ways at {acls} network ACL{'s' if acls > 1 else ''}",
        made.measures,
        proven,
        playbook.residual,
        playbook.seconds(situation),
        (str(block),),
        (str(block),),
        breaks,
        doubts,
        acls,
    )


def lacks(action: Action, situation: Situation) -> tuple[str, ...]:
    """Return what passes of the blocks that an action cuts."""
    blocks = action.facts.get("blocks", ())
    found = [each for text in blocks for each in passing(situation.engine, to_block(text))[1]]
    return tuple(str(each) for each in found if each.is_known)


def state(about: Sequence[str], situation: Situation) -> Mapping[str, Any]:
    """Return the ways on which something of each block passes."""
    return {text: list(passing(situation.engine, to_block(text))[0]) for text in about}


PLAYBOOKS = (
    Playbook(
        id="block-source",
        title="deny an address outside at the network ACLs on all of its ways",
        answers=(
            "RW501",
            "RW505",
            "RW506",
            "RW507",
            "RW540",
            "RW541",
            "*suspicious-traffic*",
            "Recon:*",
            "UnauthorizedAccess:EC2/SSHBruteForce",
            "UnauthorizedAccess:EC2/RDPBruteForce",
        ),
        asks=(
            "ec2:CreateNetworkAclEntry",
            "ec2:DeleteNetworkAclEntry",
            "ec2:DescribeNetworkAcls",
        ),
        hours=24,
        residual=(
            "whoever it is may come from another address",
            "what passes through a load balancer of others, or CloudFront, bears their address",
            "traffic within one subnet passes no network ACL",
        ),
        work=work,
        lacks=lacks,
        state=state,
    ),
)
