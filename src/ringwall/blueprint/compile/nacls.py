"""Tiers and flows into network ACLs: what each tier's subnets let through, and not more.

Rules:
- One ACL a tier. A flow is let through wherever it crosses a subnet's border: at its own tiers, at
  the attachments of the Transit Gateway, at the tier of the NAT gateways; the answer goes back to
  the client's ephemeral ports. Traffic inside one subnet meets no ACL, traffic of one tier between
  zones does.
- At the attachments, "Outbound rules use the destination IP address to evaluate traffic from the
  transit gateway to the instances", inbound rules the source of what goes to the gateway; the other
  two directions are not evaluated (Transit Gateway guide, network ACLs).
- A prefix list cannot stand in an entry, and a gateway endpoint answers from public addresses: a
  tier that uses one lets requests out to anywhere and their answers in.
- No deny stands before an ephemeral range. A NAT gateway uses any port from 1024 up for its own
  side of a connection: a deny of 3306 or 8080 would cut one connection in thousands. The range is
  opened only where answers of a flow come back, only for its protocol, and security groups guard
  what listens there.
- The resolver, DHCP and the metadata service pass every ACL (VPC guide, network ACL basics).
- Derived entries have the numbers 1000, 1010, …; those written by hand keep their own, 100 to 999;
  1 to 99 belong to the responder.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from typing import Any

from ringwall.blueprint.compile.draft import Draft
from ringwall.blueprint.compile.paths import Way, blocks, way_between, way_out_ipv6
from ringwall.blueprint.compile.permits import (
    ICMP,
    ICMPV6,
    LAST_TYPE,
    TCP,
    UDP,
    Peer,
    Permit,
    Surroundings,
    budget,
    fit,
    replies,
    requests,
)
from ringwall.blueprint.compile.site import ANYWHERE, Block, Link, Place, Site, Tier, VpcSite
from ringwall.model.graph import Origin, Ref

FIRST_NUMBER, STEP = 1000, 10

Side = tuple[Tier, bool, int]  # a tier, whether packets leave it, and their family


@dataclass(frozen=True, slots=True)
class HandWritten:
    """An entry of the blueprint's own: its number from 100 to 999, and CloudFormation's members."""

    egress: bool
    number: int
    properties: Mapping[str, Any]
    origin: Origin | None = None

    @property
    def family(self) -> int:
        """Return 4 or 6."""
        return 6 if "Ipv6CidrBlock" in self.properties else 4


@dataclass(slots=True)
class _Needs:
    """Which packets each tier must let through, gathered over all flows."""

    permits: dict[Side, set[Permit]] = field(default_factory=lambda: defaultdict(set))
    origins: dict[tuple[Side, Permit], Origin | None] = field(default_factory=dict)

    def outward(self, tier: Tier | None, peers: Iterable[Block], link: Link, family: int) -> None:
        """Let a tier's requests out to these peers, and the answers in."""
        self._both(tier, peers, link, family, requests_leave=True)

    def inward(self, tier: Tier | None, peers: Iterable[Block], link: Link, family: int) -> None:
        """Let these peers' requests in, and the answers out."""
        self._both(tier, peers, link, family, requests_leave=False)

    def _both(
        self,
        tier: Tier | None,
        peers: Iterable[Block],
        link: Link,
        family: int,
        *,
        requests_leave: bool,
    ) -> None:
        if tier is None:
            return
        asked = requests(link.ports, family)
        answered = replies(asked)
        for block in peers:
            peer: Peer = IPv4Network(block) if family == 4 else block
            for ranges, leaving in ((asked, requests_leave), (answered, not requests_leave)):
                side = (tier, leaving, family)
                for protocol, low, high in ranges:
                    permit = Permit(protocol, low, high, peer)
                    self.permits[side].add(permit)
                    self.origins.setdefault((side, permit), link.origin)

    def origin(self, side: Side, permit: Permit, otherwise: Origin | None) -> Origin | None:
        """Return the place of a flow that asked for exactly this permit."""
        return self.origins.get((side, permit), otherwise)


def compile_nacls(
    draft: Draft,
    site: Site,
    handwritten: Mapping[str, tuple[HandWritten, ...]],
    quota: int,
) -> None:
    """Add the network ACL of every tier, its entries and its subnets' associations."""
    needs = _Needs()
    for link in site.links:
        _let_through(needs, site, link)
    blocks_of = {vpc.name: frozenset(IPv4Network(cidr) for cidr in vpc.cidrs) for vpc in site.vpcs}
    every_block = frozenset[IPv4Network]().union(*blocks_of.values())
    for vpc in site.vpcs:
        around = Surroundings(vpc.name, blocks_of[vpc.name], every_block)
        for tier in vpc.tiers:
            _compile_tier(draft, needs, tier, around, handwritten.get(tier.key, ()), quota)


def _let_through(needs: _Needs, site: Site, link: Link) -> None:
    for family in (4, 6):
        if link.source.tier is not None and blocks(link.target, family):
            _from_tier(needs, site, link, family)
        if link.target.tier is not None and blocks(link.source, family):
            _into_tier(needs, site, link, family)


