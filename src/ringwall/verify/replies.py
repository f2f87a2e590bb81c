"""Packets that arrived → the replies that they call for, and where these begin.

Filters look at the port that a reply goes to, which is the client's: any of 1024-65535, the widest
range that clients and NAT gateways use (VPC guide, network ACLs, "Ephemeral ports").
"""

from collections.abc import Iterator, Mapping

from ringwall.verify.case import OWN, Case
from ringwall.verify.places import Place
from ringwall.verify.rules import ANSWER, NAT_BACK
from ringwall.verify.sets import Box, Packets, Ranges, join, meet, minus
from ringwall.verify.traffic import ALL, ICMP, ICMPV6, TCP, UDP, icmp, ports, protocols

CLIENT_PORTS = (1024, 65_535)  # inclusive
_ECHO = {ICMP: (8, 0), ICMPV6: (128, 129)}  # request and reply (RFC 792, RFC 4443)

Start = tuple[Case, Place, Packets]


def replies(case: Case, arrived: Mapping[Place, Packets]) -> Iterator[Start]:
    """Yield, for each way that packets came, the legs of their replies: case, place, packets.

    Behind a NAT gateway there are two: to the gateway, and on from it, which sends the reply to the
    client by the table of its own subnet.
    """
    back = case.answering()
    for place, packets in sorted(arrived.items()):
        begin = Place(ANSWER, gateway=place.gateway)
        turned = _turned(packets)
        if not turned:
            continue
        if not place.nat:
            yield back, begin, Packets.of((f, t, OWN, what) for f, t, _, what in turned)
            continue
        to_nat = case.answering(to_nat=place.nat)
        yield to_nat, begin, Packets.of((f, borne, OWN, what) for f, _, borne, what in turned)
        on = Place(NAT_BACK, of=place.nat)
        yield back, on, Packets.of((f, t, OWN, what) for f, t, _, what in turned)


def _turned(packets: Packets) -> Packets:
    """Return what answers packets, from their receivers to their senders."""
    boxes: list[Box] = [(t, f, borne, _answer(what)) for f, t, borne, what in packets]
    return Packets.of(boxes)


def _answer(traffic: Ranges) -> Ranges:
    """Return the traffic that answers some; errors of ICMP and the like are not answered."""
    found = meet(traffic, minus(ALL, protocols(TCP, UDP, *_ECHO)))
    for protocol in (TCP, UDP):
        if meet(traffic, protocols(protocol)):
            found = join(found, ports(protocol, *CLIENT_PORTS))
    for protocol, (request, answer) in _ECHO.items():
        shift = (answer - request) * 256
        asked = meet(traffic, icmp(protocol, request, -1))
        found = join(found, tuple((low + shift, high + shift) for low, high in asked))
    return found
