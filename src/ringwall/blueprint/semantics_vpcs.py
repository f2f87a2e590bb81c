"""Checks inside a VPC: its segment, NAT, tiers, groups, endpoints and hand-written entries."""

from ringwall.blueprint.judgement import Judgement
from ringwall.blueprint.routing import egress_candidates
from ringwall.blueprint.semantics_estate import check_former
from ringwall.blueprint.syntax import Path, Tier, Vpc
from ringwall.blueprint.vpcs import ATTACHMENT
from ringwall.blueprint.words import did_you_mean

# A network ACL takes 40 entries a direction and family at most, and four stay free for the
# responder.
MOST_ENTRIES = 40 - 4


def check_vpcs(judgement: Judgement) -> None:
    """Check every VPC."""
    vpcs = judgement.bp.vpcs
    check_former(judgement, ("vpcs",), {name: vpc.was for name, vpc in vpcs.items()})
    for name, vpc in vpcs.items():
        here: Path = ("vpcs", name)
        check_former(judgement, (*here, "tiers"), {n: t.was for n, t in vpc.tiers.items()})
        check_former(judgement, (*here, "groups"), {n: g.was for n, g in vpc.groups.items()})
        _check_segment(judgement, name, vpc)
        _check_attachment(judgement, name, vpc)
        _check_nat(judgement, name, vpc)
        _check_groups(judgement, name, vpc)
        _check_endpoints(judgement, name, vpc)
        for tier_name, tier in vpc.tiers.items():
            _check_tier(judgement, (*here, "tiers", tier_name), tier_name, tier)


def _check_segment(judgement: Judgement, name: str, vpc: Vpc) -> None:
    gateway = judgement.bp.transit_gateway
    path: Path = ("vpcs", name, "segment")
    if vpc.segment is None:
        return
    if gateway is None:
        if "transit_gateway" not in judgement.missing:
            message = f"vpc {name!r} has a segment, but there is no `transit_gateway`"
            hint = "add `transit_gateway: {segments: …}`, or leave out the segment"
            judgement.error("BP065", path, message, hint)
    elif vpc.segment not in gateway.segments and vpc.segment not in judgement.missing:
        message = f"vpc {name!r} names an unknown segment {vpc.segment!r}"
        judgement.error("BP043", path, message, did_you_mean(vpc.segment, gateway.segments))


def _check_attachment(judgement: Judgement, name: str, vpc: Vpc) -> None:
    here: Path = ("vpcs", name)
    kinds = [tier for tier, entry in vpc.tiers.items() if entry.kind == "attachment"]
    if vpc.attachment.tier is not None and vpc.attachment.tier not in vpc.tiers:
        _unknown_tier(judgement, (*here, "attachment", "tier"), name, vpc, vpc.attachment.tier)
    if not vpc.is_attached and (kinds or vpc.attachment.tier or vpc.attachment.appliance_mode):
        message = f"vpc {name!r} speaks of an attachment, but has no segment"
        path = (*here, "tiers", kinds[0]) if kinds else (*here, "attachment")
        judgement.error("BP078", path, message, "give the VPC a `segment`", at_key=True)
    elif len(kinds) > 1:
        message = f"vpc {name!r} is attached by one tier, but {' and '.join(kinds)} are for it"
        related = (((*here, "tiers", kinds[0]), "first here"),)
        path = (*here, "tiers", kinds[1])
        judgement.error("BP078", path, message, "keep one", at_key=True, related=related)
    elif kinds and vpc.attachment.tier not in {None, kinds[0]}:
        message = f"tier {kinds[0]!r} is for the attachment, which is in {vpc.attachment.tier!r}"
        judgement.error("BP078", (*here, "attachment", "tier"), message, "leave this out")
    elif vpc.is_attached and not kinds and ATTACHMENT in vpc.tiers and not vpc.attachment.tier:
        message = f"a tier called {ATTACHMENT!r} is added for the Transit Gateway's attachment"
        path = (*here, "tiers", ATTACHMENT)
        judgement.error("BP018", path, message, "rename the tier", at_key=True)


