"""The nouns of a laid-out blueprint: VPCs with addresses, and flows whose ends are known.

Rules:
- A `Block` is a CIDR as text, or a Ref where AWS chooses the IPv6 addresses.
- A `Link` joins one source with one target; both know where in the network they stand.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from ipaddress import IPv4Network

from ringwall.model.graph import Origin, Ref
from ringwall.model.ports import PortSpec

Block = str | Ref

ANYWHERE = "0.0.0.0/0"
ANYWHERE_IPV6 = "::/0"
PUBLIC, PRIVATE, ISOLATED, ATTACHMENT = "public", "private", "isolated", "attachment"


@dataclass(frozen=True, slots=True)
class Subnet:
    """One subnet; `key` is `vpc/tier/zone`."""

    key: str
    zone: str
    cidr: str
    ipv6: Block | None = None

    @property
    def ref(self) -> Ref:
        """Refer to the subnet."""
        return Ref("AWS::EC2::Subnet", self.key)


@dataclass(frozen=True, slots=True, eq=False)
class Tier:
    """A tier of a VPC: one CIDR block across zones, one network ACL."""

    vpc: str
    name: str
    kind: str
    network: IPv4Network
    ipv6: Block | None
    subnets: tuple[Subnet, ...]
    map_public_ip: bool = False
    origin: Origin | None = None

    @property
    def key(self) -> str:
        """Return `vpc/tier`."""
        return f"{self.vpc}/{self.name}"

    @property
    def cidr(self) -> str:
        """Return the tier's IPv4 block as text."""
        return str(self.network)

    @property
    def is_public(self) -> bool:
        """Say whether the tier has a way in from the internet."""
        return self.kind == PUBLIC


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """A workload group, or the group of a VPC's interface endpoints."""

    vpc: str
    name: str
    tier: Tier
    description: str = ""
    origin: Origin | None = None

    @property
    def key(self) -> str:
        """Return `vpc/group`."""
        return f"{self.vpc}/{self.name}"

    @property
    def ref(self) -> Ref:
        """Refer to the group's security group."""
        return Ref("AWS::EC2::SecurityGroup", self.key)


@dataclass(frozen=True, slots=True, eq=False)
class VpcSite:
    """A VPC with its addresses; `nat` is none, one, one-per-zone or central."""

    name: str
    cidr: str
    secondary: tuple[str, ...]
    zones: tuple[str, ...]
    tiers: tuple[Tier, ...]
    groups: tuple[Group, ...]
    dual_stack: bool = False
    segment: str = ""
    nat: str = "none"
    nat_tier: Tier | None = None
    egress: str = ""  # the VPC whose NAT gateways it uses under central NAT
    attachment: Tier | None = None
    gateway_services: tuple[str, ...] = ()
    interface_services: tuple[str, ...] = ()
    endpoints: Group | None = None
    endpoints_shared: bool = False
    origin: Origin | None = None

    @property
    def ref(self) -> Ref:
        """Refer to the VPC."""
        return Ref("AWS::EC2::VPC", self.name)

    @property
    def cidrs(self) -> tuple[str, ...]:
        """Return every IPv4 block of the VPC."""
        return (self.cidr, *self.secondary)

    @property
    def ipv6(self) -> Block | None:
        """Return the VPC's whole IPv6 block, if it has one."""
        return ipv6_block(self.name, 56, 0) if self.dual_stack else None

    @property
    def zoned_tables(self) -> bool:
        """Say whether private tiers have a route table a zone: each zone has its NAT gateway."""
        return self.nat == "one-per-zone"

    @property
    def nat_zones(self) -> tuple[str, ...]:
        """Return the zones that have a NAT gateway of this VPC."""
        return {"one": self.zones[:1], "one-per-zone": self.zones}.get(self.nat, ())


def ipv6_block(vpc: str, length: int, index: int) -> Ref:
    """Refer to the index-th block of this prefix length inside a VPC's IPv6 block."""
    return Ref("AWS::EC2::VPCCidrBlock", f"{vpc}/ipv6", f"ipv6/{length}/{index}")


