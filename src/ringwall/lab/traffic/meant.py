"""What a network is for → who opens connections to whom: declared flows, or what its rules let.

Rule: a blueprint's flows are taken as declared. Of any other network the ingress rules of its
groups are taken, as far as the tracer lets a connection through and an answer back.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ringwall.blueprint.ends import End, EndKind, resolved_flows
from ringwall.blueprint.syntax import Blueprint
from ringwall.lab.traffic.estate import Estate
from ringwall.lab.traffic.interfaces import Machine
from ringwall.model.names import ENDPOINTS
from ringwall.model.ports import PROTOCOL_NUMBERS
from ringwall.trace.addresses import block, host

WIDEST = 8  # ports of a rule that are taken one by one; of a wider one the lowest is used


@dataclass(frozen=True, slots=True)
class Meant:
    """Connections that are meant: to one port, from and to machines or a place outside.

    `place` is "" for machines on both sides, else "internet", "aws:s3" or a CIDR: the side that is
    empty lies there.
    """

    sources: tuple[Machine, ...]
    destinations: tuple[Machine, ...]
    protocol: int
    port: int
    place: str = ""

    @property
    def inbound(self) -> bool:
        """Tell whether it is opened from outside."""
        return bool(self.place) and not self.sources

    @property
    def outbound(self) -> bool:
        """Tell whether it leads outside."""
        return bool(self.place) and not self.destinations


def meant_by(blueprint: Blueprint, estate: Estate) -> tuple[Meant, ...]:
    """Return what a blueprint's flows mean, once each."""
    found: dict[Meant, None] = {}
    for flow in resolved_flows(blueprint):
        sides = [
            [pair for end in ends for pair in _sides(end, estate)]
            for ends in (flow.sources, flow.destinations)
        ]
        for source, source_place in sides[0]:
            for destination, place in sides[1]:
                if not (source or destination):
                    continue
                for spec in flow.ports:
                    number = PROTOCOL_NUMBERS[spec.protocol]
                    if number not in {6, 17, 1, 58}:
                        number = 6
                    last = min(spec.high, spec.low + 1) if spec.high - spec.low < WIDEST else 0
                    for port in {spec.low or 443, last or spec.low or 443}:
                        where = source_place or place
                        found[Meant(source, destination, number, port, where)] = None
    return tuple(found)


def _sides(end: End, estate: Estate) -> Iterator[tuple[tuple[Machine, ...], str]]:
    machines = estate.machines
    match end.kind:
        case EndKind.GROUP | EndKind.ENDPOINTS:
            yield tuple(m for m in machines if m.group == end.key), ""
        case EndKind.TIER:
            yield tuple(m for m in machines if _tier(estate, m) == end.key), ""
        case EndKind.VPC:
            yield tuple(m for m in machines if m.vpc == end.vpc and ENDPOINTS not in m.group), ""
        case EndKind.INTERNET:
            yield (), "internet"
        case EndKind.SERVICE:
            yield (), f"aws:{end.name}"
        case EndKind.ADDRESSES:
            for cidr in end.cidrs:
                inside = tuple(
                    m
                    for m in machines
                    if m.interface.ipv4 and host(m.interface.ipv4) in block(cidr)
                )
                yield inside, "" if inside else cidr


def _tier(estate: Estate, machine: Machine) -> str:
    return f"{machine.vpc}/{estate.network.subnets[machine.interface.subnet].tier}"


def meant_by_rules(estate: Estate) -> tuple[Meant, ...]:
    """Return what the ingress rules of groups mean."""
    network = estate.network
    bearers: dict[str, list[Machine]] = {}
    for machine in estate.machines:
        for key in machine.placement.groups:
            bearers.setdefault(key, []).append(machine)
    found: dict[Meant, None] = {}
    for key, there in bearers.items():
        group = network.groups.get(key)
        for rule in group.ingress if group is not None else ():
            number = rule.protocol if rule.protocol in {1, 6, 17, 58} else 6
            port = max(rule.low, 0) if rule.protocol in {6, 17} else 0
            port = port or (443 if number in {6, 17} else 8)
            sources: tuple[Machine, ...] = ()
            place = ""
            if rule.peer.group:
                sources = tuple(bearers.get(rule.peer.group, ()))
            elif rule.peer.block is not None:
                inside = rule.peer.block
                sources = tuple(
                    m
                    for m in estate.machines
                    if m.interface.ipv4 and host(m.interface.ipv4) in inside
                )
                if rule.peer.block.length == 0:
                    sources, place = (), "internet"
            if sources or place:
                found[Meant(sources, tuple(there), number, port, place)] = None
        for rule in group.egress if group is not None else ():
            if rule.peer.block is not None and rule.peer.block.length == 0:
                found[Meant(tuple(there), (), 6, 443, "internet")] = None
    return tuple(found)


def kinds_of(blueprint: Blueprint) -> dict[str, str]:
    """Return what sort of workload each group is, where the blueprint says."""
    return {
        f"{vpc}/{name}": group.kind or ""
        for vpc, there in blueprint.vpcs.items()
        for name, group in there.groups.items()
    }
