"""An explanation → the smallest changes that close an open way, or open a closed one.

Rules:
- Nothing is said that the engine has not verified: each change is made in the graph and the same
  question is asked again; a closing must end in DENY, an opening in ALLOW.
- A closing is one rule, entry or route taken away. An opening is what every filter on the way
  lacks, replies included; where a route is missing there is none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ringwall.model.graph import Node, Ref, ResourceGraph
from ringwall.model.ports import PortSpec
from ringwall.reach import codes
from ringwall.reach.answers import Blocker, Case, Remedy
from ringwall.reach.engine import Engine
from ringwall.reach.explain import Explanation, explain
from ringwall.reach.packets import ICMP, ICMPV6, NAMES, TCP, UDP, Packet
from ringwall.reach.verdicts import Verdict
from ringwall.reach.what_if import engine_after

REMOVABLE = frozenset(
    f"AWS::EC2::{name}"
    for name in (
        "SecurityGroupIngress",
        "SecurityGroupEgress",
        "NetworkAclEntry",
        "Route",
        "TransitGatewayRoute",
        "TransitGatewayRouteTablePropagation",
    )
)
ROUNDS = 4  # of adding what the filters on the way lack
FIRST, LAST = 100, 32_766  # numbers that a person may give to an entry
EPHEMERAL = {"From": 1024, "To": 65_535}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked again of a changed network."""

    source: str
    destination: str
    port: PortSpec

    def ask(self, engine: Engine) -> Explanation:
        """Ask it of a network."""
        return explain(engine, self.source, self.destination, self.port)


def remedies(engine: Engine, explanation: Explanation, question: Question) -> tuple[Remedy, ...]:
    """Return what closes an ALLOW, each way by itself, or what opens a DENY."""
    if explanation.verdict in {Verdict.ALLOW, Verdict.PARTIAL, Verdict.ONE_WAY}:
        return tuple(_closings(engine, explanation, question))
    if explanation.verdict is Verdict.DENY:
        found = _opening(engine, explanation, question)
        return () if found is None else (found,)
    return ()


def _closings(engine: Engine, explanation: Explanation, question: Question) -> Iterator[Remedy]:
    told = explanation.told
    seen: set[tuple[str, str]] = set()
    for hop in told.forward if told is not None else ():
        node = hop.node
        if node is None or node.type not in REMOVABLE or (node.type, node.key) in seen:
            continue
        seen.add((node.type, node.key))
        after = question.ask(engine_after(engine, [(node.type, node.key)]))
        if after.verdict is Verdict.DENY:
            named = f" ({node.physical_id})" if node.physical_id not in {"", node.key} else ""
            text = f"remove {node.short_type} {node.key}{named}"
            yield Remedy((text,), after.verdict, node.origin)


def _opening(engine: Engine, explanation: Explanation, question: Question) -> Remedy | None:
    parts: list[str] = []
    found = explanation
    for _ in range(ROUNDS):
        told = found.told
        if told is None or not told.blockers:
            return None
        added: list[Node] = []
        for blocker in told.blockers:
            graph = engine.network.graph.with_nodes(added)
            made = _lacking(graph, blocker, told.case, told.packet)
            if made is None:
                return None
            node, text = made
            added.append(node)
            parts.append(text)
        engine = engine_after(engine, added)
        found = question.ask(engine)
        if found.verdict is Verdict.ALLOW:
            return Remedy(tuple(dict.fromkeys(parts)), found.verdict)
    return None


def _lacking(
    graph: ResourceGraph, blocker: Blocker, case: Case, packet: Packet
) -> tuple[Node, str] | None:
    """Return the rule or entry that a filter lacks, None where something else is lacking."""
    if blocker.code == codes.SECURITY_GROUP and blocker.filter is not None:
        return _rule(graph, blocker, case, packet)
    if blocker.code == codes.NETWORK_ACL and blocker.filter is not None:
        return _entry(graph, blocker, packet)
    return None


