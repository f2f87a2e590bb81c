"""Boxes of packets ↔ text that people read and write.

    packets  = "none" | box { (newline | ";") box }
    box      = "any" | [ "ipv4" | "ipv6" ] { part list }
    part     = "protocol" | "source" | "destination" | "source-port" | "destination-port"
             | "type" | "code"
    list     = item { "," item }       without spaces; both ends of a range belong to it
    item     = address | address "-" address | address "/" length        of addresses
             | number | number "-" number                                of the others
             | "tcp" | "udp" | "icmp" | "icmpv6"                         of protocols

    ipv4 protocol tcp source 10.0.0.0/8 destination 10.1.2.0/24 destination-port 443,8000-8080
    protocol icmp,icmpv6 type 8 code 0

Rules:
- Case does not matter; the order of parts is free, and a part is named once.
- A part that is not named is free. Addresses say the family, if no word does.
- Ports need protocols that have ports, type and code need ICMP: no other one may stand beside.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import NoReturn

from ringwall.errors import QuestionError
from ringwall.space.boxes import (
    ADDRESSES,
    ICMP,
    ICMPV6,
    OCTET,
    TCP,
    UDP,
    WITH_PORTS,
    WITH_TYPES,
    Box,
)
from ringwall.space.intervals import PORTS, Interval, IntervalSet

NAMES = {"tcp": TCP, "udp": UDP, "icmp": ICMP, "icmpv6": ICMPV6}
FAMILIES = {"ipv4": 4, "ipv6": 6}
PARTS = {  # the word, and the field of a box that it fills
    "protocol": "protocols",
    "source": "sources",
    "destination": "destinations",
    "source-port": "source_ports",
    "destination-port": "destination_ports",
    "type": "icmp_types",
    "code": "icmp_codes",
}
OF_ADDRESSES = ("source", "destination")
OF_PORTS = ("source-port", "destination-port")
OF_ICMP = ("type", "code")
EXAMPLE = "ipv4 protocol tcp source 10.0.0.0/8 destination-port 443,8000-8080"
HINT = f"write 'none', 'any', or a line like '{EXAMPLE}'"
ONE_FAMILY = "write the addresses of each family into a line of their own"
LONGEST_NUMBER = 5  # digits; 65535


def write(boxes: Iterable[Box]) -> str:
    """Write boxes, one a line; no boxes are `none`."""
    return "\n".join(map(_written, boxes)) or "none"


def _written(box: Box) -> str:
    words = [word for word, family in FAMILIES.items() if family == box.family]
    for word, name in PARTS.items():
        part: IntervalSet | None = getattr(box, name)
        if part is None:
            continue
        if word in OF_ADDRESSES:
            items = [_address_text(box.family or 4, *each) for each in part]
        elif word == "protocol":
            items = [_protocol_text(each) for each in part]
        else:
            items = [_number_text(*each) for each in part]
        words += [word, ",".join(items)]
    return " ".join(words) or "any"


def _number_text(start: int, end: int) -> str:
    return str(start) if start + 1 == end else f"{start}-{end - 1}"


def _protocol_text(interval: Interval) -> str:
    names = (name for name, number in NAMES.items() if (number, number + 1) == interval)
    return next(names, _number_text(*interval))


def _address_text(family: int, start: int, end: int) -> str:
    kind = IPv4Address if family == 4 else IPv6Address
    first, last, size = kind(start), kind(end - 1), end - start
    if size == 1:
        return str(first)
    if size.bit_count() == 1 and start % size == 0:
        return f"{first}/{first.max_prefixlen - size.bit_length() + 1}"
    return f"{first}-{last}"


def read(text: str) -> list[Box]:
    """Read the boxes of a text; raises QuestionError about the first that cannot be understood."""
    lines = [line.split() for line in text.lower().replace(";", "\n").splitlines()]
    terms = [words for words in lines if words]
    if not terms:
        msg = "the text names no packets"
        raise QuestionError(msg, hint=HINT)
    if terms == [["none"]]:
        return []
    return [_box(words) for words in terms]


def _box(words: list[str]) -> Box:
    if words == ["any"]:
        return Box()
    family = FAMILIES.get(words[0])
    texts = _texts(words, words[1:] if family else words)
    parts: dict[str, IntervalSet] = {}
    for word, text in texts.items():
        if word not in OF_ADDRESSES:
            parts[PARTS[word]] = _numbers(words, word, text)
            continue
        found, parts[PARTS[word]] = _addresses(words, word, text)
        if family not in {None, found}:
            _refuse(words, f"{word} {_short(text)} is not of IPv{family}", ONE_FAMILY)
        family = found
    _check_protocols(words, texts, parts.get("protocols"))
    return Box(family=family, **parts)


def _texts(words: list[str], rest: list[str]) -> dict[str, str]:
    """Return the list that follows each part."""
    texts: dict[str, str] = {}
    for at in range(0, len(rest), 2):
        word = rest[at]
        if word not in PARTS:
            _refuse(words, f"{_short(word)} is no part of a packet", f"write {', '.join(PARTS)}")
        if word in texts:
            _refuse(words, f"{word!r} is named twice", "put all values into one list, as in 80,443")
        if at + 1 == len(rest):
            _refuse(words, f"nothing follows {word!r}", HINT)
        texts[word] = rest[at + 1]
    return texts


def _check_protocols(words: list[str], texts: dict[str, str], named: IntervalSet | None) -> None:
    """Refuse parts that the protocols do not have."""
    ports = [word for word in OF_PORTS if word in texts]
    types = [word for word in OF_ICMP if word in texts]
    if ports and types:
        told = f"no packet has {ports[0]} and {types[0]}"
        _refuse(words, told, "write ports and ICMP into a line each")
    if ports and named is not None and not named <= WITH_PORTS:
        told = f"not every packet of protocol {_short(texts['protocol'])} has a {ports[0]}"
        _refuse(words, told, "ports are of tcp and udp; write other protocols into another line")
    if types and named is not None and not named <= WITH_TYPES:
        told = f"not every packet of protocol {_short(texts['protocol'])} has a {types[0]}"
        _refuse(words, told, "type and code are of icmp and icmpv6")


def _numbers(words: list[str], word: str, text: str) -> IntervalSet:
    size = PORTS if word in OF_PORTS else OCTET
    found: list[Interval] = []
    for item in text.split(","):
        if word == "protocol" and item in NAMES:
            found.append((NAMES[item], NAMES[item] + 1))
            continue
        low, dash, high = item.partition("-")
        first, last = _number(low), _number(high if dash else low)
        if first is None or last is None:
            names = f", or {', '.join(NAMES)}" if word == "protocol" else ""
            told = f"{word} {_short(item)} cannot be understood"
            _refuse(words, told, f"write numbers of 0-{size - 1}, as in 0,5-7{names}")
        if max(first, last) >= size:
            _refuse(words, f"{word} {item!r}: the last one is {size - 1}", HINT)
        if first > last:
            told = f"{word} {item!r}: the range ends before it starts"
            _refuse(words, told, f"write {last}-{first}")
        found.append((first, last + 1))
    return IntervalSet.of(size, found)


def _number(text: str) -> int | None:
    if text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER:
        return int(text)
    return None


def _addresses(words: list[str], word: str, text: str) -> tuple[int, IntervalSet]:
    found: list[Interval] = []
    families: set[int] = set()
    for item in text.split(","):
        try:
            family, interval = _interval(item)
        except ValueError:
            hint = "write 10.0.0.1, 10.0.0.0/8, 10.0.0.1-10.0.0.9 or 2001:db8::/32"
            _refuse(words, f"{word} {_short(item)} {_why(item)}", hint)
        families.add(family)
        found.append(interval)
    if len(families) > 1:
        _refuse(words, f"{word} names addresses of both families", ONE_FAMILY)
    (family,) = families
    return family, IntervalSet.of(ADDRESSES[family], found)


def _interval(item: str) -> tuple[int, Interval]:
    """Read an address, a block or a range; raises ValueError."""
    if "%" in item:  # a zone of IPv6 is a place, not a part of the address (RFC 4007)
        raise ValueError(item)
    low, dash, high = item.partition("-")
    if dash:
        first, last = ip_address(low), ip_address(high)
        if first.version != last.version or int(first) > int(last):
            raise ValueError(item)
        return first.version, (int(first), int(last) + 1)
    block = ip_network(item)
    start = int(block.network_address)
    return block.version, (start, start + block.num_addresses)


def _why(item: str) -> str:
    """Say what is wrong with an item that is no address, block or range."""
    try:
        block = ip_network(item, strict=False) if "%" not in item else None
    except ValueError:
        block = None
    if block is None:
        return "is no address, block or ascending range"
    return f"has bits behind its length; its block is {block}"


def _refuse(words: list[str], why: str, hint: str) -> NoReturn:
    msg = f"packets {_short(' '.join(words))}: {why}"
    raise QuestionError(msg, hint=hint) from None


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")
