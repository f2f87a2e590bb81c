"""Flows as written into links whose ends stand at their place in the network.

Rules:
- A name of several groups (`vpc`, `vpc/tier`, `*/group`, `segment:NAME`) is each of them.
- Addresses inside one tier are that tier's: its groups open, or accept, the connection. Addresses
  that hold more than a tier, or none, are outside: nobody of ours is meant by them.
- `aws:SERVICE` is the nearest way to the service: a gateway endpoint of the VPC, an interface
  endpoint of the VPC, a shared one of a VPC that both segments join, else the public addresses of
  S3 and DynamoDB.
"""

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Network

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
from ringwall.blueprint.syntax import Blueprint, Flow, Path
from ringwall.model.graph import Origin
from ringwall.model.names import ENDPOINTS, EVERY_VPC, Name, NameKind, parse_name

PREFIX_LIST_SERVICES = frozenset({"s3", "dynamodb"})


def link_flows(bp: Blueprint, site: Site) -> Site:
    """Return the site with a link for every pair of ends that a flow joins."""
    names = _Names(bp, site)
    links: list[Link] = []
    for index, flow in enumerate(bp.flows):
        links.extend(_links(names, flow, "", _place(bp, ("flows", index))))
    for vpc, written in bp.vpcs.items():
        for index, flow in enumerate(written.flows):
            links.extend(_links(names, flow, vpc, _place(bp, ("vpcs", vpc, "flows", index))))
    return replace(site, links=tuple(links), by_name={}, segment_by_name={})


def _place(bp: Blueprint, path: Path) -> Origin | None:
    return bp.origins.get(path) or bp.origins.get(path[:-1])


def _links(names: "_Names", flow: Flow, vpc: str, origin: Origin | None) -> Iterator[Link]:
    for source_text in flow.sources:
        for source in names.ends(source_text, vpc):
            for target_text in flow.destinations:
                for target in names.targets(target_text, vpc, source):
                    if source.tier is not None or target.tier is not None:
                        yield Link(source, target, flow.ports, flow.why, origin)


def group_end(group: Group) -> End:
    """Return the end that the members of a group are: filters match their tier's addresses."""
    tier = group.tier
    ipv6 = () if tier.ipv6 is None else (tier.ipv6,)
    return End(Place.GROUP, group.key, (tier.cidr,), ipv6, tier, (group,))


class _Names:
    """What the names of flows mean."""

    def __init__(self, bp: Blueprint, site: Site) -> None:
        self._bp = bp
        self._site = site
        self._groups = {
            (vpc.name, group.name): group for vpc in site.vpcs for group in vpc.groups
        }
        self._known: dict[tuple[str, str], tuple[End, ...]] = {}

    def ends(self, text: str, vpc: str) -> tuple[End, ...]:
        """Return the ends that a name means among the flows of a VPC ("" for those of all)."""
        if (text, vpc) not in self._known:
            self._known[text, vpc] = tuple(self._read(parse_name(text), vpc))
        return self._known[text, vpc]

    def targets(self, text: str, vpc: str, source: End) -> tuple[End, ...]:
        """Return the ends that a destination means for this source."""
        name = parse_name(text)
        if name.kind is not NameKind.SERVICE:
            return self.ends(text, vpc)
        return tuple(self._service(name.word, source))

    def _read(self, name: Name, vpc: str) -> Iterator[End]:  # noqa: PLR0911
        match name.kind:
            case NameKind.INTERNET:
                yield End(Place.INTERNET, name.text, (ANYWHERE,), (ANYWHERE_IPV6,))
            case NameKind.CIDR:
                yield from self._addresses(name.text, (name.text,))
            case NameKind.SEGMENT:
                for site in self._site.vpcs:
                    if site.segment == name.word:
                        yield from self._whole(site)
            case NameKind.MEMBER:
                yield from self._member(name)
            case NameKind.WORD:
                yield from self._word(name.word, vpc)
            case _:
                return

    def _word(self, word: str, vpc: str) -> Iterator[End]:
        own = self._groups.get((vpc, word))
        if own is not None:
            yield group_end(own)
        elif vpc and word == ENDPOINTS:
            yield from self._member(Name(NameKind.MEMBER, f"{vpc}/{word}", vpc, word))
        elif word in self._site.by_name:
            yield from self._whole(self._site.by_name[word])
        elif word in self._bp.networks:
            yield from self._addresses(word, self._bp.networks[word])
        elif vpc:  # a tier of this VPC
            yield from self._member(Name(NameKind.MEMBER, f"{vpc}/{word}", vpc, word))

    @staticmethod
    def _whole(vpc: VpcSite) -> Iterator[End]:
        for group in vpc.groups:
            yield group_end(group)

    def _member(self, name: Name) -> Iterator[End]:
        for vpc in self._site.vpcs:
            if name.word not in {EVERY_VPC, vpc.name}:
                continue
            group = self._groups.get((vpc.name, name.member))
            if group is not None:
                yield group_end(group)
            elif name.member == ENDPOINTS and vpc.endpoints is not None:
                yield group_end(vpc.endpoints)
            else:
                for member in vpc.groups:
                    if member.tier.name == name.member:
                        yield group_end(member)

    def _addresses(self, name: str, cidrs: tuple[str, ...]) -> Iterator[End]:
        outside: list[str] = []
        ipv6 = tuple(cidr for cidr in cidrs if ":" in cidr)
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
        else:
            for cidr in outside:  # each finds its own way
                yield End(Place.OUTSIDE, name, (cidr,))
            if ipv6:
                yield End(Place.OUTSIDE, name, (), ipv6)

    def _inside_a_tier(self, name: str, cidr: str) -> End | None:
        network = IPv4Network(cidr)
        for vpc in self._site.vpcs:
            for tier in vpc.tiers:
                if network.subnet_of(tier.network):
                    groups = tuple(group for group in vpc.groups if group.tier is tier)
                    return End(Place.RANGE, name, (cidr,), (), tier, groups)
        return None

    def _service(self, service: str, source: End) -> Iterator[End]:
        vpc = self._site.by_name.get(source.vpc)
        if vpc is None:
            return
        public = End(Place.SERVICE, f"aws:{service}", (ANYWHERE,))
        if service in vpc.gateway_services:
            yield public
            return
        holder = self._interface_endpoint(vpc, service)
        if holder is not None and holder.endpoints is not None:
            yield group_end(holder.endpoints)
        elif service in PREFIX_LIST_SERVICES:
            yield public

    def _interface_endpoint(self, vpc: VpcSite, service: str) -> VpcSite | None:
        if service in vpc.interface_services:
            return vpc
        for other in self._site.vpcs:
            shares = other.endpoints_shared and service in other.interface_services
            if shares and self._site.reaches(vpc, other) and self._site.reaches(other, vpc):
                return other
        return None
