"""A graph → the attachments and route tables of its transit gateways."""

from collections.abc import Iterator, Mapping

from ringwall.model.graph import Node
from ringwall.verify.elements import Attachment, TransitRoute, TransitTable
from ringwall.verify.sets import Ranges, meet
from ringwall.verify.traffic import block, length_of
from ringwall.verify.values import Values

PEERINGS = frozenset({"peering", "tgw-peering"})
LINES = frozenset({"vpn", "direct-connect-gateway"})
WORKING = frozenset({"available", "modifying"})  # states in which attachments carry traffic
IDLE = frozenset({"pending", "deleting", "deleted", "failed", "rejected"})  # and in which none
# R18: for the same destination static routes come first, then those of prefix lists, then what is
# propagated: VPCs, Direct Connect, Connect, VPN (Transit Gateway guide, "Route evaluation order").
_RANKS = {"vpc": 2, "direct-connect-gateway": 3, "connect": 4, "vpn": 5}
_LAST = 6

VpcBlocks = Mapping[str, tuple[tuple[Ranges, int], ...]]
Attachments = Mapping[str, Attachment]


def read_attachments(values: Values) -> dict[str, Attachment]:
    """Return the attachments of transit gateways; those of no VPC have no `vpc`."""
    found = {}
    for node in values.ec2("TransitGatewayAttachment"):
        options = node.properties.get("Options") or {}
        vpc = values.key(node.properties.get("VpcId"))
        kind = "vpc" if vpc else str(node.observed.get("ResourceType", ""))
        found[node.key] = Attachment(
            key=node.key,
            gateway=values.key(node.properties.get("TransitGatewayId")),
            kind=kind,
            vpc=vpc,
            subnets=values.keys(node.properties.get("SubnetIds")),
            appliance_mode=options.get("ApplianceModeSupport") == "enable",
            references_groups=options.get("SecurityGroupReferencingSupport") != "disable",
            state=str(node.observed.get("State", "available")),
            resource=values.key(node.observed.get("ResourceId")),
            gateways=_gateways(values, node) if kind in PEERINGS else (),
            node=node,
        )
    return found


def _gateways(values: Values, node: Node) -> tuple[str, ...]:
    sides = [
        values.key((node.observed.get(name) or {}).get("TransitGatewayId"))
        for name in ("RequesterTgwInfo", "AccepterTgwInfo")
    ]
    if all(sides):
        return tuple(sides)
    own = values.key(node.properties.get("TransitGatewayId"))
    return own, values.key(node.observed.get("ResourceId"))


def read_transit_tables(
    values: Values, known: Attachments, blocks: VpcBlocks
) -> dict[str, TransitTable]:
    """Return the route tables of transit gateways with static and propagated routes."""
    routes: dict[str, list[TransitRoute]] = {}
    doubts: dict[str, list[str]] = {}
    for node in values.ec2("TransitGatewayRoute"):
        table = values.key(node.properties.get("TransitGatewayRouteTableId"))
        part = block(node.properties["DestinationCidrBlock"])
        dead = node.observed.get("State") == "blackhole"
        routes.setdefault(table, []).append(_static(values, node, known, part, 0, dead=dead))
    for node in values.of_type("Ringwall::EC2::TransitGatewayPrefixListReference"):
        table = values.key(node.properties.get("TransitGatewayRouteTableId"))
        name = values.list_name(node.properties.get("PrefixListId"))
        if name not in values.lists:
            lost = f"the addresses of prefix list {name} are not in the input"
            doubts.setdefault(table, []).append(lost)
        for cidr in values.list_cidrs(name):
            found = _static(values, node, known, block(cidr), 1, dead=False)
            routes.setdefault(table, []).append(found)
    promises: dict[str, list[Node]] = {}
    for node in values.ec2("TransitGatewayRouteTablePropagation"):
        table = values.key(node.properties["TransitGatewayRouteTableId"])
        promises.setdefault(table, []).append(node)
    tables = {}
    for node in values.ec2("TransitGatewayRouteTable"):
        mine = doubts.get(node.key, [])
        if node.observed.get("AdditionalRoutesAvailable"):
            mine.append(f"AWS cut the routes of {node.key} short")
        reported = node.observed.get("PropagatedRoutes")
        if reported is None:
            ends = [
                values.key(n.properties["TransitGatewayAttachmentId"])
                for n in promises.get(node.key, ())
            ]
            propagated = list(_promised(ends, known, blocks))
            mine += [
                f"what attachment {end} propagates is not in the input"
                for end in ends
                if end not in known or not known[end].vpc
            ]
        else:
            propagated = [r for item in reported for r in _reported(values, item, known)]
        gateway = values.key(node.properties.get("TransitGatewayId"))
        every = (*routes.get(node.key, ()), *propagated)
        tables[node.key] = TransitTable(node.key, gateway, every, "; ".join(mine))
    return tables


def _static(
    values: Values, node: Node, known: Attachments, part: Ranges, rank: int, *, dead: bool
) -> TransitRoute:
    to = node.properties.get("TransitGatewayAttachmentId")
    key = values.key(to)
    dead = dead or bool(node.properties.get("Blackhole"))
    lost = "" if key in known or (dead and to is None) else f"attachment {key} is not in the input"
    return TransitRoute(part, length_of(part), rank, key, dead, propagated=False, doubt=lost)


def _promised(ends: list[str], known: Attachments, blocks: VpcBlocks) -> Iterator[TransitRoute]:
    """R20: all blocks of a VPC are propagated, but those that overlap another's from before."""
    taken: list[tuple[str, Ranges]] = []
    for end in ends:
        attachment = known.get(end)
        for part, length in blocks.get(attachment.vpc, ()) if attachment else ():
            if not any(meet(part, other) for whose, other in taken if whose != end):
                taken.append((end, part))
                yield TransitRoute(part, length, _RANKS["vpc"], end, False, True)


def _reported(
    values: Values, item: Mapping[str, object], known: Attachments
) -> Iterator[TransitRoute]:
    destination = item.get("DestinationCidrBlock")
    if destination is None:
        return
    part = block(str(destination))
    ends = item.get("TransitGatewayAttachments") or [item]
    for end in ends if isinstance(ends, list | tuple) else ():
        key = values.key(end.get("TransitGatewayAttachmentId"))
        kind = known[key].kind if key in known else str(end.get("ResourceType"))
        lost = "" if key in known else f"attachment {key} is not in the input"
        rank, dead = _RANKS.get(kind, _LAST), item.get("State") == "blackhole"
        yield TransitRoute(part, length_of(part), rank, key, dead, True, lost)
