"""The tracer as the judge of a response: it shares no code with the engine that proposed it."""

from collections.abc import Iterator

from ringwall.model.graph import ResourceGraph, Unknown
from ringwall.model.ports import ANY
from ringwall.trace.ends import interfaces
from ringwall.trace.judge import Judgement, judge
from ringwall.trace.network import Network
from ringwall.trace.placements import Placement, in_subnet, placements


def passing(graph: ResourceGraph, block: str) -> list[Judgement]:
    """Return what is not DENY between a block outside and any placement, either way."""
    network = Network(graph)
    return [
        found
        for far in outside(network, block)
        for near in everything(network)
        if {b.version for b in near.blocks} & {b.version for b in far.blocks}
        for one, two in ((far, near), (near, far))
        if not (found := judge(network, (one,), (two,), ports=(ANY,), reachable=False)).ok
    ]


def outside(network: Network, block: str) -> tuple[Placement, ...]:
    """Return the placements of a block outside."""
    found = placements(network, block)
    assert not isinstance(found, Unknown)
    return tuple(each for each in found if not each.is_inside and not each.borne_by)


def everything(network: Network) -> Iterator[Placement]:
    """Yield every placement inside."""
    for subnet in network.subnets.values():
        yield from in_subnet(network, subnet)


def passing_interface(graph: ResourceGraph, interface: str) -> list[Judgement]:
    """Return what is not DENY between a live interface and any other placement, either way."""
    network = Network(graph)
    mine = [each for each in interfaces(network) if each.interface == interface]
    assert mine, interface
    far: list[Placement] = [p for p in everything(network) if p.interface != interface]
    for name in ("internet", "192.168.64.0/20"):
        outer = placements(network, name)
        far += () if isinstance(outer, Unknown) else outer
    return [
        found
        for near in mine
        for other in far
        if {b.version for b in near.blocks} & {b.version for b in other.blocks}
        for one, two in ((near, other), (other, near))
        if not (found := judge(network, (one,), (two,), ports=(ANY,), reachable=False)).ok
    ]
