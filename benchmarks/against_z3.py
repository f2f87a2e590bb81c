"""Z3 asked the same questions, on networks of 1 to 6,000 classes; its verdicts against the tracer.

The questions, on the large estate cut down (12 classes a VPC, IPv4):
- set: which classes can reach X on a port. Once over all classes, with one solver that is told the
  shared rules once and asked each class under an assumption; once over merged classes alone, those
  that no rule tells apart for these packets (found before the clock starts).
- any: can any source outside X's own VPC reach X. One check, the source left to the solver.
- pair: can this class reach that one, any port: a solver of its own with what the pair meets.

Needs the extra `bench` (z3-solver). Every pair that is checked is held against the tracer.
"""

import argparse
import statistics
import time
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from random import Random

from benchmarks.estate_large import graph
from benchmarks.estate_vpc import Estate
from benchmarks.table import show
from benchmarks.z3_facts import Class, Entry, Facts, Prefix
from ringwall.model.graph import ResourceGraph
from ringwall.reach.engine import Engine
from ringwall.reach.relations import Board
from ringwall.trace.addresses import host
from ringwall.trace.network import Network
from ringwall.trace.packet import TCP, Packet
from ringwall.trace.placements import Placement, in_subnet
from ringwall.trace.trace import Verdict, trace

try:
    import z3

    from benchmarks.z3_network import Encoding
except ImportError:  # the extra is not installed: said where it is wanted
    z3 = None  # type: ignore[assignment,unused-ignore]

