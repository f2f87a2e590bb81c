"""Tiers into route tables that say exactly what their kind means.

Rules:
- public: everything to the internet gateway. private: everything to the NAT gateway of the same
  zone, or to the Transit Gateway under central NAT; IPv6 to the egress-only gateway. isolated:
  nothing. attachment: nothing, but in the VPC of central NAT everything to the NAT gateway.
- Private tiers have a route to every VPC that their segment reaches; isolated and public tiers only
  to those that a flow joins them with, and the tier of central NAT gateways to the VPCs they serve.
- A flow across VPCs has a route at both ends: its answer takes the other one.
- One table a zone where each zone has its NAT gateway, for private and attachment tiers; else one
  a tier. The VPC's main table stays empty and no subnet uses it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ringwall.blueprint.compile.draft import Draft
from ringwall.blueprint.compile.networks import (
    has_egress_only_gateway,
    nat_ref,
)
from ringwall.blueprint.compile.paths import static_route_to
from ringwall.blueprint.compile.site import (
    ANYWHERE,
    ANYWHERE_IPV6,
    ATTACHMENT,
    PRIVATE,
    PUBLIC,
    Block,
    End,
    Place,
    Site,
    Subnet,
    Tier,
    VpcSite,
)
from ringwall.model.graph import Ref

Target = tuple[str, Ref]  # the property that names a route's target, and the target


@dataclass(slots=True)
class _Joined:
    """The VPCs and static destinations that flows join each tier with."""

    vpcs: dict[Tier, set[str]] = field(default_factory=lambda: defaultdict(set))
    statics: dict[Tier, set[str]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def by_flows(cls, site: Site) -> "_Joined":
        joined = cls()
        for link in site.links:
            joined.join(site, link.source.tier, link.target)
            joined.join(site, link.target.tier, link.source)
        for vpc in site.vpcs:
            nat_tier = site.by_name[vpc.egress].nat_tier if vpc.egress else None
            if nat_tier is not None:
                joined.vpcs[nat_tier].add(vpc.name)
        return joined

    def join(self, site: Site, tier: Tier | None, far: End) -> None:
        if tier is None:
            return
        if far.tier is None and far.place is not Place.OUTSIDE:
            return
        for cidr in far.cidrs:
            remote = site.vpc_of(cidr)
            if remote is not None and remote.name == tier.vpc:
                continue
            if remote is not None:
                self.vpcs[tier].add(remote.name)
            route = static_route_to(site, site.by_name[tier.vpc], cidr)
            if route is not None:
                self.statics[tier].add(route.cidr)


def tables(vpc: VpcSite, tier: Tier) -> Mapping[str, str]:
    """Return the key of the route table of each zone of a tier."""
    if vpc.zoned_tables and tier.kind in {PRIVATE, ATTACHMENT}:
        return {subnet.zone: f"{tier.key}/{subnet.zone}" for subnet in tier.subnets}
    return {subnet.zone: tier.key for subnet in tier.subnets}


def table_refs(vpc: VpcSite, tier: Tier) -> list[Ref]:
    """Refer to the route tables of a tier."""
    return [Ref("AWS::EC2::RouteTable", key) for key in dict.fromkeys(tables(vpc, tier).values())]


def compile_routing(draft: Draft, site: Site) -> None:
    """Add the route tables of every tier, their routes and their subnets' associations."""
    joined = _Joined.by_flows(site)
    for vpc in site.vpcs:
        reachable = site.reachable_from(vpc)
        for tier in vpc.tiers:
            transit = tuple(_transit(site, vpc, tier, reachable, joined))
            by_zone = tables(vpc, tier)
            for subnet in tier.subnets:
                key = by_zone[subnet.zone]
                table = Ref("AWS::EC2::RouteTable", key)
                if ("AWS::EC2::RouteTable", key) not in draft.nodes:
                    draft.add("AWS::EC2::RouteTable", key, {"VpcId": vpc.ref}, tier.origin)
                    for destination, target in _defaults(site, vpc, tier, subnet):
                        _add_route(draft, table, destination, target, tier)
                    for destination in transit:
                        assert site.transit_gateway is not None
                        target = ("TransitGatewayId", site.transit_gateway)
                        _add_route(draft, table, destination, target, tier)
                draft.add_child(
                    "AWS::EC2::SubnetRouteTableAssociation",
                    {"SubnetId": subnet.ref, "RouteTableId": table},
                    tier.origin,
                )


def _defaults(
    site: Site, vpc: VpcSite, tier: Tier, subnet: Subnet
) -> Iterator[tuple[Block, Target]]:
    """Yield what the kind of a tier means for destinations that nothing else names."""
    if tier.kind == PUBLIC:
        gateway = ("GatewayId", Ref("AWS::EC2::InternetGateway", vpc.name))
        yield ANYWHERE, gateway
        if vpc.dual_stack:
            yield ANYWHERE_IPV6, gateway
    elif tier.kind == PRIVATE:
        if vpc.nat_zones:
            yield ANYWHERE, ("NatGatewayId", nat_ref(vpc, subnet.zone))
        elif vpc.egress and site.transit_gateway is not None:
            yield ANYWHERE, ("TransitGatewayId", site.transit_gateway)
        if has_egress_only_gateway(vpc):
            gateway = ("EgressOnlyInternetGatewayId", _egress_only(vpc))
            yield ANYWHERE_IPV6, gateway
    elif tier.kind == ATTACHMENT and vpc.name in site.egress_hubs:
        yield ANYWHERE, ("NatGatewayId", nat_ref(vpc, subnet.zone))


def _egress_only(vpc: VpcSite) -> Ref:
    return Ref("AWS::EC2::EgressOnlyInternetGateway", vpc.name)


def _transit(
    site: Site, vpc: VpcSite, tier: Tier, reachable: tuple[VpcSite, ...], joined: _Joined
) -> Iterator[Block]:
    """Yield the destinations that a tier reaches through the Transit Gateway."""
    segment = site.segment_of(vpc)
    if segment is None or tier.kind == ATTACHMENT:
        return
    always = tier.kind == PRIVATE
    wanted = joined.vpcs.get(tier, set[str]())
    for other in reachable:
        if always or other.name in wanted:
            yield from other.cidrs
            if vpc.dual_stack and other.ipv6 is not None:
                yield other.ipv6
    statics = joined.statics.get(tier, set[str]())
    for route in segment.routes:
        to_own = route.vpc in {"", vpc.name}
        if not to_own and route.cidr != ANYWHERE and (always or route.cidr in statics):
            yield route.cidr


def _add_route(draft: Draft, table: Ref, destination: Block, target: Target, tier: Tier) -> None:
    name, ref = target
    is_ipv6 = isinstance(destination, Ref) or ":" in destination
    draft.add_child(
        "AWS::EC2::Route",
        {
            "RouteTableId": table,
            "DestinationIpv6CidrBlock" if is_ipv6 else "DestinationCidrBlock": destination,
            name: ref,
        },
        tier.origin,
    )
