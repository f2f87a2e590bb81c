"""Checks of blocks: sizes, overlaps, what lies outside, what finds no room."""

from ipaddress import IPv4Network, ip_network

from ringwall.blueprint.addresses import Misfit
from ringwall.blueprint.judgement import Judgement
from ringwall.blueprint.syntax import Path

# CreateVpc takes a block of 16 to 65,536 addresses.
LARGEST_VPC, SMALLEST_VPC = 16, 28

# "You can't use" in VPC guide, VPC CIDR blocks; 169.254.0.0/16 is the link's own.
_NEVER = tuple(
    IPv4Network(block) for block in ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3")
)
# RFC 1918 and RFC 6598.
_PRIVATE = tuple(
    IPv4Network(block)
    for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
)


def is_private(cidr: str) -> bool:
    """Say whether a block is one that the internet does not route."""
    block = ip_network(cidr)
    if block.version == 6:
        return block.is_private
    return any(block.subnet_of(private) for private in _PRIVATE)


def check_addresses(judgement: Judgement) -> None:
    """Check the pool, the blocks that are given, and what the address plan could not place."""
    bp = judgement.bp
    if bp.addresses.vpc_prefix < IPv4Network(bp.addresses.ipv4).prefixlen:
        message = f"a /{bp.addresses.vpc_prefix} is larger than the pool {bp.addresses.ipv4}"
        hint = "widen `ipv4`, or lengthen `vpc_prefix`"
        judgement.error("BP036", ("addresses", "vpc_prefix"), message, hint)
    for name, vpc in bp.vpcs.items():
        if vpc.cidr is not None:
            _check_block(judgement, ("vpcs", name, "cidr"), IPv4Network(vpc.cidr), f"vpc {name!r}")
    for misfit in judgement.plan.misfits:
        _report(judgement, misfit)


def _check_block(judgement: Judgement, path: Path, block: IPv4Network, what: str) -> None:
    if not LARGEST_VPC <= block.prefixlen <= SMALLEST_VPC:
        message = f"{what} cannot have {block}: EC2 takes /{LARGEST_VPC} to /{SMALLEST_VPC}"
        prefix = min(max(block.prefixlen, LARGEST_VPC), SMALLEST_VPC)
        meant = IPv4Network((int(block.network_address), prefix), strict=False)
        judgement.error("BP032", path, message, f"write, for example, {meant}")
    elif any(block.overlaps(never) for never in _NEVER):
        message = f"{what} cannot have {block}: it is reserved"
        hint = "use 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10"
        judgement.error("BP039", path, message, hint)
    elif not is_private(str(block)):
        message = f"{what} has public addresses ({block}); that part of the internet is hidden"
        judgement.warning("BP039", path, message, "use them only if they are yours")


def _report(judgement: Judgement, misfit: Misfit) -> None:
    if misfit.tier:
        _report_tier(judgement, misfit)
    else:
        _report_vpc(judgement, misfit)


def _report_vpc(judgement: Judgement, misfit: Misfit) -> None:
    path: Path = ("vpcs", misfit.vpc, "cidr")
    related: tuple[tuple[Path, str], ...]
    other: Path = ("vpcs", misfit.other, "cidr")
    match misfit.what:
        case "vpc-overlap":
            message = (
                f"vpc {misfit.vpc!r} ({misfit.cidr}) overlaps "
                f"vpc {misfit.other!r} ({misfit.other_cidr})"
            )
            length = misfit.cidr.rpartition("/")[2]
            hint = f"the next free /{length} is {misfit.free}" if misfit.free else "widen the pool"
            related = ((other, f"{misfit.other} has {misfit.other_cidr}"),)
            judgement.error("BP033", path, message, hint, related=related)
        case "pool":
            message = (
                f"the pool {misfit.other_cidr} has no free {misfit.cidr} for vpc {misfit.vpc!r}"
            )
            hint = "widen `addresses.ipv4`, lengthen `vpc_prefix`, or give the VPC a `cidr`"
            judgement.error("BP036", ("vpcs", misfit.vpc), message, hint, at_key=True)
        case _:
            message = (
                f"vpc {misfit.other!r} holds {misfit.other_cidr}, so vpc {misfit.vpc!r}, "
                f"declared before it, is allotted {misfit.cidr}"
            )
            hint = f"write `cidr: {misfit.cidr}` to vpc {misfit.vpc!r} so that it never moves"
            related = ((("vpcs", misfit.vpc), f"{misfit.vpc} is allotted {misfit.cidr}"),)
            judgement.warning("BP029", other, message, hint, related=related)


def _report_tier(judgement: Judgement, misfit: Misfit) -> None:
    vpc, tier = misfit.vpc, misfit.tier
    here: Path = ("vpcs", vpc, "tiers", tier)
    other: Path = ("vpcs", vpc, "tiers", misfit.other, "cidr")
    related: tuple[tuple[Path, str], ...]
    length = misfit.cidr.rpartition("/")[2]
    free = f"; the next free /{length} is {misfit.free}" if misfit.free else ""
    match misfit.what:
        case "tier-outside":
            message = (
                f"tier {tier!r} ({misfit.cidr}) lies outside vpc {vpc!r} ({misfit.other_cidr})"
            )
            hint = f"choose a block inside {misfit.other_cidr}{free}"
            related = ((("vpcs", vpc, "cidr"), f"{vpc} has {misfit.other_cidr}"),)
            judgement.error("BP034", (*here, "cidr"), message, hint, related=related)
        case "tier-overlap":
            message = (
                f"tier {tier!r} ({misfit.cidr}) overlaps tier {misfit.other!r} "
                f"({misfit.other_cidr}) in vpc {vpc!r}"
            )
            related = ((other, f"{misfit.other} has {misfit.other_cidr}"),)
            judgement.error("BP035", (*here, "cidr"), message, free.lstrip("; "), related=related)
        case "tier-room":
            message = (
                f"vpc {vpc!r} ({misfit.other_cidr}) has no free {misfit.cidr} for tier {tier!r}"
            )
            hint = "give the VPC a wider block, or the tier a longer `prefix`"
            judgement.error("BP037", here, message, hint, at_key=True)
        case "tier-zones":
            message = (
                f"tier {tier!r} ({misfit.cidr}) has no /28 for each of {misfit.other_cidr} zones"
            )
            hint = "give it a /26 for four zones, or a /25 for eight"
            path: Path = (*here, "cidr") if judgement.bp.vpcs[vpc].all_tiers[tier].cidr else here
            judgement.error("BP038", path, message, hint)
        case "ipv6-tiers":
            message = (
                f"a dual-stack VPC has {misfit.other_cidr} tiers at most, the attachment's too"
            )
            judgement.error("BP028", here, message, "split the VPC", at_key=True)
        case _:
            message = (
                f"tier {misfit.other!r} holds {misfit.other_cidr}, so tier {tier!r} is allotted "
                f"{misfit.cidr} in its place"
            )
            hint = f"write `cidr: {misfit.cidr}` to tier {tier!r} so that it never moves"
            related = ((here, f"{tier} is allotted {misfit.cidr}"),)
            judgement.warning("BP029", other, message, hint, related=related)
