"""A proof and a network → accepted, refused, or not to be checked: no search, one look a place.

A proof names, for each place on the way of its packets, all packets that can be there, and which
piece of the network stops which of them. Of every way of a proof must be true:

1. all packets that set out are at its first place;
2. what a cut says is stopped is stopped by that piece;
3. what is at a place and not cut goes on to places of the way, and is among the packets there;
4. nothing goes on to where it is not known what becomes of it;
5. where packets end without a filter, for want of a route say, a cut says so.

That packets do not arrive is proven if, besides, none goes on to a receiver: nothing that is
claimed about can leave the places of the proof. A cut at a filter must be named; what no cut names
is taken to pass it. A load balancer is no receiver: of what arrives at one, the same must be true
of the ways of all that it asks for it. That packets arrive is proven if nothing is stopped, places
lead to later ones alone, and the same is true of the ways of the replies to what arrived.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NoReturn

from ringwall.errors import QuestionError
from ringwall.verify.case import OWN, Case
from ringwall.verify.certificate import Cut, Leg, Proof, Station
from ringwall.verify.ends import Names
from ringwall.verify.gaps import Gaps
from ringwall.verify.network import Network
from ringwall.verify.places import ARRIVED, Part, Place
from ringwall.verify.relays import MOST_RELAYS, NODE, onward
from ringwall.verify.replies import replies
from ringwall.verify.rules import START, step
from ringwall.verify.sets import Packets, Ranges, meet, union
from ringwall.verify.sites import Sites, bits_within
from ringwall.verify.traffic import address_texts, traffic_texts


class Answer(StrEnum):
    """What is said of a proof."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "cannot be checked"


@dataclass(frozen=True, slots=True)
class Checked:
    """The answer to a proof, with the reason unless it is accepted."""

    proof: Proof
    answer: Answer
    why: str = ""

    @property
    def cuts(self) -> int:
        """Return how many cuts the proof has."""
        return sum(len(station.cuts) for station in self.proof.stations)


class _RefusedError(Exception):
    """A proof does not hold."""


def _refuse(why: str) -> NoReturn:
    raise _RefusedError(why)


class _NotCheckedError(Exception):
    """It is not known whether a proof holds."""


def check(network: Network, gaps: Gaps, proof: Proof, names: Names) -> Checked:
    """Check one proof; `names` are those of address ranges."""
    if gaps.unread:
        return Checked(proof, Answer.UNKNOWN, gaps.unread[0])
    try:
        _check(Case.of(network, gaps, proof.claim, names, _parts(proof)), proof)
    except _RefusedError as refusal:
        return Checked(proof, Answer.REFUSED, str(refusal))
    except (_NotCheckedError, QuestionError) as doubt:
        return Checked(proof, Answer.UNKNOWN, str(doubt))
    except KeyError as absent:
        return Checked(proof, Answer.UNKNOWN, f"{absent} is not in the input")
    return Checked(proof, Answer.ACCEPTED)


def _check(case: Case, proof: Proof) -> None:
    legs = list(proof.legs)
    start = case.start(proof.claim)
    if not start:
        _refuse("no sender and receiver have addresses and ports of one family")
    arrived = _along(case, legs, START, start)
    if not case.strict:
        _none_gets_through(case, legs, arrived)
    for answering, place, packets in replies(case, arrived) if case.strict else ():
        _along(answering, legs, place, packets)
    if legs:
        _refuse("it has more ways than packets and their replies take")


def _none_gets_through(
    case: Case, legs: list[Leg], arrived: Mapping[Place, Packets], depth: int = MOST_RELAYS
) -> None:
    """Check that packets arrived at load balancers alone, and that none of these passes one on."""
    for place, packets in arrived.items():
        if place.of != NODE:
            _refuse(f"packets reach their end: {_sample(case, packets)}")
    for further, place, packets in onward(case, arrived):
        if not depth:
            msg = "load balancers lead to one another"
            raise _NotCheckedError(msg)
        beyond = _along(further, legs, place, packets)
        _none_gets_through(further, legs, beyond, depth - 1)


def _along(case: Case, legs: list[Leg], begin: Place, start: Packets) -> dict[Place, Packets]:
    """Check the next leg of a proof; return what arrives at its end."""
    if not legs:
        _refuse(f"there is no way from {begin}: {_sample(case, start)}")
    leg = _renumbered(case, legs.pop(0))
    stations = {station.place: station for station in leg.stations}
    if len(stations) < len(leg.stations):
        _refuse("it names a place twice")
    _within(case, start, stations, begin)
    led_to, past, arrived = {begin}, set[Place](), dict[Place, Packets]()
    for station in leg.stations:
        if station.place not in led_to:
            _refuse(f"nothing leads to {station.place} from the places before it")
        past.add(station.place)
        for place, packets in _onward(case, station):
            if place.at == ARRIVED:
                arrived[place] = arrived.get(place, Packets()) | packets
            elif place.at == "unknown":
                msg = f"{place.of} ({_sample(case, packets)})"
                raise _NotCheckedError(msg)
            elif case.strict and place in past:
                _refuse(f"packets go in circles at {place}: {_sample(case, packets)}")
            else:
                _within(case, packets, stations, place)
                led_to.add(place)
    return arrived


