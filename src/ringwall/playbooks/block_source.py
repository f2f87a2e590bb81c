"""block-source: deny an address outside at the layer that its ways show, and prove it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ringwall.model.words import counted
from ringwall.playbooks import entries, group_rules, web_acls
from ringwall.playbooks.aggregation import Others, joined
from ringwall.playbooks.cutting import Cut, cut_each, outside, passing
from ringwall.playbooks.entries import room
from ringwall.playbooks.measures import Measure
from ringwall.playbooks.narrowing import RESIDUAL as TRACKED
from ringwall.playbooks.narrowing import NotNarrowedError, narrowings
from ringwall.playbooks.parties import began, canonical, physical
from ringwall.playbooks.playbook import Playbook, Proposal, Refusal, Situation
from ringwall.playbooks.proof import broken
from ringwall.playbooks.records import Action, Incident, Party
from ringwall.reach.blocks import Block, to_block
from ringwall.reach.elements import Acl
from ringwall.reach.engine import Engine
from ringwall.reach.what_if import engine_after
from ringwall.resources.ownership import DEPLOYMENT_TAG

_VPC: Final = "AWS::EC2::VPC"
WEB_ACL, NETWORK_ACL, GROUP = "web-acl", "network-acl", "security-group"
_REQUESTS: Final = (
    "connections to the load balancer are still opened: requests are judged by the web ACL, which "
    "is AWS's word and no proof over packets"
)
PACKETS: Final = (*entries.GRANTS, *group_rules.GRANTS)
GRANTS: Final = (*PACKETS, *web_acls.GRANTS)


@dataclass(frozen=True, slots=True)
class _Sorted:
    """Parties sorted into blocks that may be denied, and why the others may not be."""

    blocks: tuple[Block, ...]
    refused: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A layer with its measures: `considered` says of each layer why it was taken or not."""

    layer: str
    measures: tuple[Measure, ...]
    considered: Mapping[str, str]
    proven: tuple[str, ...]
    doubts: tuple[str, ...]
    engine: Engine
    residual: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


def work(playbook: Playbook, incident: Incident, situation: Situation) -> Proposal | Refusal:
    """Deny the sources of an incident; refuse what is ours or never blocked."""
    parties = began(incident)
    if not parties:
        why = "the incident names no source"
        return Refusal(why, hint="an alarm names nobody: give it a store of logs (--store)")
    return denial(playbook, parties, situation)


def denial(
    playbook: Playbook, parties: Iterable[Party], situation: Situation, *, requests: bool = True
) -> Proposal | Refusal:
    """Propose to deny parties outside, at one layer; `requests`: it may be one that judges those.

    Who is sent to, makes no requests.
    """
    found = _sorted(parties, situation)
    if not found.blocks:
        return found.refused[0]
    nowhere = _nowhere(", ".join(map(str, found.blocks)), situation)
    if nowhere is not None:
        return nowhere
    cuts = cut_each(situation.engine, found.blocks, quota=situation.quota)
    if len(found.blocks) > 1 and any(each.full for each in cuts):
        blocks = _joined(found.blocks, cuts, situation)
        cuts = cut_each(situation.engine, blocks, quota=situation.quota)
    cuts = tuple(each for each in cuts if each.measures or each.still)
    if not cuts:
        names = ", ".join(map(str, found.blocks))
        why = f"{names} reaches nothing, and nothing reaches it: there is no need"
        return Refusal(why, needless=True)
    web = web_acls.layer(situation.engine, cuts) if requests else web_acls.NO_REQUESTS
    cuts = tuple(each for each in cuts if not web_acls.holds(web, each.block))
    if not cuts:
        names = ", ".join(map(str, found.blocks))
        why = f"{names} is in the web ACL's IP set already: there is no need"
        return Refusal(why, needless=True)
    chosen = _chosen(situation, cuts, web)
    if not chosen.measures:
        first = next(text for each in cuts for text in each.still)
        return Refusal(f"no network ACL can deny it: {first}")
    return _proposal(playbook, situation, cuts, chosen, found.refused)


