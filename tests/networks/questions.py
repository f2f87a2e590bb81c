"""A graph → questions about it, at witnesses of its rules and at the edges of all of them.

Four of five follow a rule of a group (from whom it admits, to whom, on its ports), so that many
of them are allowed; the others pair any ends and packets. Addresses and ports are drawn inside and
on both sides of every edge.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_network
from random import Random
from typing import Any

from ringwall.model.graph import ResourceGraph
from tests.networks.ends import (
    Edges,
    End,
    edges,
    ends,
    key_of,
    protocol_of,
    public_addresses,
    targets,
)
from tests.networks.likely import Guess

TCP, UDP, ICMP, ICMPV6 = 6, 17, 1, 58
COMMON = (22, 80, 443, 3306, 5432, 8080, 0, 65_535)
GUIDED = 0.75
LIKELY, TRIES = 0.6, 12
FEW = 3  # questions of an odd kind about one network


@dataclass(frozen=True, slots=True)
class Question:
    """One packet from one end to another, in plain values.

    `port` is the destination port, or the ICMP type with `code`; the client's port is left open:
    the answer says for which of them a reply comes back.
    """

    source: End
    sender: str
    destination: End
    receiver: str
    protocol: int
    port: int = 0
    code: int = 0

    @property
    def version(self) -> int:
        return 6 if ":" in self.sender else 4

    def __str__(self) -> str:
        what = f"protocol {self.protocol} port {self.port} code {self.code}"
        return f"{self.source} {self.sender} -> {self.destination} {self.receiver} {what}"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a group as a guide: which ends it speaks of, and its packets."""

    group: str
    ingress: bool
    protocol: int
    low: int
    high: int
    peer: str  # a group, a list or a block


