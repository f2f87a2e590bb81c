"""What was seen between two addresses → whether the network lets it happen.

Rules:
- An address stands for every end that may have it: the live interface that bears it, else whatever
  may be placed in its subnet, else what is outside. A sentence about it is one about all of them.
- Addresses that nothing tells apart are asked once.
- A record of ICMP says neither type nor code: every class of the protocol is asked.
- What an interface carries for others (NAT gateway, Transit Gateway, endpoint) is not a
  conversation of its own, and is not judged. Where such an interface may have any address of its
  subnet, because the input does not say which, every address there may be its.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from ipaddress import ip_address

from ringwall.errors import QuestionError
from ringwall.model.graph import Unknown
from ringwall.reach.answers import Case, Told
from ringwall.reach.blocks import NEVER_FORWARDED, ON_INTERNET, SHARED, Block
from ringwall.reach.elements import Interface, Subnet
from ringwall.reach.end import End
from ringwall.reach.filters import Spot
from ringwall.reach.gaps import OWN_MODEL
from ringwall.reach.internet import NAT64, is_on_internet
from ringwall.reach.packets import TCP, UDP, Packet
from ringwall.reach.relations import Board
from ringwall.reach.telling import tell
from ringwall.reach.verdicts import UNDECIDED, Verdict
from ringwall.reach.ways import Kind
from ringwall.space.intervals import Interval


class Standing(StrEnum):
    """What a network says of a conversation that was seen."""

    ALLOWED = "allowed"  # whoever has these addresses
    POSSIBLE = "possible"  # for some of those who may have them, or for some client ports
    FORBIDDEN = "forbidden"  # whoever has them
    UNDECIDED = "undecided"  # by what is not modelled or was not read
    CARRIED = "carried"  # one end only passes on what is others'


DEFINITE = frozenset({Standing.ALLOWED, Standing.FORBIDDEN})
CARRIERS = frozenset({None, "GatewayLoadBalancer"})  # an attachment has no type of endpoint


@dataclass(frozen=True, slots=True)
class Place:
    """Addresses that nothing tells apart.

    `interval` is the uncut one of the network's, `apart` what the addresses are by themselves: on
    the internet or not, reserved; a NAT64 address is like no other, for it holds one of IPv4.
    """

    version: int
    interval: int
    apart: tuple[int, ...]
    subnets: tuple[str, ...]
    interfaces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standings:
    """The answer; `case` shows it where something was asked, `why` says what is not known."""

    standing: Standing
    case: Case | None = None
    why: str = ""


class Conversations:
    """Answers about conversations in one network.

    `are_hosts`: the asker knows that no address of a question is of what carries for others.
    """

    def __init__(self, board: Board, *, are_hosts: bool = False) -> None:
        self.board = board
        self.engine = board.engine
        self.are_hosts = are_hosts
        self._places: dict[str, Place] = {}
        self._ends: dict[str, tuple[End, ...] | Unknown] = {}
        self._known: dict[tuple[Place, Place, int, int], Standings] = {}
        self._told: dict[tuple[int, int], tuple[Case, Told]] = {}  # a case is kept for its id

    def judge(self, source: str, destination: str, protocol: int, port: int) -> Standings:
        """Judge a conversation opened from one address to a port of another.

        The port counts for TCP and UDP alone. Raises ValueError for what is no address.
        """
        index = self._classes(protocol, port)
        key = (self.place(source), self.place(destination), protocol, index[0] if index else -1)
        found = self._known.get(key)
        if found is None:
            found = self._judge(source, destination, index)
            if found.standing in DEFINITE and any(self._may_carry(place) for place in key[:2]):
                found = replace(found, standing=Standing.POSSIBLE)
            self._known[key] = found
        return found

    def tell(self, standings: Standings, port: int) -> Told | None:
        """Follow a packet to that port, which is one of the class that was judged, hop by hop."""
        case = standings.case
        if case is None:
            return None
        key = (id(case), port if case.ports else -1)
        if key not in self._told:
            asked = replace(case, ports=((port, port + 1),)) if case.ports else case
            self._told[key] = case, tell(self.engine, asked)
        return self._told[key][1]

    def place(self, text: str) -> Place:
        """Return what tells an address apart from others."""
        found = self._places.get(text)
        if found is None:
            address = ip_address(text)
            version, value = address.version, int(address)
            bearers = [each.key for each in self.engine.network.bearers.of(version, value)]
            if version == 4 and (public := self.engine.ends.public_bearers.get(value)):
                bearers.append(f"{public.key} by {text}")
            spot = Spot(version, value)
            found = self._places[text] = Place(
                version,
                self.engine.ends.cuts.number(spot),
                _apart(spot),
                tuple(subnet.key for subnet in self._subnets(version, value)),
                tuple(sorted(bearers)),
            )
        return found

    def edges(self, version: int) -> Iterator[int]:
        """Yield the addresses at which those begin that something tells apart from others.

        Between two of them all addresses have one place, but for NAT64 ones, each of which has its
        own.
        """
        network = self.engine.network
        yield from self.engine.ends.cuts.edges[version]
        yield from network.bearers.edges(version)
        if version == 4:
            for address in self.engine.ends.public_bearers:
                yield from (address, address + 1)
        subnets = (block for subnet in network.subnets.values() for block in subnet.blocks)
        for block in (*subnets, *NEVER_FORWARDED, SHARED, NAT64):
            if block.version == version:
                yield from (block.start, block.end)
        for interval in ON_INTERNET[version].intervals:
            yield from interval

    def packet_classes(self, protocol: int) -> list[tuple[int, int]]:
        """Return the first port of each run of ports of one class, with the class.

        A protocol without ports has one run, whose class is -1 if there is none of the protocol.
        """
        if protocol in {TCP, UDP}:
            runs = self.engine.filters.packets.ports_in_order(protocol)
            return [(start, index) for start, _, index in runs]
        return [(0, next(iter(self._classes(protocol, 0)), -1))]

    def _may_carry(self, place: Place) -> bool:
        """Tell whether what carries for others may have an address that no interface has."""
        if self.are_hosts or place.interfaces:
            return False
        return not self._carrying.isdisjoint(place.subnets)

    @cached_property
    def _carrying(self) -> frozenset[str]:
        values = self.engine.network.values
        found = {values.key(node.properties.get("SubnetId")) for node in values.ec2("NatGateway")}
        for node in (*values.ec2("TransitGatewayAttachment"), *values.ec2("VPCEndpoint")):
            if node.properties.get("VpcEndpointType") in CARRIERS:
                found.update(values.keys(node.properties.get("SubnetIds")))
        return frozenset(found)

    def _classes(self, protocol: int, port: int) -> tuple[int, ...]:
        packets = self.engine.filters.packets
        if protocol in {TCP, UDP}:
            return (packets.class_of(Packet(protocol, port)),)
        return tuple(packets.indices(protocol)) or (packets.class_of(Packet(protocol)),)

    def _judge(self, source: str, destination: str, index: tuple[int, ...]) -> Standings:
        sources, destinations = self.ends(source), self.ends(destination)
        for found in (sources, destinations):
            if isinstance(found, Unknown):
                return Standings(Standing.UNDECIDED, why=str(found))
            if not found:
                return Standings(Standing.CARRIED)
        assert not isinstance(sources, Unknown)
        assert not isinstance(destinations, Unknown)
        cases = list(self._cases(sources, destinations, index))
        if not cases:
            return Standings(Standing.UNDECIDED, why="both ends are one and the same interface")
        return _summed(cases)

    def _cases(
        self, sources: tuple[End, ...], destinations: tuple[End, ...], classes: tuple[int, ...]
    ) -> Iterator[Case]:
        engine = self.engine
        for one in sources:
            for other in (end.facing(one) for end in destinations):
                if one.interface and one.interface == other.interface:
                    continue
                for pair in engine.pairs(one, other):
                    for index in classes:
                        ports: tuple[Interval, ...] = engine.filters.packets.classes[index].ports
                        yield engine.case((one, other), pair, index, ports)

    def ends(self, text: str) -> tuple[End, ...] | Unknown:
        """Return who may have an address; none for an interface that carries what is others'."""
        found = self._ends.get(text)
        if found is None:
            found = self._ends[text] = self._ends_at(text)
        return found

    def _ends_at(self, text: str) -> tuple[End, ...] | Unknown:
        address = ip_address(text)
        version, value = address.version, int(address)
        exact = Block(version, value, value + 1, 32 if version == 4 else 128)
        bearers = self.engine.network.bearers.of(version, value)
        if bearers:
            borne = (end for each in bearers for end in self._of_bearer(each))
            return tuple(dict.fromkeys(replace(end, blocks=(exact,)) for end in borne))
        try:
            named = self.engine.ends.named(text)
        except QuestionError as error:
            return Unknown(text, str(error))
        if isinstance(named, Unknown):
            return named
        return tuple(replace(end, blocks=(exact,)) for end in named)

    def _of_bearer(self, each: Interface) -> Iterator[End]:
        """Yield the end of a live interface: its own, its balancer's, or that of its group."""
        if each.kind in OWN_MODEL:
            return
        ends, key = self.engine.ends, each.node.physical_id or each.key
        owner = self.engine.network.services.owners.get(each.key)
        if owner is not None:
            balancer = self.engine.network.services.balancers.get(owner)
            nodes = ends.of_balancer(balancer) if balancer is not None else ()
            yield from (node for node in nodes if node.subnet is each.subnet)
            return
        title = ends.naming.title(each.key)
        bears = (each.blocks, each.subnet, each.groups, each.public)
        yield End(title, Kind.INTERFACE, *bears, interface=key)

    def _subnets(self, version: int, address: int) -> Iterator[Subnet]:
        width = 32 if version == 4 else 128
        for length, by_start in self._by_length[version].items():
            yield from by_start.get(address >> (width - length) << (width - length), ())

    @cached_property
    def _by_length(self) -> dict[int, dict[int, dict[int, list[Subnet]]]]:
        found: dict[int, dict[int, dict[int, list[Subnet]]]] = {4: {}, 6: {}}
        for subnet in self.engine.network.subnets.values():
            for block in subnet.blocks:
                by_start = found[block.version].setdefault(block.length, {})
                by_start.setdefault(block.start, []).append(subnet)
        return found


def _apart(spot: Spot) -> tuple[int, ...]:
    reserved = (block.holds(spot.version, spot.address) for block in (*NEVER_FORWARDED, SHARED))
    holds_ipv4 = NAT64.holds(spot.version, spot.address)
    return (is_on_internet(spot), *reserved, spot.address if holds_ipv4 else -1)


def _summed(cases: list[Case]) -> Standings:
    """Return what holds of all cases, with the one that shows it."""
    verdicts = {case.verdict for case in cases}
    if verdicts == {Verdict.DENY}:
        return Standings(Standing.FORBIDDEN, cases[0])
    if verdicts == {Verdict.ALLOW}:
        return Standings(Standing.ALLOWED, cases[0])
    undecided = next((case for case in cases if case.verdict in UNDECIDED), None)
    definite = verdicts - UNDECIDED - {Verdict.DENY}
    if undecided is not None and not definite:
        why = "; ".join(map(str, undecided.unknowns)) or str(undecided.verdict)
        return Standings(Standing.UNDECIDED, undecided, why)
    shown = next(case for case in cases if case.verdict in definite)
    return Standings(Standing.POSSIBLE, shown)
