"""What the EC2 types share: building nodes from items, tags, canonical protocols and CIDRs."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from ipaddress import ip_network
from typing import Any

from ringwall.model.calls import Call
from ringwall.model.graph import Node
from ringwall.resources.kind import Item, Reads
from ringwall.resources.ownership import from_tag_list, is_ours, to_tag_list

# EC2 reports names for these and takes numbers as well (IpPermission, IpProtocol).
PROTOCOL_NAMES = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}


def ec2_node(
    reads: Reads,
    type_name: str,
    physical_id: str,
    properties: Mapping[str, Any],
    observed: Mapping[str, Any],
    tags: Iterable[Mapping[str, Any]] | None = None,
) -> Node:
    """Build the node of one described item; its key is its physical id until it is assembled.

    Raises TypeError for an id that is no text.
    """
    if not isinstance(physical_id, str):
        msg = f"the id of {type_name} is {physical_id!r}"
        raise TypeError(msg)
    return Node(
        type=type_name,
        key=physical_id,
        account=reads.account,
        region=reads.region,
        properties=properties,
        observed={name: value for name, value in observed.items() if value is not None},
        tags=from_tag_list(tags),
        physical_id=physical_id,
    )


def ec2_tag(node: Node, tags: Mapping[str, str]) -> tuple[Call, ...]:
    """Set tags on an EC2 resource by its id."""
    return (Call("ec2", "create_tags", {"Resources": [node.ref], "Tags": to_tag_list(tags)}),)


def is_tagged_item(item: Item, deployment: str) -> bool:
    """Tell whether an EC2 item bears the tags of this deployment."""
    return is_ours(from_tag_list(item.get("Tags")), deployment)


def canonical_protocol(value: str | int) -> str:
    """Return `tcp`, `udp`, `icmp`, `icmpv6`, `-1` for all, or the number as text."""
    text = str(value).lower()
    if text == "all":
        return "-1"
    return PROTOCOL_NAMES.get(text, text)


@lru_cache(maxsize=65536)
def canonical_cidr(value: str) -> str:
    """Return the CIDR block without host bits, as AWS stores it: 100.68.0.18/18 → 100.68.0.0/18."""
    return str(ip_network(value, strict=False))
