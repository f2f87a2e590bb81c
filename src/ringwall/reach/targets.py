"""Registered targets → where they stand."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from ringwall.model.graph import Unknown
from ringwall.reach.blocks import ON_INTERNET, Block, to_block
from ringwall.reach.elements import Interface, Subnet
from ringwall.reach.network import Network
from ringwall.reach.reading_services import ANY_OF_GROUP, Balancer, Registered, TargetGroup

KEEPING = frozenset({"UDP", "TCP_UDP", "QUIC", "TCP_QUIC"})


@dataclass(frozen=True, slots=True)
class Target:
    """Where a target stands; `balancer`: it is a node of one. `kind` is that of a site."""

    name: str
    kind: str
    block: Block
    subnet: Subnet | None = None
    groups: tuple[str, ...] = ()
    public: bool = False
    balancer: str = ""
    is_open: bool = False


def may_preserve(balancer: Balancer, group: TargetGroup) -> bool:
    """Tell whether targets see the address of a client that comes by no endpoint.

    F15: on by default for instance targets and for UDP and TCP_UDP ip targets, off for ip targets
    of TCP and TLS (NLB guide, target group attributes). Application load balancers as targets see
    it too: "Use the CIDR blocks (IP address range) of the client's computers as the traffic source
    in the inbound rules" (NLB guide).
    """
    if balancer.kind != "network" or group.kind in {"lambda", ANY_OF_GROUP}:
        return False
    if group.protocol in KEEPING:
        return True
    return group.kind != "ip" if group.preserves is None else group.preserves


def target_of(network: Network, group: TargetGroup, each: Registered) -> Target | Unknown:
    """Return where a target stands; Unknown where its interface is not in the input."""
    if group.kind == ANY_OF_GROUP:
        return Unknown(f"target {each.target}", "it stands for several")
    if group.kind == "ip":
        try:
            ip_address(each.target)
        except ValueError:
            return Unknown(f"target {each.target}", "it is no address")
        return _at(network, group.vpc, to_block(each.target))
    key = each.target
    known = network.interfaces.get(network.first_interfaces.get(key, key))
    block = next((b for b in known.blocks if b.version == 4), None) if known is not None else None
    if known is None or block is None:
        return Unknown(f"target {key}", "it, or its address, is not in the input")
    return _of_interface(known, block)


def _of_interface(interface: Interface, block: Block) -> Target:
    bears = interface.groups
    return Target(interface.key, "interface", block, interface.subnet, bears, interface.public)


def _at(network: Network, vpc: str, block: Block) -> Target | Unknown:
    """Return what stands at an address: an interface in the input, or something outside.

    Of VPCs with the same addresses it is the group's own that is meant (`vpc`).
    """
    bearing = network.bearers.of(block.version, block.start)
    own = next((each for each in bearing if each.subnet.vpc == vpc), None)
    if own is not None:
        return _of_bearer(network, own, block)
    homes = {each.subnet.vpc for each in bearing} | set(_holding(network, block))
    if len(homes) > 1 and vpc not in homes:
        return Unknown(f"target {block}", "several VPCs have that address")
    if bearing and vpc not in homes:
        return _of_bearer(network, bearing[0], block)
    if homes:
        return Unknown(f"target {block}", "no interface with that address is in the input")
    kind = "internet" if block.start in ON_INTERNET[block.version] else "outside"
    return Target(str(block), kind, block)


def _holding(network: Network, block: Block) -> Iterator[str]:
    """Yield the VPCs with a subnet that holds an address."""
    for subnet in network.subnets.values():
        if any(part.holds(block.version, block.start) for part in subnet.blocks):
            yield subnet.vpc


def _of_bearer(network: Network, interface: Interface, block: Block) -> Target:
    owner = network.services.owners.get(interface.key)
    if owner is None:
        return _of_interface(interface, block)
    balancer = network.services.balancers[owner]
    bears, public = balancer.groups, balancer.is_public
    ground = (interface.subnet, bears or (), public)
    return Target(owner, "balancer", block, *ground, owner, is_open=bears is None)
