"""What a graph from templates implies and says only together: addresses, tables, what is missing.

Rules:
- A Transit Gateway has a default route table unless it is told otherwise; an attachment that names
  no table is associated with it, and every attachment propagates into it (CreateTransitGateway,
  the options DefaultRouteTableAssociation and DefaultRouteTablePropagation).
- Whatever a packet's way names and no template makes is unknown.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ringwall.formats.cloudformation.draft import Draft
from ringwall.formats.cloudformation.filters import GROUP, add_default_egress, has_egress
from ringwall.formats.cloudformation.kinds import NEUTRAL, is_beside_packets
from ringwall.formats.cloudformation.resources import ATTACHMENT, INTERFACE, TO_BE_CHOSEN
from ringwall.formats.cloudformation.stacks import Resource
from ringwall.formats.cloudformation.values import UNKNOWN_VALUE, reasons, unknown
from ringwall.model.graph import Node, Ref, map_references, references
from ringwall.resources import registry

GATEWAY = "AWS::EC2::TransitGateway"
TABLE = "AWS::EC2::TransitGatewayRouteTable"
ASSOCIATION = "AWS::EC2::TransitGatewayRouteTableAssociation"
PROPAGATION = "AWS::EC2::TransitGatewayRouteTablePropagation"
ROUTE, LEARNING = "AWS::EC2::Route", "AWS::EC2::VPNGatewayRoutePropagation"
# Named without being made by a template: AWS's own lists, a gateway that is brought along. The
# engines know what they do not know of them.
ELSEWHERE = frozenset({UNKNOWN_VALUE, "AWS::EC2::PrefixList", GATEWAY})


def join(draft: Draft, resources: Iterable[Resource], *, default_egress: bool = True) -> None:
    """Complete a graph; `default_egress` lets everything out of groups without such rules."""
    resources = list(resources)
    _nested(draft)
    if default_egress:
        _default_egress(draft, resources)
    _transit_gateways(draft)
    _edge_tables(draft)
    _addresses(draft, resources)
    _zones(draft)
    _missing(draft)


def _nested(draft: Draft) -> None:
    """Key what belongs to something that bears no tags by that one's key: rules of a listener."""

    def keyed(ref: Ref) -> Ref:
        return replace(ref, key=draft.keyed.get((ref.type, ref.key), ref.key))

    for node in list(draft.nodes.values()):
        kind = registry().get(node.type)
        parent = node.properties.get(kind.parent) if kind is not None else None
        if (
            kind is None
            or kind.key is None
            or not isinstance(parent, Ref)
            or parent == keyed(parent)
        ):
            continue
        properties = map_references(node.properties, keyed)
        del draft.nodes[node.type, node.key]
        moved = replace(node, key=kind.key(properties), properties=properties)
        draft.nodes.setdefault((moved.type, moved.key), moved)


def _of_type(draft: Draft, kind: str) -> list[Node]:
    return [node for node in draft.nodes.values() if node.type == kind]


def lose_all_learned(draft: Draft) -> None:
    """Note what tables learn of virtual private gateways: no template tells it."""
    for node in _of_type(draft, LEARNING):
        tables = node.properties.get("RouteTableIds") or ()
        for table in tables if isinstance(tables, (list, tuple)) else ():
            lose_learned(draft, node, node.properties.get("VpnGatewayId"), table)


def lose_learned(draft: Draft, source: Node, gateway: object, table: object) -> None:
    """Note that routes of a table are not known; `source` is what says that it learns them.

    A route without a known destination stands for them; more specific ones than all that are known
    may be among them, so that nothing is certain.
    """
    told = f"the routes that {table} learns of {gateway} are not in the input"
    properties = {
        "RouteTableId": table,
        "DestinationCidrBlock": unknown(told),
        "GatewayId": gateway,
    }
    place = (source.account, source.region)
    node = Node(ROUTE, f"{table} of {gateway}", *place, properties, origin=source.origin)
    draft.nodes.setdefault((node.type, node.key), node)
    draft.lose(str(source), told)


def _default_egress(draft: Draft, resources: list[Resource]) -> None:
    egress = _of_type(draft, "AWS::EC2::SecurityGroupEgress")
    told = {ref.key for node in egress for ref in references(node.properties.get("GroupId"))}
    # One that lets nothing out has left no node.
    for resource in resources:
        if resource.type == "AWS::EC2::SecurityGroupEgress":
            tree = resource.properties.get("GroupId")
            if tree is not None:
                told |= {r.key for r in references(draft.work.safely(resource.stack, tree))}
    for resource in resources:
        is_group = resource.type == GROUP and (GROUP, resource.key) in draft.nodes
        if is_group and resource.key not in told and not has_egress(draft, resource):
            add_default_egress(draft, resource)


def _transit_gateways(draft: Draft) -> None:
    associated = {
        ref.key
        for node in _of_type(draft, ASSOCIATION)
        for ref in references(node.properties["TransitGatewayAttachmentId"])
    }
    attachments = _of_type(draft, ATTACHMENT)
    gateways = {node.key: node for node in _of_type(draft, GATEWAY)}
    for gateway in gateways.values():
        own = [a for a in attachments if a.properties.get("TransitGatewayId") == gateway.ref]
        _default_table(draft, gateway, own, associated)
    for attachment in attachments:
        ref = attachment.properties.get("TransitGatewayId")
        if isinstance(ref, Ref) and ref.key not in gateways and attachment.key not in associated:
            draft.lose(str(ref), "its default route table is not in the input")


