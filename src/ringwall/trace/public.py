"""Public IPv4 addresses of interfaces and load balancers → the placements that bear them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ringwall.model.graph import Node, Unknown
from ringwall.trace.addresses import Block, Host, block, host
from ringwall.trace.balancers import INTERFACE, Balancer, balancer_of, balancers
from ringwall.trace.ends import Kind, Placement, nodes_of, of_interface
from ringwall.trace.filters import Outcome
from ringwall.trace.gaps import OWN_MODEL
from ringwall.trace.network import Network
from ringwall.trace.outcomes import Paths
from ringwall.trace.path import Path, Step

EIP = "AWS::EC2::EIP"


def public_in(network: Network, name: str, wanted: Block) -> Iterator[Placement]:
    """Yield the public addresses in a block that something in the network bears."""
    known = network.memo.get("public addresses")
    if known is None:
        known = network.memo["public addresses"] = dict(_public(network))
    for address, (key, behind) in known.items():
        if address not in wanted:
            continue
        called = behind.name if behind is not None else key
        text = f"{name} ({called})"
        inside = replace(behind, name=text) if behind is not None else None
        place = (block(str(address)),)
        yield Placement(text, Kind.INTERNET, place, borne_by=called, behind=inside)


def _public(network: Network) -> Iterator[tuple[Host, tuple[str, Placement | None]]]:
    """Yield public addresses with what bears them; what interfaces say comes last and counts."""
    for balancer in balancers(network).values():
        for zone in balancer.node.observed.get("AvailabilityZones") or ():
            for each in zone.get("LoadBalancerAddresses") or () if isinstance(zone, dict) else ():
                home = network.values.key(zone.get("SubnetId"))
                nodes = (
                    n for n in nodes_of(network, balancer) if n.subnet and n.subnet.key == home
                )
                node = _at(next(nodes, None), each.get("PrivateIPv4Address"))
                yield from _known(each.get("IpAddress"), balancer.key, node)
    for eip in network.graph.of_type(EIP):
        seen = eip.observed
        key = network.values.key(seen.get("NetworkInterfaceId") or seen.get("InstanceId"))
        if key:
            interface = network.graph.get((INTERFACE, key))
            place = _placement(network, interface) if interface is not None else None
            yield from _known(seen.get("PublicIp"), key, _at(place, seen.get("PrivateIpAddress")))
    for each in network.graph.of_type(INTERFACE):
        for public, private in _pairs(each.observed):
            yield from _known(public, each.key, _at(_placement(network, each), private))


def _known(
    text: Any,  # noqa: ANN401  (what a description says; a template's is to be chosen)
    key: str,
    behind: Placement | None,
) -> Iterator[tuple[Host, tuple[str, Placement | None]]]:
    try:
        address = host(str(text))
    except ValueError:
        return
    yield address, (key, behind)


def _pairs(observed: Mapping[str, Any]) -> Iterator[tuple[Any, Any]]:
    """Yield public addresses with private ones; the one that is told alone is the primary's."""
    items = [e for e in observed.get("PrivateIpAddresses") or () if isinstance(e, Mapping)]
    if observed.get("PublicIp"):
        primary = [item for item in items if item.get("Primary")] or items
        yield observed["PublicIp"], primary[0].get("PrivateIpAddress") if primary else None
    for item in items:
        if (item.get("Association") or {}).get("PublicIp"):
            yield item["Association"]["PublicIp"], item.get("PrivateIpAddress")


def _at(place: Placement | None, private: object) -> Placement | None:
    if place is None or not private:
        return place
    return replace(place, blocks=(block(str(private)),), public=True)


def _placement(network: Network, node: Node) -> Placement | None:
    """Return where an interface stands; None for those that have no model of their own."""
    owner = balancer_of(network, node)
    if owner is not None:
        return _node_in(network, owner, node.properties.get("SubnetId"))
    return None if node.observed.get("InterfaceType") in OWN_MODEL else of_interface(network, node)


def _node_in(network: Network, balancer: Balancer, subnet: object) -> Placement | None:
    home = network.values.key(subnet)
    nodes = nodes_of(network, balancer)
    return next((n for n in nodes if n.subnet is not None and n.subnet.key == home), None)


def facing(source: Placement, destination: Placement) -> Placement:
    """Return what a source means by a destination.

    R9: an internet gateway gives what comes to a public address to the private one (VPC guide).
    """
    from_outside = source.kind in {Kind.INTERNET, Kind.SERVICE}
    if from_outside and destination.behind is not None:
        return destination.behind
    return destination


def not_followed(paths: Paths, destination: Placement, receiver: Host) -> Paths:
    """Let nobody know what becomes of packets from inside that leave for a public address of ours.

    They come back in by an internet gateway, with a public address of the sender's.
    """
    what = f"public address {receiver} of {destination.borne_by}"
    why = "what comes back in to it from inside of the network is not followed"
    unknown = Unknown(what, why)
    step = Step("public-address", str(receiver), str(unknown), Outcome.UNKNOWN, unknown=unknown)

    def add(path: Path) -> Path:
        return replace(path, steps=(*path.steps, step)) if path.delivered else path

    return tuple((add(path), backs) for path, backs in paths)
