"""How a flow leaves its tier: which tiers of ours its packets cross besides its two ends.

Rules:
- A destination inside the VPC is reached by the local route, one in another VPC of ours or behind a
  static route of the segment through the Transit Gateway, any other through the internet gateway
  (public tier) or a NAT gateway (private tier).
- IPv6 has no NAT: private tiers leave through their VPC's egress-only gateway.
- A service with a gateway endpoint in the VPC is reached by the endpoint's route, which is more
  specific than the default route.
"""

from enum import StrEnum
from ipaddress import IPv4Network

from ringwall.blueprint.compile.site import (
    PRIVATE,
    Block,
    End,
    Link,
    Place,
    Site,
    StaticRoute,
    Tier,
    VpcSite,
)


class Way(StrEnum):
    """What carries a packet out of its tier."""

    LOCAL = "local"
    TRANSIT = "transit"
    INTERNET_GATEWAY = "internet gateway"
    EGRESS_ONLY = "egress-only internet gateway"
    NAT = "nat gateway"
    CENTRAL_NAT = "central nat gateway"
    ENDPOINT = "gateway endpoint"
    NONE = "none"


def static_route_to(site: Site, vpc: VpcSite, cidr: str) -> StaticRoute | None:
    """Return the longest static route of the VPC's segment that holds a block, default excepted."""
    segment = site.segment_of(vpc)
    if segment is None or ":" in cidr:
        return None
    network = IPv4Network(cidr)
    holding = [
        route
        for route in segment.routes
        if (":" not in route.cidr and IPv4Network(route.cidr).prefixlen > 0)
        and network.subnet_of(IPv4Network(route.cidr))
    ]
    return max(holding, key=lambda route: IPv4Network(route.cidr).prefixlen, default=None)


def way_out(site: Site, tier: Tier, cidr: str) -> Way:
    """Say what carries packets of a tier to an IPv4 block outside its VPC."""
    vpc = site.by_name[tier.vpc]
    if site.vpc_of(cidr) or static_route_to(site, vpc, cidr):
        return Way.TRANSIT if site.segment_of(vpc) else Way.NONE
    if tier.is_public:
        return Way.INTERNET_GATEWAY
    if tier.kind != PRIVATE:
        return Way.NONE
    if vpc.egress:
        return Way.CENTRAL_NAT
    return Way.NAT if vpc.nat_zones else Way.NONE


def way_between(site: Site, link: Link) -> Way:
    """Say what carries the IPv4 packets of a flow whose source stands in a tier of ours."""
    tier, target = link.source.tier, link.target
    assert tier is not None
    if target.tier is not None:
        return Way.LOCAL if target.vpc == tier.vpc else Way.TRANSIT
    if target.place is Place.SERVICE:
        vpc = site.by_name[tier.vpc]
        if target.service in vpc.gateway_services:
            return Way.ENDPOINT
    return way_out(site, tier, target.cidrs[0]) if target.cidrs else Way.NONE


def way_out_ipv6(site: Site, tier: Tier) -> Way:
    """Say what carries packets of a tier to IPv6 addresses outside its VPC."""
    vpc = site.by_name[tier.vpc]
    if not vpc.dual_stack:
        return Way.NONE
    if tier.is_public:
        return Way.INTERNET_GATEWAY
    return Way.EGRESS_ONLY if tier.kind == PRIVATE and vpc.nat != "none" else Way.NONE


def blocks(end: End, family: int) -> tuple[Block, ...]:
    """Return what filters match of an end in a family."""
    return end.cidrs if family == 4 else end.ipv6