def _from_tier(needs: _Needs, site: Site, link: Link, family: int) -> None:
    tier = link.source.tier
    assert tier is not None
    sources, targets = blocks(link.source, family), blocks(link.target, family)
    if not sources or (link.target.tier is tier and len(tier.subnets) == 1):
        return
    needs.outward(tier, targets, link, family)
    vpc = site.by_name[tier.vpc]
    if family == 4 or link.target.tier is not None:
        way = way_between(site, link)
    else:
        way = way_out_ipv6(site, tier)
    match way:
        case Way.TRANSIT:
            needs.inward(vpc.attachment, sources, link, family)
        case Way.NAT:
            needs.inward(vpc.nat_tier, sources, link, family)
            needs.outward(vpc.nat_tier, targets, link, family)
        case Way.CENTRAL_NAT:
            needs.inward(vpc.attachment, sources, link, family)
            hub = site.by_name[vpc.egress]
            needs.outward(hub.attachment, targets, link, family)
            needs.inward(hub.nat_tier, sources, link, family)
            needs.outward(hub.nat_tier, targets, link, family)
        case _:
            pass


def _into_tier(needs: _Needs, site: Site, link: Link, family: int) -> None:
    tier = link.target.tier
    assert tier is not None
    sources, targets = blocks(link.source, family), blocks(link.target, family)
    if not targets or (link.source.tier is tier and len(tier.subnets) == 1):
        return
    needs.inward(tier, sources, link, family)
    if _arrives_by_transit(site, link, family):
        needs.outward(site.by_name[tier.vpc].attachment, targets, link, family)


def _arrives_by_transit(site: Site, link: Link, family: int) -> bool:
    if link.source.tier is not None:
        return link.crosses_vpcs
    tier = link.target.tier
    if link.source.place is not Place.OUTSIDE or family == 6 or tier is None:
        return False
    vpc: VpcSite = site.by_name[tier.vpc]
    if site.segment_of(vpc) is None:
        return False
    # A public tier is entered from the internet, any other tier only from behind the gateway.
    return not tier.is_public or any(_is_private(cidr) for cidr in link.source.cidrs)


def _is_private(cidr: str) -> bool:
    return cidr != ANYWHERE and IPv4Network(cidr).is_private


def _compile_tier(
    draft: Draft,
    needs: _Needs,
    tier: Tier,
    around: Surroundings,
    handwritten: tuple[HandWritten, ...],
    quota: int,
) -> None:
    acl = draft.add(
        "AWS::EC2::NetworkAcl",
        tier.key,
        {"VpcId": Ref("AWS::EC2::VPC", tier.vpc)},
        tier.origin,
    )
    for entry in handwritten:
        _add_entry(draft, acl, entry.egress, entry.number, entry.properties, entry.origin)
    for egress in (False, True):
        number = FIRST_NUMBER
        for family in (4, 6):
            side = (tier, egress, family)
            permits = needs.permits.get(side)
            if not permits:
                continue
            own = sum(e.egress == egress and e.family == family for e in handwritten)
            limit = budget(quota, own)
            found = fit(permits, limit, around)
            if len(found) > limit:
                _refuse(draft, tier, egress=egress, family=family, needed=len(found), limit=limit)
            for permit in found:
                origin = needs.origin(side, permit, tier.origin)
                _add_entry(draft, acl, egress, number, _members(permit), origin)
                number += STEP
    for subnet in tier.subnets:
        draft.add_child(
            "AWS::EC2::SubnetNetworkAclAssociation",
            {"SubnetId": subnet.ref, "NetworkAclId": acl},
            tier.origin,
        )


def _refuse(
    draft: Draft, tier: Tier, *, egress: bool, family: int, needed: int, limit: int
) -> None:
    direction = "egress" if egress else "ingress"
    draft.refuse(
        "BP082",
        f"the network ACL of {tier.key} needs {needed} {direction} entries for IPv{family}, "
        f"and {limit} are free",
        tier.origin,
        "split the tier, write fewer entries by hand, or raise the quota and say so in quotas",
    )


def _members(permit: Permit) -> dict[str, Any]:
    members: dict[str, Any] = {"Protocol": permit.protocol, "RuleAction": "allow"}
    if isinstance(permit.peer, IPv4Network):
        members["CidrBlock"] = str(permit.peer)
    else:
        members["Ipv6CidrBlock"] = permit.peer
    if permit.protocol in {TCP, UDP}:
        members["PortRange"] = {"From": permit.low, "To": permit.high}
    elif permit.protocol in {ICMP, ICMPV6}:
        whole = (permit.low, permit.high) == (0, LAST_TYPE)
        members["Icmp"] = {"Type": -1 if whole else permit.low, "Code": -1}
    return members


def _add_entry(
    draft: Draft,
    acl: Ref,
    egress: bool,
    number: int,
    members: Mapping[str, Any],
    origin: Origin | None,
) -> None:
    draft.add_child(
        "AWS::EC2::NetworkAclEntry",
        {"NetworkAclId": acl, "Egress": egress, "RuleNumber": number, **members},
        origin,
    )
