"""Flows with their names resolved into links whose ends stand at their place in the network.

Rules:
- A VPC is each of its groups, a tier each group in it.
- Addresses inside one tier are that tier's: its groups open, or accept, the connection. Addresses
  that hold more than a tier, or none, are outside: nobody of ours is meant by them.
- `aws:SERVICE` is the nearest way to the service: a gateway endpoint of the VPC, an interface
  endpoint of the VPC, a shared one of a VPC joined with it, else the public addresses of S3 and
  DynamoDB.
"""

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Network
from typing import assert_never

from ringwall.blueprint import ends as names
from ringwall.blueprint.addresses import AddressPlan
from ringwall.blueprint.compile.site import (
    ANYWHERE,
    ANYWHERE_IPV6,
    End,
    Group,
    Link,
    Place,
    Site,
    VpcSite,
)
from ringwall.blueprint.ends import EndKind, resolved_flows
from ringwall.blueprint.routing import shared_endpoint_vpcs
from ringwall.blueprint.syntax import Blueprint

PREFIX_LIST_SERVICES = frozenset({"s3", "dynamodb"})


def link_flows(bp: Blueprint, plan: AddressPlan, site: Site) -> Site:
    """Return the site with a link for every pair of ends that a flow joins."""
    places = _Places(bp, plan, site)
    links = [
        Link(source, target, flow.ports, flow.flow.why, bp.origins.get(flow.path))
        for flow in resolved_flows(bp)
        for source_name in flow.sources
        for source in places.of(source_name)
        for target_name in flow.destinations
        for target in places.seen_from(source, target_name)
        if source.tier is not None or target.tier is not None
    ]
    return replace(site, links=tuple(links))


def group_end(group: Group) -> End:
    """Return the end that the members of a group are: filters match their tier's addresses."""
    tier = group.tier
    ipv6 = () if tier.ipv6 is None else (tier.ipv6,)
    return End(Place.GROUP, group.key, (tier.cidr,), ipv6, tier, (group,))


def endpoints_end(group: Group) -> End:
    """Return the end that interface endpoints are: they have IPv4 addresses alone."""
    return replace(group_end(group), ipv6=())


class _Places:
    """Where the ends of flows stand."""

    def __init__(self, bp: Blueprint, plan: AddressPlan, site: Site) -> None:
        self._bp = bp
        self._plan = plan
        self._site = site
        self._groups = {group.key: group for vpc in site.vpcs for group in vpc.groups}
        self._known: dict[names.End, tuple[End, ...]] = {}
        self._services: dict[tuple[str, str], tuple[End, ...]] = {}

    def of(self, end: names.End) -> tuple[End, ...]:
        """Return the ends that a name stands for."""
        if end not in self._known:
            self._known[end] = tuple(self._read(end))
        return self._known[end]

    def seen_from(self, source: End, end: names.End) -> tuple[End, ...]:
        """Return the ends that a destination stands for, which for a service depends on whose."""
        if end.kind is not EndKind.SERVICE:
            return self.of(end)
        known = (source.vpc, end.name)
        if known not in self._services:
            self._services[known] = tuple(self._service(end.name, source.vpc))
        return self._services[known]

    def _read(self, end: names.End) -> Iterator[End]:
        match end.kind:
            case EndKind.GROUP:
                yield group_end(self._groups[f"{end.vpc}/{end.name}"])
            case EndKind.TIER | EndKind.VPC:
                for group in self._site.by_name[end.vpc].groups:
                    if end.kind is EndKind.VPC or group.tier.name == end.name:
                        yield group_end(group)
            case EndKind.ENDPOINTS:
                endpoints = self._site.by_name[end.vpc].endpoints
                if endpoints is not None:
                    yield endpoints_end(endpoints)
            case EndKind.INTERNET:
                yield End(Place.INTERNET, end.text, (ANYWHERE,), (ANYWHERE_IPV6,))
            case EndKind.ADDRESSES:
                yield from self._addresses(end.text, end.cidrs)
            case EndKind.SERVICE:  # opens no connections
                return
            case _:
                assert_never(end.kind)

    def _addresses(self, name: str, cidrs: tuple[str, ...]) -> Iterator[End]:
        ipv6 = tuple(cidr for cidr in cidrs if ":" in cidr)
        outside: list[str] = []
        for cidr in cidrs:
            if ":" in cidr:
                continue
            end = self._inside_a_tier(name, cidr)
            if end is None:
                outside.append(cidr)
            else:
                yield end
        if ANYWHERE in outside or ANYWHERE_IPV6 in ipv6:
            yield End(Place.INTERNET, name, tuple(outside), ipv6)
            return
        for cidr in outside:  # each finds its own way
            yield End(Place.OUTSIDE, name, (cidr,))
        if ipv6:
            yield End(Place.OUTSIDE, name, (), ipv6)

    def _inside_a_tier(self, name: str, cidr: str) -> End | None:
        vpc = self._site.vpc_of(cidr)
        if vpc is None:
            return None
        network = IPv4Network(cidr)
        for tier in vpc.tiers:
            if network.subnet_of(tier.network):
                groups = tuple(group for group in vpc.groups if group.tier is tier)
                return End(Place.RANGE, name, (cidr,), (), tier, groups)
        return None

    def _service(self, service: str, vpc_name: str) -> Iterator[End]:
        vpc = self._site.by_name.get(vpc_name)
        if vpc is None:
            return
        public = End(Place.SERVICE, f"aws:{service}", (ANYWHERE,))
        if service in vpc.gateway_services:
            yield public
            return
        holder = self._interface_endpoint(vpc, service)
        if holder is not None and holder.endpoints is not None:
            yield endpoints_end(holder.endpoints)
        elif service in PREFIX_LIST_SERVICES:
            yield public

    def _interface_endpoint(self, vpc: VpcSite, service: str) -> VpcSite | None:
        if service in vpc.interface_services:
            return vpc
        shared = shared_endpoint_vpcs(self._bp, self._plan, vpc.name)
        holders = (self._site.by_name[name] for name in shared)
        return next((hub for hub in holders if service in hub.interface_services), None)
