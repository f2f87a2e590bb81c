"""A claim that was proven and its network → the proof, as a certificate has it.

Packets are followed from place to place by the rules of the checker until nothing new is found;
where one arrives, there is no proof. What this does need not be trusted: `checking` looks at what
came out of it, and imports nothing of it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from ringwall.errors import InputError, QuestionError
from ringwall.model.expectation import Expectation
from ringwall.verify.case import Case
from ringwall.verify.certificate import Cut, Leg, Proof, Station
from ringwall.verify.ends import Names
from ringwall.verify.gaps import Gaps
from ringwall.verify.network import Network
from ringwall.verify.places import ARRIVED, Place
from ringwall.verify.relays import MOST_RELAYS, NODE, onward
from ringwall.verify.replies import replies
from ringwall.verify.rules import START, step
from ringwall.verify.sets import Packets

_PREFIXES = (
    "AWS::EC2::",
    "Ringwall::EC2::",
    "AWS::DirectConnect::",
    "AWS::NetworkFirewall::",
    "AWS::ElasticLoadBalancingV2::",
    "AWS::ElasticLoadBalancing::",
)


class NoProofError(Exception):
    """There is no proof of a claim that the checker would accept; the text says why."""


def close(network: Network, gaps: Gaps, claim: Expectation, names: Names) -> Proof:
    """Return the proof of a claim; raises NoProofError."""
    if gaps.unread:
        raise NoProofError(gaps.unread[0])
    try:
        return _close(Case.of(network, gaps, claim, names), claim)
    except (QuestionError, InputError) as failure:
        raise NoProofError(str(failure)) from failure
    except KeyError as absent:
        msg = f"{absent} is not in the input"
        raise NoProofError(msg) from absent


def _close(case: Case, claim: Expectation) -> Proof:
    start = case.start(claim)
    if not start:
        msg = "no sender and receiver have addresses and ports of one family"
        raise NoProofError(msg)
    leg, arrived = _leg(case, START, start)
    legs = [leg]
    if not case.strict:
        legs += _behind(case, arrived)
        return Proof(claim, tuple(legs))
    for answering, place, packets in replies(case, arrived):
        legs.append(_leg(answering, place, packets)[0])
    return Proof(claim, tuple(legs))


def _behind(
    case: Case, arrived: Mapping[Place, Packets], depth: int = MOST_RELAYS
) -> Iterator[Leg]:
    """Yield the ways of what load balancers make of packets that arrived at them."""
    for further, place, packets in onward(case, arrived):
        if not depth:
            msg = "load balancers lead to one another"
            raise NoProofError(msg)
        leg, beyond = _leg(further, place, packets)
        yield leg
        yield from _behind(further, beyond, depth - 1)


def _leg(case: Case, begin: Place, start: Packets) -> tuple[Leg, dict[Place, Packets]]:
    """Follow packets until nothing new is found; return their way, and what arrived."""
    found, arrived = {begin: start}, dict[Place, Packets]()
    waiting = {begin: None}
    leads: dict[Place, set[Place]] = {}
    while waiting:
        place = next(iter(waiting))
        del waiting[place]
        for part in step(case, place, found[place]):
            if part.stop and case.strict:
                msg = f"{part.stop} stops packets: {part.why}"
                raise NoProofError(msg)
            if part.stop or part.goes is None:
                continue
            for target, packets in part.goes(part.packets):
                if not packets:
                    continue
                _is_an_end(case, place, target)
                if target.at == ARRIVED:
                    arrived[target] = arrived.get(target, Packets()) | packets
                    continue
                leads.setdefault(place, set()).add(target)
                if packets - found.get(target, Packets()):
                    found[target] = found.get(target, Packets()) | packets
                    waiting[target] = None
    order = _in_order(begin, leads) if case.strict else list(found)
    stations = tuple(_station(case, place, found[place]) for place in order)
    senders, receivers = (
        tuple((site.label, site.part) for site in sites) for sites in (case.senders, case.receivers)
    )
    return Leg(senders, receivers, stations), arrived


def _is_an_end(case: Case, place: Place, target: Place) -> None:
    if target.at == "unknown":
        raise NoProofError(target.of)
    if target.at == ARRIVED and target.of != NODE and not case.strict:
        msg = f"packets reach their end at {place}"
        raise NoProofError(msg)


def _in_order(begin: Place, leads: dict[Place, set[Place]]) -> list[Place]:
    """Return places so that each leads to later ones alone; raises NoProofError for a circle."""
    found: list[Place] = []
    into = Counter(target for targets in leads.values() for target in targets)
    ready = [begin] if not into[begin] else []
    while ready:
        place = ready.pop(0)
        found.append(place)
        for target in sorted(leads.get(place, ())):
            into[target] -= 1
            if not into[target]:
                ready.append(target)
    if any(into.values()):
        msg = "packets may go in circles"
        raise NoProofError(msg)
    return found


def _station(case: Case, place: Place, packets: Packets) -> Station:
    cuts: dict[str, Cut] = {}
    for part in step(case, place, packets):
        if part.stop:
            before = cuts.get(part.stop)
            whole = part.packets | before.packets if before else part.packets
            whys = [part.why] if before is None else [before.why, part.why]
            why = "; ".join(dict.fromkeys(whys))
            cuts[part.stop] = Cut(part.stop, whole, why, *_told(case, part.stop))
    addresses = tuple(case.addresses_of(place.nat)) if place.nat else ()
    return Station(place, packets, tuple(cuts.values()), addresses)


def _told(case: Case, stop: str) -> tuple[str, str]:
    """Return AWS's id and the place in a source of the piece that stops packets."""
    kind, _, key = stop.partition(" ")
    for prefix in _PREFIXES:
        node = case.network.graph.get((prefix + kind, key))
        if node is not None:
            return node.physical_id, str(node.origin or "")
    return "", ""
