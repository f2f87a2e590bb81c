"""Protocols with their ports, and addresses: numbers on a line, and texts of them both ways.

Rule: a protocol takes 65,536 numbers, from its own number times 65,536 up. A port is its offset, of
ICMP it is type times 256 plus code; protocols without ports use all of theirs alike.
"""

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_network

from ringwall.model.ports import PortSpec
from ringwall.verify.sets import IPV6, Ranges, join, minus

ICMP, TCP, UDP, ICMPV6 = 1, 6, 17, 58
SPAN = 1 << 16
ALL: Ranges = ((0, 256 * SPAN),)
NAMES = {ICMP: "icmp", TCP: "tcp", UDP: "udp", ICMPV6: "icmpv6"}
NUMBERS = {name: number for number, name in NAMES.items()}
NAT_PROTOCOLS = (TCP, UDP, ICMP)  # R11: what a NAT gateway passes (VPC guide, NAT gateways)


def protocol_number(value: object) -> int:
    """Return a protocol's number of `tcp`, `6` or 6; -1 for all. Raises ValueError."""
    text = str(value).lower()
    return -1 if text == "all" else NUMBERS[text] if text in NUMBERS else int(text)


def protocols(*numbers: int) -> Ranges:
    """Return everything of these protocols, -1 for all of them."""
    if -1 in numbers:
        return ALL
    return join(tuple((number * SPAN, (number + 1) * SPAN) for number in numbers))


def ports(protocol: int, low: int, high: int) -> Ranges:
    """Return a protocol's ports, both ends inclusive; nothing if they end before they begin."""
    first, last = max(low, 0), min(high, SPAN - 1)
    return ((protocol * SPAN + first, protocol * SPAN + last + 1),) if first <= last else ()


def icmp(protocol: int, kind: int, code: int) -> Ranges:
    """Return a type and code of ICMP, -1 for any (F7: EC2 API, IcmpTypeCode)."""
    if kind == -1:
        return protocols(protocol)
    if code == -1:
        return ports(protocol, kind * 256, kind * 256 + 255)
    return ports(protocol, kind * 256 + code, kind * 256 + code)


def asked(specs: Iterable[PortSpec], version: int) -> Ranges:
    """Return what a question's ports mean for a family of addresses.

    Any traffic is the other family's ICMP, too: filters know protocols by their numbers.
    """
    own = ICMP if version == 4 else ICMPV6
    found: Ranges = ()
    for spec in specs:
        if spec.protocol == "any":
            found = ALL
        elif spec.number in {TCP, UDP}:
            found = join(found, ports(spec.number, spec.low, spec.high))
        elif spec.number == own:
            found = join(found, ports(own, spec.low * 256, spec.high * 256 + 255))
    return found


def block(cidr: str) -> Ranges:
    """Return the addresses of a CIDR; host bits are dropped, as AWS does. Raises ValueError."""
    network = ip_network(cidr, strict=False)
    start = int(network.network_address) + (IPV6 if network.version == 6 else 0)
    return ((start, start + network.num_addresses),)


def length_of(part: Ranges) -> int:
    """Return the prefix length of a block."""
    (low, high), bits = part[0], 128 if part[0][0] >= IPV6 else 32
    return bits - (high - low).bit_length() + 1


def blocks(*cidrs: str) -> Ranges:
    """Return the addresses of several CIDRs."""
    return join(*(block(cidr) for cidr in cidrs))


# Private, shared, loopback, link-local, documentation, benchmark, multicast and reserved addresses
# are not on the internet (RFC 6890); of IPv6 only 2000::/3 is, without 2001:db8::/32 (RFC 4291).
NOT_ON_INTERNET = blocks(
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/3",
)  # fmt: skip
INTERNET: dict[int, Ranges] = {
    4: minus(blocks("0.0.0.0/0"), NOT_ON_INTERNET),
    6: minus(blocks("2000::/3"), blocks("2001:db8::/32")),
}
# R8: never forwarded, even if a wider route covers them (VPC guide, "Reserved addresses").
NEVER_FORWARDED = blocks("169.254.168.0/22", "fd00:ec2::/32")
NAT64 = block("64:ff9b::/96")  # RFC 6052


def address_texts(part: Ranges) -> list[str]:
    """Write addresses: `10.0.0.0/16` where a range is one block, else `10.0.0.4-10.0.0.9`."""
    return [_address_text(low, high) for low, high in part]


def _address_text(low: int, high: int) -> str:
    is_v6 = low >= IPV6
    size, bits = high - low, 128 if is_v6 else 32
    base = low - IPV6 if is_v6 else low
    kind = IPv6Address if is_v6 else IPv4Address
    if size & (size - 1) == 0 and base % size == 0:
        length = bits - size.bit_length() + 1
        return f"{kind(base)}" if length == bits else f"{kind(base)}/{length}"
    return f"{kind(base)}-{kind(base + size - 1)}"


def read_addresses(texts: Iterable[str]) -> Ranges:
    """Read what `address_texts` wrote; raises ValueError."""
    found = []
    for text in texts:
        first, dash, last = text.partition("-")
        low = block(first)[0]
        high = block(last)[0] if dash else low
        if low[0] >= high[1] or (low[0] < IPV6) != (high[1] <= IPV6):
            msg = f"{text!r} is no range of addresses"
            raise ValueError(msg)
        found.append((low[0], high[1]))
    return join(tuple(found))


_PART = re.compile(
    r"(?P<name>tcp|udp|icmp|icmpv6|protocols? (?P<first>\d{1,3})(?:-(?P<last>\d{1,3}))?)"
    r"(?:/(?P<low>\d{1,5})(?:-(?P<high>\d{1,5}))?)?"
)


def traffic_texts(part: Ranges) -> list[str]:
    """Write traffic: `any`, `tcp`, `tcp/80-443`, `icmp/2048-2303` (type times 256 plus code)."""
    if part == ALL:
        return ["any"]
    found = []
    for start, stop in part:
        low = start
        while low < stop:
            number, offset = divmod(low, SPAN)
            high = min(stop, (number + 1) * SPAN)
            if offset or high < (number + 1) * SPAN or number in NAMES:
                name = NAMES.get(number, f"protocol {number}")
                last = (high - 1) % SPAN
                whole = offset == 0 and last == SPAN - 1
                span = f"{offset}" if offset == last else f"{offset}-{last}"
                found.append(name if whole else f"{name}/{span}")
            else:
                last = number
                while (last + 2) * SPAN <= stop and last + 1 not in NAMES:
                    last += 1
                high = (last + 1) * SPAN
                plain = number == last
                found.append(f"protocol {number}" if plain else f"protocols {number}-{last}")
            low = high
    return found


def read_traffic(texts: Iterable[str]) -> Ranges:
    """Read what `traffic_texts` wrote; raises ValueError."""
    found: list[Ranges] = []
    for text in texts:
        if text == "any":
            found.append(ALL)
            continue
        match = _PART.fullmatch(text) if text.isascii() else None
        if match is None:
            msg = f"{text!r} is no traffic"
            raise ValueError(msg)
        first = NUMBERS[match["name"]] if match["first"] is None else int(match["first"])
        last = int(match["last"] or first)
        low = int(match["low"] or 0)
        high = int(match["high"] or low) if match["low"] else SPAN - 1
        if not (first <= last < 256 and low <= high < SPAN):
            msg = f"{text!r} is no traffic"
            raise ValueError(msg)
        found += [ports(number, low, high) for number in range(first, last + 1)]
    return join(*found)
