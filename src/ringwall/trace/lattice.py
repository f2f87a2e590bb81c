"""VPC Lattice: whether a packet's ends may be joined by it, beside every route table (F18).

A client calls addresses of Lattice, and a target is called from such: "security group rules for
clients control outbound traffic to VPC Lattice", those "for targets control inbound traffic from
VPC Lattice" (Lattice guide). What ACLs say of them is not asked.
"""

from ringwall.model.graph import Unknown
from ringwall.trace.addresses import block
from ringwall.trace.elements import GroupRule
from ringwall.trace.ends import Placement
from ringwall.trace.filters import protocol_matches
from ringwall.trace.gaps import LATTICE
from ringwall.trace.memory import remembered
from ringwall.trace.network import Network
from ringwall.trace.packet import Packet

# (verify) Its managed prefix lists hold 169.254.171.0/24, 129.224.0.0/17 and fd00:ec2:80::/64.
ADDRESSES = tuple(block(text) for text in ("169.254.0.0/16", "129.224.0.0/16", "fd00:ec2::/32"))


@remembered
def open_to(network: Network) -> dict[str, tuple[Unknown, ...]]:
    """Return by what VPC Lattice may serve clients, by their VPC; "" stands for every VPC."""
    found: dict[str, tuple[Unknown, ...]] = {}
    lost = network.lacks(LATTICE)
    if lost is not None:
        found[""] = (lost,)
    for node in network.graph.of_type(LATTICE):
        if node.observed.get("Status") == "CREATE_FAILED":
            continue
        vpc = network.values.key(node.properties.get("VpcIdentifier"))
        unknown = Unknown(str(node), f"{LATTICE} is not modelled")
        found[vpc] = (*found.get(vpc, ()), unknown)
    return found


def ways(
    network: Network, source: Placement, destination: Placement, packet: Packet
) -> tuple[Unknown, ...]:
    """Return by what VPC Lattice may carry a packet's port from one end to the other."""
    if source.subnet is None:
        return ()
    named = open_to(network)
    found = (*named.get("", ()), *(named.get(source.vpc, ()) if source.vpc else ()))
    if not found or not _admits(network, source, None, egress=True):
        return ()
    if destination.subnet is not None and not _admits(network, destination, packet, egress=False):
        return ()
    return found


def _admits(network: Network, end: Placement, packet: Packet | None, *, egress: bool) -> bool:
    if end.is_open:
        return True
    for key in end.groups:
        group = network.group_of(key)
        if group is None:
            return True
        for rule in group.egress if egress else group.ingress:
            fits = packet is None or protocol_matches(rule, packet)
            if fits and _may_mean_lattice(network, rule):
                return True
    return False


def _may_mean_lattice(network: Network, rule: GroupRule) -> bool:
    peer = rule.peer
    if peer.unknown is not None:
        return True
    if peer.block is not None:
        return any(peer.block.overlaps(part) for part in ADDRESSES)
    if peer.list_name:
        known = network.lists.get(peer.list_name)
        if known is None:
            return peer.list_name not in network.service_lists
        return any(part.overlaps(each) for part in known for each in ADDRESSES)
    return network.group_of(peer.group) is None
