"""Targets of a load balancer → the ends at which they stand."""

from collections.abc import Iterator
from dataclasses import dataclass

from ringwall.verify.balancers import GROUP, Pool
from ringwall.verify.ends import (
    OUTSIDE,
    THE_INTERNET,
    End,
    lost_nodes,
    nodes_of,
    of_interface,
    of_tier,
)
from ringwall.verify.network import Network
from ringwall.verify.sets import FAMILIES, IPV6, join, meet
from ringwall.verify.traffic import INTERNET, block


@dataclass(frozen=True, slots=True)
class Target:
    """A target of a pool: the ends where it may stand, or why that is not known."""

    name: str
    port: int
    ends: tuple[End, ...] = ()
    doubt: str = ""


def targets_of(network: Network, pool: Pool) -> Iterator[Target]:
    """Yield where the targets of a pool stand; a function stands nowhere."""
    for name, port in pool.targets if pool.kind != "lambda" else ():
        if pool.kind == GROUP:
            group = network.groups.get(name)
            ends = tuple(of_tier(network, group)) if group is not None else ()
            yield Target(name, port, ends, "" if ends else f"group {name} is not in the input")
            continue
        if pool.kind == "ip":
            yield _at(network, pool, name, port)
            continue
        if pool.kind == "alb":
            inner = network.balancers.by_key.get(name)
            ends = tuple(nodes_of(network, inner)) if inner is not None else ()
            lost = lost_nodes(network, inner) if inner is not None else ""
        else:
            ends, lost = tuple(_of_instance(network, name)), ""
        lost = lost or ("" if ends else f"target {name}, or its address, is not in the input")
        yield Target(name, port, ends, lost)


def _of_instance(network: Network, name: str) -> Iterator[End]:
    """Yield the first interface of an instance, and all others that may be asked in its place."""
    values, first = network.values, network.interfaces.get(name)
    if first is None or not first.address or first.subnet not in network.subnets:
        return
    found = {first.key: first}
    for each in network.interfaces.values():
        attachment = each.node.observed.get("Attachment") or {}
        if values.key(attachment.get("InstanceId")) == name:
            found[each.key] = each
    for each in found.values():
        part = join(each.address, meet(each.part, FAMILIES[6]))
        end = of_interface(network, each, part) if part else None
        if end is not None:
            yield end


def _at(network: Network, pool: Pool, name: str, port: int) -> Target:
    """Return what stands at an address; of VPCs that share it the target group's own is meant."""
    try:
        part = block(name)
    except ValueError:
        return Target(name, port, doubt=f"target {name} is no address")
    bearing = [
        each
        for key, each in network.interfaces.items()
        if key == each.key and meet(each.part, part) and each.subnet in network.subnets
    ]
    homes = {s.vpc for s in network.subnets.values() if meet(s.part, part)}
    homes |= {network.subnets[each.subnet].vpc for each in bearing}
    if pool.vpc in homes:
        homes = {pool.vpc}
    if not homes and not meet(network.all_blocks, part):
        version = 6 if part[0][0] >= IPV6 else 4
        kind = THE_INTERNET if meet(part, INTERNET[version]) else OUTSIDE
        return Target(name, port, (End(name, kind, part),))
    found = [each for each in bearing if network.subnets[each.subnet].vpc in homes]
    ends = tuple(end for each in found if (end := of_interface(network, each, part)) is not None)
    if len(homes) > 1 or not ends or len(ends) < len(found):
        return Target(name, port, doubt=f"what stands at target {name} is not in the input")
    return Target(name, port, ends)
