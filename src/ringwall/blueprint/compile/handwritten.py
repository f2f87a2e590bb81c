"""The entries of network ACLs that a person wrote, in CloudFormation's form."""

from ringwall.blueprint.compile.nacls import HandWritten
from ringwall.blueprint.compile.permits import ICMP, ICMPV6, LAST_TYPE, TCP, UDP
from ringwall.blueprint.compile.survey import origin_of
from ringwall.blueprint.syntax import Blueprint, NaclEntry, Path


def handwritten_entries(bp: Blueprint) -> dict[str, tuple[HandWritten, ...]]:
    """Return the entries by `vpc/tier`."""
    return {
        f"{vpc_name}/{tier_name}": tuple(
            _entry(bp, entry, ("vpcs", vpc_name, "tiers", tier_name, "nacl", "entries", index))
            for index, entry in enumerate(tier.nacl.entries)
        )
        for vpc_name, vpc in bp.vpcs.items()
        for tier_name, tier in vpc.all_tiers.items()
        if tier.nacl.entries
    }


def _entry(bp: Blueprint, entry: NaclEntry, path: Path) -> HandWritten:
    protocol = entry.protocol_number
    properties: dict[str, object] = {
        "Protocol": protocol,
        "RuleAction": entry.action,
        "Ipv6CidrBlock" if ":" in entry.cidr else "CidrBlock": entry.cidr,
    }
    low, high = entry.range or (0, 65_535)
    if protocol in {TCP, UDP}:
        properties["PortRange"] = {"From": low, "To": high}
    elif protocol in {ICMP, ICMPV6}:
        one = low == high and entry.range is not None and high <= LAST_TYPE
        properties["Icmp"] = {"Type": low if one else -1, "Code": -1}
    return HandWritten(entry.direction == "egress", entry.number, properties, origin_of(bp, path))