class Questioner:
    """Draws questions about one graph."""

    def __init__(self, graph: ResourceGraph, rng: Random) -> None:
        self.rng = rng
        self.ends = ends(graph)
        routed = {
            str(node.properties[name])
            for node in graph.of_type("AWS::EC2::Route")
            for name in ("DestinationCidrBlock", "DestinationIpv6CidrBlock")
            if name in node.properties
        }
        self._routed = [e for e in self.ends if e.kind == "outside" and e.name in routed]
        self._serving = [end for end in self.ends if end.kind in {"endpoint", "balancer"}]
        self._listened = [
            (UDP if "UDP" in node.properties["Protocol"] else TCP, node.properties["Port"])
            for node in graph.of_type("AWS::ElasticLoadBalancingV2::Listener")
            if "Port" in node.properties
        ]
        self._targets, self._public = targets(graph), public_addresses(graph)
        self._odd = [end for end in self.ends if end.kind not in {"group", "subnet", "interface"}]
        self._guess = Guess(graph)
        self.edges: Edges = edges(graph)
        self._members: dict[str, list[End]] = defaultdict(list)
        for end in self.ends:
            for group in end.groups:
                self._members[group].append(end)
        self._lists = {
            node.key: tuple(map(ip_network, node.observed.get("Cidrs", ())))
            for node in graph.of_type("AWS::EC2::PrefixList")
        }
        self._rules = [rule for rule in _rules(graph) if self._members.get(rule.group)]
        self._of_group: dict[tuple[str, bool], list[Rule]] = defaultdict(list)
        for rule in self._rules:
            self._of_group[rule.group, rule.ingress].append(rule)

    def draw(self) -> Question | None:
        """Draw a question; mostly one that the filters of its ends seem to let through."""
        wanted = self.rng.random() < LIKELY
        for _ in range(TRIES if wanted else 1):
            found = self._draw()
            if found is None or not wanted:
                return found
            packet = (found.protocol, found.port)
            ends_and = (found.source, found.sender, found.destination, found.receiver)
            if self._guess.admits(*ends_and, packet):
                return found
        return None

    def _draw(self) -> Question | None:
        """Draw a question; None where the ends drawn have no family of addresses in common."""
        guided = self._rules and self.rng.random() < GUIDED
        rule = self.rng.choice(self._rules) if guided else None
        if rule is None:
            source, destination = self._pair()
        else:
            mine = self.rng.choice(self._members[rule.group])
            other = self._other(rule)
            source, destination = (other, mine) if rule.ingress else (mine, other)
        common = sorted(_versions(source) & _versions(destination))
        if not common or (source.interface and source.interface == destination.interface):
            return None
        is_outside = not source.subnet and not destination.subnet
        has_no_way = source.kind == "outside" and source not in self._routed
        if (is_outside or has_no_way) and self.rng.random() < 0.8:
            return None
        version = self.rng.choice(common)
        sender = self._address(source, version)
        receiver = self._address(destination, version)
        if sender == receiver:
            return None
        protocol, port, code = self._packet(rule, version)
        if destination in self._serving and self._listened and self.rng.random() < 0.6:
            protocol, port, code = (*self.rng.choice(self._listened), 0)
        return Question(
            source, _text(version, sender), destination, _text(version, receiver),
            protocol, port, code,
        )  # fmt: skip

    def _pair(self) -> tuple[End, End]:
        """Draw any two ends; half of them with one of the few that stand for a service."""
        source, destination = self.rng.choice(self.ends), self.rng.choice(self.ends)
        if not self._odd or self.rng.random() < 0.5:
            return source, destination
        kinds = [ends for ends in (self._routed, self._serving, self._odd) if ends]
        odd = self.rng.choice(self.rng.choice(kinds))
        return (odd, destination) if self.rng.random() < 0.3 else (source, odd)

    def _other(self, rule: Rule) -> End:
        """Draw an end that a rule speaks of: rather one whose own rules agree, in the same VPC."""
        named: Sequence[End] = self._members.get(rule.peer, ())
        blocks = self._lists.get(rule.peer, ())
        if "/" in rule.peer and rule.peer[0].isdigit():
            blocks = (ip_network(rule.peer, strict=False),)
        if blocks:
            named = [
                end
                for end in self.ends
                if any(a.version == b.version and a.overlaps(b) for a in blocks for b in end.blocks)
            ]
        agreed = [end for end in named if self._agrees(end, rule)]
        if agreed and self.rng.random() < 0.85:
            named = agreed
        vpc = rule.group.split("/", maxsplit=1)[0]
        near = [end for end in named if end.vpc == vpc]
        if near and self.rng.random() < 0.5:
            named = near
        return self.rng.choice(list(named) or self.ends)

    def _agrees(self, end: End, rule: Rule) -> bool:
        """Tell whether a rule of an end's groups lets the same packets go the other way."""
        return not end.subnet or any(
            other.protocol in {-1, rule.protocol}
            and (other.low <= max(rule.low, 0) <= other.high or other.low == -1)
            for group in end.groups
            for other in self._of_group[group, not rule.ingress]
            if self._speaks_of(other, rule.group)
        )

    def _speaks_of(self, rule: Rule, group: str) -> bool:
        """Tell whether a rule's peer may be of a group."""
        if rule.peer == group or rule.peer in self._lists:
            return True
        if "/" not in rule.peer or not (rule.peer[0].isdigit() or ":" in rule.peer):
            return False
        block = ip_network(rule.peer, strict=False)
        return any(
            part.version == block.version and part.overlaps(block)
            for end in self._members[group][:1]
            for part in end.blocks
        )

    def _address(self, end: End, version: int) -> int:
        block = self.rng.choice([part for part in end.blocks if part.version == version])
        first, size = int(block.network_address), block.num_addresses
        kept = 4 if end.subnet and size > 8 else 0  # AWS keeps the first four of a subnet
        low, high = first + kept, first + size - (1 if kept else 0)
        inner = self.edges.addresses[version]
        near = inner[bisect_left(inner, low) : bisect_right(inner, high)]
        if near and self.rng.random() < 0.35:
            drawn = self.rng.choice(near) + self.rng.choice((-1, 0, 1))
        else:
            drawn = self.rng.choice((low, high - 1, self.rng.randrange(low, high)))
        return min(max(drawn, low), high - 1)

    def _packet(self, rule: Rule | None, version: int) -> tuple[int, int, int]:
        if rule is not None and rule.protocol != -1 and self.rng.random() < 0.93:
            protocol = rule.protocol
            if protocol in {TCP, UDP}:
                low, high = (rule.low, rule.high) if rule.low >= 0 else (0, 65_535)
                inside = (low, low, high, high, self.rng.randint(low, high))
                around = (*inside, *inside, low - 1, high + 1)
                return protocol, min(max(self.rng.choice(around), 0), 65_535), 0
            if protocol in {ICMP, ICMPV6} and self.rng.random() < 0.6:
                kind = rule.low if rule.low >= 0 else (8 if protocol == ICMP else 128)
                return protocol, kind, max(rule.high, 0)
        else:
            protocol = self.rng.choice((TCP, TCP, TCP, UDP, ICMP, ICMPV6, 47, 50, 132))
        if protocol in {ICMP, ICMPV6}:
            return self._icmp(ICMP if version == 4 else ICMPV6)
        if protocol in {TCP, UDP}:
            return protocol, self._port(protocol), 0
        return protocol, 0, 0

    def _port(self, protocol: int) -> int:
        if self.rng.random() < 0.4:
            return self.rng.choice(COMMON)
        drawn = self.rng.choice(self.edges.ports[protocol]) + self.rng.choice((-1, 0, 1))
        return min(max(drawn, 0), 65_535)

    def _icmp(self, protocol: int) -> tuple[int, int, int]:
        kind, code = self.rng.choice(self.edges.icmp[protocol])
        kind += self.rng.choice((0, 0, 0, 1))
        return protocol, min(kind, 255), min(code + self.rng.choice((0, 0, 1)), 255)

    def self_calls(self) -> list[Question]:
        """Draw what targets of balancers ask these, and may be led back to themselves (F15)."""
        found = []
        for key, address in self.rng.sample(self._targets, min(FEW, len(self._targets))):
            at = ip_network(address)
            callers = [end for end in self.ends if end.interface and at in end.blocks]
            nodes = [end for end in self.ends if (end.kind, end.name) == ("balancer", key)]
            if callers and nodes and self._listened:
                node, (protocol, port) = self.rng.choice(nodes), self.rng.choice(self._listened)
                to = str(node.blocks[0].network_address)
                found.append(Question(callers[0], address, node, to, protocol, port))
        return found

    def to_public(self) -> list[Question]:
        """Draw what ends inside ask by public addresses of ours (R9)."""
        inside = [end for end in self.ends if end.subnet and 4 in _versions(end)]
        found = []
        for end in self.rng.sample(self._public, min(FEW, len(self._public))) if inside else ():
            source = self.rng.choice(inside)
            sender, port = _text(4, self._address(source, 4)), self.rng.choice(COMMON)
            to = str(end.blocks[0].network_address)
            found.append(Question(source, sender, end, to, TCP, port))
        return found


