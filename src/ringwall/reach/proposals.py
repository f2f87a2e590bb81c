"""What people write about a change → the node that it adds, or the address that it takes away."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from ringwall.errors import QuestionError
from ringwall.model.graph import Address, Node, Ref
from ringwall.model.names import NameKind, parse_name
from ringwall.model.ports import PortSpec
from ringwall.reach.blocks import Block, to_block
from ringwall.reach.changing import HANDLERS
from ringwall.reach.naming import near
from ringwall.reach.network import Network
from ringwall.reach.parents import find_acl, find_group, find_table, find_target
from ringwall.reach.reading_filters import DEFAULT_ACL
from ringwall.resources import network_acl_entry, route

IN, OUT = "in", "out"
WAYS = {IN: ("SecurityGroupIngress", "Source"), OUT: ("SecurityGroupEgress", "Destination")}

# What a route may lead to, and by which property it says so.
TARGETS = {
    "EgressOnlyInternetGateway": "EgressOnlyInternetGatewayId",
    "Instance": "InstanceId",
    "InternetGateway": "GatewayId",
    "NatGateway": "NatGatewayId",
    "NetworkInterface": "NetworkInterfaceId",
    "TransitGateway": "TransitGatewayId",
    "VPCEndpoint": "VpcEndpointId",
    "VPCPeeringConnection": "VpcPeeringConnectionId",
    "VPNGateway": "GatewayId",
}


def removed(network: Network, name: str) -> Address:
    """Return what an id or a key names: a rule, an entry, a route, or an association.

    Raises QuestionError where it names nothing of these, or several.
    """
    found = [
        (node.type, node.key)
        for kind in HANDLERS
        for node in network.values.of_type(kind)
        if name and name in {node.key, node.physical_id}
    ]
    if not found:
        kinds = ", ".join(kind.rsplit("::", 1)[-1] for kind in HANDLERS)
        msg = f"nothing that can be removed is called {name!r}"
        nodes = [node for kind in HANDLERS for node in network.values.of_type(kind)]
        names = {text.lower(): text for node in nodes for text in (node.key, node.physical_id)}
        alike = near(name, names)
        hint = f"did you mean {alike}?" if alike else f"name the key or the id of one of {kinds}"
        raise QuestionError(msg, hint=hint)
    if len(found) > 1:
        listed = ", ".join(kind for kind, _ in found)
        msg = f"{name!r} is the key of several: {listed}"
        raise QuestionError(msg, hint="name its id")
    return found[0]


def allowed(network: Network, group: str, way: str, ports: PortSpec, peer: str) -> Node:
    """Return the rule that lets a group take (`in`) or send (`out`) packets.

    `group` and a `peer` that is no CIDR are groups (`parents`). Raises QuestionError.
    """
    owner = find_group(network, group)
    kind, side = WAYS[way]
    named: dict[str, str | Ref]
    if _is_address(peer):
        block = _block(peer)
        named = {"CidrIp" if block.version == 4 else "CidrIpv6": str(block)}
    else:
        named = {f"{side}SecurityGroupId": find_group(network, peer).ref}
    properties: dict[str, Any] = {"GroupId": owner.ref, "IpProtocol": str(ports.number), **named}
    if ports.protocol in {"tcp", "udp"}:
        properties |= {"FromPort": ports.low, "ToPort": ports.high}
    elif not ports.is_whole:
        if ports.low != ports.high:
            msg = f"one rule cannot name several types of ICMP: {ports}"
            raise QuestionError(msg, hint="ask for each of them")
        properties |= {"FromPort": ports.low, "ToPort": -1}
    key = f"{owner.key}:what-if:{way}:{ports}:{peer}"
    return Node(f"AWS::EC2::{kind}", key, owner.account, owner.region, properties)


def entered(
    network: Network,
    acl: str,
    place: tuple[str, int, str],
    ports: PortSpec,
    cidr: str,
    made: Mapping[Address, Node] = MappingProxyType({}),
) -> Node:
    """Return an entry of a network ACL; one of the same number and way is replaced.

    `place` is its way, number and action. A default network ACL is returned itself, with the entry
    among its own and among those that it has in `made`. Raises QuestionError.
    """
    way, number, action = place
    owner = find_acl(network, acl)
    owner = made.get((owner.type, owner.key), owner)
    block = _block(cidr)
    properties: dict[str, Any] = {
        "NetworkAclId": owner.ref,
        "Egress": way == OUT,
        "RuleNumber": number,
        "RuleAction": action,
        "Protocol": ports.number,
        "CidrBlock" if block.version == 4 else "Ipv6CidrBlock": str(block),
    }
    if not 1 <= number <= network_acl_entry.LAST_NUMBER:
        msg = f"there is no entry {number}"
        raise QuestionError(msg, hint=f"a number from 1 to {network_acl_entry.LAST_NUMBER}")
    if ports.protocol in {"tcp", "udp"}:
        properties["PortRange"] = {"From": ports.low, "To": ports.high}
    elif ports.protocol != "any":
        if ports.low != ports.high and not ports.is_whole:
            msg = f"one entry cannot name several types of ICMP: {ports}"
            raise QuestionError(msg, hint="ask for each of them")
        properties["Icmp"] = {"Type": -1 if ports.is_whole else ports.low, "Code": -1}
    key = network_acl_entry.key(properties)
    is_apart = ("AWS::EC2::NetworkAclEntry", key) in network.graph
    if owner.type == DEFAULT_ACL and not is_apart:
        return _with_entry(owner, properties)
    return _placed(network, owner, "NetworkAclEntry", key, properties)


def _with_entry(acl: Node, properties: dict[str, Any]) -> Node:
    """Return a default network ACL, whose entries are its own, with another entry."""
    fresh = {name: value for name, value in properties.items() if name != "NetworkAclId"}
    place = (fresh["Egress"], fresh["RuleNumber"])
    entries = acl.properties.get("Entries", acl.observed.get("Entries", ()))
    others = [e for e in entries if (bool(e.get("Egress")), int(e["RuleNumber"])) != place]
    return replace(acl, properties={**acl.properties, "Entries": [*others, fresh]})


def routed(network: Network, table: str, cidr: str, target: str) -> tuple[Node, ...]:
    """Return a route of a table to a gateway or an interface; one of the same block is replaced.

    With it comes a VPC's main table where none is in the graph. Raises QuestionError.
    """
    owner, *main = find_table(network, table)
    leads = find_target(network, target, tuple(f"AWS::EC2::{kind}" for kind in TARGETS))
    block = _block(cidr)
    destination = "DestinationCidrBlock" if block.version == 4 else "DestinationIpv6CidrBlock"
    properties = {
        "RouteTableId": owner.ref,
        destination: str(block),
        TARGETS[leads.short_type]: leads.ref,
    }
    added = _placed(network, owner, "Route", route.key(properties), properties)
    return (owner, *main, added) if main else (added,)


def _placed(network: Network, owner: Node, kind: str, key: str, properties: dict[str, Any]) -> Node:
    """Return a node that takes the place of its namesake, whose id it keeps."""
    kind = f"AWS::EC2::{kind}"
    before = network.graph.get((kind, key))
    known = before.physical_id if before is not None else ""
    return Node(kind, key, owner.account, owner.region, properties, physical_id=known)


def _is_address(text: str) -> bool:
    """Tell whether a text is meant to be an address; raises QuestionError for a faulty one."""
    try:
        return parse_name(text).kind is NameKind.CIDR
    except QuestionError:
        if set(text) <= set("0123456789abcdefABCDEF.:/") and ("." in text or ":" in text):
            raise
        return False


def _block(cidr: str) -> Block:
    if not _is_address(cidr):
        msg = f"{cidr!r} is no CIDR"
        raise QuestionError(msg, hint="write 10.0.0.0/8 or 2001:db8::/32")
    return to_block(cidr)