def _default_table(
    draft: Draft, gateway: Node, attachments: list[Node], associated: set[str]
) -> None:
    associates = gateway.properties.get("DefaultRouteTableAssociation") == "enable"
    propagates = gateway.properties.get("DefaultRouteTablePropagation") == "enable"
    if not associates and not propagates:
        return
    table = Ref(TABLE, f"{gateway.key}/default")
    _put(draft, gateway, TABLE, {"TransitGatewayId": gateway.ref}, table.key)
    for attachment in attachments:
        ends = {
            "TransitGatewayAttachmentId": attachment.ref,
            "TransitGatewayRouteTableId": table,
        }
        is_apart = (attachment.key, "association") in draft.apart
        if associates and not is_apart and attachment.key not in associated:
            _put(draft, attachment, ASSOCIATION, ends)
        if propagates and (attachment.key, "propagation") not in draft.apart:
            _put(draft, attachment, PROPAGATION, ends)


def _put(
    draft: Draft, source: Node, kind: str, properties: Mapping[str, Any], key: str = ""
) -> None:
    make = registry()[kind].key
    key = make(properties) if make is not None else key
    node = Node(kind, key, source.account, source.region, properties, origin=source.origin)
    draft.nodes.setdefault((kind, key), node)


def _edge_tables(draft: Draft) -> None:
    for node in _of_type(draft, "AWS::EC2::GatewayRouteTableAssociation"):
        ref = node.properties["RouteTableId"]
        table = draft.nodes.get((ref.type, ref.key)) if isinstance(ref, Ref) else None
        if table is not None:
            held = [*table.observed.get("GatewayAssociations", ()), node.properties["GatewayId"]]
            draft.replace(table, observed={**table.observed, "GatewayAssociations": held})


def _addresses(draft: Draft, resources: Iterable[Resource]) -> None:
    """Give interfaces the public addresses and the instances that are joined to them."""
    instances = {node.key: node for node in _of_type(draft, "AWS::EC2::Instance")}
    for instance in instances.values():
        for ref in instance.observed["NetworkInterfaceIds"]:
            _observe(draft, ref, {"Attachment": {"InstanceId": instance.ref, "Status": "attached"}})
    for resource in resources:
        if resource.type not in {
            "AWS::EC2::EIP",
            "AWS::EC2::EIPAssociation",
            "AWS::EC2::NetworkInterfaceAttachment",
        }:
            continue
        given = draft.properties(resource)
        ends = [given.get(name) for name in ("NetworkInterfaceId", "InstanceId")]
        lost = [why for end in ends for why in reasons(end)]
        if lost:
            draft.lose(f"{resource.type.rsplit('::', 1)[-1]} {resource.key}", *lost)
            continue
        if resource.type == "AWS::EC2::NetworkInterfaceAttachment":
            attached = {"Attachment": {"InstanceId": ends[1], "Status": "attached"}}
            _observe(draft, ends[0], attached)
            continue
        bearer = instances.get(ends[1].key) if isinstance(ends[1], Ref) else None
        if ends[0] is None and bearer is not None:
            ends[0] = next(iter(bearer.observed["NetworkInterfaceIds"]), None)
        _observe(draft, ends[0], {"PublicIp": TO_BE_CHOSEN})
    for node in _of_type(draft, INTERFACE):
        subnet = node.properties.get("SubnetId")
        home = draft.nodes.get((subnet.type, subnet.key)) if isinstance(subnet, Ref) else None
        started = "/eth" in node.key and "PublicIp" not in node.observed
        if home is not None and started and home.properties.get("MapPublicIpOnLaunch") is True:
            _observe(draft, node.ref, {"PublicIp": TO_BE_CHOSEN})


def _observe(draft: Draft, ref: Any, observed: Mapping[str, Any]) -> None:  # noqa: ANN401
    node = draft.nodes.get((ref.type, ref.key)) if isinstance(ref, Ref) else None
    if node is not None:
        draft.replace(node, observed={**node.observed, **observed})


def _zones(draft: Draft) -> None:
    """Note where zones cannot be told apart: those of Fn::GetAZs bear no names."""
    subnets = _of_type(draft, "AWS::EC2::Subnet")
    zones = [
        n.properties.get("AvailabilityZone", n.properties.get("AvailabilityZoneId"))
        for n in subnets
    ]
    texts = {zone for zone in zones if isinstance(zone, str)}
    if any("[" in zone for zone in texts) and any("[" not in zone for zone in texts):
        draft.lose("availability zones", "some are named, some are Fn::GetAZs'")
    asks = any(n.type == ATTACHMENT or "LoadBalancer" in n.type for n in draft.nodes.values())
    for node, zone in zip(subnets, zones, strict=True):
        if asks and not isinstance(zone, str):
            why = next(reasons(zone), "AWS chooses it")
            draft.lose(str(node), f"AvailabilityZone: {why}")


def _missing(draft: Draft) -> None:
    for node in list(draft.nodes.values()):
        if is_beside_packets(node.type):
            continue
        for name, value in node.properties.items():
            if name in NEUTRAL:
                continue
            for ref in references(value):
                foreign = not ref.type.startswith(("AWS::EC2::", "AWS::Elastic", "Ringwall::"))
                if ref.type in ELSEWHERE or foreign or (ref.type, ref.key) in draft.nodes:
                    continue
                if ref.type == "AWS::EC2::VPCCidrBlock" and ref.key.endswith("/ipv6"):
                    continue
                draft.lose(f"{ref.type.rsplit('::', 1)[-1]} {ref.key}", "not in the input")
