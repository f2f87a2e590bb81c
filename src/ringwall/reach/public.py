"""Public IPv4 addresses → what bears them, and the private addresses that they are paired with.

R9: "if a resource has a public address, the internet gateway maps it to the private one" (VPC
guide), so that what comes from the internet to the one arrives at the other.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from ipaddress import AddressValueError, IPv4Address
from itertools import chain
from typing import TYPE_CHECKING, Any

from ringwall.reach.blocks import Block, to_block
from ringwall.reach.end import End
from ringwall.reach.gaps import OWN_MODEL
from ringwall.reach.network import Network
from ringwall.reach.ways import Kind

if TYPE_CHECKING:
    from ringwall.reach.ends import Ends


@dataclass(frozen=True, slots=True)
class Bearer:
    """What bears a public address: an interface, or a load balancer in a subnet.

    `private` is the address that an internet gateway pairs it with, None where it is not known.
    """

    key: str
    private: Block | None
    subnet: str = ""


def bearers_of(network: Network) -> dict[int, Bearer]:
    """Return what bears each public address that is in the input."""
    found: dict[int, Bearer] = {}
    for text, bearer in chain(
        _of_balancers(network), _of_addresses(network), _of_interfaces(network)
    ):
        try:
            address = int(IPv4Address(text))
        except AddressValueError:
            continue  # a template's: it is to be chosen
        found[address] = bearer
    return found


def public_ends(
    ends: "Ends", bearers: Mapping[int, Bearer], name: str, wanted: Block
) -> Iterator[End]:
    """Yield the public addresses in a block that interfaces and balancers' nodes bear."""
    for address, bearer in bearers.items():
        if wanted.holds(4, address):
            behind = _behind(ends, bearer)
            title = behind.name if behind is not None else ends.naming.title(bearer.key)
            text = f"{name} ({title})"
            behind = replace(behind, name=text) if behind is not None else None
            block = Block(4, address, address + 1, 32)
            yield End(text, Kind.INTERNET, (block,), borne_by=title, behind=behind)


def _behind(ends: "Ends", bearer: Bearer) -> End | None:
    """Return what bears a public address, at the private one; None where it has no model here."""
    network = ends.network
    interface = network.interfaces.get(bearer.key)
    owner = network.services.owners.get(bearer.key, bearer.key)
    balancer = network.services.balancers.get(owner)
    end = None
    if balancer is not None:
        home = interface.subnet.key if interface is not None else bearer.subnet
        nodes = ends.of_balancer(balancer)
        end = next((n for n in nodes if n.subnet is not None and n.subnet.key == home), None)
    elif interface is not None and interface.kind not in OWN_MODEL:
        end = ends.end_of_interface(interface.node, interface.subnet)
    if end is not None and bearer.private is not None:
        return replace(end, blocks=(bearer.private,), public=True)
    return end


def _of_interfaces(network: Network) -> Iterator[tuple[str, Bearer]]:
    for node in network.values.ec2("NetworkInterface"):
        items = [e for e in node.observed.get("PrivateIpAddresses") or () if _is_mapping(e)]
        # The first address is the primary one (EC2 API, NetworkInterface).
        first = next((item for item in items if item.get("Primary")), items[0] if items else {})
        public = node.observed.get("PublicIp")
        if public:
            yield str(public), Bearer(node.key, _block(first.get("PrivateIpAddress")))
        for item in items:
            public = (item.get("Association") or {}).get("PublicIp")
            if public:
                yield str(public), Bearer(node.key, _block(item.get("PrivateIpAddress")))


def _of_addresses(network: Network) -> Iterator[tuple[str, Bearer]]:
    """Yield Elastic IP addresses that are associated with something."""
    for node in network.values.ec2("EIP"):
        seen = node.observed
        key = network.values.key(seen.get("NetworkInterfaceId") or seen.get("InstanceId"))
        if key and seen.get("PublicIp"):
            yield str(seen["PublicIp"]), Bearer(key, _block(seen.get("PrivateIpAddress")))


def _of_balancers(network: Network) -> Iterator[tuple[str, Bearer]]:
    for balancer in network.services.balancers.values():
        for zone in balancer.node.observed.get("AvailabilityZones") or ():
            if not _is_mapping(zone):
                continue
            subnet = network.values.key(zone.get("SubnetId"))
            for each in zone.get("LoadBalancerAddresses") or ():
                private = _block(each.get("PrivateIPv4Address"))
                yield str(each.get("IpAddress")), Bearer(balancer.key, private, subnet)


def _is_mapping(value: object) -> bool:
    return isinstance(value, Mapping)


def _block(text: Any) -> Block | None:  # noqa: ANN401  (what a description says)
    return to_block(str(text)) if text else None
