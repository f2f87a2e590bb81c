"""Properties of nodes → keys, blocks and protocol numbers, wanted or read back alike."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from copy import copy
from typing import Any

from ringwall.model.graph import Node, Ref, ResourceGraph, Unknown
from ringwall.reach.blocks import Block, to_block
from ringwall.reach.packets import NUMBERS
from ringwall.resources.ipv6 import derive_block

Change = tuple[Node | None, Node | None]  # a node before and after: one of them there is
CIDR_BLOCK = "AWS::EC2::VPCCidrBlock"


class Values:
    """A graph by types, with the keys that physical ids stand for."""

    def __init__(self, graph: ResourceGraph) -> None:
        self.graph = graph
        by_type: dict[str, list[Node]] = defaultdict(list)
        self._keys: dict[str, str] = {}
        for node in graph:
            by_type[node.type].append(node)
            if node.physical_id:
                self._keys[node.physical_id] = node.key
        self._by_type = dict(by_type)
        self._outer = self._ipv6_blocks()

    def with_changes(self, graph: ResourceGraph, changes: Iterable[Change]) -> "Values":
        """Return the values of a graph that differs in these nodes; none of them is referred to."""
        other = copy(self)
        other.graph = graph
        other._by_type = dict(self._by_type)
        for before, after in changes:
            node = after or before
            assert node is not None
            name = node.type
            nodes, fresh = other._by_type.get(name, []), [after] if after is not None else []
            at = next((n for n, node in enumerate(nodes) if node is before), len(nodes))
            other._by_type[name] = [*nodes[:at], *fresh, *nodes[at + 1 :]]
        return other

    @property
    def types(self) -> Iterable[str]:
        """Return the types that there are."""
        return self._by_type

    def of_type(self, name: str) -> list[Node]:
        """Return the nodes of a type, in the graph's order."""
        return self._by_type.get(name, [])

    def ec2(self, name: str) -> list[Node]:
        """Return the nodes of `AWS::EC2::name`."""
        return self.of_type(f"AWS::EC2::{name}")

    def _ipv6_blocks(self) -> dict[str, str]:
        """Return the IPv6 block of each VPCCidrBlock node.

        One of AWS's choosing is not known before it is there: documentation blocks stand in for
        it, one a VPC in their order. What is proven depends on what differs, not on the values.
        """
        vpcs = [node.key for node in self.ec2("VPC")]
        found: dict[str, str] = {}
        for node in self.of_type(CIDR_BLOCK):
            given = node.properties.get("Ipv6CidrBlock") or node.observed.get("Ipv6CidrBlock")
            vpc = self.key(node.properties.get("VpcId"))
            if not given and vpc in vpcs and node.properties.get("AmazonProvidedIpv6CidrBlock"):
                given = f"2001:db8:{vpcs.index(vpc) + 1:x}::/56"
            if isinstance(given, str):
                found[node.key] = given
        return found

    def key(self, value: Any) -> str:  # noqa: ANN401  (a Ref, an id or nothing)
        """Return the key that a reference or a physical id names; "" for nothing."""
        text = value.key if isinstance(value, Ref) else value
        return self._keys.get(text, text) if isinstance(text, str) else ""

    def keys(self, value: Any) -> tuple[str, ...]:  # noqa: ANN401  (a list of Refs)
        """Return the keys that a list of references names."""
        if not isinstance(value, Iterable) or isinstance(value, str | Mapping):
            return ()
        return tuple(map(self.key, value))

    def node(self, type_name: str, value: Any) -> Node | None:  # noqa: ANN401
        """Return the node of a type that a reference, an id or a key names."""
        return self.graph.get((type_name, self.key(value)))

    def block(self, value: Any) -> Block | Unknown | None:  # noqa: ANN401
        """Return a block, None for nothing, Unknown for what says nothing yet."""
        if value is None or value == "":
            return None
        if isinstance(value, Ref):
            outer = self._outer.get(value.key)
            if outer is None:
                return Unknown(str(value), "its addresses are not in the input")
            is_part = value.attribute.startswith("ipv6/")
            value = derive_block(value.attribute, outer) if is_part else outer
        try:
            return to_block(value)
        except (ValueError, TypeError, AttributeError):
            return Unknown(str(value), "it is no CIDR block")

    def block_of_vpc(self, node: Node) -> Block | Unknown | None:
        """Return the IPv6 block that a VPCCidrBlock node stands for."""
        return self.block(self._outer.get(node.key))


def protocol_number(value: Any) -> int | None:  # noqa: ANN401  ("tcp", 6 or "6")
    """Return a protocol's number, -1 for all, None for what is none."""
    text = str(value).lower()
    if text in {"-1", "all"}:
        return -1
    if text in NUMBERS:
        return NUMBERS[text]
    return int(text) if text.isdigit() and int(text) < 256 else None
