"""Entries of network ACLs that deny an address: numbers, quotas, requests.

Rules:
- The numbers from 1 to 99 are the responder's. The lowest free one is taken, for each direction by
  itself, and it stands before every entry that lets a packet of the block through.
- A network ACL filters without memory: a block is denied in both directions, or what is under way
  lives on in one of them.
- AWS allows 20 entries a direction and family until a quota is raised, and sources differ on
  whether its own last denial counts: 19 is what is used here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from ringwall.model.grants import Grant, regional
from ringwall.model.graph import Address, Node
from ringwall.model.words import plural
from ringwall.playbooks.measures import Measure, Request
from ringwall.reach.blocks import Block
from ringwall.reach.elements import Acl
from ringwall.reach.proposals import IN, OUT
from ringwall.reach.reading_filters import DEFAULT_ACL
from ringwall.resources import network_acl_entry
from ringwall.resources.network_acl_entry import LAST_NUMBER
from ringwall.resources.ownership import OURS

LAST_OF_OURS: Final = 99
QUOTA: Final = 19  # entries a direction and family
ALREADY: Final = "NetworkAclEntryAlreadyExists"
GONE: Final = ("InvalidNetworkAclEntry.NotFound", "InvalidNetworkAclID.NotFound")
_WAYS = {IN: False, OUT: True}
# An entry bears no tag of its own; its network ACL is what IAM asks about. Whoever writes an entry
# reads the one that is there already.
GRANTS: Final = (
    Grant(
        ("ec2:CreateNetworkAclEntry", "ec2:DeleteNetworkAclEntry"),
        regional("ec2", "network-acl/*"),
        (OURS,),
    ),
    Grant(("ec2:DescribeNetworkAcls",)),
)


@dataclass(frozen=True, slots=True)
class NoRoomError(Exception):
    """A network ACL cannot take an entry; `why` says it in words."""

    acl: str
    why: str

    def __str__(self) -> str:
        return f"network ACL {self.acl}: {self.why}"


def number_for(acl: Acl, block: Block, *, egress: bool, quota: int = QUOTA) -> int:
    """Return the lowest number at which a denial of a block counts; raises NoRoomError."""
    entries = [each for each in acl.entries if each.egress is egress]
    own = [each for each in entries if each.number <= LAST_NUMBER]
    family = [e for e in own if not isinstance(e.block, Block) or e.block.version == block.version]
    way = "outgoing" if egress else "incoming"
    if len(family) >= quota:
        noun = plural("entry", len(family))
        why = f"it has {len(family)} {way} {noun} of IPv{block.version}, of {quota} that fit"
        raise NoRoomError(acl.key, why)
    taken = {each.number for each in own}
    allows = [
        each.number
        for each in own
        if each.allow and (not isinstance(each.block, Block) or each.block.overlaps(block))
    ]
    first = min([*allows, LAST_OF_OURS + 1])
    free = next((n for n in range(1, min(first, LAST_OF_OURS + 1)) if n not in taken), None)
    if free is None:
        why = f"no number from 1 to 99 is free before {way} entry {first}"
        raise NoRoomError(acl.key, why)
    return free


def room(acl: Acl, version: int, quota: int = QUOTA) -> int:
    """Return how many denials of a family fit into a network ACL, in both directions."""
    fits = []
    for egress in _WAYS.values():
        own = [e for e in acl.entries if e.egress is egress and e.number <= LAST_NUMBER]
        of_it = [e for e in own if not isinstance(e.block, Block) or e.block.version == version]
        first = min([*(e.number for e in of_it if e.allow), LAST_OF_OURS + 1])
        taken = {each.number for each in own}
        free = sum(number not in taken for number in range(1, min(first, LAST_OF_OURS + 1)))
        fits.append(min(quota - len(of_it), free))
    return max(0, min(fits))


def denied(
    acl: Acl, block: Block, made: Mapping[Address, Node], quota: int = QUOTA
) -> tuple[Measure, ...]:
    """Return the measures that deny a block both ways at a network ACL; raises NoRoomError.

    `made` are the nodes of measures that come before.
    """
    if acl.node is None or not acl.node.physical_id:
        raise NoRoomError(acl.key, "its id is not known")
    measures: list[Measure] = []
    known, own = dict(made), (acl.node.type, acl.node.key)
    for way, egress in _WAYS.items():
        number = number_for(acl, block, egress=egress, quota=quota)
        node = _entered(known.get(own, acl.node), number, block, egress=egress)
        known[node.type, node.key] = node
        measures.append(_measure(acl, block, (way, number), node))
    return tuple(measures)


def _entered(owner: Node, number: int, block: Block, *, egress: bool) -> Node:
    """Return the entry as a node; a default network ACL, whose entries are its own, with it."""
    entry = {
        "Egress": egress,
        "RuleNumber": number,
        "Protocol": -1,
        "RuleAction": "deny",
        "CidrBlock" if block.version == 4 else "Ipv6CidrBlock": str(block),
    }
    if owner.type == DEFAULT_ACL:
        entries = owner.properties.get("Entries", owner.observed.get("Entries", ()))
        return replace(owner, properties={**owner.properties, "Entries": [*entries, entry]})
    properties = {"NetworkAclId": owner.ref, **entry}
    key = network_acl_entry.key(properties)
    return Node("AWS::EC2::NetworkAclEntry", key, owner.account, owner.region, properties)


def _measure(acl: Acl, block: Block, place: tuple[str, int], node: Node) -> Measure:
    way, number = place
    assert acl.node is not None
    physical = acl.node.physical_id
    at = {"NetworkAclId": physical, "Egress": _WAYS[way], "RuleNumber": number}
    cidr = "CidrBlock" if block.version == 4 else "Ipv6CidrBlock"
    entry = at | {"Protocol": "-1", "RuleAction": "deny", cidr: str(block)}
    direction = "from" if way == IN else "to"
    return Measure(
        f"deny everything {direction} {block} at network ACL {acl.key} ({physical}), "
        f"entry {number}",
        physical,
        (Request("ec2", "create_network_acl_entry", entry),),
        (Request("ec2", "delete_network_acl_entry", at, GONE),),
        (node,),
    )
