"""Flows that nothing can carry: refused, for a rule without a road is a promise not kept.

Rules:
- Across VPCs both segments must have routes to each other, for the answer comes back.
- Out to the internet leads a public tier, or a private one with NAT; in leads a public tier only.
"""

from ringwall.blueprint.compile.draft import Draft
from ringwall.blueprint.compile.paths import Way, vpc_of, way_between, way_out_ipv6
from ringwall.blueprint.compile.site import Link, Place, Site, VpcSite


def check_links(draft: Draft, site: Site) -> None:
    """Note every flow for which there is no way, or no way back."""
    seen: set[tuple[object, str]] = set()
    for link in site.links:
        problem = _without_way(site, link)
        if problem is not None and (link.origin, problem[0]) not in seen:
            seen.add((link.origin, problem[0]))
            draft.refuse("BP079", problem[0], link.origin, problem[1])


def _without_way(site: Site, link: Link) -> tuple[str, str] | None:
    source, target = link.source, link.target
    if source.tier is not None and target.tier is not None:
        return _across(site, site.by_name[source.vpc], site.by_name[target.vpc])
    if source.tier is not None:
        if target.cidrs and way_between(site, link) is not Way.NONE:
            remote = vpc_of(site, target.cidrs[0]) if target.place is Place.OUTSIDE else None
            return _across(site, site.by_name[source.vpc], remote) if remote else None
        if target.ipv6 and way_out_ipv6(site, source.tier) is not Way.NONE:
            return None
        return (
            f"nothing leads from {source.tier.key} to {target.name}",
            "give the VPC NAT gateways (nat), use a public tier, or an endpoint for AWS services",
        )
    if target.tier is not None and source.place is Place.INTERNET and not target.tier.is_public:
        return (
            f"nothing leads from the internet into {target.tier.key}, which is {target.tier.kind}",
            "let the flow enter a public tier, and another lead on from there",
        )
    return None


def _across(site: Site, one: VpcSite, other: VpcSite) -> tuple[str, str] | None:
    if one is other:
        return None
    if site.segment_of(one) is None or site.segment_of(other) is None:
        apart = one.name if site.segment_of(one) is None else other.name
        return (
            f"{one.name} and {other.name} are not joined: {apart} is in no segment",
            "give both VPCs a segment of the transit gateway",
        )
    for here, there in ((one, other), (other, one)):
        if not site.reaches(here, there):
            return (
                f"segment {here.segment} has no routes to segment {there.segment}, and a flow "
                "needs them both ways",
                f"add {there.segment} to routes_to of {here.segment}",
            )
    return None