SIZES = (1, 12, 120, 600, 1_200, 6_000)  # classes
PAIRS, CHECKED, ASKED = 40, 150, 200
LIMIT = 60.0  # seconds of one question; what takes longer is projected from what was done
CLIENT = 49_152


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of each question at one size; `done` is the part of the set question that ran."""

    classes: int
    merged: int
    build: float
    build_merged: float
    whole: float
    done: float
    on_merged: float
    anyone: float
    pair: float
    reaching: int


def estate(classes: int, seed: int, version: int) -> ResourceGraph:
    """Return the network of a size: one interface of each class; with IPv6 where it is asked."""
    vpcs = max(1, classes // 12)
    return graph(Estate(vpcs=vpcs, interfaces=12, seed=seed, full=version == 6))


def measure(classes: int, seed: int, *, version: int = 4, limit: float = LIMIT) -> Timing:
    """Ask every question of one size."""
    random = Random(seed)
    facts = Facts(estate(classes, seed, version), version)
    mine = facts.classes[:classes]
    x = random.choice(mine)
    port = _port_of(facts, x)
    kinds = merged(facts, mine, x, port)
    started = time.perf_counter()
    solver = Asking(facts, mine, x, port)
    build = time.perf_counter() - started
    started = time.perf_counter()
    found, asked = solver.which(mine, limit)
    whole = time.perf_counter() - started
    of_each = [members[0] for members in kinds]
    started = time.perf_counter()
    few = Asking(facts, of_each, x, port)
    build_merged = time.perf_counter() - started
    started = time.perf_counter()
    of_kinds, all_asked = few.which(of_each, limit)
    on_merged = (time.perf_counter() - started) * len(kinds) / max(1, all_asked)
    if asked == len(mine) and all_asked == len(kinds):
        spread = {c.number for members in kinds if members[0].number in of_kinds for c in members}
        assert spread == found, "merged classes answer differently"
    started = time.perf_counter()
    solver.anyone([each for each in mine if each.subnet.vpc != x.subnet.vpc])
    anyone = time.perf_counter() - started
    pairs = [(random.choice(mine), random.choice(mine)) for _ in range(PAIRS)]
    return Timing(
        len(mine),
        len(kinds),
        build,
        build_merged,
        whole * len(mine) / max(1, asked),
        asked / len(mine),
        on_merged,
        anyone,
        statistics.median(_pair_seconds(facts, pairs)),
        len(found),
    )


class Asking:
    """One solver for all questions about X: definitions once, each class under an assumption."""

    def __init__(self, facts: Facts, classes: Iterable[Class], x: Class, port: int) -> None:
        encoding = Encoding(facts, named=True)
        self._is = {}
        self._solver = z3.SolverFor("QF_BV")
        for each in classes:
            chosen = z3.Bool(f"from{each.number}")
            self._is[each.number] = chosen
            self._solver.add(z3.Implies(chosen, encoding.reaches(each, x)))
        self._solver.add(*encoding.definitions, encoding.packet(), encoding.port == port)
        self._solver.add(encoding.protocol == TCP, encoding.client == CLIENT)

    def which(self, classes: list[Class], limit: float) -> tuple[set[int], int]:
        """Return which classes reach X, and how many were asked within the limit."""
        found: set[int] = set()
        started = time.perf_counter()
        for number, each in enumerate(classes):
            if time.perf_counter() - started > limit:
                return found, number
            if self._solver.check(self._is[each.number]) == z3.sat:
                found.add(each.number)
        return found, len(classes)

    def anyone(self, classes: list[Class]) -> bool:
        """Tell whether any of the classes reaches X."""
        self._solver.push()
        self._solver.add(z3.Or([self._is[each.number] for each in classes]))
        found = self._solver.check() == z3.sat
        self._solver.pop()
        return bool(found)


def _port_of(facts: Facts, x: Class) -> int:
    """Return a port that X takes from the whole estate."""
    rules = [rule for group in x.groups for rule in facts.ingress[group] if rule[3]]
    return min(rules, key=lambda rule: rule[3][1] if rule[3] else 0)[1]


def merged(facts: Facts, classes: Iterable[Class], x: Class, port: int) -> list[list[Class]]:
    """Return together the classes that no rule tells apart for the packets asked about.

    X's own VPC, where references to groups and local routes count, stays as it is.
    """
    found: dict[object, list[Class]] = {}
    for each in classes:
        subnet = each.subnet
        if subnet.vpc == x.subnet.vpc:
            found[each.number] = [each]
            continue
        rules = [rule for group in each.groups for rule in facts.egress.get(group, ())]
        doors = facts.attached.get(subnet.vpc, {})
        key = (
            frozenset(rule[3] for rule in rules if _covers(rule[:3], port)),
            _entries(subnet.acl_out, port),
            _entries(subnet.acl_in, CLIENT),
            tuple((_entries(s.acl_in, port), _entries(s.acl_out, CLIENT)) for s in doors.values()),
            tuple(
                tuple(route for route in s.table if route[1] != "local")
                for s in (subnet, *doors.values())
            ),
            subnet.zone,
            subnet in doors.values(),
            facts.table_of.get(subnet.vpc),
        )
        found.setdefault(key, []).append(each)
    return list(found.values())


def _covers(named: tuple[int, int, int], port: int) -> bool:
    protocol, low, high = named
    return protocol == -1 or (protocol == TCP and low <= port <= high)


def _entries(entries: tuple[Entry, ...], port: int) -> tuple[tuple[bool, Prefix], ...]:
    return tuple((entry[0], entry[4]) for entry in entries if _covers(entry[1:4], port))


def _pair_seconds(facts: Facts, pairs: Iterable[tuple[Class, Class]]) -> Iterable[float]:
    encoding = Encoding(facts, named=False)
    for one, other in pairs:
        started = time.perf_counter()
        solver = z3.SolverFor("QF_BV")
        solver.add(encoding.reaches(one, other), encoding.packet(), encoding.client == CLIENT)
        solver.check()
        yield time.perf_counter() - started


def check(
    classes: int, seed: int, *, version: int = 4, n: int = CHECKED
) -> tuple[int, int, list[str]]:
    """Hold Z3's verdicts about single packets against the tracer's; return asked, allowed, faults.

    Both encodings are asked: written out, and with shared definitions.
    """
    random = Random(seed)
    network = estate(classes, seed, version)
    facts, traced = Facts(network, version), Network(network)
    encodings = [Encoding(facts, named=named) for named in (False, True)]
    allowed, faults = 0, []
    for _ in range(n):
        one, other = random.sample(facts.classes, 2)
        if random.random() < 0.5:
            near = [c for c in facts.classes if c.subnet.vpc == one.subnet.vpc and c is not one]
            other = random.choice(near)
        port = random.choice(_ports(facts, other, random))
        client = random.choice((CLIENT, 1024, 1023, 65_535))
        told = _traced(traced, one, other, Packet(TCP, port, 0, client))
        allowed += told
        for encoding in encodings:
            solver = z3.SolverFor("QF_BV")
            solver.add(encoding.reaches(one, other), *encoding.definitions)
            solver.add(encoding.source == one.address, encoding.destination == other.address)
            solver.add(encoding.protocol == TCP, encoding.port == port, encoding.client == client)
            if (solver.check() == z3.sat) != told:
                faults.append(f"{one} {other} tcp/{port} from {client}: tracer says {told}")
    return n, allowed, faults


def _ports(facts: Facts, receiver: Class, random: Random) -> list[int]:
    rules = [rule for group in receiver.groups for rule in facts.ingress[group]]
    rule = random.choice(rules)
    return [rule[1], rule[2], rule[1] - 1, rule[2] + 1, rule[1], rule[2]]


def _traced(network: Network, one: Class, other: Class, packet: Packet) -> bool:
    told = trace(
        network,
        packet,
        _placement(network, one),
        _placement(network, other),
        sender=host(str(ip_address(one.address))),
        receiver=host(str(ip_address(other.address))),
    )
    return told.verdict is Verdict.ALLOW


def _placement(network: Network, each: Class) -> Placement:
    return next(
        place
        for place in in_subnet(network, network.subnets[each.subnet.key])
        if place.groups == each.groups
    )


def engine_seconds(classes: int, seed: int) -> tuple[float, float, float, float]:
    """Return the engine's seconds for the set question, on merged classes, for any, and a pair.

    The engine has one kind of classes, those that nothing tells apart, so the first two are one.
    """
    estate = Estate(vpcs=max(1, classes // 12), interfaces=12, seed=seed)
    plane = Board(Engine(graph(estate))).planes[4]
    _ = plane.woven
    random, times = Random(seed), []
    for _ in range(ASKED):
        number = random.randrange(len(plane))
        started = time.perf_counter()
        line = plane.column(number)
        passes = plane.store.passing
        (passes[line.forward] & passes[line.back]).nonzero()
        times.append(time.perf_counter() - started)
    whole = sorted(times)[ASKED // 2]
    plane.at(0, 0)  # what all pairs share
    pairs = [(random.randrange(len(plane)), random.randrange(len(plane))) for _ in range(ASKED)]
    started = time.perf_counter()
    for one, other in pairs:
        plane.at(one, other)
    return whole, whole, whole, (time.perf_counter() - started) / ASKED


def main(sizes: Iterable[int] = SIZES, seed: int = 1) -> None:
    """Print Z3's times, the engine's factors where it is timed, and the check."""
    if z3 is None:
        print("z3-solver is not installed: pip install -e '.[bench]'")
        return
    for version in (4, 6):
        asked, allowed, faults = check(120, seed, version=version)
        what = f"{asked} pairs of IPv{version} against the tracer, {allowed} allowed"
        print(f"Z3 {z3.get_version_string()}: {what}, {len(faults)} differences", *faults[:5])
    largest = max(sizes := tuple(sizes))
    rows = []
    for size, version in [*((size, 4) for size in sizes), (largest, 6)]:
        found = measure(size, seed, version=version)
        engine = engine_seconds(size, seed)
        times = (found.whole, found.on_merged, found.anyone, found.pair)
        factors = " ".join(f"{z / e:.0f}" for z, e in zip(times, engine, strict=True))
        part = "" if found.done == 1 else f" (of {found.done:.0%})"
        rows.append(
            (
                found.classes,
                f"IPv{version}",
                f"{found.build:.2f}",
                f"{found.whole * 1000:.0f}{part}",
                found.merged,
                f"{found.build_merged:.2f}",
                f"{found.on_merged * 1000:.1f}",
                f"{found.anyone * 1000:.1f}",
                f"{found.pair * 1000:.2f}",
                found.reaching,
                factors,
            )
        )
    header = "classes, family, build s, set ms, merged, build s, set ms, any ms, pair ms, reach X"
    show([*header.split(", "), "engine times"], rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.against_z3")
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, help="numbers of classes")
    main(parser.parse_args().sizes)
