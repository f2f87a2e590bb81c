"""A ResourceGraph → the attachments and route tables of its transit gateways."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ringwall.model.graph import Node, ResourceGraph, Unknown
from ringwall.trace.addresses import Block, block
from ringwall.trace.elements import Attachment, TransitRoute, TransitTable
from ringwall.trace.values import Values

ATTACHMENT = "AWS::EC2::TransitGatewayAttachment"
# R18: for the same destination "static routes, prefix list referenced routes, VPC-propagated
# routes, Direct Connect gateway-propagated routes, Transit Gateway Connect-propagated routes,
# Site-to-Site VPN ... propagated routes" (Transit Gateway guide, "Route evaluation order").
STATIC, LIST = 0, 1
RANKS = {"vpc": 2, "direct-connect-gateway": 3, "connect": 4, "vpn": 5}
LAST = 6
PEERINGS = frozenset({"peering", "tgw-peering"})


def attachments(graph: ResourceGraph, values: Values) -> dict[str, Attachment]:
    """Return the attachments of transit gateways; those that are no VPC's have no `vpc`."""
    found = {}
    for node in graph.of_type(ATTACHMENT):
        options = node.properties.get("Options", {})
        vpc = values.key(node.properties.get("VpcId"))
        kind = "vpc" if vpc else str(node.observed.get("ResourceType", ""))
        found[node.key] = Attachment(
            key=node.key,
            gateway=values.key(node.properties.get("TransitGatewayId")),
            vpc=vpc,
            subnets=values.keys(node.properties.get("SubnetIds")),
            appliance_mode=options.get("ApplianceModeSupport") == "enable",
            references_groups=options.get("SecurityGroupReferencingSupport") != "disable",
            state=str(node.observed.get("State", "available")),
            node=node,
            kind=kind,
            gateways=_gateways(node, values) if kind in PEERINGS else (),
        )
    return found


def _gateways(node: Node, values: Values) -> tuple[str, ...]:
    """Return the two transit gateways that a peering attachment joins."""
    sides = (
        values.key((node.observed.get(name) or {}).get("TransitGatewayId"))
        for name in ("RequesterTgwInfo", "AccepterTgwInfo")
    )
    named = tuple(side for side in sides if side)
    if len(named) == 2:
        return named
    own = values.key(node.properties.get("TransitGatewayId"))
    return (own, values.key(node.observed.get("ResourceId")))


def transit_tables(
    graph: ResourceGraph,
    values: Values,
    known: Mapping[str, Attachment],
    blocks: Mapping[str, tuple[Block, ...]],
    list_name: Callable[[Any], str],
    lists: Mapping[str, tuple[Block, ...]],
) -> dict[str, TransitTable]:
    """Return the transit gateways' route tables with their static and propagated routes."""
    routes: dict[str, list[TransitRoute]] = defaultdict(list)
    unknowns: dict[str, list[Unknown]] = defaultdict(list)

    def attachment(value: Any) -> str | Unknown:  # noqa: ANN401
        key = values.key(value)
        if key in known:
            return key
        return Unknown(f"attachment {key}", "it is not a VPC's, or not in the input")

    for node in graph.of_type("AWS::EC2::TransitGatewayRoute"):
        table = values.key(node.properties.get("TransitGatewayRouteTableId"))
        blackhole = bool(node.properties.get("Blackhole")) or (
            node.observed.get("State") == "blackhole"
        )
        to = node.properties.get("TransitGatewayAttachmentId")
        leads = "" if blackhole and to is None else attachment(to)
        destination = block(node.properties["DestinationCidrBlock"])
        routes[table].append(
            TransitRoute(destination, leads, blackhole, propagated=False, node=node, rank=STATIC)
        )
    for node in graph.of_type("Ringwall::EC2::TransitGatewayPrefixListReference"):
        table = values.key(node.properties.get("TransitGatewayRouteTableId"))
        name = list_name(node.properties.get("PrefixListId"))
        if name not in lists:
            unknowns[table].append(Unknown(f"prefix list {name}", "its CIDRs are not in the input"))
        to = node.properties.get("TransitGatewayAttachmentId")
        leads = attachment(to) if to is not None else ""
        blackhole = bool(node.properties.get("Blackhole"))
        routes[table] += [
            TransitRoute(part, leads, blackhole, propagated=False, node=node, rank=LIST)
            for part in lists.get(name, ())
        ]
    promised: dict[str, list[Node]] = defaultdict(list)
    for node in graph.of_type("AWS::EC2::TransitGatewayRouteTablePropagation"):
        promised[values.key(node.properties["TransitGatewayRouteTableId"])].append(node)
    found = {}
    for node in graph.of_type("AWS::EC2::TransitGatewayRouteTable"):
        if node.observed.get("AdditionalRoutesAvailable"):
            unknowns[node.key].append(
                Unknown(f"routes of {node}", "AWS cut the list short (AdditionalRoutesAvailable)")
            )
        reported = node.observed.get("PropagatedRoutes")
        if reported is None:
            sources = promised[node.key]
            propagated = _promised(sources, known, blocks, attachment)
            ends = [attachment(n.properties["TransitGatewayAttachmentId"]) for n in sources]
            unknowns[node.key] += [end for end in ends if isinstance(end, Unknown)]
            unknowns[node.key] += [
                Unknown(f"what attachment {end} propagates", "no routes of it are in the input")
                for end in ends
                if isinstance(end, str) and not known[end].vpc
            ]
        else:
            propagated = _reported(reported, promised[node.key], values, attachment, known)
        all_routes = (*routes[node.key], *propagated)
        found[node.key] = TransitTable(node.key, all_routes, tuple(unknowns[node.key]), node)
    return found


def _promised(
    propagations: Iterable[Node],
    known: Mapping[str, Attachment],
    blocks: Mapping[str, tuple[Block, ...]],
    attachment: Callable[[Any], str | Unknown],
) -> list[TransitRoute]:
    """Return the routes of propagations: all the blocks of each attached VPC (R20).

    A block that equals or overlaps one of a VPC attached before it is not propagated (TGW guide,
    "Transit gateway attachments to a VPC").
    """
    found: list[TransitRoute] = []
    for node in propagations:
        leads = attachment(node.properties["TransitGatewayAttachmentId"])
        if isinstance(leads, Unknown):
            continue  # the table says so itself
        for part in blocks.get(known[leads].vpc, ()):
            if not any(
                part.overlaps(route.destination) for route in found if route.attachment != leads
            ):
                found.append(TransitRoute(part, leads, False, True, node, RANKS["vpc"]))
    return found


def _reported(
    reported: Iterable[Mapping[str, Any]],
    propagations: Iterable[Node],
    values: Values,
    attachment: Callable[[Any], str | Unknown],
    known: Mapping[str, Attachment],
) -> list[TransitRoute]:
    by_attachment = {
        values.key(node.properties["TransitGatewayAttachmentId"]): node for node in propagations
    }
    found = []
    for item in reported:
        destination = item.get("DestinationCidrBlock")
        if destination is None:
            continue
        blackhole = item.get("State") == "blackhole"
        attached = item.get("TransitGatewayAttachments") or [item]
        for to in attached:
            leads = attachment(to.get("TransitGatewayAttachmentId"))
            node = by_attachment.get(leads) if isinstance(leads, str) else None
            kind = known[leads].kind if isinstance(leads, str) else to.get("ResourceType")
            rank = RANKS.get(str(kind), LAST)
            found.append(TransitRoute(block(destination), leads, blackhole, True, node, rank))
    return found
