"""How many attacks are found, by their strength, and how many findings are of none, in many worlds.

Each world is a network, a seed and a few attacks, drawn by the world's number; some have none. Its
traffic is written as AWS writes logs, ingested, and asked by every detection that runs by default.
An attack is found if a detection of its kind names one of its addresses, or its domain. A finding
that names nothing of any attack is a false one, counted by detection and day.

The network is the fortress, or those that are named, in turn: `fortress`, `forty` and `minimal` of
the examples, `single`, `spokes` and `dual` of this folder, or a file. An attack for which a network
gives no occasion is left out of its worlds; where there is IPv6, half of the others use it.
"""

import argparse
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.table import show
from ringwall.app.detecting import detect
from ringwall.app.holding import Against
from ringwall.app.ingesting import Wish as Ingest
from ringwall.app.ingesting import ingest
from ringwall.app.inquiring import inquire
from ringwall.app.sources import open_network
from ringwall.app.traffic_making import Made, make_traffic, orders_of, start_of
from ringwall.app.workspace import CloudSettings
from ringwall.detections import registry
from ringwall.detections.detection import Sighting
from ringwall.detections.suppression import Suppression
from ringwall.errors import InputError
from ringwall.lab.traffic.attacks import ATTACKS
from ringwall.lab.traffic.making import Wish

HERE = Path(__file__).resolve().parent
PLACES = (HERE.parent / "examples", HERE / "networks")
STRENGTHS = ("hard", "middle", "easy")
# The names of the detections that are meant to find each kind of attack.
MEANT: Mapping[str, tuple[str, ...]] = {
    "vertical-scan": ("vertical-scan", "slow-scan"),
    "horizontal-scan": ("horizontal-scan", "slow-scan"),
    "brute-force": ("brute-force", "spread-brute-force"),
    "beacon": ("beacon",),
    "exfiltration": ("exfiltration",),
    "lateral-movement": ("lateral-movement", "intent-violation"),
    "dns-tunnel": ("dns-tunnel",),
    "dga": ("generated-domains",),
    "blocked-domains": ("blocked-domains",),
    "impossible-flow": ("intent-violation",),
    "segment-trespass": ("segment-trespass",),
}
SCANNING = ("horizontal-scan", "slow-scan", "rejected-sources")  # what a scanner is found by
SUBNET = "AWS::EC2::Subnet"
PER_WORLD = 4
QUIET = 5  # one world of so many has no attack


@dataclass(slots=True)
class Tally:
    """What was found in the worlds so far."""

    found: Counter[tuple[str, str]] = field(default_factory=Counter)
    made: Counter[tuple[str, str]] = field(default_factory=Counter)
    false: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    days: float = 0.0

    def rows(self) -> Iterable[tuple[object, ...]]:
        """Yield a row a kind: recall by strength."""
        for kind in MEANT:
            cells = []
            for strength in STRENGTHS:
                made = self.made[kind, strength]
                share = f"{self.found[kind, strength] / made:.2f}" if made else "-"
                cells.append(f"{share} of {made}")
            yield (kind, *cells)


def attacks_of(number: int, *, ipv6: bool = False) -> list[str]:
    """Return the attacks of a world, as the command line takes them."""
    if number % QUIET == 0:
        return []
    rng = Random(number)
    kinds = list(MEANT)
    first = number * PER_WORLD
    chosen = [kinds[(first + step) % len(kinds)] for step in range(PER_WORLD)]
    orders = [f"{kind}:{rng.choice(STRENGTHS)}" for kind in chosen]
    if not ipv6:
        return orders
    sixes = [ATTACKS[kind].in_ipv6 and rng.random() < 0.5 for kind in chosen]
    return [f"{order}:v6" if six else order for order, six in zip(orders, sixes, strict=True)]


def file_of(network: str) -> str:
    """Return the file of a blueprint that is named."""
    found = (place / f"{network}.yaml" for place in PLACES)
    return next((str(path) for path in found if path.exists()), network)


def made(number: int, network: str, wish: Wish, folder: Path) -> tuple[Made, list[str]]:
    """Make the traffic of a world; return it, and the attacks that had no occasion."""
    source = open_network(network, CloudSettings())
    has_ipv6 = any("Ipv6CidrBlock" in each.properties for each in source.graph.of_type(SUBNET))
    attacks = attacks_of(number, ipv6=has_ipv6)
    missing: list[str] = []
    while True:
        try:
            asked = replace(wish, attacks=orders_of(attacks))
            return make_traffic(source, asked, str(folder), force=True), missing
        except InputError as error:
            without = [each for each in attacks if repr(each.split(":")[0]) in error.message]
            if not without:
                raise
            missing += without
            attacks = [each for each in attacks if each not in without]


