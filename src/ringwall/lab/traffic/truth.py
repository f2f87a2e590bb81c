"""What was played → the document `ringwall/lab-traffic/1`."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from ringwall.lab.traffic.asking import Asking
from ringwall.lab.traffic.attacks import Deed
from ringwall.lab.traffic.benign import BEHAVIOURS, LOOKUPS
from ringwall.lab.traffic.counts import Counts
from ringwall.lab.traffic.interfaces import Interface, Machine
from ringwall.lab.traffic.outside import Outside
from ringwall.lab.traffic.scene import Scene

SCHEMA = "ringwall/lab-traffic/1"


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true of a folder of logs."""

    scene: Scene
    deeds: Sequence[Deed]
    counts: Counts
    asking: Asking
    network: str
    version: int

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document."""
        scene, counts = self.scene, self.counts
        labels = range(LOOKUPS + 1, LOOKUPS + 1 + len(self.deeds))
        return {
            "schema": SCHEMA,
            "network": self.network,
            "account": scene.estate.account,
            "region": scene.estate.region,
            "seed": scene.seed,
            "start": moment(scene.begin),
            "end": moment(scene.end),
            "version": self.version,
            "aggregation_seconds": scene.estate.window,
            "lines": {
                "flow": int(counts.flow.sum()) + counts.nodata + len(counts.skipped),
                "transit": int(counts.transit.sum()),
                "queries": sum(self.asking.counts.values()),
                "nodata": counts.nodata,
            },
            "attacks": [self._attack(n, d) for n, d in zip(labels, self.deeds, strict=True)],
            "benign": [
                {
                    "behaviour": each.name,
                    "what": each.what,
                    "actors": [describe(end, 4) for end in each.actors(scene)],
                    "records": self._records(label),
                }
                for label, each in enumerate(BEHAVIOURS, 1)
            ]
            + [
                {
                    "behaviour": "lookups",
                    "what": "names that machines ask the resolver for",
                    "actors": [],
                    "records": self._records(LOOKUPS),
                }
            ],
            "skipped": counts.skipped,
            "late": sorted(counts.late),
            "left_out": [
                {"what": what, "times": times} for what, times in scene.courses.left_out.items()
            ],
        }

    def _attack(self, label: int, deed: Deed) -> dict[str, Any]:
        order = deed.order
        seen = self.counts.flow[label] + self.counts.transit[label] > 0
        firsts = [int(self.counts.first[label])] if seen else []
        lasts = [int(self.counts.last[label])] if seen else []
        if label in self.asking.first:
            firsts.append(self.asking.first[label])
            lasts.append(self.asking.last[label])
        return {
            "kind": order.kind,
            "strength": order.strength,
            "variant": order.variant,
            "family": order.version,
            "from": [describe(end, order.version) for end in deed.sources],
            "to": [describe(end, order.version) for end in deed.targets],
            "ports": [list(each) for each in _ranges(deed.ports)],
            "client_ports": [order.client_ports[0], order.client_ports[1] - 1],
            "names": list(deed.names),
            "first": moment(min(firsts)) if firsts else None,
            "last": moment(max(lasts)) if lasts else None,
            "records": self._records(label),
            "facts": dict(deed.facts),
        }

    def _records(self, label: int) -> dict[str, int]:
        return {
            "flow": int(self.counts.flow[label]),
            "transit": int(self.counts.transit[label]),
            "queries": self.asking.counts[label],
        }


def describe(end: Machine | Outside | Interface, version: int) -> dict[str, str]:
    """Return who somebody is: the address in records, and what is known beside it."""
    match end:
        case Machine():
            interface = end.interface
            return {
                "address": interface.address(version) or interface.ipv4 or interface.ipv6,
                "name": end.name,
                "group": end.group,
                "vpc": end.vpc,
                "interface": interface.id,
            }
        case Outside():
            return {"address": end.address} | ({"service": end.service} if end.service else {})
        case Interface():
            return {
                "address": end.address(version),
                "name": str(end.role),
                "vpc": end.vpc,
                "interface": end.id,
            }


def moment(seconds: int) -> str:
    """Return a time as people and machines read it."""
    return f"{datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%dT%H:%M:%SZ}"


def _ranges(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield ranges, both ends inclusive."""
    ordered = sorted(set(numbers))
    for _, run in groupby(enumerate(ordered), lambda pair: pair[1] - pair[0]):
        members = [value for _, value in run]
        yield members[0], members[-1]