def _nowhere(names: str, situation: Situation) -> Refusal | None:
    """Return what is said where nothing of the deployment is in the account."""
    name, vpcs = situation.deployment, situation.engine.network.values.graph.of_type(_VPC)
    if not name or any(vpc.tags.get(DEPLOYMENT_TAG) == name for vpc in vpcs):
        return None
    where = " ".join(filter(None, (situation.account, situation.region)))
    why = f"no VPC of deployment {name} is in {where}: there is nothing to keep {names} from"
    return Refusal(why, hint="`ringwall apply` deploys it; is this another account or Region?")


def _sorted(parties: Iterable[Party], situation: Situation) -> _Sorted:
    blocks: dict[Block, None] = {}
    refused: list[Refusal] = []
    for party in parties:
        block = to_block(canonical(party))
        why = _why_not(party, block, situation)
        if why is None:
            blocks[block] = None
        else:
            refused.append(why)
    return _Sorted(tuple(blocks), tuple(refused))


def _why_not(party: Party, block: Block, situation: Situation) -> Refusal | None:
    address = canonical(party)
    owner = situation.names.of_address(address)
    if owner.is_inside:
        why = f"{address} is {owner.name}, inside of the network"
        return Refusal(why, hint="what is inside is isolated, not blocked: isolate-instance")
    never = situation.never.because(block)
    if never:
        return Refusal(f"never blocked: {never}")
    if not outside(situation.engine, block):
        return Refusal(f"{address} is nowhere outside of the network")
    return None


def _joined(
    blocks: tuple[Block, ...], cuts: Sequence[Cut], situation: Situation
) -> tuple[Block, ...]:
    """Return CIDRs in the blocks' place, as many as the network ACLs on their ways have room."""
    named = tuple(
        to_block(str(cidr)) for cidrs in situation.engine.ends.networks.values() for cidr in cidrs
    )
    others = Others(situation.seen, named, situation.accepted, situation.never.because)
    acls = [acl for acl in situation.engine.network.acls.values() if _is_on(acl, cuts)]
    found: list[Block] = []
    for version in (4, 6):
        mine = [each for each in blocks if each.version == version]
        rooms = [room(acl, version, situation.quota) for acl in acls]
        found += joined(mine, most=max(1, min(rooms, default=1)), others=others)
    return tuple(found)


def _is_on(acl: Acl, cuts: Sequence[Cut]) -> bool:
    own = physical(acl.node) if acl.node is not None else ""
    return any(acl.key in each.full or own in {m.target for m in each.measures} for each in cuts)


def _chosen(situation: Situation, cuts: tuple[Cut, ...], web: web_acls.Layer) -> _Chosen:
    """Choose the layer: a web ACL, else network ACLs, else the groups' rules."""
    blocks = tuple(each.block for each in cuts)
    considered = {WEB_ACL: web.why}
    if web.sets:
        considered[NETWORK_ACL] = "its entries are few, and an IP set takes thousands"
        sets = [physical(each) for each in web.sets]
        return _Chosen(
            WEB_ACL,
            tuple(web_acls.blocked(web, blocks)),
            considered,
            ("not proven over packets: no rule of the web ACL lets requests pass before it",),
            (),
            situation.engine,
            (_REQUESTS, *(f"what comes to bear {each} is open to it" for each in web.idle)),
            {"sets": sets},
        )
    measures = tuple(measure for each in cuts for measure in each.measures)
    still = tuple(str(text) for each in cuts for text in each.still)
    pairs, classes = sum(c.judged for c in cuts), sum(c.classes for c in cuts)
    judged = f"after: {counted(pairs, 'pair')} of ends, {counted(classes, 'class')} of packets"
    engine = cuts[-1].engine
    full = {key: why for each in cuts for key, why in each.full.items()}
    if not still or not full:
        end = "all are DENY both ways" if not still else f"{len(still)} not DENY"
        considered[NETWORK_ACL] = "they see the address on its ways, and have room"
        proven = (f"{judged}: {end}",)
        return _Chosen(NETWORK_ACL, measures, considered, proven, still, engine)
    considered[NETWORK_ACL] = "; ".join(f"{key}: {why}" for key, why in full.items())
    try:
        narrow, engine = _narrowed(engine, blocks)
    except NotNarrowedError as error:
        considered[GROUP] = str(error)
        proven = (f"{judged}: {len(still)} not DENY",)
        return _Chosen(NETWORK_ACL, measures, considered, proven, still, engine)
    still = tuple(str(e) for b in blocks for e in passing(engine, b)[1])
    end = "all are DENY both ways" if not still else f"{len(still)} not DENY"
    considered[GROUP] = "their rules are split around the address"
    proven = (f"{judged}, after the groups' rules are narrowed: {end}",)
    return _Chosen(GROUP, (*measures, *narrow), considered, proven, still, engine, (TRACKED,))


