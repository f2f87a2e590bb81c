"""isolate-instance: keep an instance's evidence, then put every interface into quarantine."""

from collections.abc import Iterator

from ringwall.model.graph import Address, Node, Unknown
from ringwall.model.words import counted
from ringwall.playbooks import evidence, isolation
from ringwall.playbooks.measures import Measure, Request
from ringwall.playbooks.parties import Host, canonical, hosts, outsiders, physical
from ringwall.playbooks.playbook import Playbook, Proposal, Refusal, Situation
from ringwall.playbooks.proof import broken
from ringwall.playbooks.records import Incident
from ringwall.reach.blocks import Block
from ringwall.reach.engine import Engine
from ringwall.reach.what_if import engine_after

GRANTS = (*evidence.GRANTS, *isolation.GRANTS)
RESIDUAL = (
    *isolation.RESIDUAL,
    "it stays out of its Auto Scaling group, and its snapshots stay, when all else is undone",
)
_NOT_PROVEN = "not proven, done by AWS's word: what is not of the network (snapshot, protection)"


def reads(incident: Incident, situation: Situation) -> tuple[Request, ...]:
    """Return the questions after what an isolated instance is."""
    found = hosts(incident, situation.engine.network.values, situation.names)
    return tuple(q for host in found if host.instance for q in evidence.questions(host.instance))


def work(playbook: Playbook, incident: Incident, situation: Situation) -> Proposal | Refusal:
    """Isolate what of ours began an incident."""
    found = hosts(incident, situation.engine.network.values, situation.names)
    if not found:
        why = "the incident names no instance or interface of the network"
        return Refusal(why, hint="name it: an id as i-… or an address of it")
    return isolation_of(playbook, incident, situation, found)


def isolation_of(
    playbook: Playbook,
    incident: Incident,
    situation: Situation,
    found: list[Host],
    meant: tuple[Engine, tuple[Block, ...]] | None = None,
) -> Proposal | Refusal:
    """Propose to isolate hosts, proven on the changed network.

    `meant` is the network as it was before what comes first, and the blocks that this denies: what
    breaks is judged of all at once.
    """
    for host in found:
        serving = situation.engine.network.services.owners
        owned = [
            node
            for node in host.interfaces
            if node.observed.get("RequesterManaged") or node.key in serving
        ]
        if owned:
            why = f"{physical(owned[0])} is AWS's own, of a service: its groups are not ours to set"
            return Refusal(why, hint="narrow the rules of its groups: close-exposure")
    try:
        measures = tuple(_measures(incident, situation, found))
    except LookupError as error:
        return Refusal(str(error.args[0]))
    interfaces = [node for host in found for node in host.interfaces]
    after = engine_after(situation.engine, nodes_of(measures))
    seen = isolation.judged(after, interfaces)
    before, aside = meant or (situation.engine, ())
    breaks = broken(before, after, situation.expected, aside)
    names = ", ".join(host.id for host in found)
    end = "all are DENY both ways" if not seen.still else f"{len(seen.still)} not DENY"
    judged = f"{counted(seen.pairs, 'pair')} of ends, {counted(seen.classes, 'class')} of packets"
    proven = (
        f"after: {judged}: {end}",
        f"{counted(len(situation.expected), 'expectation')}: {len(breaks)} would break",
        _NOT_PROVEN,
    )
    ids = tuple(physical(node) for node in interfaces)
    return Proposal(
        playbook.id,
        f"isolate {names}: {counted(len(ids), 'interface')}",
        measures,
        proven,
        playbook.residual,
        playbook.seconds(situation),
        about=ids,
        breaks=breaks,
        doubts=(*seen.still, *_doubts(situation, found)),
        reach=len(ids),
        facts={"interfaces": list(ids), "offers": list(_offers(incident, situation, found))},
    )


def nodes_of(measures: tuple[Measure, ...]) -> list[Node | Address]:
    """Return what measures make of the graph, each node as the last one leaves it."""
    nodes = [each for measure in measures for each in measure.nodes]
    return list({(n.type, n.key) if isinstance(n, Node) else n: n for n in nodes}.values())


def _measures(incident: Incident, situation: Situation, found: list[Host]) -> Iterator[Measure]:
    """Yield the evidence of every host, then the isolation of each."""
    for host in found:
        if host.instance:
            yield from evidence.kept(incident, situation, host)
        else:
            yield from evidence.out_of_balancing(situation, host)
    done: set[str] = set()
    for host in found:
        for measure in isolation.isolated(situation, host):
            if measure.text not in done:  # the group of a VPC that two hosts share
                done.add(measure.text)
                yield measure


def _doubts(situation: Situation, found: list[Host]) -> Iterator[str]:
    for host in found:
        if host.instance and not evidence.said(situation, host.instance):
            yield f"AWS did not say what {host.instance} is: its disks are not copied"


def _offers(incident: Incident, situation: Situation, found: list[Host]) -> Iterator[str]:
    """Yield what would cut the tracked connections, too.

    An entry of a network ACL names the far end of a packet, so that none of its own subnet's can
    be about one host alone.
    """
    network = situation.engine.network
    outside = [canonical(each) for each in outsiders(incident, situation.names)]
    for host in found:
        if host.instance:
            yield f"stop {host.instance}: it ends what is under way, and loses what is in memory"
        keys = {node.key for node in host.interfaces}
        subnets = {network.interfaces[key].subnet for key in keys if key in network.interfaces}
        acls = sorted({s.acl.key for s in subnets if not isinstance(s.acl, Unknown)})
        for acl in acls:
            for address in outside:
                yield f"deny {address} at network ACL {acl}: it cuts what is under way with it"
            yield f"deny everything at network ACL {acl}: it cuts all hosts of its subnets"
        for node in network.values.ec2("EIP"):
            named = ("NetworkInterfaceId", "InstanceId")
            bears = {network.values.key(node.observed.get(name)) for name in named}
            if bears & {*keys, host.instance}:
                yield f"take Elastic IP {node.observed.get('PublicIp')} ({physical(node)}) away"


PLAYBOOKS = (
    Playbook(
        id="isolate-instance",
        title="keep an instance's evidence, then put each of its interfaces into quarantine",
        answers=(
            "RW531",
            "RW544",
            "Backdoor:EC2/*",
            "Behavior:EC2/*",
            "CryptoCurrency:EC2/*",
            "Impact:EC2/*",
            "Trojan:EC2/*",
            "UnauthorizedAccess:EC2/TorClient",
            "UnauthorizedAccess:EC2/TorRelay",
        ),
        grants=GRANTS,
        hours=0,
        residual=RESIDUAL,
        work=work,
        lacks=isolation.lacks,
        state=isolation.state,
        reads=reads,
    ),
)
