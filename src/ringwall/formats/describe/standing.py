"""A network as it is wanted, and who stands where: interfaces put into its subnets.

Input: a graph without ids, as a blueprint's, and an answer of `describe-network-interfaces`.
Exact: an interface stands in the subnet that holds its address; a group is known by its name
(`GroupName`), its key (tag `ringwall:group`, or the name itself) or its id.
Unknown: what is in no subnet of the network, or bears a group that it has not, is left out.
"""

import json
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from ringwall.errors import InputError
from ringwall.model.graph import Node, ResourceGraph
from ringwall.resources.kind import Reads
from ringwall.resources.network_interface import NETWORK_INTERFACES, read

GROUP_TAG = "ringwall:group"
Item = Mapping[str, Any]


def with_interfaces(graph: ResourceGraph, text: str, file: str) -> ResourceGraph:
    """Put the interfaces of an answer into a graph; raises InputError if it has none for it."""
    try:
        items = json.loads(text)["NetworkInterfaces"]
        found = list(_placed(graph, items))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        msg = f"{file}: no answer of describe-network-interfaces"
        hint = "`aws ec2 describe-network-interfaces --output json` writes one"
        raise InputError(msg, hint=hint) from None
    if not found:
        msg = f"{file}: none of its {len(items)} interfaces stands in a subnet of the network"
        raise InputError(msg, hint="is it of another network?")
    return graph.with_nodes(found)


def _placed(graph: ResourceGraph, items: list[Item]) -> Iterator[Node]:
    subnets = [
        (ip_network(str(block)), node)
        for node in graph.of_type("AWS::EC2::Subnet")
        for block in (node.properties.get("CidrBlock"), node.properties.get("Ipv6CidrBlock"))
        if isinstance(block, str)
    ]
    groups = {}
    for node in graph.of_type("AWS::EC2::SecurityGroup"):
        for name in (node.key, node.physical_id, node.properties.get("GroupName")):
            groups[str(name)] = node.key
    for item in items:
        home = _home(subnets, str(item.get("PrivateIpAddress") or ""))
        members = [groups.get(name) for name in _group_names(item)]
        if home is None or None in members:
            continue
        known = {**item, "SubnetId": home.key, "Groups": [{"GroupId": key} for key in members]}
        reads = Reads(home.account, home.region, {NETWORK_INTERFACES.name: [known]})
        yield from read(reads)


def _home(subnets: list[tuple[IPv4Network | IPv6Network, Node]], text: str) -> Node | None:
    address = ip_address(text)
    for block, node in subnets:
        if address.version == block.version and address in block:
            return node
    return None


def _group_names(item: Item) -> Iterator[str]:
    tagged = [tag["Value"] for tag in item.get("TagSet") or () if tag.get("Key") == GROUP_TAG]
    named = [group.get("GroupId") or group.get("GroupName") for group in item.get("Groups") or ()]
    yield from (name for name in (tagged if any(tagged) else named) if name)
