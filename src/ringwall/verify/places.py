"""Where packets can be on their way, and what becomes of them there."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ringwall.verify.sets import Packets


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place: `at` what, `of` which piece (its key), and what it matters to have come by.

    `crossed` is what a reference to the sender's groups would cross; `bears` whose groups the
    packet's address has: the sender's ("own"), nobody's (""), or an interface's (its key). `nat` is
    what gave the packet its address, `entered` the subnet from which it
    entered a transit gateway or a regional NAT gateway, `gateway`
    that transit gateway, or the kind of the gateway that it came in by; with `inner` "nat64" the
    destination is the IPv4 address in the one that the packet bore. `relay` is the load balancer
    whose node passed the packet on as it was.
    """

    at: str
    of: str = ""
    crossed: str = ""
    bears: str = "own"
    nat: str = ""
    entered: str = ""
    gateway: str = ""
    inner: str = ""
    relay: str = ""

    def __str__(self) -> str:
        by = [text for text in (self.crossed, self.nat and f"by {self.nat}", self.entered) if text]
        return f"{self.at} {self.of}".strip() + (f" ({', '.join(by)})" if by else "")


ARRIVED = "arrived"
MEMBERS = ("of", "crossed", "bears", "nat", "entered", "gateway", "inner", "relay")


def unknown(why: str) -> Place:
    """Return the place of packets of which nothing is known any more."""
    return Place("unknown", why)


Move = tuple[Place, Packets]
Goes = Callable[[Packets], Iterable[Move]]


@dataclass(frozen=True, slots=True)
class Part:
    """Packets at a place that share a fate: they go on, or `stop` stops them.

    With both, the stop is a filter: packets that no cut claims go on as if it let them pass. Parts
    of a place may overlap where a packet may meet either fate.
    """

    packets: Packets
    goes: Goes | None = None
    stop: str = ""
    why: str = ""


def to(place: Place) -> Goes:
    """Return how packets go on to one place unchanged."""
    return lambda packets: [(place, packets)]


def arrived(place: Place, by: str = "") -> Goes:
    """Return how packets end at their receiver; `by` is what a reply has to come back through."""
    end = Place(ARRIVED, nat=place.nat, gateway=by)
    return lambda packets: [(end, packets)]


def lost(packets: Packets, why: str) -> Part:
    """Return the part of packets of which nothing more is known."""
    return Part(packets, to(unknown(why)))


def stopped(packets: Packets, stop: str, why: str) -> Part:
    """Return the part of packets that go nowhere."""
    return Part(packets, None, stop, why)
