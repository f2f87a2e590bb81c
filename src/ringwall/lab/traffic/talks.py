"""Pairs of ends and times → conversations as they come out: answered, rejected or in vain."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringwall.lab.traffic.conversations import FIN, RST, SYN, SYN_ACK, Book
from ringwall.lab.traffic.courses import Course, End
from ringwall.lab.traffic.interfaces import Machine
from ringwall.lab.traffic.outside import Outside
from ringwall.lab.traffic.scene import CLIENT_PORTS, Scene
from ringwall.trace.packet import TCP, UDP

SYN_BYTES = {4: 60, 6: 80}
HEADERS, SEGMENT = 52, 1_400
# A SYN without an answer is sent again after 1, 2 and 4 seconds (RFC 6298; Linux sends more).
RETRIES = (0.0, 1.0, 3.0, 7.0)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two ends that speak over one family of addresses; `vacant`: nobody is at the second."""

    source: End
    destination: End
    version: int = 4
    vacant: bool = False

    @property
    def remote(self) -> int:
        """Return the number of the end that is outside, -1 for none."""
        ends = (self.source, self.destination)
        return next((e.number for e in ends if isinstance(e, Outside)), -1)


@dataclass(frozen=True, slots=True)
class Within(Pair):
    """A pair of machines."""

    source: Machine
    destination: Machine


@dataclass(frozen=True, slots=True)
class Leaving(Pair):
    """A machine and somebody outside."""

    source: Machine
    destination: Outside


def course_of(scene: Scene, pair: Pair, protocol: int, port: int) -> Course:
    """Return what is seen of a pair's conversations."""
    return scene.courses.find(
        pair.source, pair.destination, protocol, port, version=pair.version, vacant=pair.vacant
    )


@dataclass(frozen=True, slots=True)
class Size:
    """What an answered conversation is like: numbers, or arrays with one for each.

    `refused`: the answer is a reset, for nothing listens there.
    """

    lasts: Any = 0.2
    packets: Any = 6
    bytes: Any = 800
    answers: Any = 5
    answer_bytes: Any = 2_000
    refused: Any = False
    opened: bool = True  # begins with a SYN; else it was open before
    ends: bool = True  # and ends with a FIN


def exchange(sent: Any, got: Any, lasts: Any) -> Size:  # noqa: ANN401  (numbers, or arrays)
    """Return the size of a TCP connection that carries so many bytes either way.

    Each segment has headers of some 52 bytes (IPv4, TCP with time stamps) and carries 1,400 at
    most; of two segments the other side acknowledges one.
    """
    packets = 6 + sent // SEGMENT + got // (2 * SEGMENT)
    answers = 5 + got // SEGMENT + sent // (2 * SEGMENT)
    return Size(lasts, packets, HEADERS * packets + sent, answers, HEADERS * answers + got)


def talk(  # noqa: PLR0913  (the columns of conversations)
    scene: Scene,
    book: Book,
    rng: np.random.Generator,
    pairs: Sequence[Pair],
    *,
    port: Any,  # noqa: ANN401  (a port, or one for each conversation)
    opens: NDArray[Any],
    which: NDArray[Any] | int = 0,
    size: Size | None = None,
    protocol: int = TCP,
    sport: Any = None,  # noqa: ANN401  (as port)
) -> None:
    """Write conversations down: `which` of the pairs each is, when it `opens`, to which `port`."""
    count = len(opens)
    if not count or not pairs:
        return
    size = size or Size()
    which = np.broadcast_to(np.asarray(which), (count,))
    ports = np.broadcast_to(np.asarray(port), (count,))
    known, back = np.unique(which * 65_536 + ports, return_inverse=True)
    found = [course_of(scene, pairs[k >> 16], protocol, k & 0xFFFF) for k in known.tolist()]
    course = np.array([c.number for c in found])[back]
    accepted = np.array([c.accepted for c in found])[back]
    answered = np.array([c.answered for c in found])[back]
    stopped = ~accepted | ~answered
    is_tcp = protocol == TCP
    tries = rng.integers(1, 4, count) if is_tcp else np.ones(count, int)
    wide = np.array([SYN_BYTES[p.version] for p in pairs])[which]
    refused = np.broadcast_to(np.asarray(size.refused), (count,)) & ~stopped
    alone = stopped | refused
    packets = np.where(alone, np.where(refused, 1, tries), size.packets)
    single = wide if is_tcp else np.asarray(size.bytes) // np.maximum(np.asarray(size.packets), 1)
    if sport is None:
        sport = rng.integers(*CLIENT_PORTS, count) if protocol in {TCP, UDP} else 0
    waits = np.array(RETRIES)[tries - 1] if is_tcp else np.zeros(count)
    opening = (SYN, SYN_ACK) if size.opened else (0, 0)
    closing = FIN if size.ends else 0
    book.add(
        course,
        count,
        remote=np.array([p.remote for p in pairs])[which],
        opens=opens,
        lasts=np.where(stopped, waits, np.where(refused, 0.0, size.lasts)),
        sport=sport,
        dport=ports,
        packets=packets,
        bytes=np.where(alone, single * packets, size.bytes),
        # What was let in and whose answer is stopped on its way was answered all the same.
        answers=np.where(~accepted, 0, np.where(alone, packets, size.answers)),
        answer_bytes=np.where(alone, single * packets, size.answer_bytes),
        first=np.where(alone, SYN, opening[0]) if is_tcp else 0,
        last=np.where(alone, 0, closing) if is_tcp else 0,
        answer_first=np.where(refused, RST, opening[1]) if is_tcp else 0,
        answer_last=np.where(alone, 0, closing) if is_tcp else 0,
    )


def moments(rng: np.random.Generator, start: float, end: float, rate: float) -> NDArray[np.float64]:
    """Return random moments in [start, end), `rate` a second, in order."""
    return np.sort(rng.uniform(start, end, rng.poisson(rate * (end - start))))


def ticks(start: float, end: float, period: float, phase: float) -> NDArray[Any]:
    """Return the moments in [start, end) of what happens every `period` seconds."""
    first = np.ceil((start - phase) / period)
    return np.arange(first, np.ceil((end - phase) / period)) * period + phase


def heavy(
    rng: np.random.Generator, count: int, middle: float, spread: float = 1.0
) -> NDArray[np.int64]:
    """Return sizes with a long tail (log-normal) around a median."""
    return np.maximum(rng.lognormal(np.log(middle), spread, count), 1).astype(np.int64)


def pairs_between(
    scene: Scene, sources: Sequence[Machine], destinations: Sequence[Machine], most: int = 2
) -> list[Within]:
    """Return who speaks to whom: each source keeps to a few destinations, its zone's first."""
    found = []
    for source in sources:
        rng = scene.random("pairs", source.name, destinations[0].group if destinations else "")
        near = sorted(
            (d for d in destinations if d.name != source.name),
            key=lambda d: (d.interface.zone != source.interface.zone, rng.random()),
        )
        for each in near[:most]:
            both = source.interface.ipv6 and each.interface.ipv6
            found.append(Within(source, each, 6 if both and rng.random() < 0.3 else 4))
    return found
