"""What every format writes: files by name, and what could not be written."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Export:
    """Files that build a network, in the order in which they are used.

    `left_out` names each thing that the format cannot say, with what is to be done by hand;
    `holds` tells in a few words what a file holds.
    """

    files: Mapping[str, str]
    left_out: tuple[str, ...] = ()
    holds: Mapping[str, str] = field(default_factory=dict)