def _onward(case: Case, station: Station) -> Iterator[tuple[Place, Packets]]:
    """Yield where the packets of a station go that no cut of it claims."""
    parts = step(case, station.place, station.packets)
    for cut in station.cuts:
        _is_true(case, cut, parts, station.place)
    for part in parts:
        if part.stop and case.strict:
            _refuse(f"{part.stop} stops packets ({part.why}): {_sample(case, part.packets)}")
        claimed = (cut.packets for cut in station.cuts if part.stop and cut.by == part.stop)
        rest = part.packets - union(claimed)
        if rest and part.goes is None:
            msg = f"{part.stop} stops packets ({part.why}) that no cut names"
            _refuse(f"{msg}: {_sample(case, rest)}")
        if rest and part.goes is not None:
            yield from ((place, packets) for place, packets in part.goes(rest) if packets)


def _is_true(case: Case, cut: Cut, parts: list[Part], place: Place) -> None:
    stopped = union(part.packets for part in parts if part.stop == cut.by)
    passed = cut.packets - stopped
    if passed:
        msg = f"{cut.by} does not stop all that a cut at {place} says: {_sample(case, passed)}"
        raise _RefusedError(msg)


def _within(case: Case, packets: Packets, stations: dict[Place, Station], place: Place) -> None:
    known = stations[place].packets if place in stations else Packets()
    beyond = packets - known
    if beyond:
        msg = f"packets get to {place} that the proof does not have there"
        _refuse(f"{msg}: {_sample(case, beyond)}")


def _sample(case: Case, packets: Packets) -> str:
    """Describe one packet of a set."""
    f, t, _, traffic = min(packets.boxes)
    ends = (
        sites.all[(bits & -bits).bit_length() - 1]
        for sites, bits in ((case.senders, f), (case.receivers, t))
    )
    there = [f"{site.label} {_first(site.part)}" for site in ends]
    what = traffic_texts(((traffic[0][0], traffic[0][0] + 1),))[0]
    return f"{there[0]} -> {there[1]}, {what}"


def _first(part: Ranges) -> str:
    return address_texts(((part[0][0], part[0][0] + 1),))[0]


def _parts(proof: Proof) -> Iterator[Ranges]:
    """Yield the sets of addresses that a proof tells apart."""
    yield from (part for leg in proof.legs for _, part in (*leg.senders, *leg.receivers))
    yield from (part for station in proof.stations for part in station.addresses)


def _renumbered(case: Case, leg: Leg) -> Leg:
    """Return a leg in the numbers of the network's sites; what the network lacks is dropped."""
    senders, receivers = _bits(case.senders, leg.senders), _bits(case.receivers, leg.receivers)
    stations = []
    for station in leg.stations:
        borne = [OWN]
        if station.addresses:
            known = _translator(case, station.place)
            borne = [bits_within(known, part) for part in station.addresses]
        maps = (senders, receivers, borne)
        cuts = tuple(replace(cut, packets=_moved(cut.packets, maps)) for cut in station.cuts)
        packets = _moved(station.packets, maps)
        stations.append(replace(station, packets=packets, cuts=cuts))
    return replace(leg, stations=tuple(stations))


def _translator(case: Case, place: Place) -> list[Ranges]:
    known = place.nat in case.network.nats or place.nat in case.network.interfaces
    return case.addresses_of(place.nat) if known else []


Maps = tuple[list[int], list[int], list[int]]


def _bits(sites: Sites, named: Iterable[tuple[str, Ranges]]) -> list[int]:
    """Return, for each site of a proof, those of the network that lie in it."""
    by_label: dict[str, list[tuple[int, Ranges]]] = {}
    for number, site in enumerate(sites):
        by_label.setdefault(site.label, []).append((1 << number, site.part))
    return [
        sum(bit for bit, piece in by_label.get(label, ()) if meet(piece, part) == piece)
        for label, part in named
    ]


def _moved(packets: Packets, maps: Maps) -> Packets:
    return Packets.of(
        (_mapped(f, maps[0]), _mapped(t, maps[1]), _mapped(borne, maps[2]), traffic)
        for f, t, borne, traffic in packets
    )


def _mapped(bits: int, to: list[int]) -> int:
    found = 0
    for number, new in enumerate(to):
        if bits >> number & 1:
            found |= new
    return found
