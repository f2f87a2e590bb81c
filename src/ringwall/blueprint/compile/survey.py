"""A blueprint and its address plan into a Site: what stands where.

Rule: this module and `flows` are the only ones that read tiers, groups and flows as written.
"""

from ipaddress import IPv4Network

from ringwall.blueprint.addresses import AddressPlan, TierPlan
from ringwall.blueprint.compile.flows import link_flows
from ringwall.blueprint.compile.site import (
    PUBLIC,
    Group,
    Segment,
    Site,
    StaticRoute,
    Subnet,
    Tier,
    VpcSite,
    ipv6_block,
)
from ringwall.blueprint.compile.transit_gateway import TRANSIT_GATEWAY
from ringwall.blueprint.routing import egress_vpc
from ringwall.blueprint.syntax import Blueprint, Path
from ringwall.model.graph import Origin, Ref
from ringwall.model.names import ENDPOINTS

TIER_IPV6_PREFIX = 60  # sixteen zones of /64


def origin_of(bp: Blueprint, path: Path) -> Origin | None:
    """Return where a part stands, or the nearest part around it."""
    while path:
        found = bp.origins.get(path)
        if found is not None:
            return found
        path = path[:-1]
    return None


def survey(bp: Blueprint, plan: AddressPlan) -> Site:
    """Lay out a blueprint; what finds no place or means nothing is reported by `load`, not here."""
    vpcs = tuple(_vpc(bp, plan, name) for name in bp.vpcs if name in plan.vpcs)
    wanted = bp.transit_gateway
    if wanted is None:
        site = Site(vpcs)
    else:
        site = Site(
            vpcs,
            tuple(_segment(bp, name) for name in wanted.segments),
            transit_gateway=Ref("AWS::EC2::TransitGateway", wanted.id)
            if wanted.id
            else TRANSIT_GATEWAY,
            group_references=wanted.security_group_references,
        )
    return link_flows(bp, plan, site)


def _segment(bp: Blueprint, name: str) -> Segment:
    assert bp.transit_gateway is not None
    written = bp.transit_gateway.segments[name]
    path: Path = ("transit_gateway", "segments", name)
    routes = tuple(
        StaticRoute(route.cidr, route.vpc or "", origin_of(bp, (*path, "routes", index)))
        for index, route in enumerate(written.routes)
    )
    return Segment(name, frozenset(written.routes_to), routes, origin_of(bp, path))


def _vpc(bp: Blueprint, plan: AddressPlan, name: str) -> VpcSite:
    written, placed = bp.vpcs[name], plan.vpcs[name]
    path: Path = ("vpcs", name)
    tiers = {tier: _tier(bp, placed.tiers[tier]) for tier in placed.tiers}
    groups = tuple(
        Group(
            name,
            group,
            tiers[text.tier],
            text.description or "",
            origin_of(bp, (*path, "groups", group)),
        )
        for group, text in written.groups.items()
    )
    interface = tuple(endpoint.service for endpoint in written.endpoints.interface)
    public = [tier for tier in tiers.values() if tier.kind == PUBLIC]
    return VpcSite(
        name=name,
        cidr=placed.cidr,
        secondary=(),
        zones=tuple(bp.zones),
        tiers=tuple(tiers.values()),
        groups=groups,
        dual_stack=placed.is_dual_stack,
        segment=written.segment or "",
        nat=written.nat,
        nat_tier=public[0] if public and written.has_nat else None,
        egress=(egress_vpc(bp, plan, name) or "") if written.nat == "central" else "",
        attachment=tiers.get(written.attachment_tier or ""),
        gateway_services=tuple(endpoint.service for endpoint in written.endpoints.gateway),
        interface_services=interface,
        endpoints=_endpoints(bp, name, tiers) if interface else None,
        endpoints_shared=written.endpoints.shared,
        origin=origin_of(bp, path),
    )


def _endpoints(bp: Blueprint, vpc: str, tiers: dict[str, Tier]) -> Group | None:
    tier = tiers.get(bp.vpcs[vpc].endpoint_tier or "")
    if tier is None:
        return None
    description = f"Interface endpoints of {vpc}"
    return Group(vpc, ENDPOINTS, tier, description, origin_of(bp, ("vpcs", vpc, "endpoints")))


def _tier(bp: Blueprint, placed: TierPlan) -> Tier:
    written = bp.vpcs[placed.vpc].all_tiers[placed.tier]
    subnets = tuple(
        Subnet(
            subnet.key,
            subnet.zone,
            subnet.cidr,
            None if subnet.ipv6_index is None else ipv6_block(placed.vpc, 64, subnet.ipv6_index),
        )
        for subnet in placed.subnets.values()
    )
    return Tier(
        placed.vpc,
        placed.tier,
        placed.kind,
        IPv4Network(placed.cidr),
        None
        if placed.ipv6_index is None
        else ipv6_block(placed.vpc, TIER_IPV6_PREFIX, placed.ipv6_index),
        subnets,
        map_public_ip=written.map_public_ip,
        origin=origin_of(bp, ("vpcs", placed.vpc, "tiers", placed.tier)),
    )