def questions(graph: ResourceGraph, rng: Random, n: int) -> list[Question]:
    """Return `n` questions about a graph and a few odd ones; the same for the same state of `rng`.

    The odd ones are what targets ask their own balancers, and what is asked by public addresses.
    """
    drawing = Questioner(graph, rng)
    found: list[Question] = []
    for _ in range(n * 20):
        if len(found) == n:
            break
        question = drawing.draw()
        if question is not None:
            found.append(question)
    return [*found, *drawing.self_calls(), *drawing.to_public()]


def _versions(end: End) -> set[int]:
    return {block.version for block in end.blocks}


def _text(version: int, address: int) -> str:
    return str(IPv4Address(address) if version == 4 else IPv6Address(address))


def _rules(graph: ResourceGraph) -> list[Rule]:
    found = []
    for kind, way, ingress in (
        ("SecurityGroupIngress", "Source", True),
        ("SecurityGroupEgress", "Destination", False),
    ):
        found += [
            _rule(node.properties, key_of(node.properties["GroupId"]), way, ingress)
            for node in graph.of_type(f"AWS::EC2::{kind}")
        ]
    return found


def _rule(item: Any, group: str, way: str, ingress: bool) -> Rule:
    names = ("CidrIp", "CidrIpv6", f"{way}SecurityGroupId", f"{way}PrefixListId")
    peer = next(key_of(item[name]) for name in names if name in item)
    protocol = protocol_of(item["IpProtocol"])
    return Rule(group, ingress, protocol, item.get("FromPort", -1), item.get("ToPort", -1), peer)
