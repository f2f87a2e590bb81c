"""The addresses that AWS publishes as its own (ip-ranges.json) → what is never blocked.

Source: VPC guide, "AWS IP address ranges". `AMAZON` holds the ranges of every service, those of
EC2 among them, behind which anybody may be: without services, AMAZON less EC2 is meant.
"""

from collections.abc import Collection, Iterator, Mapping
from ipaddress import IPv4Address, IPv6Address, summarize_address_range
from typing import Any, Final

from ringwall.reach.blocks import to_block, universe
from ringwall.space.intervals import IntervalSet

_LISTS: Final = {4: ("prefixes", "ip_prefix"), 6: ("ipv6_prefixes", "ipv6_prefix")}
_ALL, _ANYBODY = "AMAZON", "EC2"


def own_ranges(document: object, services: Collection[str] = ()) -> dict[str, str]:
    """Return CIDRs of these services, or of AWS itself, each with what it is.

    Raises ValueError for what is no such document, and for a service that is not in it.
    """
    if not isinstance(document, Mapping) or not all(
        isinstance(document.get(name), list) for name, _ in _LISTS.values()
    ):
        msg = "it has no lists `prefixes` and `ipv6_prefixes`"
        raise ValueError(msg)
    known = {name for listed, _ in _LISTS.values() for name in _services(document[listed])}
    for unknown in sorted({*services, *(() if services else (_ALL, _ANYBODY))} - known):
        msg = f"it has no service {unknown}; it has {', '.join(sorted(known))}"
        raise ValueError(msg)
    what = " and ".join(sorted(services)) if services else "AWS's own"
    when = str(document.get("createDate", ""))[:10]
    why = f"{what} (AWS's ranges{f' of {when}' if when else ''})"
    return {cidr: why for version in _LISTS for cidr in _cidrs(document, version, services)}


def _services(listed: list[Any]) -> Iterator[str]:
    for each in listed:
        match each:
            case {"service": str(name)}:
                yield name
            case _:
                msg = "one of its prefixes names no service"
                raise ValueError(msg)


def _cidrs(document: Mapping[str, Any], version: int, services: Collection[str]) -> Iterator[str]:
    meant = _set(document, version, services or {_ALL})
    if not services:
        meant -= _set(document, version, {_ANYBODY})
    kind = IPv4Address if version == 4 else IPv6Address
    for start, end in meant:
        yield from map(str, summarize_address_range(kind(start), kind(end - 1)))


def _set(document: Mapping[str, Any], version: int, services: Collection[str]) -> IntervalSet:
    listed, name = _LISTS[version]
    blocks = [
        to_block(str(each.get(name))) for each in document[listed] if each["service"] in services
    ]
    if any(block.version != version for block in blocks):
        msg = f"an address in `{listed}` is of the other family"
        raise ValueError(msg)
    return IntervalSet.of(universe(version), [(block.start, block.end) for block in blocks])