def _check_nat(judgement: Judgement, name: str, vpc: Vpc) -> None:
    path: Path = ("vpcs", name, "nat")
    if vpc.has_nat and not vpc.tiers_of("public"):
        message = f"vpc {name!r} has no public tier for its NAT gateways"
        judgement.error("BP075", path, message, "add a tier of `kind: public`, or `nat: central`")
    if vpc.nat != "central":
        return
    if not vpc.is_attached:
        message = f"vpc {name!r} has no segment, so no hub's NAT gateways can serve it"
        judgement.error("BP064", path, message, "give it a `segment`, or `nat: one`")
        return
    found = egress_candidates(judgement.bp, judgement.plan, name)
    if len(found) > 1:
        message = f"several VPCs could serve vpc {name!r}: {', '.join(found)}"
        hint = f"write `egress: {found[0]}` to `transit_gateway`"
        judgement.error("BP064", path, message, hint)
    elif not found and not judgement.missing:
        message = f"no VPC with NAT gateways is joined with vpc {name!r}"
        hint = "give a hub `nat: one-per-zone`, and let both segments route to each other"
        judgement.error("BP064", path, message, hint)


def _unknown_tier(judgement: Judgement, path: Path, name: str, vpc: Vpc, tier: str) -> None:
    if tier not in judgement.missing:
        message = f"vpc {name!r} has no tier {tier!r}"
        judgement.error("BP042", path, message, did_you_mean(tier, vpc.tiers))


def _check_groups(judgement: Judgement, name: str, vpc: Vpc) -> None:
    for group_name, group in vpc.groups.items():
        path: Path = ("vpcs", name, "groups", group_name)
        tier = vpc.all_tiers.get(group.tier)
        if tier is None:
            _unknown_tier(judgement, (*path, "tier"), name, vpc, group.tier)
        elif tier.kind == "attachment":
            message = f"tier {group.tier!r} is for the attachment and holds no workloads"
            hint = "put the group in a private tier"
            judgement.error("BP076", (*path, "tier"), message, hint)
        if group_name in vpc.all_tiers:
            message = f"a group and a tier of vpc {name!r} are called {group_name!r}"
            related = ((("vpcs", name, "tiers", group_name), "the tier"),)
            judgement.error("BP046", path, message, "rename one", at_key=True, related=related)


def _check_endpoints(judgement: Judgement, name: str, vpc: Vpc) -> None:
    here: Path = ("vpcs", name, "endpoints")
    endpoints = vpc.endpoints
    if endpoints.tier is not None:
        tier = vpc.tiers.get(endpoints.tier)
        if tier is None:
            _unknown_tier(judgement, (*here, "tier"), name, vpc, endpoints.tier)
    places: list[tuple[str, Path]] = [
        *((e.service, (*here, "gateway", i)) for i, e in enumerate(endpoints.gateway)),
        *((e.service, (*here, "interface", i)) for i, e in enumerate(endpoints.interface)),
    ]
    seen: set[str] = set()
    for service, path in places:
        if service in seen:
            message = f"{service} has two endpoints in vpc {name!r}"
            judgement.error("BP049", path, message, "keep one")
        seen.add(service)
    for service in endpoints.policies:
        if service not in seen:
            message = f"there is no endpoint for {service!r} whose policy this could be"
            hint = did_you_mean(service, sorted(seen))
            judgement.error("BP048", (*here, "policies", service), message, hint, at_key=True)
    if endpoints.shared and not endpoints.interface:
        message = f"vpc {name!r} shares its interface endpoints, but has none"
        judgement.error("BP067", (*here, "shared"), message, "add `interface: [ssm, …]`")
    elif endpoints.shared and not vpc.is_attached:
        message = f"vpc {name!r} shares its endpoints, but has no segment"
        judgement.error("BP065", (*here, "shared"), message, "give the VPC a `segment`")


def _check_tier(judgement: Judgement, path: Path, name: str, tier: Tier) -> None:
    if tier.map_public_ip and tier.kind != "public":
        message = f"tier {name!r} is {tier.kind}, so a public address leads nowhere"
        judgement.error("BP077", (*path, "map_public_ip"), message, "leave it out")
    seen: dict[tuple[str, int], int] = {}
    counts: dict[tuple[str, bool], int] = {}
    for index, entry in enumerate(tier.nacl.entries):
        here = (*path, "nacl", "entries", index)
        rule = (entry.direction, entry.number)
        if rule in seen:
            message = f"two {entry.direction} entries of tier {name!r} have number {entry.number}"
            related = (((*path, "nacl", "entries", seen[rule], "number"), "first here"),)
            judgement.error("BP080", (*here, "number"), message, related=related)
        seen.setdefault(rule, index)
        family = (entry.direction, ":" in entry.cidr)
        counts[family] = counts.get(family, 0) + 1
        if counts[family] == MOST_ENTRIES + 1:
            message = (
                f"tier {name!r} has more than {MOST_ENTRIES} {entry.direction} entries: a network "
                "ACL takes 40, and 4 stay free for the responder"
            )
            judgement.error("BP083", here, message, "put blocks together, or split the tier")
