"""Which VPCs a blueprint joins: what its segments route, and whose NAT and endpoints are shared."""

from dataclasses import dataclass
from ipaddress import ip_network

from ringwall.blueprint.addresses import AddressPlan
from ringwall.blueprint.syntax import Blueprint, Path


@dataclass(frozen=True, slots=True)
class Gap:
    """Why one VPC has no route to another: the text, and the path of what is missing."""

    message: str
    hint: str
    path: Path


def routes_to(bp: Blueprint, plan: AddressPlan, source: str, destination: str) -> bool:
    """Say whether packets of a VPC are routed to another by the Transit Gateway."""
    here, there = bp.vpcs[source].segment, bp.vpcs[destination].segment
    gateway = bp.transit_gateway
    if gateway is None or here not in gateway.segments or there is None:
        return False
    segment = gateway.segments[here]
    block = ip_network(plan.vpcs[destination].cidr)
    # (length, static first): the longest prefix decides, a static route before a propagated one.
    best: tuple[int, int] | None = None
    reached = False
    if there in segment.routes_to:
        best, reached = (block.prefixlen, 0), True
    for route in segment.routes:
        target = ip_network(route.cidr)
        if target.version != 4 or not block.subnet_of(target):  # type: ignore[arg-type]  # both are IPv4
            continue
        rank = (target.prefixlen, 1)
        if best is None or rank > best:
            best, reached = rank, route.vpc == destination
    return reached


def gap(bp: Blueprint, plan: AddressPlan, source: str, destination: str) -> Gap | None:
    """Return why no connection from one VPC to another can be made, None when it can."""
    if source == destination:
        return None
    for name in (source, destination):
        if bp.vpcs[name].segment is None:
            message = f"vpc {name!r} is not attached to a Transit Gateway"
            return Gap(message, f"give vpc {name!r} a `segment`", ("vpcs", name))
    for one, other in ((source, destination), (destination, source)):
        if not routes_to(bp, plan, one, other):
            here, there = bp.vpcs[one].segment or "", bp.vpcs[other].segment or ""
            message = f"segment {here!r} (vpc {one!r}) does not route to {there!r} (vpc {other!r})"
            path = ("transit_gateway", "segments", here, "routes_to")
            return Gap(message, f"add {there} to routes_to of segment {here!r}", path)
    return None


def egress_candidates(bp: Blueprint, plan: AddressPlan, vpc: str) -> tuple[str, ...]:
    """Return the VPCs whose NAT gateways could serve a VPC with central NAT."""
    chosen = bp.transit_gateway.egress if bp.transit_gateway else None
    return tuple(
        name
        for name, hub in bp.vpcs.items()
        if name != vpc
        and hub.has_nat
        and (chosen is None or name == chosen)
        and gap(bp, plan, vpc, name) is None
    )


def egress_vpc(bp: Blueprint, plan: AddressPlan, vpc: str) -> str | None:
    """Return the VPC by whose NAT gateways a VPC reaches the internet, None for none."""
    if bp.vpcs[vpc].has_nat:
        return vpc
    if bp.vpcs[vpc].nat != "central":
        return None
    found = egress_candidates(bp, plan, vpc)
    return found[0] if len(found) == 1 else None


def shared_endpoint_vpcs(bp: Blueprint, plan: AddressPlan, vpc: str) -> tuple[str, ...]:
    """Return the other VPCs whose shared interface endpoints a VPC resolves and reaches."""
    return tuple(
        name
        for name, hub in bp.vpcs.items()
        if name != vpc
        and hub.endpoints.shared
        and hub.endpoints.interface
        and gap(bp, plan, vpc, name) is None
    )


def sharers(bp: Blueprint, plan: AddressPlan, hub: str) -> tuple[str, ...]:
    """Return the other VPCs that resolve and reach a hub's shared interface endpoints."""
    return tuple(name for name in bp.vpcs if hub in shared_endpoint_vpcs(bp, plan, name))


def services_of(bp: Blueprint, plan: AddressPlan, vpc: str) -> tuple[str, ...]:
    """Return the services that a VPC reaches by an endpoint of its own or a shared one."""
    own = bp.vpcs[vpc].endpoints.services
    shared = [
        endpoint.service
        for hub in shared_endpoint_vpcs(bp, plan, vpc)
        for endpoint in bp.vpcs[hub].endpoints.interface
    ]
    return tuple(dict.fromkeys((*own, *shared)))
