"""One address that is asked → who has it, of all that might stand in its subnet."""

from ringwall.reach.blocks import Block
from ringwall.reach.elements import Subnet
from ringwall.reach.end import End
from ringwall.reach.gaps import OWN_MODEL
from ringwall.reach.network import Network
from ringwall.reach.ways import Kind

ANYTHING = frozenset({Kind.GROUP, Kind.SUBNET})  # whatever might be started in a subnet


def owning(network: Network, asked: Block, subnet: Subnet, ends: list[End]) -> list[End]:
    """Return those of the ends of a subnet that may have the addresses that are asked.

    What might be started there does not get an address that a live interface has, unless the end
    of its group stands for that interface. Of several addresses all count.
    """
    if asked.end - asked.start > 1:
        return ends
    owners = [
        each.groups
        for each in network.bearers.of(asked.version, asked.start)
        if each.subnet is subnet and each.kind not in OWN_MODEL
    ]
    real = any(_has(end, asked, subnet) for end in ends)
    found = [end for end in ends if end.kind not in ANYTHING or (not real and end.groups in owners)]
    return found if owners and found else ends


def _has(end: End, asked: Block, subnet: Subnet) -> bool:
    """Tell whether an end is of something that is known to have an address."""
    own = (block for block in end.blocks if block not in subnet.blocks)
    return end.kind not in ANYTHING and any(b.holds(asked.version, asked.start) for b in own)
