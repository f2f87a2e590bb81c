"""What people write about a change → the node that it adds, or the address that it takes away."""

from typing import Any

from ringwall.errors import QuestionError
from ringwall.model.graph import Address, Node, Ref
from ringwall.model.names import NameKind, parse_name
from ringwall.model.ports import PortSpec
from ringwall.reach.blocks import Block, to_block
from ringwall.reach.changing import HANDLERS
from ringwall.reach.network import Network
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
        if name in {node.key, node.physical_id}
    ]
    if not found:
        kinds = ", ".join(kind.rsplit("::", 1)[-1] for kind in HANDLERS)
        msg = f"nothing that can be removed is called {name!r}"
        raise QuestionError(msg, hint=f"name the key or the id of one of {kinds}")
    if len(found) > 1:
        listed = ", ".join(kind for kind, _ in found)
        msg = f"{name!r} is the key of several: {listed}"
        raise QuestionError(msg, hint="name its id")
    return found[0]


def allowed(network: Network, group: str, way: str, ports: PortSpec, peer: str) -> Node:
    """Return the rule that lets a group take (`in`) or send (`out`) packets.

    `group` and a `peer` that is no CIDR are groups, by key or id. Raises QuestionError.
    """
    owner = _group(network, group)
    kind, side = WAYS[way]
    named: dict[str, str | Ref]
    is_group = network.group_names.name(peer) in network.groups
    if not is_group and parse_name(peer).kind is NameKind.CIDR:
        block = to_block(peer)
        named = {"CidrIp" if block.version == 4 else "CidrIpv6": str(block)}
    else:
        named = {f"{side}SecurityGroupId": _group(network, peer).ref}
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
    network: Network, acl: str, way: str, number: int, action: str, ports: PortSpec, cidr: str
) -> Node:
    """Return an entry of a network ACL; one of the same number and way is replaced.

    Raises QuestionError.
    """
    owner = _one(network, acl, ("NetworkAcl",), "network ACL")
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
    return _placed(network, owner, "NetworkAclEntry", key, properties)


def routed(network: Network, table: str, cidr: str, target: str) -> Node:
    """Return a route of a table to a gateway or an interface; one of the same block is replaced.

    Raises QuestionError.
    """
    owner = _one(network, table, ("RouteTable",), "route table")
    block, leads = _block(cidr), _one(network, target, tuple(TARGETS), "target of routes")
    destination = "DestinationCidrBlock" if block.version == 4 else "DestinationIpv6CidrBlock"
    properties = {
        "RouteTableId": owner.ref,
        destination: str(block),
        TARGETS[leads.short_type]: leads.ref,
    }
    return _placed(network, owner, "Route", route.key(properties), properties)


def _placed(network: Network, owner: Node, kind: str, key: str, properties: dict[str, Any]) -> Node:
    """Return a node that takes the place of its namesake, whose id it keeps."""
    kind = f"AWS::EC2::{kind}"
    before = network.graph.get((kind, key))
    known = before.physical_id if before is not None else ""
    return Node(kind, key, owner.account, owner.region, properties, physical_id=known)


def _block(cidr: str) -> Block:
    if parse_name(cidr).kind is not NameKind.CIDR:
        msg = f"{cidr!r} is no CIDR"
        raise QuestionError(msg, hint="write 10.0.0.0/8 or 2001:db8::/32")
    return to_block(cidr)


def _one(network: Network, name: str, kinds: tuple[str, ...], what: str) -> Node:
    """Return what a key or an id names among some types."""
    found = [
        node
        for kind in kinds
        for node in network.values.ec2(kind)
        if name in {node.key, node.physical_id}
    ]
    if not found:
        msg = f"no {what} is called {name!r}"
        raise QuestionError(msg, hint="name its key or its id")
    if len(found) > 1:
        listed = ", ".join(node.short_type for node in found)
        msg = f"{name!r} is the key of several: {listed}"
        raise QuestionError(msg, hint="name its id")
    return found[0]


def _group(network: Network, name: str) -> Node:
    found = network.groups.get(network.group_names.name(name))
    if found is None or found.node is None:
        msg = f"no security group is called {name!r}"
        raise QuestionError(msg, hint="name its key (`vpc/group`) or its id")
    return found.node