def _rule(
    graph: ResourceGraph, blocker: Blocker, case: Case, packet: Packet
) -> tuple[Node, str] | None:
    assert blocker.filter is not None
    group = graph.get(("AWS::EC2::SecurityGroup", blocker.filter.name))
    if group is None or blocker.direction == "return":
        return None
    egress = blocker.filter.egress
    far = case.destination if egress else case.source
    kind = "SecurityGroupEgress" if egress else "SecurityGroupIngress"
    properties: dict[str, Any] = {"GroupId": group.ref, **_ports(packet)}
    named = graph.get(("AWS::EC2::SecurityGroup", far.groups[0])) if far.groups else None
    if named is not None and case.source.vpc == case.destination.vpc:
        side = "Destination" if egress else "Source"
        properties[f"{side}SecurityGroupId"] = named.ref
        peer = named.key
    else:
        peer = _block(blocker)
        properties["CidrIpv6" if ":" in peer else "CidrIp"] = peer
    key = f"{group.key}:{'out' if egress else 'in'}:{packet}:{peer}"
    node = Node(f"AWS::EC2::{kind}", key, group.account, group.region, properties)
    way = f"egress {packet} to {peer}" if egress else f"ingress {packet} from {peer}"
    return node, f"add {way} to {group.key}"


def _entry(graph: ResourceGraph, blocker: Blocker, packet: Packet) -> tuple[Node, str] | None:
    assert blocker.filter is not None
    acl = graph.get(("AWS::EC2::NetworkAcl", blocker.filter.name))
    if acl is None:
        return None
    egress = blocker.filter.egress
    mine = [
        node
        for node in graph.of_type("AWS::EC2::NetworkAclEntry")
        if node.properties.get("NetworkAclId") == Ref(acl.type, acl.key)
        and bool(node.properties.get("Egress")) == egress
    ]
    taken = {int(node.properties["RuleNumber"]) for node in mine}
    # Before the entry that denies, if one does; `*` comes last of itself.
    denying = int(blocker.rule) if blocker.rule.isdigit() else LAST + 1
    number = next((n for n in range(FIRST, denying) if n not in taken), None)
    if number is None:
        return None
    block = _block(blocker)
    properties: dict[str, Any] = {
        "NetworkAclId": acl.ref,
        "Egress": egress,
        "RuleNumber": number,
        "RuleAction": "allow",
        "Protocol": packet.protocol,
        "Ipv6CidrBlock" if ":" in block else "CidrBlock": block,
    }
    what = str(packet)
    if packet.protocol in {TCP, UDP} and blocker.direction == "return":
        properties["PortRange"] = dict(EPHEMERAL)
        what = f"{NAMES[packet.protocol]}/1024-65535"
    elif packet.protocol in {TCP, UDP}:
        properties["PortRange"] = {"From": packet.port, "To": packet.port}
    elif packet.protocol in {ICMP, ICMPV6}:
        properties["Icmp"] = {"Type": -1, "Code": -1}
        what = NAMES[packet.protocol]
    key = f"{acl.key}:{'egress' if egress else 'ingress'}:{number}"
    node = Node("AWS::EC2::NetworkAclEntry", key, acl.account, acl.region, properties)
    side = "out to" if egress else "in from"
    return node, f"add rule {number} allow {what} {side} {block} to ACL {acl.key}"


def _block(blocker: Blocker) -> str:
    """Return the block of the subnet of the other end as the filter sees it, else its address."""
    assert blocker.filter is not None
    return blocker.filter.block


def _ports(packet: Packet) -> dict[str, Any]:
    name = NAMES.get(packet.protocol, str(packet.protocol))
    if packet.protocol in {TCP, UDP}:
        return {"IpProtocol": name, "FromPort": packet.port, "ToPort": packet.port}
    if packet.protocol in {ICMP, ICMPV6}:
        return {"IpProtocol": name, "FromPort": packet.port, "ToPort": -1}
    return {"IpProtocol": name}
