"""Registered targets → the placements at which they stand."""

from ringwall.model.graph import Unknown
from ringwall.trace.addresses import Block, Host, addresses_of, block, host, is_on_internet
from ringwall.trace.balancers import Registered, TargetGroup, balancer_of, balancers
from ringwall.trace.elements import Middlebox
from ringwall.trace.ends import Kind, Placement, nodes_of
from ringwall.trace.middleboxes import middleboxes
from ringwall.trace.network import Network


def target_of(network: Network, group: TargetGroup, each: Registered) -> Placement | Unknown:
    """Return where a target stands; Unknown where its interface is not in the input."""
    if group.kind == "group":
        return Unknown(f"target {each.target}", "it stands for several")
    if group.kind == "ip":
        try:
            return _at(network, group.vpc, host(each.target))
        except ValueError:
            return Unknown(f"target {each.target}", "it is no address")
    box = middleboxes(network).get(each.target)
    found = _of_interface(network, box) if box is not None else None
    return found or Unknown(f"target {each.target}", "it, or its address, is not in the input")


def _of_interface(
    network: Network, box: Middlebox, address: Host | None = None
) -> Placement | None:
    subnet = network.subnets.get(box.subnet)
    address = address or box.address
    if subnet is None or address is None:
        return None
    return Placement(
        name=box.key,
        kind=Kind.INTERFACE,
        blocks=(_single(address),),
        vpc=subnet.vpc,
        subnet=subnet,
        zone=subnet.zone_name,
        groups=box.groups,
        public=box.public,
        interface=box.node.physical_id or box.key,
    )


def _single(address: Host) -> Block:
    return block(str(address))


def _at(network: Network, vpc: str, address: Host) -> Placement | Unknown:
    """Return what stands at an address: an interface in the input, or something outside.

    An address that several VPCs have is meant in the group's own VPC.
    """
    vpcs = {s.vpc for s in network.subnets.values() if any(address in b for b in s.blocks)}
    boxes = [
        (network.subnets[box.subnet].vpc, box)
        for box in middleboxes(network).values()
        if any(address in block(text) for text in addresses_of(box.node.observed))
        and box.subnet in network.subnets
    ]
    vpcs |= {where for where, _ in boxes}
    if vpc not in vpcs and len(vpcs) > 1:
        return Unknown(f"target {address}", "several VPCs have that address")
    for where, box in boxes:
        if where == vpc or vpc not in vpcs:
            return _of_box(network, box, address)
    if vpcs:
        return Unknown(f"target {address}", "no interface with that address is in the input")
    kind = Kind.INTERNET if is_on_internet(address) else Kind.OUTSIDE
    return Placement(str(address), kind, (_single(address),))


def _of_box(network: Network, box: Middlebox, address: Host) -> Placement | Unknown:
    owner = balancer_of(network, box.node)
    if owner is not None:
        nodes = nodes_of(network, balancers(network)[owner.key])
        same = (n for n in nodes if n.subnet is not None and n.subnet.key == box.subnet)
        return next(same, Unknown(f"target {address}", "its node is not in the input"))
    lost = Unknown(f"target {address}", "its subnet is not in the input")
    return _of_interface(network, box, address) or lost
