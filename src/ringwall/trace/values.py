"""Properties of nodes → keys, blocks and protocol numbers, wanted or read back alike."""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.graph import Node, Ref, ResourceGraph, Unknown
from ringwall.resources.ipv6 import derive_block
from ringwall.trace.addresses import Block, block
from ringwall.trace.packet import NUMBERS

CIDR_BLOCK = "AWS::EC2::VPCCidrBlock"


class Values:
    """Reads values that may be references; remembers physical ids and stand-in IPv6 blocks."""

    def __init__(self, graph: ResourceGraph) -> None:
        self._keys = {node.physical_id: node.key for node in graph if node.physical_id}
        self._ipv6: dict[str, str] = {}
        # An IPv6 block of AWS's choosing is not known before it is there. Documentation blocks
        # stand in for it, one a VPC in their order: proofs depend on what differs, not on values.
        vpcs = [node.key for node in graph.of_type("AWS::EC2::VPC")]
        for node in graph.of_type(CIDR_BLOCK):
            given = node.properties.get("Ipv6CidrBlock") or node.observed.get("Ipv6CidrBlock")
            vpc = self.key(node.properties.get("VpcId"))
            if not given and vpc in vpcs and node.properties.get("AmazonProvidedIpv6CidrBlock"):
                given = f"2001:db8:{vpcs.index(vpc) + 1:x}::/56"
            if isinstance(given, str):
                self._ipv6[node.key] = given

    def key(self, value: Any) -> str:  # noqa: ANN401  (a Ref, an id or nothing)
        """Return the key that a reference or a physical id names; "" for nothing."""
        if isinstance(value, Ref):
            return self._keys.get(value.key, value.key)
        return self._keys.get(value, value) if isinstance(value, str) else ""

    def keys(self, value: Any) -> tuple[str, ...]:  # noqa: ANN401
        """Return the keys that a list of references names; items may be EC2's GroupId objects."""
        if not isinstance(value, Iterable) or isinstance(value, str | Mapping):
            return ()
        return tuple(
            self.key(item.get("GroupId") if isinstance(item, Mapping) else item) for item in value
        )

    def block(self, value: Any) -> Block | Unknown | None:  # noqa: ANN401
        """Return a block, None for nothing, Unknown for a reference that says nothing yet."""
        if value is None or value == "":
            return None
        if isinstance(value, Ref):
            outer = self._ipv6.get(value.key)
            if outer is None:
                return Unknown(str(value), "its addresses are not in the input")
            if value.attribute.startswith("ipv6/"):
                value = derive_block(value.attribute, outer)
            else:
                value = outer
        try:
            return block(value)
        except ValueError:
            return Unknown(str(value), "it is no CIDR block")

    def vpc_ipv6(self, node: Node) -> Block | Unknown | None:
        """Return the IPv6 block that a VPCCidrBlock node stands for."""
        given = self._ipv6.get(node.key)
        return self.block(given) if given else None


def protocol_number(value: Any) -> int:  # noqa: ANN401  ("tcp", 6 or "6")
    """Return the protocol's number, -1 for all."""
    text = str(value).lower()
    if text in {"-1", "all"}:
        return -1
    return NUMBERS[text] if text in NUMBERS else int(text)
