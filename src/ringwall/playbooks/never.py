"""What must never be blocked: computed from the estate, and what people add to it.

Rules:
- A block is refused if it shares one address with the list, not only if it lies in it.
- What is the estate's own is never the offender: behind a translator or a load balancer the log
  shows the middle box, and blocking that is an outage.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Final

from ringwall.model.widest import WIDEST
from ringwall.reach.blocks import Block, to_block
from ringwall.reach.engine import Engine

# 6to4 carries an IPv4 address in the bits 16 to 48 (RFC 3056).
_6TO4: Final = to_block("2002::/16")
# RFC 1122, 1918, 3927, 6598, 5771, 4193, 4291, 6052; AWS's resolver, time and metadata lie in the
# link-local and the unique local addresses (fd00:ec2::/32).
_SPECIAL: Final[Mapping[str, str]] = {
    "0.0.0.0/8": "this network (RFC 1122)",
    "10.0.0.0/8": "private addresses (RFC 1918)",
    "100.64.0.0/10": "shared addresses (RFC 6598)",
    "127.0.0.0/8": "loopback",
    "169.254.0.0/16": "link-local: AWS's resolver, time and metadata",
    "172.16.0.0/12": "private addresses (RFC 1918)",
    "192.168.0.0/16": "private addresses (RFC 1918)",
    "224.0.0.0/3": "multicast and reserved",
    "::/128": "no address",
    "::1/128": "loopback",
    "::ffff:0:0/96": "IPv4-mapped (RFC 4291)",
    "::/96": "IPv4-compatible (RFC 4291)",
    "64:ff9b::/96": "NAT64: every IPv4 address (RFC 6052)",
    "64:ff9b:1::/48": "NAT64 of a network's own (RFC 8215)",
    "fc00::/7": "private addresses (RFC 4193): AWS's resolver, time and metadata among them",
    "fe80::/10": "link-local",
    "ff00::/8": "multicast",
}
_IPV6: Final = ("Ipv6CidrBlockSet", "Ipv6CidrBlock")


@dataclass(frozen=True, slots=True)
class Kept:
    """Addresses that are never blocked, and why."""

    block: Block
    why: str

    def __str__(self) -> str:
        return f"{self.block} is {self.why}"


class NeverBlock:
    """The list; `because` answers about a block."""

    def __init__(self, kept: Iterable[Kept]) -> None:
        self._kept = tuple(kept)

    def __iter__(self) -> Iterator[Kept]:
        return iter(self._kept)

    @classmethod
    def of(cls, engine: Engine, allowed: Mapping[str, str] | None = None) -> "NeverBlock":
        """Read the list of a network; `allowed` are blocks of people, with their reasons.

        Raises ValueError for what is no block.
        """
        given = (Kept(to_block(str(ip_network(b))), why) for b, why in (allowed or {}).items())
        return cls((*given, *_special(), *_own(engine), *_far(engine), *_peers(engine)))

    def because(self, block: Block) -> str:
        """Return why a block is not blocked, "" if nothing speaks against it."""
        if 0 <= block.length < WIDEST[block.version]:
            return f"{block} is wider than /{WIDEST[block.version]}"
        found = next((kept for kept in self._kept if kept.block.overlaps(block)), None)
        if found is None and block.overlaps(_6TO4):
            why = self.because(_within(block))
            return f"{block} is 6to4 of {why}" if why else ""
        return "" if found is None else f"{block}: {found}"


def _within(block: Block) -> Block:
    """Return the IPv4 address that a block of 6to4 carries: none is wider than WIDEST, a /48."""
    address = block.start >> 80 & 0xFFFF_FFFF
    return Block(4, address, address + 1, 32)


def _special() -> Iterator[Kept]:
    for cidr, why in _SPECIAL.items():
        yield Kept(to_block(cidr), why)


def _own(engine: Engine) -> Iterator[Kept]:
    network = engine.network
    for vpc, blocks in network.blocks.items():
        for block in blocks:
            yield Kept(block, f"of VPC {vpc}")
    for address, bearer in engine.ends.public_bearers.items():
        yield Kept(Block(4, address, address + 1, 32), f"the public address of {bearer.key}")
    for node in network.values.ec2("EIP"):
        yield from _told(node.observed.get("PublicIp"), f"the Elastic IP {node.key}")
    for node in network.values.ec2("NatGateway"):
        for each in node.observed.get("NatGatewayAddresses") or ():
            yield from _told(each.get("PublicIp"), f"NAT gateway {node.key}")
    for name, blocks in network.lists.blocks.items():
        for block in blocks:
            yield Kept(block, f"in the prefix list {name}")


def _far(engine: Engine) -> Iterator[Kept]:
    values = engine.network.values
    for node in values.ec2("CustomerGateway"):
        yield from _told(node.properties.get("IpAddress"), f"the far end of VPN {node.key}")
    for node in values.ec2("VPNConnection"):
        for each in node.observed.get("VgwTelemetry") or ():
            yield from _told(each.get("OutsideIpAddress"), f"our end of VPN {node.key}")


def _peers(engine: Engine) -> Iterator[Kept]:
    for node in engine.network.values.ec2("VPCPeeringConnection"):
        why = f"of a peer by {node.key}"
        for side in ("RequesterVpcInfo", "AccepterVpcInfo"):
            told = node.observed.get(side) or {}
            yield from _told(told.get("CidrBlock"), why)
            for name, member in (("CidrBlockSet", "CidrBlock"), _IPV6):
                for each in told.get(name) or ():
                    yield from _told(each.get(member), why)


def _told(address: object, why: str) -> Iterator[Kept]:
    if not isinstance(address, str):
        return
    try:
        yield Kept(to_block(address), why)
    except ValueError:
        return
