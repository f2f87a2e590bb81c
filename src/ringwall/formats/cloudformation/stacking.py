"""A graph's nodes into stacks: what is shared, one a VPC, what joins VPCs; in order of deployment.

Rules:
- A node stands where all that it refers to, near and far, belongs: with one VPC among that, in
  that VPC's stack; with several, in the stack `across`, which comes last.
- What refers to no VPC stands with the one VPC that uses it (its gateway, its Elastic IPs),
  else in the shared stack, which comes first.
- No stack has more than MOST resources, of which CloudFormation takes 500: what nothing else
  refers to moves into stacks of the same name with a number, which come after it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ringwall.model.graph import Address, Node, ResourceGraph, references
from ringwall.resources import resource_type

MOST = 480
SHARED, ACROSS = "shared", "across"
VPC = "AWS::EC2::VPC"
IPV6_BLOCK = "AWS::EC2::VPCCidrBlock"


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack to be: its name, and its nodes so that each comes after what it needs."""

    name: str
    nodes: tuple[Node, ...]


def stack_up(graph: ResourceGraph, *, most: int | None = MOST) -> tuple[Stack, ...]:
    """Return the stacks in the order in which they are deployed; None: none is cut."""
    needs = {(node.type, node.key): _needs(node, graph) for node in graph}
    homes: dict[Address, frozenset[str]] = {}
    for address in needs:
        _home(address, needs, homes)
    _move_in(needs, homes)
    by_name: dict[str, list[Node]] = defaultdict(list)
    vpcs = [node.key for node in graph.of_type(VPC)]
    for node in graph:
        home = homes[node.type, node.key]
        name = SHARED if not home else f"vpc-{next(iter(home))}" if len(home) == 1 else ACROSS
        by_name[name].append(node)
    order = [SHARED, *(f"vpc-{vpc}" for vpc in vpcs), ACROSS]
    return tuple(
        stack
        for name in order
        if name in by_name
        for stack in _cut(name, by_name[name], needs, most or len(graph))
    )


def _needs(node: Node, graph: ResourceGraph) -> tuple[Address, ...]:
    found = [(ref.type, ref.key) for ref in references(node.properties)]
    found += resource_type(node.type).depends(node, graph)
    return tuple(dict.fromkeys(address for address in found if address in graph))


def _home(
    start: Address,
    needs: Mapping[Address, tuple[Address, ...]],
    homes: dict[Address, frozenset[str]],
) -> None:
    for address in _in_order([start], needs, homes):
        own = frozenset({address[1]}) if address[0] == VPC else frozenset[str]()
        homes[address] = own.union(*(homes[other] for other in needs[address]))


def _move_in(
    needs: Mapping[Address, tuple[Address, ...]], homes: dict[Address, frozenset[str]]
) -> None:
    """Let what belongs to no VPC, and is used by one alone, stand with it."""
    users: dict[Address, set[frozenset[str]]] = defaultdict(set)
    for address, others in needs.items():
        for other in others:
            users[other].add(homes[address])
    for address, used_by in users.items():
        if not homes[address] and len(used_by) == 1:
            (home,) = used_by
            homes[address] = home if len(home) == 1 else homes[address]


def _in_order(
    starts: Iterable[Address],
    needs: Mapping[Address, tuple[Address, ...]],
    done: Iterable[Address],
) -> list[Address]:
    """Return what the starts need, and they, each after what it needs."""
    seen = set(done)
    found: list[Address] = []
    stack = [(address, False) for address in reversed(list(starts))]
    while stack:
        address, is_ready = stack.pop()
        if is_ready:
            found.append(address)
        elif address not in seen:
            seen.add(address)
            stack.append((address, True))
            stack += [(other, False) for other in reversed(needs[address])]
    return found


def _cut(
    name: str, nodes: list[Node], needs: Mapping[Address, tuple[Address, ...]], most: int
) -> Iterable[Stack]:
    here = {(node.type, node.key): node for node in nodes}
    inner = {a: tuple(other for other in needs[a] if other in here) for a in here}
    needed = {other for others in inner.values() for other in others}
    starts = sorted(here, key=lambda address: address not in needed)
    ordered = [here[address] for address in _in_order(starts, inner, ())]
    for index in range(0, len(ordered), most):
        number = index // most + 1
        suffix = f"-{number}" if number > 1 else ""
        yield Stack(f"{name}{suffix}", tuple(ordered[index : index + most]))