class Place(StrEnum):
    """Where an end of a flow stands."""

    GROUP = "group"  # members of one security group of ours
    RANGE = "range"  # addresses inside one tier: any group there
    OUTSIDE = "outside"  # addresses that belong to no tier of ours
    INTERNET = "internet"
    SERVICE = "service"  # an AWS service behind a gateway endpoint


@dataclass(frozen=True, slots=True)
class End:
    """One end of a flow: what filters match of it, and the groups and tier it stands in."""

    place: Place
    name: str
    cidrs: tuple[str, ...] = ()
    ipv6: tuple[Block, ...] = ()
    tier: Tier | None = None
    groups: tuple[Group, ...] = ()

    @property
    def vpc(self) -> str:
        """Return the VPC it stands in, or ""."""
        return self.tier.vpc if self.tier else ""

    @property
    def service(self) -> str:
        """Return the short name of the service (`s3`), or ""."""
        return self.name.removeprefix("aws:") if self.place is Place.SERVICE else ""


@dataclass(frozen=True, slots=True)
class Link:
    """One flow between two ends; `why` is the blueprint's own reason."""

    source: End
    target: End
    ports: tuple[PortSpec, ...]
    why: str = ""
    origin: Origin | None = None

    @property
    def crosses_vpcs(self) -> bool:
        """Say whether both ends stand in VPCs of ours, and not in the same."""
        return bool(self.source.tier and self.target.tier and self.source.vpc != self.target.vpc)


@dataclass(frozen=True, slots=True)
class StaticRoute:
    """A route that a segment's table is given; `vpc` is "" for a blackhole."""

    cidr: str
    vpc: str = ""
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A Transit Gateway route table: which segments its VPCs reach, and further routes."""

    name: str
    routes_to: frozenset[str]
    routes: tuple[StaticRoute, ...] = ()
    origin: Origin | None = None


@dataclass(frozen=True)
class Site:
    """The whole laid-out blueprint; `transit_gateway` is None where there is none."""

    vpcs: tuple[VpcSite, ...]
    segments: tuple[Segment, ...] = ()
    links: tuple[Link, ...] = ()
    transit_gateway: Ref | None = None
    group_references: bool = False

    @cached_property
    def by_name(self) -> Mapping[str, VpcSite]:
        """Return the VPCs by name."""
        return {vpc.name: vpc for vpc in self.vpcs}

    @cached_property
    def _segments(self) -> Mapping[str, Segment]:
        return {segment.name: segment for segment in self.segments}

    @cached_property
    def _blocks(self) -> list[tuple[int, int, VpcSite]]:
        """The first and last address of every VPC's blocks, in order; blocks do not overlap."""
        networks = [(IPv4Network(cidr), vpc) for vpc in self.vpcs for cidr in vpc.cidrs]
        bounds = [(int(n.network_address), int(n.broadcast_address), vpc) for n, vpc in networks]
        return sorted(bounds, key=lambda bound: bound[0])

    @cached_property
    def egress_hubs(self) -> frozenset[str]:
        """Return the VPCs whose NAT gateways serve others."""
        return frozenset(vpc.egress for vpc in self.vpcs if vpc.egress)

    def vpc_of(self, cidr: str) -> VpcSite | None:
        """Return the VPC whose blocks hold this one."""
        if ":" in cidr:
            return None
        network = IPv4Network(cidr)
        first, last = int(network.network_address), int(network.broadcast_address)
        at = bisect_right(self._blocks, first, key=lambda bound: bound[0]) - 1
        if at < 0:
            return None
        _, end, vpc = self._blocks[at]
        return vpc if last <= end else None

    def segment_of(self, vpc: VpcSite) -> Segment | None:
        """Return the segment a VPC is attached in, if it is attached."""
        return self._segments.get(vpc.segment) if self.transit_gateway else None

    def reachable_from(self, vpc: VpcSite) -> tuple[VpcSite, ...]:
        """Return the VPCs that a VPC's segment has propagated routes to, in order."""
        segment = self.segment_of(vpc)
        if segment is None:
            return ()
        return tuple(
            other for other in self.vpcs if other.segment in segment.routes_to and other is not vpc
        )
