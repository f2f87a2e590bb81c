"""Changes of a plan → the VPCs and tiers that it makes anew because their blocks move.

Rule: blocks are allotted in order of declaration, so that what is appended moves nothing; what is
removed, or declared before others, moves what comes after it.
"""

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_network

from ringwall.model.plan import Action, Change

VPC = "AWS::EC2::VPC"
SUBNET = "AWS::EC2::Subnet"
BLOCK = "CidrBlock"


def moves(changes: Iterable[Change], allotted: Mapping[str, str]) -> Iterator[str]:
    """Yield a line for each VPC and tier whose allotted block moves.

    `allotted` are the blocks that the blueprint does not give, by `vpc` and `vpc/tier`.
    """
    told: set[str] = set()
    moved = [
        (change, str(one.before), str(one.after))
        for change in changes
        for one in change.properties
        if change.action is Action.REPLACE and one.name == BLOCK and change.type in {VPC, SUBNET}
    ]
    for change, old, new in moved:
        if change.type == VPC and change.key in allotted:
            told.add(change.key)
            yield _line(f"VPC '{change.key}'", old, new)
    for change, old, _ in moved:
        vpc, _, rest = change.key.partition("/")
        tier = f"{vpc}/{rest.partition('/')[0]}"
        if change.type == SUBNET and tier in allotted and not told & {vpc, tier}:
            told.add(tier)
            new = allotted[tier]
            length = ip_network(new).prefixlen
            block = ip_network(old)
            if length <= block.prefixlen:
                yield _line(f"tier '{tier}'", str(block.supernet(new_prefix=length)), new)


def _line(what: str, old: str, new: str) -> str:
    return (
        f"{what} is made anew, for its block was allotted anew: {old} -> {new}; "
        f"`cidr: {old}` in the blueprint keeps it where it is"
    )
