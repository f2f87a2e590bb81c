"""A claim that was proven and its network → the proof, as a certificate has it.

Packets are followed from place to place by the rules of the checker until nothing new is found;
where one arrives, there is no proof. What this does need not be trusted: `checking` looks at what
came out of it, and imports nothing of it.
"""

from ringwall.errors import QuestionError
from ringwall.model.expectation import Expectation
from ringwall.verify.case import Case
from ringwall.verify.certificate import Cut, Proof, Station
from ringwall.verify.ends import Names
from ringwall.verify.gaps import Gaps
from ringwall.verify.network import Network
from ringwall.verify.places import ARRIVED, Place
from ringwall.verify.rules import START, step
from ringwall.verify.sets import Packets


class NoProof(Exception):  # noqa: N818
    """There is no proof of a claim that the checker would accept; the text says why."""


def close(network: Network, gaps: Gaps, claim: Expectation, names: Names) -> Proof:
    """Return the proof that packets do not arrive; raises NoProof."""
    if gaps.unread:
        raise NoProof(gaps.unread[0])
    try:
        case = Case(network, gaps, claim, names)
    except QuestionError as failure:
        raise NoProof(str(failure)) from failure
    found = {START: case.start}
    waiting = {START: None}
    while waiting:
        place = next(iter(waiting))
        del waiting[place]
        for part in step(case, place, found[place]):
            if part.stop or part.goes is None:
                continue
            for target, packets in part.goes(part.packets):
                new = packets - found.get(target, Packets())
                if not new:
                    continue
                if target == ARRIVED:
                    msg = f"packets reach their end at {place}"
                    raise NoProof(msg)
                if target.at == "unknown":
                    raise NoProof(target.of)
                found[target] = found.get(target, Packets()) | new
                waiting[target] = None
    stations = tuple(_station(case, place, packets) for place, packets in found.items())
    senders, receivers = (
        tuple((site.label, site.part) for site in sites) for sites in (case.senders, case.receivers)
    )
    return Proof(claim, senders, receivers, stations)


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
    for prefix in ("AWS::EC2::", "Ringwall::EC2::", "AWS::DirectConnect::"):
        node = case.network.graph.get((prefix + kind, key))
        if node is not None:
            return node.physical_id, str(node.origin or "")
    return "", ""
