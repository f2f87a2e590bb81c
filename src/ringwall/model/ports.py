"""The grammar of ports: `443`, `443/udp`, `8000-8080`, `8/icmp`, `icmp`, `any` into PortSpecs.

Rule: `low` and `high` are inclusive. For TCP and UDP they are ports; for ICMP they are types; for
`any`, which is every protocol there is, they are 0 and 65535 and say nothing.
"""

import re
from dataclasses import dataclass
from typing import Literal

from ringwall.errors import QuestionError

Protocol = Literal["tcp", "udp", "icmp", "icmpv6", "any"]

PROTOCOLS: tuple[Protocol, ...] = ("tcp", "udp", "icmp", "icmpv6", "any")
LAST_PORT = 65_535
LAST_ICMP_TYPE = 255  # the type is one octet (RFC 792)

# IANA's numbers, as network ACL entries want them; -1 is AWS's word for every protocol.
PROTOCOL_NUMBERS: dict[Protocol, int] = {"tcp": 6, "udp": 17, "icmp": 1, "icmpv6": 58, "any": -1}

GRAMMAR = "443, 443/udp, 8000-8080, 8/icmp, icmp or any"

_PATTERN = re.compile(
    r"(?:(\d{1,5})(?:-(\d{1,5}))?/)?(tcp|udp|icmp|icmpv6)|(\d{1,5})(?:-(\d{1,5}))?"
)
# The same grammar for JSON Schema, whose patterns are not anchored of themselves.
PATTERN = (
    r"^(any|tcp|udp|icmp|icmpv6|[0-9]{1,5}(-[0-9]{1,5})?(/(tcp|udp))?"
    r"|[0-9]{1,3}(-[0-9]{1,3})?/icmp(v6)?)$"
)


@dataclass(frozen=True, slots=True, order=True)
class PortSpec:
    """A range of ports of one protocol, of types of ICMP, or everything (`any`)."""

    protocol: Protocol
    low: int = 0
    high: int = LAST_PORT

    @property
    def is_whole(self) -> bool:
        """Say whether every port or type of the protocol is meant."""
        return self.low == 0 and self.high == last_of(self.protocol)

    @property
    def number(self) -> int:
        """Return the protocol's number, -1 for any."""
        return PROTOCOL_NUMBERS[self.protocol]

    def __str__(self) -> str:
        if self.is_whole:
            return self.protocol
        text = str(self.low) if self.low == self.high else f"{self.low}-{self.high}"
        return text if self.protocol == "tcp" else f"{text}/{self.protocol}"


ANY = PortSpec("any")


def last_of(protocol: Protocol) -> int:
    """Return the highest port of a protocol, or the highest type of ICMP."""
    return LAST_ICMP_TYPE if protocol in {"icmp", "icmpv6"} else LAST_PORT


def parse_ports(text: str | int) -> PortSpec:
    """Read one entry of a list of ports; a number without a protocol is TCP.

    Raises QuestionError, whose hint lists the forms.
    """
    written = str(text).strip().lower()
    if written == "any":
        return ANY
    match = _PATTERN.fullmatch(written) if written.isascii() else None
    if match is None:
        msg = f"ports {_short(written)!r} cannot be understood"
        raise QuestionError(msg, hint=f"write {GRAMMAR}")
    first, last, protocol, bare_first, bare_last = match.groups()
    first, last = first or bare_first, last or bare_last
    name: Protocol = next((p for p in PROTOCOLS if p == protocol), "tcp")
    limit = last_of(name)
    low = int(first) if first else 0
    high = int(last or first) if first else limit
    if high > limit or low > limit:
        what = "ICMP types" if limit == LAST_ICMP_TYPE else "ports"
        msg = f"ports {written!r}: {what} end at {limit}"
        raise QuestionError(msg, hint=f"write {GRAMMAR}")
    if low > high:
        msg = f"ports {written!r}: the range ends before it starts"
        raise QuestionError(msg, hint=f"write {high}-{low}")
    return PortSpec(name, low, high)


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."
