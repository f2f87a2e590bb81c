"""A claim about a network: its ends, the packets it is about, and where those go from a subnet."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from ringwall.model.expectation import Expectation
from ringwall.verify.elements import Acl, Subnet
from ringwall.verify.ends import ENDPOINT, SUBNET, End, Names, find_ends, labels, meant
from ringwall.verify.filters import denied_by_acl
from ringwall.verify.gaps import Gaps
from ringwall.verify.network import Network
from ringwall.verify.places import Goes, Place
from ringwall.verify.sets import FAMILIES, Box, Packets, Ranges, meet
from ringwall.verify.traffic import asked


@dataclass(frozen=True)
class Case:
    """One claim: packets from any of `senders` to any of `receivers`; bit n is the n-th of them."""

    network: Network
    gaps: Gaps
    senders: tuple[End, ...]
    receivers: tuple[End, ...]
    start: Packets
    acls: dict[tuple[str, bool], Packets] = field(default_factory=dict)  # remembered

    @classmethod
    def of(cls, network: Network, gaps: Gaps, claim: Expectation, names: Names) -> "Case":
        """Find the ends of a claim; raises NoEnd, QuestionError."""
        senders = find_ends(network, claim.sources, names)
        receivers = find_ends(network, claim.destinations, names)
        if claim.reachable:
            senders = meant(senders, SUBNET, ENDPOINT)
            receivers = meant(receivers, SUBNET)
        return cls(network, gaps, senders, receivers, _start(claim, senders, receivers))

    @property
    def sender_labels(self) -> tuple[str, ...]:
        """Return a text for each sender."""
        return labels(self.senders)

    @property
    def receiver_labels(self) -> tuple[str, ...]:
        """Return a text for each receiver."""
        return labels(self.receivers)

    def senders_that(self, test: Callable[[End], bool]) -> int:
        """Return the bits of senders."""
        return _bits(self.senders, test)

    def receivers_that(self, test: Callable[[End], bool]) -> int:
        """Return the bits of receivers."""
        return _bits(self.receivers, test)

    def denied(self, acl: Acl, *, egress: bool) -> Packets:
        """Return what a network ACL stops."""
        found = self.acls.get((acl.key, egress))
        if found is None:
            found = self.acls[acl.key, egress] = denied_by_acl(acl, egress=egress)
        return found

    def home(self, place: Place) -> Subnet:
        """Return the subnet of a place `of` one, or what stands for a regional NAT gateway."""
        subnet = self.network.subnets.get(place.of)
        if subnet is not None:
            return subnet
        nat = self.network.nats[place.of]
        assert nat.table is not None
        # It "does not require a public subnet" and has a table of its own (VPC guide), so no ACL.
        return Subnet(
            nat.key, nat.vpc, "", place.zone, (), nat.table, None, False, self.network.vpcs[nat.vpc]
        )

    def arrive(self, here: Subnet | None, place: Place) -> Goes:
        """Return how packets go on to their receivers: inside one subnet no ACL is asked (R4)."""
        key = here.key if here else ""
        same = self.receivers_that(lambda end: bool(key) and end.subnet == key)
        last = replace(place, of="", zone="", gateway="", nat="")

        def go(packets: Packets) -> Iterable[tuple[Place, Packets]]:
            yield replace(last, at="receiver"), packets.only(receiver=same)
            yield replace(last, at="arrival"), packets.only(receiver=~same)

        return go

    def leave(self, here: Subnet, place: Place) -> Goes:
        """Return how packets that came out in a subnet go on: inside of it, or out of it."""
        same = self.receivers_that(lambda end: end.subnet == here.key)
        out = replace(place, at="table" if here.acl is None else "acl-out", of=here.key)
        arrive = self.arrive(here, place)

        def go(packets: Packets) -> Iterable[tuple[Place, Packets]]:
            yield from arrive(packets.only(receiver=same))
            yield out, packets.only(receiver=~same)

        return go


def _bits(ends: tuple[End, ...], test: Callable[[End], bool]) -> int:
    return sum(1 << number for number, end in enumerate(ends) if test(end))


def _start(claim: Expectation, senders: tuple[End, ...], receivers: tuple[End, ...]) -> Packets:
    """Return the packets that a claim is about, but those of one interface to itself."""
    boxes: list[Box] = []
    for version, family in FAMILIES.items():
        traffic = asked(claim.ports, version)
        for source, f in _by_part(senders, family).items():
            boxes += [(f, t, source, d, traffic) for d, t in _by_part(receivers, family).items()]
    found = Packets.of(boxes)
    for n, end in enumerate(senders):
        itself = _bits(receivers, lambda other, end=end: other.interface == end.interface)  # type: ignore[misc]
        if end.interface and itself:
            found -= found.only(sender=1 << n, receiver=itself)
    return found


def _by_part(
    ends: tuple[End, ...], family: tuple[tuple[int, int], ...]
) -> dict[tuple[tuple[int, int], ...], int]:
    found: dict[Ranges, int] = {}
    for number, end in enumerate(ends):
        part = meet(end.part, family)
        if part:
            found[part] = found.get(part, 0) | 1 << number
    return found
