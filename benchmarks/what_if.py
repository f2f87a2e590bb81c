"""What single changes would do to the large estate: the exact difference, in milliseconds.

For each kind of change, random ones are asked about; time is that of the processor, and of the
clock, which other work on the machine makes longer. What stands beside it is to build the changed
network anew, which a comparison needs and a comparison alone does not end with.
"""

import argparse
import gc
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random

from benchmarks.estate_large import graph
from benchmarks.estate_vpc import Estate
from benchmarks.memory import peak_megabytes
from benchmarks.table import show
from ringwall.model.graph import Address, Node, ResourceGraph
from ringwall.reach.difference import difference
from ringwall.reach.engine import Engine
from ringwall.reach.what_if import Basis

Change = Node | Address
ASKED = 30  # changes a kind
LIMITS = {"group": 50, "entry": 250, "route": 250}  # milliseconds


class Changes:
    """Random changes of an estate."""

    def __init__(self, found: ResourceGraph, seed: int = 1) -> None:
        self._rng = Random(seed)
        self._by_type: dict[str, list[Node]] = {}
        for node in found:
            self._by_type.setdefault(node.short_type, []).append(node)

    def _any(self, *types: str) -> Node:
        return self._rng.choice(self._by_type[self._rng.choice(types)])

    def rule_removed(self) -> Change:
        """Take a rule away."""
        node = self._any("SecurityGroupIngress", "SecurityGroupEgress")
        return node.type, node.key

    def rule_added(self) -> Change:
        """Open a port, often one that no filter names, to a block that none names."""
        group, rng = self._any("SecurityGroup"), self._rng
        low = rng.choice([443, 5432, rng.randrange(1024, 60_000)])
        block = f"10.{rng.randrange(250)}.{rng.randrange(256)}.{rng.choice([0, 64, 128])}/26"
        properties = {"GroupId": group.ref, "IpProtocol": "tcp", "CidrIp": block}
        properties |= {"FromPort": low, "ToPort": low}
        kind = "AWS::EC2::SecurityGroupIngress"
        return Node(kind, f"{group.key}:asked", group.account, group.region, properties)

    def entry_removed(self) -> Change:
        """Take an entry of an ACL away."""
        node = self._any("NetworkAclEntry")
        return node.type, node.key

    def entry_added(self) -> Change:
        """Deny a block some ports by the first entry of an ACL."""
        acl, rng = self._any("NetworkAcl"), self._rng
        low = rng.choice([443, 5432, rng.randrange(1024, 60_000)])
        properties = {
            "NetworkAclId": acl.ref,
            "Egress": rng.random() < 0.5,
            "RuleNumber": 1,
            "RuleAction": "deny",
            "Protocol": 6,
            "PortRange": {"From": low, "To": low + rng.choice([0, 100])},
            "CidrBlock": f"10.{rng.randrange(250)}.0.0/16",
        }
        kind = "AWS::EC2::NetworkAclEntry"
        return Node(kind, f"{acl.key}:asked", acl.account, acl.region, properties)

    def route_removed(self) -> Change:
        """Take a route of a subnet's table away."""
        node = self._any("Route")
        return node.type, node.key

    def route_added(self) -> Change:
        """Lead a block that no route names to where another route of the table leads."""
        route, rng = self._any("Route"), self._rng
        block = f"10.{rng.randrange(250)}.{rng.randrange(256)}.0/24"
        properties = {**route.properties, "DestinationCidrBlock": block}
        return replace(route, key=f"{route.key}:asked", properties=properties, physical_id="")

    def route_blackhole(self) -> Change:
        """Let the target of a route go."""
        node = self._any("Route")
        return replace(node, observed={**node.observed, "State": "blackhole"})

    def propagation_removed(self) -> Change:
        """Stop a transit gateway's table from learning a VPC's routes."""
        node = self._any("TransitGatewayRouteTablePropagation")
        return node.type, node.key

    def kinds(self) -> Iterator[tuple[str, str, Callable[[], Change]]]:
        """Yield every kind: what is asked, whose limit holds, and its maker."""
        yield "rule removed", "group", self.rule_removed
        yield "rule added", "group", self.rule_added
        yield "entry removed", "entry", self.entry_removed
        yield "entry added", "entry", self.entry_added
        yield "route removed", "route", self.route_removed
        yield "route added", "route", self.route_added
        yield "route blackholed", "route", self.route_blackhole
        yield "propagation removed", "route", self.propagation_removed


def _clocks() -> tuple[float, float]:
    return time.process_time() * 1000, time.perf_counter() * 1000


def measure(vpcs: int, asked: int, *, whole: bool) -> None:
    """Print the table of one estate; with `whole` one comparison of all pairs beside it."""
    found = graph(Estate(vpcs=vpcs))
    started = _clocks()
    engine = Engine(found)
    basis = Basis(engine)
    anew = _clocks()[0] - started[0]
    gc.collect()
    gc.freeze()  # else a pass of Python's collector over the whole estate falls on some question
    changes, rows = Changes(found), []
    basis.what_if([changes.rule_removed()])  # what is imported and filled at the first question
    for name, limit, make in changes.kinds():
        times, walls, counts, rebuilt = [], [], [], 0
        for _ in range(asked):
            started = _clocks()  # what the last question left to the collector counts, too
            change = make()
            answer = basis.what_if([change])
            ended = _clocks()
            times.append(ended[0] - started[0])
            walls.append(ended[1] - started[1])
            counts.append(len(answer.difference.rows))
            rebuilt += answer.rebuilt
        times.sort()
        walls.sort()
        middle, late = times[asked // 2], times[asked * 95 // 100]
        rows.append(
            (
                name,
                f"{middle:.0f} ms",
                f"{late:.0f} ms",
                f"{LIMITS[limit]} ms",
                f"{walls[asked // 2]:.0f} ms",
                f"{anew / middle:,.0f} x",
                max(counts),
                rebuilt,
            )
        )
    header = "change, CPU median, CPU p95, limit, wall median, less than anew, most rows, rebuilt"
    show(header.split(", "), rows)
    peak = peak_megabytes()
    print(
        f"{vpcs} VPCs, {len(found):,} nodes; anew {anew / 1000:.1f} s of CPU; peak {peak:,.0f} MB"
    )
    if whole:
        change = changes.rule_removed()
        started = _clocks()
        wanted = difference(found, found.without([change]) if isinstance(change, tuple) else found)
        took = (_clocks()[0] - started[0]) / 1000
        answer = basis.what_if([change])
        same = answer.difference.rows == wanted.rows
        print(f"all pairs of both networks compared: {took:.0f} s of CPU, the same rows: {same}")


def main(arguments: list[str] | None = None) -> None:
    """Measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.what_if")
    parser.add_argument("--vpcs", type=int, default=1_000)
    parser.add_argument("--asked", type=int, default=ASKED)
    parser.add_argument("--whole", action="store_true", help="compare all pairs once, too")
    chosen = parser.parse_args(arguments if arguments is not None else [])
    measure(chosen.vpcs, chosen.asked, whole=chosen.whole)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
