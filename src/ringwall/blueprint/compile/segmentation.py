"""Groups and flows into security groups and their rules: closed but for what is meant.

Rules:
- Every group has a security group, with no rule of its own: EC2's allow-all egress is revoked when
  it is made. The default group of each VPC is emptied.
- A flow is a rule out of its source and a rule into its destination. Inside a VPC they name each
  other's group, which also holds for its other family; across VPCs each names the other's tier by
  its addresses. `security_group_references` makes inbound rules name groups across VPCs too: AWS
  supports them inbound only (Transit Gateway guide, security group referencing).
- A tier's addresses stand for all its groups, and 0.0.0.0/0 for everybody: between VPCs, what one
  flow lets out and another lets in is let through. Expectations find what should not be;
  `security_group_references`, or a tier of its own, tells groups apart.
- A service behind a gateway endpoint is AWS's prefix list of it.
"""

import re
from collections.abc import Iterator
from typing import Any

from ringwall.blueprint.compile.draft import Draft
from ringwall.blueprint.compile.site import Block, End, Group, Link, Place, Site, VpcSite
from ringwall.model.graph import Ref
from ringwall.model.ports import PortSpec
from ringwall.resources.ownership import TIER_TAG

PREFIX_LIST = "AWS::EC2::PrefixList"
_NOT_IN_DESCRIPTION = re.compile(r"[^a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]")
LONGEST_DESCRIPTION = 255  # of a group and of a rule (EC2 API reference)

Peer = tuple[str, Block]  # the property's stem and its value


def compile_segmentation(draft: Draft, site: Site) -> None:
    """Add the emptied default groups, a security group a group, and the rules of all flows."""
    for vpc in site.vpcs:
        draft.add_child(
            "Ringwall::EC2::DefaultSecurityGroup",
            {"VpcId": vpc.ref, "Ingress": [], "Egress": []},
            vpc.origin,
        )
        for group in (*vpc.groups, *((vpc.endpoints,) if vpc.endpoints else ())):
            _add_group(draft, vpc, group)
    for link in site.links:
        for group in link.source.groups:
            for peer in _peers(draft, site, link.source, link.target, inbound=False):
                _add_rules(draft, group, link, peer, inbound=False)
        for group in link.target.groups:
            for peer in _peers(draft, site, link.target, link.source, inbound=True):
                _add_rules(draft, group, link, peer, inbound=True)


def _add_group(draft: Draft, vpc: VpcSite, group: Group) -> None:
    draft.add(
        "AWS::EC2::SecurityGroup",
        group.key,
        {
            "GroupName": draft.name(group.vpc, group.name),
            "GroupDescription": describe(group.description) or f"{group.name} of {group.vpc}",
            "VpcId": vpc.ref,
        },
        group.origin,
        tags={TIER_TAG: group.tier.name},
    )


def describe(text: str) -> str:
    """Return a text in the characters that EC2 takes in descriptions."""
    return _NOT_IN_DESCRIPTION.sub("", text.replace("\n", " "))[:LONGEST_DESCRIPTION].strip()


def _peers(draft: Draft, site: Site, own: End, far: End, *, inbound: bool) -> Iterator[Peer]:
    if far.place is Place.GROUP:
        same = far.vpc == own.vpc
        if same or (inbound and site.group_references):
            for member in far.groups:
                yield "SecurityGroupId", member.ref
            return
    if far.place is Place.SERVICE and not inbound:
        name = f"aws:com.amazonaws.{draft.region}.{far.service}"
        yield "PrefixListId", Ref(PREFIX_LIST, name)
        return
    for cidr in far.cidrs:
        yield "CidrIp", cidr
    if own.ipv6:
        for block in far.ipv6:
            yield "CidrIpv6", block


def _add_rules(draft: Draft, group: Group, link: Link, peer: Peer, *, inbound: bool) -> None:
    stem, value = peer
    if stem in {"SecurityGroupId", "PrefixListId"}:
        stem = f"{'Source' if inbound else 'Destination'}{stem}"
    for protocol, low, high in _ranges(link.ports, stem):
        members: dict[str, Any] = {"GroupId": group.ref, "IpProtocol": protocol, stem: value}
        if protocol != "-1":
            members |= {"FromPort": low, "ToPort": high}
        if description := describe(link.why):
            members["Description"] = description
        draft.add_child(
            f"AWS::EC2::SecurityGroup{'Ingress' if inbound else 'Egress'}",
            members,
            link.origin,
        )


def _ranges(specs: tuple[PortSpec, ...], stem: str) -> Iterator[tuple[str, int, int]]:
    """Yield protocol, FromPort and ToPort of each range."""
    for spec in specs:
        if (spec.protocol, stem) in {("icmp", "CidrIpv6"), ("icmpv6", "CidrIp")}:
            continue  # each family has its own
        if spec.protocol == "any":
            yield "-1", -1, -1
        elif spec.protocol in {"icmp", "icmpv6"}:
            # FromPort is the type and ToPort the code, -1 for all (EC2 API, IpPermission).
            kinds = (-1,) if spec.is_whole else range(spec.low, spec.high + 1)
            yield from ((spec.protocol, kind, -1) for kind in kinds)
        else:
            yield spec.protocol, spec.low, spec.high
