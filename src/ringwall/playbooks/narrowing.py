"""Where no network ACL has room: the rules of groups that let an offender pass, without it.

Rules:
- Groups only allow, so that a rule loses a block by being split into all that is beside it.
- A group takes 60 rules a direction and family by default; what needs more is not split.
- Groups do not cut tracked connections: this is the last layer, and is told so.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from ringwall.model.graph import Address, Node
from ringwall.model.words import counted
from ringwall.playbooks.cutting import passing_ends
from ringwall.playbooks.group_rules import TYPES, narrowed
from ringwall.playbooks.measures import Measure
from ringwall.reach.blocks import Block
from ringwall.reach.end import OUTER
from ringwall.reach.engine import Engine
from ringwall.reach.network import Network

QUOTA: Final = 60  # rules of a group, a direction and family (Amazon VPC quotas)
RESIDUAL: Final = (
    "what groups track lives on: connections that are open stay open until idle; and an apply "
    "knows it by the ledger alone: without that, it gives back the rules that a blueprint declares"
)


class NotNarrowedError(Exception):
    """A rule that cannot lose a block, in words."""


def without(rule: Block, block: Block) -> tuple[Block, ...]:
    """Return the CIDRs that hold what one block holds and another does not, in order."""
    if not rule.overlaps(block):
        return (rule,)
    if block.start <= rule.start and rule.end <= block.end:
        return ()
    half, length = (rule.start + rule.end) // 2, rule.length + 1
    low = Block(rule.version, rule.start, half, length)
    high = Block(rule.version, half, rule.end, length)
    return (*without(low, block), *without(high, block))


def to_cidrs(block: Block) -> tuple[Block, ...]:
    """Return the CIDRs that make up a range, in order."""
    found, start = [], block.start
    width = 32 if block.version == 4 else 128
    while start < block.end:
        fits = (block.end - start).bit_length() - 1
        bits = min(fits, (start & -start).bit_length() - 1 if start else width)
        found.append(Block(block.version, start, start + (1 << bits), width - bits))
        start += 1 << bits
    return tuple(found)


def narrowings(engine: Engine, block: Block) -> tuple[Measure, ...]:
    """Return the measures that let a block through no group any more; raises NotNarrowedError."""
    network = engine.network
    found: dict[Address, Node] = {}
    for source, destination in passing_ends(engine, block):
        incoming = source.kind in OUTER
        near = destination if incoming else source
        for group in near.groups:
            for node in _admitting(network, str(group), block, egress=not incoming):
                found[node.type, node.key] = node
    measures = []
    room = _rooms(network)
    for node in found.values():
        rule = network.values.block(node.properties.get("CidrIp") or node.properties["CidrIpv6"])
        assert isinstance(rule, Block)
        pieces = without(rule, block)
        place = (network.group_names.name(node.properties["GroupId"]), node.type, rule.version)
        if len(pieces) - 1 > room.get(place, QUOTA):
            rules = counted(len(pieces), "rule")
            msg = f"{node.key} would need {rules} in its place, and has no room"
            raise NotNarrowedError(msg)
        measures.append(narrowed(network.values, node, pieces))
    return tuple(measures)


def _admitting(network: Network, name: str, block: Block, *, egress: bool) -> Iterator[Node]:
    group = network.groups.get(name)
    for rule in group.rules(egress=egress) if group is not None else ():
        if isinstance(rule.peer, Block) and rule.peer.overlaps(block):
            if rule.node is None or rule.node.type not in TYPES:
                msg = f"the rule of {name} stands in the group itself"
                raise NotNarrowedError(msg)
            yield rule.node


def _rooms(network: Network) -> Mapping[tuple[str, str, int], int]:
    """Return how many rules fit yet, by group, direction and family."""
    found: dict[tuple[str, str, int], int] = {}
    for kind, (word, _) in TYPES.items():
        for name, group in network.groups.items():
            for version in (4, 6):
                used = sum(
                    not isinstance(rule.peer, Block) or rule.peer.version == version
                    for rule in group.rules(egress=word == "egress")
                )
                found[name, kind, version] = QUOTA - used
    return found
