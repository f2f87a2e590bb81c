"""Checks of what serves all VPCs: account, zones, segments, DNS Firewall, logs, settings."""

import re

from ringwall.blueprint.judgement import Judgement
from ringwall.blueprint.syntax import Path, Segment
from ringwall.blueprint.words import did_you_mean

_DIRECTIONS = {
    "northeast": "ne", "northwest": "nw", "southeast": "se", "southwest": "sw", "north": "n",
    "south": "s", "east": "e", "west": "w", "central": "c",
}  # fmt: skip


def zone_id_prefix(region: str) -> str:
    """Return how the ids of a region's zones begin: us-east-1 gives use1."""
    *areas, direction, number = region.split("-")
    area = areas[0] + "".join(part[:1] for part in areas[1:])
    return f"{area}{_DIRECTIONS.get(direction, direction[:1])}{number}"


def check_estate(judgement: Judgement) -> None:
    """Check everything outside of `vpcs`, flows and expectations."""
    _check_account(judgement)
    _check_zones(judgement)
    _check_networks(judgement)
    _check_segments(judgement)
    _check_dns(judgement)
    _check_logs(judgement)
    _check_settings(judgement)


def _check_account(judgement: Judgement) -> None:
    bp = judgement.bp
    if judgement.missing & {"account", "accounts", "region", "regions"}:
        return
    for one, many, listed, chosen in (
        ("account", "accounts", bp.accounts, bp.account),
        ("region", "regions", bp.regions, bp.region),
    ):
        if len(listed) > 1:
            message = f"one {one} is deployed at a time; this blueprint asks for {len(listed)}"
            hint = f"write one blueprint for each {one}"
            judgement.error("BP050", (many, 1), message, hint)
        elif listed and listed[0] != chosen:
            message = f"`{one}` says {chosen}, `{many}` says {listed[0]}"
            judgement.error("BP050", (many, 0), message, f"leave out `{many}`")


def _check_zones(judgement: Judgement) -> None:
    region, zones = judgement.bp.region, judgement.bp.zones
    if judgement.missing & {"region", "zones"}:
        return
    prefix = zone_id_prefix(region)
    for index, zone in enumerate(zones):
        path: Path = ("zones", index)
        is_id = "-az" in zone
        if zone in zones[:index]:
            first = ((("zones", zones.index(zone)), "first here"),)
            judgement.error("BP049", path, f"zone {zone} is listed twice", related=first)
        elif is_id and not zone.startswith(f"{prefix}-az"):
            message = f"zone {zone} is not of region {region}"
            judgement.error("BP052", path, message, f"its zones are called {prefix}-az1, …")
        elif not is_id and not zone.startswith(region):
            message = f"zone {zone} is not of region {region}"
            judgement.error("BP052", path, message, f"its zones are called {region}a, …")
        elif is_id != ("-az" in zones[0]):
            message = f"zone {zone} and zone {zones[0]}: names and ids cannot be told apart"
            judgement.error("BP052", path, message, "write names for all, or ids for all")


def _check_networks(judgement: Judgement) -> None:
    bp = judgement.bp
    for name in bp.networks:
        if name in bp.vpcs:
            message = f"a network and a VPC are called {name!r}"
            related = ((("vpcs", name), "the VPC"),)
            judgement.error(
                "BP046", ("networks", name), message, "rename one", at_key=True, related=related
            )


def _check_segments(judgement: Judgement) -> None:
    gateway = judgement.bp.transit_gateway
    if gateway is None:
        return
    here: Path = ("transit_gateway",)
    for name, segment in gateway.segments.items():
        _check_segment(judgement, name, segment)
    check_former(judgement, (*here, "segments"), {n: s.was for n, s in gateway.segments.items()})
    if gateway.egress is not None and gateway.egress not in judgement.bp.vpcs:
        _unknown_vpc(judgement, (*here, "egress"), gateway.egress)
    elif gateway.egress is not None and not judgement.bp.vpcs[gateway.egress].has_nat:
        message = f"vpc {gateway.egress!r} has no NAT gateways to serve others"
        judgement.error("BP064", (*here, "egress"), message, "give it `nat: one-per-zone`")


def _check_segment(judgement: Judgement, name: str, segment: Segment) -> None:
    gateway = judgement.bp.transit_gateway
    segments = gateway.segments if gateway else {}
    here: Path = ("transit_gateway", "segments", name)
    for index, target in enumerate(segment.routes_to):
        path = (*here, "routes_to", index)
        if target not in segments:
            if target not in judgement.missing:
                message = f"unknown segment {target!r}"
                judgement.error("BP043", path, message, did_you_mean(target, segments))
        elif target in segment.routes_to[:index]:
            judgement.error("BP049", path, f"segment {target!r} is listed twice")
        elif name not in segments[target].routes_to and not segments[target].routes:
            message = f"segment {name!r} routes to {target!r}, which does not route back"
            hint = f"add {name} to routes_to of segment {target!r}, or remove this"
            back: Path = ("transit_gateway", "segments", target)
            judgement.warning("BP073", path, message, hint, related=((back, "the other side"),))
    related: tuple[tuple[Path, str], ...]
    seen: dict[str, int] = {}
    for index, route in enumerate(segment.routes):
        path = (*here, "routes", index)
        if route.cidr in seen:
            message = f"segment {name!r} has two static routes to {route.cidr}"
            related = (((*here, "routes", seen[route.cidr]), "first here"),)
            judgement.error("BP074", (*path, "cidr"), message, related=related)
        seen.setdefault(route.cidr, index)
        if route.vpc is None:
            continue
        if route.vpc not in judgement.bp.vpcs:
            _unknown_vpc(judgement, (*path, "vpc"), route.vpc)
        elif not judgement.bp.vpcs[route.vpc].is_attached:
            message = f"vpc {route.vpc!r} is not attached to the Transit Gateway"
            judgement.error("BP065", (*path, "vpc"), message, "give it a `segment`")


