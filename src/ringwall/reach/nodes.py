"""Load balancers → their nodes, one in each subnet, with the addresses that they have there."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ringwall.reach.blocks import Block, to_block
from ringwall.reach.elements import Subnet
from ringwall.reach.network import Network, addresses
from ringwall.reach.reading_services import Balancer


@dataclass(frozen=True, slots=True)
class BalancerNode:
    """A load balancer in one of its subnets; `blocks` are the addresses that it may have there."""

    balancer: Balancer
    subnet: Subnet
    blocks: tuple[Block, ...]


class Nodes:
    """The nodes of a network's load balancers."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def named(self, name: str) -> Iterator[BalancerNode]:
        """Yield the nodes of the balancers of a name, ARN or key, or the one of an interface."""
        network, services = self._network, self._network.services
        interface = network.interfaces.get(network.values.key(name))
        owner = services.owners.get(interface.key, "") if interface is not None else ""
        for balancer in services.balancers.values():
            if name in balancer.names:
                yield from self.of(balancer)
            elif owner == balancer.key and interface is not None:
                yield from (n for n in self.of(balancer) if n.subnet is interface.subnet)

    def of(self, balancer: Balancer) -> Iterator[BalancerNode]:
        """Yield a load balancer's nodes; traffic for one that is a gateway comes by endpoints."""
        if balancer.kind == "gateway":
            return
        seen = [key for owner, key in self._addresses if owner == balancer.key]
        for key in dict.fromkeys((*balancer.subnets, *seen)):
            subnet = self._network.subnets.get(key)
            if subnet is not None:
                may_be = tuple(b for b in subnet.blocks if b.version in balancer.families)
                blocks = self._addresses.get((balancer.key, key)) or may_be or subnet.blocks
                yield BalancerNode(balancer, subnet, blocks)

    @cached_property
    def _addresses(self) -> dict[tuple[str, str], tuple[Block, ...]]:
        """Return the private addresses of nodes, of either family, by balancer and subnet."""
        found: dict[tuple[str, str], dict[Block, None]] = defaultdict(dict)
        for key, owner in self._network.services.owners.items():
            each = self._network.interfaces.get(key)
            if each is not None:
                parts = map(to_block, addresses(each.node.observed))
                found[owner, each.subnet.key].update(dict.fromkeys(parts))
        return {at: tuple(blocks) for at, blocks in found.items()}
