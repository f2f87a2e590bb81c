"""An address as two signed 64-bit integers, high half first, and back.

Rules:
- IPv4: the high half is 0 and the low half the address, 0 to 2**32 - 1.
- IPv6: each half is its 64 bits less 2**63, for Parquet, DuckDB, Spark and Athena share no unsigned
  integer: so pairs (high, low) have the order of the addresses, and a block is one interval.
"""

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

V4: Final = 4
V6: Final = 6
_HALF = 1 << 64
_BIAS = 1 << 63


def to_halves(text: str) -> tuple[int, int, int]:
    """Return family (4 or 6), high half and low half; raises ValueError for no address."""
    address = ip_address(text)
    if isinstance(address, IPv4Address):
        return V4, 0, int(address)
    high, low = divmod(int(address), _HALF)
    return V6, high - _BIAS, low - _BIAS


def from_halves(family: int, high: int, low: int) -> str:
    """Return the text of an address; raises ValueError for a family other than 4 and 6."""
    if family == V4:
        return str(IPv4Address(low))
    if family == V6:
        return str(IPv6Address((high + _BIAS) * _HALF + low + _BIAS))
    message = f"no family of addresses: {family}"
    raise ValueError(message)