def _narrowed(engine: Engine, blocks: Iterable[Block]) -> tuple[tuple[Measure, ...], Engine]:
    measures: list[Measure] = []
    for block in blocks:
        made = narrowings(engine, block)
        measures += made
        engine = engine_after(engine, [node for each in made for node in each.nodes])
    return tuple(measures), engine


def _proposal(
    playbook: Playbook,
    situation: Situation,
    cuts: Sequence[Cut],
    chosen: _Chosen,
    refused: Sequence[Refusal],
) -> Proposal:
    blocks = tuple(each.block for each in cuts)
    names = tuple(map(str, blocks))
    breaks = broken(situation.engine, chosen.engine, situation.expected, blocks)
    before = tuple(dict.fromkeys(way for each in cuts for way in each.before))
    ways = ", ".join(before[:3]) + (" …" if len(before) > 3 else "")
    targets = len({each.target for each in chosen.measures})
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    place = {
        WEB_ACL: "web ACL IP set",
        NETWORK_ACL: "network ACL",
        GROUP: "network ACL and security group",
    }[chosen.layer]
    manner = "requests of it" if chosen.layer == WEB_ACL else "both ways"
    facts: dict[str, Any] = {"layer": chosen.layer, "layers": dict(chosen.considered)}
    facts |= chosen.facts
    if refused:
        facts["left"] = [each.why for each in refused]
    return Proposal(
        playbook.id,
        f"deny {shown} {manner} at {counted(targets, place)}",
        chosen.measures,
        (
            f"before: {counted(len(before), 'way')} open ({ways})",
            *chosen.proven,
            f"{counted(len(situation.expected), 'expectation')}: {len(breaks)} would break",
        ),
        (*playbook.residual, *chosen.residual),
        playbook.seconds(situation),
        names,
        names,
        breaks,
        chosen.doubts,
        targets,
        facts,
    )


def lacks(action: Action, situation: Situation) -> tuple[str, ...]:
    """Return what passes of the blocks that an action cuts."""
    blocks = action.facts.get("blocks", ())
    if action.facts.get("layer") == WEB_ACL:
        values = situation.engine.network.values
        return web_acls.lacking(values, action.facts.get("sets", ()), blocks)
    found = [each for text in blocks for each in passing(situation.engine, to_block(text))[1]]
    return tuple(str(each) for each in found if each.is_known)


def state(about: Sequence[str], situation: Situation) -> Mapping[str, Any]:
    """Return the ways on which something of each block passes."""
    return {text: list(passing(situation.engine, to_block(text))[0]) for text in about}


RESIDUAL: Final = (
    "whoever it is may come from another address",
    "what passes through a load balancer of others, or CloudFront, bears their address",
    "traffic within one subnet passes no network ACL",
)
PLAYBOOKS = (
    Playbook(
        id="block-source",
        title="deny an address outside on all of its ways, at the layer that they show",
        answers=(
            "RW501",
            "RW505",
            "RW506",
            "RW507",
            "RW540",
            "RW541",
            "*suspicious-traffic*",
            "Recon:EC2/*",
            "UnauthorizedAccess:EC2/SSHBruteForce",
            "UnauthorizedAccess:EC2/RDPBruteForce",
        ),
        grants=GRANTS,
        hours=24,
        residual=RESIDUAL,
        work=work,
        lacks=lacks,
        state=state,
    ),
)
