"""What people write about a change → the node that it adds, or the address that it takes away."""

from typing import Any

from ringwall.errors import QuestionError
from ringwall.model.graph import Address, Node, Ref
from ringwall.model.names import NameKind, parse_name
from ringwall.model.ports import PortSpec
from ringwall.reach.blocks import to_block
from ringwall.reach.changing import HANDLERS
from ringwall.reach.network import Network

IN, OUT = "in", "out"
WAYS = {IN: ("SecurityGroupIngress", "Source"), OUT: ("SecurityGroupEgress", "Destination")}


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
    if parse_name(peer).kind is NameKind.CIDR:
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


def _group(network: Network, name: str) -> Node:
    found = network.groups.get(network.group_names.name(name))
    if found is None or found.node is None:
        msg = f"no security group is called {name!r}"
        raise QuestionError(msg, hint="name its key (`vpc/group`) or its id")
    return found.node
