"""Sets of packets: unions, meets and differences of thousands of random 5-tuple rules.

Two kinds of rules: blocks of any length from anywhere, and the blocks of an estate inside
10.0.0.0/8, which overlap far more. A tenth of the addresses is any. No rule is wide on both sides:
it would cover most of the others. CPU seconds by `time.process_time`; one process for all.
"""

import gc
import random
import time
from collections.abc import Callable
from typing import TypeVar

from benchmarks.memory import peak_megabytes
from benchmarks.table import show
from ringwall.space.boxes import OCTET, Box
from ringwall.space.intervals import IPV4, PORTS, Interval, IntervalSet
from ringwall.space.packets import NONE, PacketSet

T = TypeVar("T")
RULES, ONE_BY_ONE = 5_000, 1_000
SERVICES = (22, 53, 80, 443, 3306, 5432, 6379, 8080, 8443, 9092)
WIDE = 1 << 23  # addresses; a rule has a side that is narrower


def anywhere(drawn: random.Random) -> Interval:
    """Draw a block of any length from /8 to /32."""
    return _block(drawn.getrandbits(32), drawn.randint(8, 32))


def estate(drawn: random.Random) -> Interval:
    """Draw a block as estates have them, inside 10.0.0.0/8."""
    return _block(10 << 24 | drawn.getrandbits(24), drawn.choice((8, 16, 16, 20, 24, 24, 24, 32)))


def _block(address: int, length: int) -> Interval:
    size = 1 << (32 - length)
    return address // size * size, address // size * size + size


def rule(drawn: random.Random, block: Callable[[random.Random], Interval]) -> Box:
    """Draw a rule."""
    while True:
        source, destination = (
            (0, IPV4) if drawn.random() < 0.1 else block(drawn) for _ in range(2)
        )
        if min(end - start for start, end in (source, destination)) <= WIDE:
            break
    kind = drawn.random()
    parts: dict[str, IntervalSet | None] = {}
    if kind < 0.92:
        parts["protocols"] = IntervalSet.of(OCTET, [(6, 7) if kind < 0.6 else (17, 18)])
        parts["destination_ports"] = _ports(drawn)
        if drawn.random() < 0.2:
            parts["source_ports"] = IntervalSet.ports((1024, 65535))
    return Box(
        family=4,
        sources=IntervalSet.of(IPV4, [source]),
        destinations=IntervalSet.of(IPV4, [destination]),
        **parts,
    )


def _ports(drawn: random.Random) -> IntervalSet | None:
    kind = drawn.random()
    if kind < 0.2:
        return None
    if kind < 0.6:
        port = drawn.choice(SERVICES)
        return IntervalSet.ports((port, port))
    low = drawn.randrange(PORTS)
    return IntervalSet.ports((low, min(PORTS - 1, low + drawn.randrange(5_000))))


def measure(name: str, block: Callable[[random.Random], Interval], seed: int) -> list[object]:
    """Return a row of the table."""
    drawn = random.Random(seed)
    boxes = [rule(drawn, block) for _ in range(RULES)]
    built, sets = _timed(lambda: [PacketSet.of(box) for box in boxes])
    joined, whole = _timed(lambda: PacketSet.union(sets))
    halves = [PacketSet.union(sets[half::2]) for half in (0, 1)]
    met, both = _timed(lambda: halves[0] & halves[1])
    parted, rest = _timed(lambda: halves[0] - halves[1])
    turned, others = _timed(lambda: ~whole)
    asked, inside = _timed(lambda: all(each <= whole for each in sets))
    counted, size = _timed(whole.size)
    folded, _ = _timed(lambda: _one_by_one(sets[:ONE_BY_ONE]))
    assert inside
    assert both | rest == halves[0]
    assert whole.isdisjoint(others)
    assert size == both.size() + rest.size() + (halves[1] - halves[0]).size()
    figures = (built, joined, met, parted, turned, asked, counted, folded)
    return [name, RULES, *(f"{seconds:.2f}" for seconds in figures)]


def _one_by_one(sets: list[PacketSet]) -> PacketSet:
    found = NONE
    for each in sets:
        found |= each
    return found


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    gc.collect()
    started = time.process_time()
    found = work()
    return time.process_time() - started, found


def main(seed: int = 1) -> None:
    """Print the figures."""
    rows = [measure("anywhere", anywhere, seed), measure("estate", estate, seed)]
    print("CPU seconds; `a & b` and `a - b` are of the unions of every other rule")
    header = ("rules", "number", "build", "union", "a & b", "a - b", "~union", "each <= union")
    show((*header, "size", f"{ONE_BY_ONE} one by one"), rows)
    peak = peak_megabytes()
    print(f"peak memory {peak:.0f} MB")


if __name__ == "__main__":
    main()
