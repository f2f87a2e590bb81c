"""The widest blocks of addresses of which it can be looked at who is in them.

A responder denies nothing wider, and takes nothing wider as what may be hit.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

WIDEST: Final[Mapping[int, int]] = MappingProxyType({4: 16, 6: 48})  # prefix lengths by family