def _unknown_vpc(judgement: Judgement, path: Path, name: str, *, at_key: bool = False) -> None:
    if name not in judgement.missing:
        hint = did_you_mean(name, judgement.bp.vpcs)
        judgement.error("BP045", path, f"unknown VPC {name!r}", hint, at_key=at_key)


def _check_dns(judgement: Judgement) -> None:
    firewall = judgement.bp.dns_firewall
    if firewall is None:
        return
    here: Path = ("dns_firewall",)
    named: dict[str, int] = {}
    for index, rule in enumerate(firewall.rules):
        path = (*here, "rules", index)
        wanted = rule.domain_list
        if wanted is not None and wanted not in firewall.lists and wanted not in judgement.missing:
            hint = did_you_mean(wanted, firewall.lists)
            judgement.error("BP044", (*path, "list"), f"unknown list {wanted!r}", hint)
        name = rule.name or rule.domain_list or rule.managed or ""
        if name in named:
            message = f"two rules are called {name!r}, so one of them is never met"
            related = (((*here, "rules", named[name]), "first here"),)
            judgement.error("BP049", path, message, "give one a `name`", related=related)
        named.setdefault(name, index)
    used = {rule.domain_list for rule in firewall.rules}
    for name in firewall.lists:
        if name not in used:
            path = (*here, "lists", name)
            message = f"no rule names the list {name!r}, so it blocks nothing"
            judgement.warning("BP093", path, message, f"add {{list: {name}, …}}", at_key=True)
    check_former(judgement, (*here, "lists"), {n: entry.was for n, entry in firewall.lists.items()})
    for index, vpc in enumerate(firewall.associate or ()):
        if vpc not in judgement.bp.vpcs:
            _unknown_vpc(judgement, (*here, "associate", index), vpc)


def _check_logs(judgement: Judgement) -> None:
    logs = judgement.bp.flow_logs
    if logs is None or logs.bucket is None:
        return
    if logs.destination != "s3":
        message = "a bucket is named, but flow logs go to CloudWatch"
        hint = "write `destination: s3`, or leave out `bucket`"
        judgement.error("BP092", ("flow_logs", "bucket"), message, hint)
    elif ".." in logs.bucket or re.fullmatch(r"[0-9.]+", logs.bucket):
        message = f"{logs.bucket!r} is not a bucket's name"
        judgement.error("BP017", ("flow_logs", "bucket"), message, "use letters, digits, hyphens")


def _check_settings(judgement: Judgement) -> None:
    settings = judgement.bp.account_settings
    here: Path = ("account_settings",)
    blocks = settings.block_public_access
    if blocks != "off" and not settings.owned:
        message = "Block Public Access changes the whole account and region, which are not owned"
        hint = "add `owned: true` if this blueprint may decide for them"
        judgement.error("BP094", (*here, "block_public_access"), message, hint)
    for name, mode in settings.exclusions.items():
        path = (*here, "exclusions", name)
        if name not in judgement.bp.vpcs:
            _unknown_vpc(judgement, path, name, at_key=True)
        elif blocks == "off":
            message = f"vpc {name!r} is excluded from Block Public Access, which is off"
            judgement.error("BP094", path, message, "write `block_public_access: block-ingress`")
        elif mode == "allow-egress" and blocks != "block-bidirectional":
            # CreateVpcBlockPublicAccessExclusion: allow-egress under block-bidirectional only.
            message = "allow-egress has an effect under block-bidirectional only"
            judgement.error("BP094", path, message, "write allow-bidirectional")


def check_former(judgement: Judgement, path: Path, former: dict[str, tuple[str, ...]]) -> None:
    """Check that `was` names nothing that is there, and no former name twice."""
    taken: dict[str, str] = {}
    for name, words in former.items():
        for word in words:
            if word in former:
                message = f"{name!r} was {word!r}, but {word!r} is still there"
                related = (((*path, word), "it stands here"),)
                judgement.error("BP097", (*path, name, "was"), message, related=related)
            elif word in taken:
                message = f"both {taken[word]!r} and {name!r} say that they were {word!r}"
                judgement.error("BP097", (*path, name, "was"), message)
            taken.setdefault(word, name)
