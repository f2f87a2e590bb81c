"""Checks of AWS's quotas that a blueprint decides alone, and of tags."""

from ringwall.blueprint.judgement import Judgement
from ringwall.blueprint.syntax import Path

# Every resource has 50 tags at most; ringwall:deployment, ringwall:key and Name are ours.
MOST_TAGS = 50 - 3
_RESERVED_TAGS = ("aws:", "ringwall:")


def check_quotas(judgement: Judgement) -> None:
    """Warn of what goes beyond the quotas that AWS raises on request."""
    bp = judgement.bp
    here: Path = ("vpcs",)
    zones = len(bp.zones)
    gateways = {name: zones if vpc.nat == "one-per-zone" else 1 for name, vpc in bp.vpcs.items()}
    addresses = sum(count for name, count in gateways.items() if bp.vpcs[name].has_nat)
    in_zone = sum(vpc.has_nat for vpc in bp.vpcs.values())
    public = sum(bool(vpc.tiers_of("public")) for vpc in bp.vpcs.values())
    for quota, count, what in (
        ("vpcs", len(bp.vpcs), "VPCs"),
        ("elastic_ips", addresses, "Elastic IPs for NAT gateways"),
        ("nat_gateways_per_zone", in_zone, "NAT gateways in the first zone"),
        ("internet_gateways", public, "internet gateways"),
    ):
        _beyond(judgement, here, quota, count, what)
    balancers = sum(len(vpc.load_balancers) for vpc in bp.vpcs.values())
    _beyond(judgement, here, "load_balancers", balancers, "Application Load Balancers")
    _beyond(judgement, ("web_acls",), "waf_ip_sets", 2 * len(bp.web_acls), "IP sets of web ACLs")
    for name, vpc in bp.vpcs.items():
        _beyond(judgement, (*here, name), "subnets_per_vpc", zones * len(vpc.all_tiers), "subnets")
        endpoints = len(vpc.endpoints.interface)
        path = (*here, name, "endpoints", "interface")
        _beyond(judgement, path, "interface_endpoints_per_vpc", endpoints, "interface endpoints")
    if bp.transit_gateway is not None:
        path = ("transit_gateway", "segments")
        count = len(bp.transit_gateway.segments)
        _beyond(judgement, path, "transit_gateway_route_tables", count, "segments")


def _beyond(judgement: Judgement, path: Path, quota: str, count: int, what: str) -> None:
    limit = getattr(judgement.bp.quotas, quota)
    if count > limit:
        message = f"{count} {what} are more than the quota of {limit}"
        hint = f"raise it at AWS, then write `quotas: {{{quota}: {count}}}`"
        judgement.warning("BP082", path, message, hint, at_key=True)


def check_tags(judgement: Judgement) -> None:
    """Check tags of the blueprint and of its VPCs."""
    bp = judgement.bp
    _check_tags(judgement, ("tags",), bp.tags, inherited=0)
    for name, vpc in bp.vpcs.items():
        inherited = sum(key not in vpc.tags for key in bp.tags)
        _check_tags(judgement, ("vpcs", name, "tags"), vpc.tags, inherited=inherited)


def _check_tags(judgement: Judgement, path: Path, tags: dict[str, str], *, inherited: int) -> None:
    if tags and len(tags) + inherited > MOST_TAGS:
        message = f"more than {MOST_TAGS} tags: AWS takes 50, and 3 are Ringwall's"
        judgement.error("BP083", path, message, "keep fewer tags", at_key=True)
    for key, value in tags.items():
        here = (*path, key)
        if key == "Name" or key.lower().startswith(_RESERVED_TAGS):
            message = f"the tag {key!r} is reserved"
            hint = "Ringwall sets Name and ringwall:…; AWS sets aws:…"
            judgement.error("BP084", here, message, hint, at_key=True)
        elif not key or len(key) > 128 or len(value) > 256:
            message = "a tag's key has 1 to 128 characters, its value 256 at most"
            judgement.error("BP084", here, message, at_key=True)
