"""A claim about a network: its sites, the packets it is about, and where those go from a subnet."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from ringwall.errors import QuestionError
from ringwall.model.expectation import Expectation
from ringwall.verify.elements import Subnet
from ringwall.verify.ends import BALANCER, ENDPOINT, NAT, SUBNET, End, Names, find_ends, meant
from ringwall.verify.gaps import Gaps
from ringwall.verify.network import Network
from ringwall.verify.places import Goes, Move, Place
from ringwall.verify.sets import FAMILIES, IPV6, Box, Packets, Ranges, meet
from ringwall.verify.sites import Grid, Sites, bits_within
from ringwall.verify.traffic import ALL, INTERNET, NAT64, NEVER_FORWARDED, asked

OWN = 1  # bears an address of its own, no translator's


class Case:
    """Packets from any of `senders` to any of `receivers` of one network.

    With `strict` what is in doubt stops packets, where it else lets them pass: that they arrive is
    claimed. A `reply` is what answers packets that arrived.
    """

    def __init__(
        self,
        network: Network,
        gaps: Gaps,
        grid: Grid,
        senders: tuple[End, ...],
        receivers: tuple[End, ...],
        *,
        strict: bool = False,
        reply: bool = False,
    ) -> None:
        self.network, self.gaps, self.grid = network, gaps, grid
        self.strict, self.reply = strict, reply
        self.senders = Sites(grid, senders)
        self.receivers = Sites(grid, receivers)
        self._nats: dict[str, list[Ranges]] = {}
        self.denied: dict[tuple[str, bool, str, str], Packets] = {}  # remembered by `filters`

    @classmethod
    def of(
        cls,
        network: Network,
        gaps: Gaps,
        claim: Expectation,
        names: Names,
        also: Iterable[Ranges] = (),
    ) -> "Case":
        """Return the case of a claim; raises NoEndError, QuestionError.

        `also` are sets of addresses that are to be told apart, too: those of a proof.
        """
        senders = find_ends(network, claim.sources, names)
        receivers = find_ends(network, claim.destinations, names)
        if claim.reachable:
            senders = meant(senders, SUBNET, ENDPOINT, BALANCER)
            receivers = meant(receivers, SUBNET, BALANCER)
            why = next(filter(None, (end.doubt or gaps.behind(end.key) for end in receivers)), "")
            if why:
                raise QuestionError(why)
        grid = Grid(_cuts(network, also))
        return cls(network, gaps, grid, senders, receivers, strict=claim.reachable)

    def start(self, claim: Expectation) -> Packets:
        """Return the packets that a claim is about, but those of one interface to itself."""
        boxes: list[Box] = [
            (self.senders.within(part), self.receivers.within(part), OWN, asked(claim.ports, n))
            for n, part in FAMILIES.items()
        ]
        found = Packets.of(boxes)
        for name in {site.end.interface for site in self.senders} - {""}:
            mine = self.senders_that(partial(_is_interface, name))
            itself = self.receivers_that(partial(_is_interface, name))
            found -= found.only(sender=mine, receiver=itself)
        return found

    def answering(self, *, to_nat: str = "") -> "Case":
        """Return the case of replies to packets of this one, or of their way to a NAT gateway."""
        senders, receivers = (sites.ends for sites in (self.receivers, self.senders))
        if to_nat:
            nat = self.network.nats[to_nat]
            receivers = (End(to_nat, NAT, nat.part, nat.subnet, nat.vpc, public=nat.public),)
        return Case(self.network, self.gaps, self.grid, senders, receivers, strict=True, reply=True)

    def senders_that(self, test: Callable[[End], bool]) -> int:
        """Return the sites of senders, as bits."""
        return _that(self.senders, test)

    def receivers_that(self, test: Callable[[End], bool]) -> int:
        """Return the sites of receivers, as bits."""
        return _that(self.receivers, test)

    def everything(self, place: Place) -> Packets:
        """Return every packet that may be at a place."""
        box = (self.senders.bits, self.receivers.bits, self.borne(place), ALL)
        return Packets.of([box])

    def addresses_of(self, nat: str) -> list[Ranges]:
        """Return the addresses of a translator, by what no rule tells apart."""
        found = self._nats.get(nat)
        if found is None:
            gateway = self.network.nats.get(nat)
            part = gateway.part if gateway is not None else self.network.interfaces[nat].address
            found = self._nats[nat] = list(self.grid.pieces(part))
        return found

    def borne(self, place: Place) -> int:
        """Return every address that packets at a place may bear of a translator, as bits."""
        return (1 << len(self.addresses_of(place.nat))) - 1 if place.nat else OWN

    def source(self, place: Place, packets: Packets, part: Ranges) -> Packets:
        """Return the packets at a place whose source is in a set of addresses."""
        if place.nat:
            return packets.only(borne=bits_within(self.addresses_of(place.nat), part))
        return packets.only(sender=self.senders.within(part))

    def destination(self, place: Place, packets: Packets, part: Ranges) -> Packets:
        """Return the packets at a place whose destination is in a set of addresses."""
        return packets.only(receiver=self.receivers.within(_outer(part) if place.inner else part))

    def remote(self, place: Place, packets: Packets, part: Ranges, *, egress: bool) -> Packets:
        """Return the packets whose other end, as a filter sees it, is in a set of addresses."""
        ask = self.destination if egress else self.source
        return ask(place, packets, part)

    def by_subnet(self, packets: Packets) -> Iterator[tuple[str, Packets]]:
        """Take packets apart by the subnets of their receivers, "" for those outside."""
        yield from _apart(packets, self.receivers.by_subnet)

    def by_vpc(self, packets: Packets) -> Iterator[tuple[str, Packets]]:
        """Take packets apart by the VPCs of their receivers, "" for those outside."""
        yield from _apart(packets, self.receivers.by_vpc)

    def home(self, place: Place) -> Subnet:
        """Return the subnet of a place `of` one, or what stands for a regional NAT gateway."""
        subnet = self.network.subnets.get(place.of)
        if subnet is not None:
            return subnet
        nat = self.network.nats[place.of]
        assert nat.table is not None
        # It "does not require a public subnet" and has a table of its own (VPC guide), so no ACL.
        vpc = self.network.vpcs[nat.vpc]
        zone = self.zone(place)
        return Subnet(nat.key, nat.vpc, "", zone, (), nat.table, None, False, vpc)

    def zone(self, place: Place) -> str:
        """Return the zone of the subnet from which packets entered a gateway, "" for none."""
        return self.network.subnets[place.entered].zone if place.entered else ""

    def arrive(self, here: Subnet | None, place: Place) -> Goes:
        """Return how packets go on to their receivers: inside one subnet no ACL is asked (R4)."""
        same = self.receivers.by_subnet.get(here.key, 0) if here else 0
        last = replace(place, of="", entered="", gateway="")

        def go(packets: Packets) -> Iterator[Move]:
            yield replace(last, at="receiver"), packets.only(receiver=same)
            yield replace(last, at="arrival"), packets.only(receiver=~same)

        return go

    def leave(self, here: Subnet, place: Place) -> Goes:
        """Return how packets that came out in a subnet go on: inside of it, or out of it."""
        same = self.receivers.by_subnet.get(here.key, 0)
        out = replace(place, at="table" if here.acl is None else "acl-out", of=here.key)
        arrive = self.arrive(here, place)

        def go(packets: Packets) -> Iterator[Move]:
            yield from arrive(packets.only(receiver=same))
            yield out, packets.only(receiver=~same)

        return go


def _apart(packets: Packets, keys: Mapping[str, int]) -> Iterator[tuple[str, Packets]]:
    for key, bits in keys.items():
        found = packets.only(receiver=bits)
        if found:
            yield key, found


def _is_interface(name: str, end: End) -> bool:
    return end.interface == name


def _that(sites: Sites, test: Callable[[End], bool]) -> int:
    return sum(1 << number for number, site in enumerate(sites) if test(site.end))


def _outer(part: Ranges) -> Ranges:
    """Return IPv4 addresses as they look inside of 64:ff9b::/96 (R13)."""
    start = NAT64[0][0]
    return tuple((low + start, high + start) for low, high in part if low < IPV6)


def _cuts(network: Network, also: Iterable[Ranges]) -> Iterator[Ranges]:
    """Yield every set of addresses that a rule of the checker asks about."""
    named = list(dict.fromkeys((*network.address_sets(), *also)))
    v4 = FAMILIES[4]
    named += [v4, FAMILIES[6], INTERNET[4], INTERNET[6], NEVER_FORWARDED, NAT64]
    yield from named
    leads = any(
        route.kind == "nat-gateway" and route.part and meet(route.part, NAT64)
        for table in network.tables.values()
        for route in table.routes
    )
    if leads:
        yield from (_outer(meet(part, v4)) for part in named if meet(part, v4))