def look(
    number: int, hours: int, scale: float, folder: Path, tally: Tally, network: str = "fortress"
) -> None:
    """Make a world, ask about it, and count."""
    blueprint = file_of(network)
    wish = Wish(seed=number, hours=hours, begin=start_of("2026-03-02"), scale=scale)
    world, missing = made(number, blueprint, wish, folder / "made")
    tally.missing += [f"world {number}: {network}: no occasion for {each}" for each in missing]
    store = folder / "store"
    ingest(Ingest([str(folder / "made" / "logs")], str(store)))
    against = Against((blueprint,), "", str(folder / "made" / "interfaces.json"))
    detected = detect(inquire(store, against), suppressions=list(own_scanners(world.truth)))
    judge(number, world.truth, detected.findings, tally)
    tally.days += hours / 24


def own_scanners(truth: Mapping[str, Any]) -> Iterator[Suppression]:
    """Yield what a team writes down about the scanner of its own: it is on the allow-list."""
    actors = [b["actors"] for b in truth["benign"] if b["behaviour"] == "monitoring"]
    for actor in (actor for found in actors for actor in found):
        for name in SCANNING:
            yield Suppression(ids()[name], actor["address"], "our own scanner", date.max, "source")


def ids() -> dict[str, str]:
    """Return the ids of detections by their names."""
    return {each.name: each.id for each in registry().values()}


def judge(
    number: int, truth: Mapping[str, Any], findings: Sequence[Sighting], tally: Tally
) -> None:
    """Hold findings against the truth of a world."""
    marks = [(attack, marks_of(attack)) for attack in truth["attacks"]]
    names = {each.id: each.name for each in registry().values()}
    for attack, mine in marks:
        key = attack["kind"], attack["strength"]
        tally.made[key] += 1
        hit = any(
            names[each.detection] in MEANT[attack["kind"]] and mine & said(each)
            for each in findings
        )
        tally.found[key] += hit
        if not hit:
            tally.missed.append(f"world {number}: {key[0]} {key[1]} {sorted(mine)[:4]}")
    every = set().union(*(mine for _, mine in marks))
    for each in findings:
        if not every & said(each):
            tally.false[names[each.detection]] += 1
            tally.strange.append(f"world {number}: {names[each.detection]}: {each.text}")


def marks_of(attack: Mapping[str, Any]) -> set[str]:
    """Return the addresses and the domains of an attack."""
    ends = (*attack["from"], *attack["to"])
    domains = {name.rstrip(".").lower() for name in attack["names"]}
    short = {".".join(name.split(".")[-2:]) for name in domains}
    return {end["address"] for end in ends if end.get("address")} | domains | short


def said(finding: Sighting) -> set[str]:
    """Return what a finding names."""
    return {word for each in finding.entities for word in (each.address, each.name) if word}


def main(arguments: list[str] | None = None) -> None:
    """Measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.worlds")
    parser.add_argument("--worlds", type=int, default=10)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--hours", type=int, default=24)
    parser.add_argument("--scale", type=float, default=0.1)
    parser.add_argument("--network", action="append", help="may be repeated: one world of each")
    parser.add_argument("--list", action="store_true", help="name what was missed, and was false")
    chosen = parser.parse_args(arguments if arguments is not None else [])
    networks = chosen.network or ["fortress"]
    tally = Tally()
    for number in range(chosen.first, chosen.first + chosen.worlds):
        with tempfile.TemporaryDirectory() as folder:
            network = networks[number % len(networks)]
            look(number, chosen.hours, chosen.scale, Path(folder), tally, network)
    show(("attack", *(f"{strength}: recall" for strength in STRENGTHS)), tally.rows())
    print()
    daily: dict[str, float] = defaultdict(float)
    daily |= {name: count / tally.days for name, count in tally.false.items()}
    rows = [(name, count, f"{daily[name]:.2f}") for name, count in tally.false.most_common()]
    show(("false findings of", "in all", "a day"), rows)
    print(f"{chosen.worlds} worlds, {tally.days:g} days")
    if chosen.list:
        print("\n".join([*tally.missed, *tally.missing, *tally.strange[:200]]))


if __name__ == "__main__":
    main(sys.argv[1:])
