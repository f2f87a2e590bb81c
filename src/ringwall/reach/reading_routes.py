"""A graph → its route tables, prefix lists and what a transit gateway knows.

Rules:
- A wanted graph is complete: what it does not say, AWS's defaults decide. A graph that was read
  back is as complete as its input: what is missing there is Unknown.
- Propagated routes are what AWS reported, else what the propagations promise.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ringwall.model.graph import Node, Ref, Unknown
from ringwall.reach.blocks import Block, to_block
from ringwall.reach.elements import (
    LISTED,
    PROPAGATED,
    STATIC,
    Attachment,
    Lead,
    Route,
    RouteTable,
    TransitRoute,
    TransitTable,
)
from ringwall.reach.values import CIDR_BLOCK, Values

ANYWHERE = ("0.0.0.0/0", "::/0")
ENDPOINT = "AWS::EC2::VPCEndpoint"
SUBNET_BLOCKS = ("CidrBlock", "Ipv6CidrBlock")
# What a route that is more specific than a local one may lead to (R3).
LEGAL_INSIDE = frozenset(
    {
        "nat-gateway",
        "network-interface",
        "instance",
        "gateway-load-balancer-endpoint",
        "vpc-endpoint",
    }
)
# The property of a route that names its target → the kind of target. A kind that the walk does not
# know is UNKNOWN by this name.
TARGETS: Mapping[str, str] = {
    "NatGatewayId": "nat-gateway",
    "TransitGatewayId": "transit-gateway",
    "EgressOnlyInternetGatewayId": "egress-only-internet-gateway",
    "VpcPeeringConnectionId": "peering",
    "NetworkInterfaceId": "network-interface",
    "InstanceId": "instance",
    "VpcEndpointId": "gateway-load-balancer-endpoint",
    "CarrierGatewayId": "carrier-gateway",
    "LocalGatewayId": "local-gateway",
    "CoreNetworkArn": "core-network",
    "OdbNetworkArn": "odb-network",
}
GATEWAYS: Mapping[str, tuple[str, str]] = {
    "AWS::EC2::InternetGateway": ("igw-", "internet-gateway"),
    "AWS::EC2::VPNGateway": ("vgw-", "virtual-private-gateway"),
    ENDPOINT: ("vpce-", "vpc-endpoint"),
    "AWS::EC2::CarrierGateway": ("cagw-", "carrier-gateway"),
}


def lead_of(properties: Mapping[str, Any], values: Values) -> Lead | Unknown:
    """Return where a route leads."""
    gateway = properties.get("GatewayId")
    if gateway == "local":
        return Lead("local")
    if gateway is not None:
        text = gateway.key if isinstance(gateway, Ref) else str(gateway)
        for type_name, (prefix, kind) in GATEWAYS.items():
            named = isinstance(gateway, Ref) and gateway.type == type_name
            if named or text.startswith(prefix):
                return Lead(kind, values.key(gateway))
        return Unknown(f"gateway {text}", "its kind is not known")
    for name, kind in TARGETS.items():
        if properties.get(name) is not None:
            return Lead(kind, values.key(properties[name]))
    return Unknown("route target", "the route names none that is known")


def read_vpc_blocks(values: Values) -> dict[str, tuple[Block, ...]]:
    """Return every CIDR block of each VPC, both families."""
    found: dict[str, dict[Block, None]] = {}
    for node in values.ec2("VPC"):
        texts = [node.properties.get("CidrBlock")]
        for name, cidr, state in (
            ("CidrBlockAssociationSet", "CidrBlock", "CidrBlockState"),
            ("Ipv6CidrBlockAssociationSet", "Ipv6CidrBlock", "Ipv6CidrBlockState"),
        ):
            texts += [
                item[cidr]
                for item in node.observed.get(name) or ()
                if (item.get(state) or {}).get("State", "associated") == "associated"
            ]
        found[node.key] = {to_block(text): None for text in texts if text}
    for node in values.of_type(CIDR_BLOCK):
        vpc = values.key(node.properties.get("VpcId"))
        for value in (values.block(node.properties.get("CidrBlock")), values.block_of_vpc(node)):
            if isinstance(value, Block) and vpc in found:
                found[vpc][value] = None
    return {vpc: tuple(blocks) for vpc, blocks in found.items()}


class PrefixLists:
    """Prefix lists by name: a service's short name for AWS's own (`s3`), else the key."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self._of_endpoint = {
            str(node.observed["PrefixListId"]): service_list(node.properties["ServiceName"])
            for node in values.of_type(ENDPOINT)
            if node.observed.get("PrefixListId")
        }
        self.blocks: dict[str, tuple[Block, ...]] = {}
        for node in values.ec2("PrefixList"):
            cidrs = node.observed.get("Cidrs", node.properties.get("Cidrs"))
            if cidrs is None:
                continue
            blocks = tuple(map(to_block, cidrs))
            name = str(node.observed.get("PrefixListName", ""))
            if name.startswith("com.amazonaws."):
                self.blocks[service_list(name)] = blocks
            for alias in {node.key, node.physical_id, name} - {""}:
                self.blocks[alias] = blocks
        for node in values.of_type(ENDPOINT):
            if node.observed.get("Cidrs"):
                name = service_list(node.properties["ServiceName"])
                self.blocks[name] = tuple(map(to_block, node.observed["Cidrs"]))
        # Those of services that a gateway endpoint serves.
        self.services = frozenset(
            service_list(node.properties["ServiceName"])
            for node in values.of_type(ENDPOINT)
            if node.properties.get("VpcEndpointType") == "Gateway"
        )

    def name(self, value: Any) -> str:  # noqa: ANN401  (a Ref or an id)
        """Return the name of the list that a rule or a route means."""
        text = value.key if isinstance(value, Ref) else str(value)
        node = self._values.graph.get(value) if isinstance(value, Ref) else None
        if node is not None and node.type == ENDPOINT:
            return service_list(node.properties["ServiceName"])
        key = self._values.key(value)
        found = node or self._values.graph.get(("AWS::EC2::PrefixList", key))
        given = str(found.observed.get("PrefixListName", "")) if found else ""
        name = (given or text).removeprefix("aws:")
        if name.startswith("com.amazonaws."):
            return service_list(name)
        return self._of_endpoint.get(text, key)


def service_list(service_name: str) -> str:
    """Return the name of a gateway endpoint's list: com.amazonaws.us-east-1.s3 → s3."""
    return service_name.rsplit(".", 1)[-1]


def read_tables(
    values: Values, blocks: Mapping[str, tuple[Block, ...]], lists: PrefixLists
) -> dict[str, RouteTable]:
    """Return every route table with its local, static, propagated and endpoint routes."""
    routes: dict[str, list[Route]] = defaultdict(list)
    for node in values.ec2("Route"):
        routes[values.key(node.properties.get("RouteTableId"))] += read_routes(values, node, lists)
    for node in values.of_type(ENDPOINT):
        if node.properties.get("VpcEndpointType") != "Gateway":
            continue
        name = service_list(node.properties["ServiceName"])
        lead = Lead("vpc-endpoint", node.key)
        for table in values.keys(node.properties.get("RouteTableIds")):
            parts: Iterable[Block | None] = lists.blocks.get(name) or (None,)
            routes[table] += [Route(part, lead, "endpoint", node, name) for part in parts]
    wholes: dict[str, set[Block]] = defaultdict(set)
    for node in values.ec2("Subnet"):
        whole = wholes[values.key(node.properties.get("VpcId"))]
        given = [values.block(node.properties.get(name)) for name in SUBNET_BLOCKS]
        whole.update(part for part in given if isinstance(part, Block))
    found = {}
    for node in values.ec2("RouteTable"):
        vpc = values.key(node.properties.get("VpcId"))
        own = blocks.get(vpc, ())
        local = (Route(part, Lead("local"), "local", node) for part in own)
        written = (read_lawful(node.key, r, own, wholes[vpc]) for r in routes[node.key])
        found[node.key] = RouteTable(node.key, vpc, (*local, *written), node)
    return found


def read_lawful(table: str, route: Route, own: tuple[Block, ...], wholes: set[Block]) -> Route:
    """Return a route as it is, or one that leads nowhere known if AWS would not take it.

    R3: "you can add a route that is more specific than the local route; the destination must match
    the entire CIDR block of a subnet in your VPC" (VPC guide).
    """
    part = route.destination
    if part is None or isinstance(route.lead, Unknown):
        return route
    is_inside = any(
        block.version == part.version and block.start <= part.start and part.end <= block.end
        for block in own
    )
    allowed = route.lead.kind in LEGAL_INSIDE and (part in own or part in wholes)
    if not is_inside or allowed:
        return route
    why = "a route inside the VPC leads to a whole subnet by an interface, NAT gateway or endpoint"
    return replace(route, lead=Unknown(f"route {route} of {table}", why))


def read_routes(values: Values, node: Node, lists: PrefixLists) -> Iterator[Route]:
    """Yield the routes of a node, one a block of what it leads to."""
    properties, observed = node.properties, node.observed
    lead = lead_of(properties, values)
    state = observed.get("State")
    if isinstance(lead, Lead) and lead.kind == "local":
        return  # the local routes of a VPC's blocks stand for it
    if state not in {None, "active", "blackhole"}:
        lead = Unknown(f"route {node.key}", f"its state is {state!r}")
    if observed.get("Origin") == "Advertisement":
        lead = Unknown(f"route {node.key}", "advertised routes are not modelled")
    if observed.get("IgwFirewall"):
        lead = Unknown(f"route {node.key}", "firewalls of internet gateways are not modelled")
    blackhole = state == "blackhole"
    if properties.get("DestinationPrefixListId") is not None:
        if isinstance(lead, Lead) and lead.kind == "vpc-endpoint":
            return  # the endpoint's own list of tables stands for it
        name = lists.name(properties["DestinationPrefixListId"])
        for part in lists.blocks.get(name) or (None,):
            yield Route(part, lead, "list", node, name, blackhole)
        return
    given = properties.get("DestinationCidrBlock") or properties.get("DestinationIpv6CidrBlock")
    destination = values.block(given)
    if isinstance(destination, Block):
        propagated = observed.get("Origin") == "EnableVgwRoutePropagation"
        kind = "propagated" if propagated else "static"
        yield Route(destination, lead, kind, node, "", blackhole)  # type: ignore[arg-type]  # literals
        return
    lost = destination or Unknown(f"route {node.key}", "it names no destination")
    for anywhere in ANYWHERE:
        yield Route(to_block(anywhere), lost, "static", node)


def read_attachments(values: Values) -> dict[str, Attachment]:
    """Return the attachments of transit gateways, of whatever kind."""
    found = {}
    for node in values.ec2("TransitGatewayAttachment"):
        vpc = values.key(node.properties.get("VpcId"))
        options = node.properties.get("Options") or {}
        near, far = _gateways(values, node)
        found[node.key] = Attachment(
            key=node.key,
            gateway=near,
            vpc=vpc,
            kind="vpc" if vpc else str(node.observed.get("ResourceType") or "unknown"),
            resource=values.key(node.observed.get("ResourceId")),
            far=far,
            subnets=values.keys(node.properties.get("SubnetIds")),
            appliance_mode=options.get("ApplianceModeSupport") == "enable",
            references_groups=options.get("SecurityGroupReferencingSupport") != "disable",
            state=str(node.observed.get("State", "available")),
            node=node,
        )
    return found


def _gateways(values: Values, node: Node) -> tuple[str, str]:
    """Return the gateway of an attachment and, of a peering, the other one."""
    near = values.key(node.properties.get("TransitGatewayId"))
    sides = [
        values.key((node.observed.get(name) or {}).get("TransitGatewayId"))
        for name in ("RequesterTgwInfo", "AccepterTgwInfo")
    ]
    if all(sides):
        near = near or sides[0]
        return near, next((side for side in sides if side != near), "")
    return near, values.key(node.observed.get("ResourceId"))


AttachmentOf = Callable[[Any], str | Unknown]


def read_transit_tables(
    values: Values,
    attachments: Mapping[str, Attachment],
    blocks: Mapping[str, tuple[Block, ...]],
    lists: PrefixLists,
    only: str | None = None,
) -> dict[str, TransitTable]:
    """Return the transit gateways' route tables with all routes; with `only` that one alone."""

    def attachment(value: Any) -> str | Unknown:  # noqa: ANN401
        key = values.key(value)
        return key if key in attachments else Unknown(f"attachment {key}", "not in the input")

    routes: dict[str, list[TransitRoute]] = defaultdict(list)
    unknowns: dict[str, list[Unknown]] = defaultdict(list)
    for node in values.ec2("TransitGatewayRoute"):
        table = values.key(node.properties.get("TransitGatewayRouteTableId"))
        routes[table].append(_transit_route(node, attachment))
    for node in values.of_type("Ringwall::EC2::TransitGatewayPrefixListReference"):
        table = values.key(node.properties.get("TransitGatewayRouteTableId"))
        listed = _listed(node, lists, attachment)
        if isinstance(listed, Unknown):
            unknowns[table].append(listed)
        else:
            routes[table] += listed
    promised: dict[str, list[Node]] = defaultdict(list)
    for node in values.ec2("TransitGatewayRouteTablePropagation"):
        promised[values.key(node.properties["TransitGatewayRouteTableId"])].append(node)
    found = {}
    for node in values.ec2("TransitGatewayRouteTable"):
        if only not in {None, node.key}:
            continue
        sources = promised[node.key]
        if node.observed.get("AdditionalRoutesAvailable"):
            why = "AWS cut the list short (AdditionalRoutesAvailable)"
            unknowns[node.key].append(Unknown(f"routes of {node}", why))
        reported = node.observed.get("PropagatedRoutes")
        if reported is None:
            propagated = _promised(sources, attachments, blocks, attachment)
            ends = [attachment(n.properties["TransitGatewayAttachmentId"]) for n in sources]
            unknowns[node.key] += [end for end in ends if isinstance(end, Unknown)]
            unknowns[node.key] += [
                Unknown(f"what attachment {end} propagates", "no routes of it are in the input")
                for end in ends
                if isinstance(end, str) and attachments[end].kind != "vpc"
            ]
        else:
            propagated = _reported(reported, sources, values, attachments, attachment)
        every = (*routes[node.key], *propagated)
        found[node.key] = TransitTable(node.key, every, tuple(unknowns[node.key]), node)
    return found


def _transit_route(node: Node, attachment: AttachmentOf) -> TransitRoute:
    is_blackhole = bool(node.properties.get("Blackhole"))
    blackhole = is_blackhole or node.observed.get("State") == "blackhole"
    to = node.properties.get("TransitGatewayAttachmentId")
    leads = "" if blackhole and to is None else attachment(to)
    destination = to_block(node.properties["DestinationCidrBlock"])
    return TransitRoute(destination, leads, blackhole, STATIC, node)


def _listed(
    node: Node, lists: PrefixLists, attachment: AttachmentOf
) -> list[TransitRoute] | Unknown:
    """Return a route to each block of a prefix list that a table refers to."""
    name = lists.name(node.properties.get("PrefixListId"))
    blocks = lists.blocks.get(name)
    if blocks is None:
        return Unknown(f"prefix list {name}", "its CIDRs are not in the input")
    blackhole = bool(node.properties.get("Blackhole"))
    to = node.properties.get("TransitGatewayAttachmentId")
    leads = "" if blackhole and to is None else attachment(to)
    return [TransitRoute(block, leads, blackhole, LISTED, node) for block in blocks]


def _promised(
    propagations: Iterable[Node],
    attachments: Mapping[str, Attachment],
    blocks: Mapping[str, tuple[Block, ...]],
    attachment: AttachmentOf,
) -> list[TransitRoute]:
    """Return the routes of propagations: all the blocks of each attached VPC.

    R20: an attachment whose CIDR equals or overlaps that of one attached before is not propagated
    (Transit Gateway guide, "Transit gateway attachments to a VPC").
    """
    found: list[TransitRoute] = []
    taken: dict[int, list[tuple[int, int, str]]] = {4: [], 6: []}
    for node in propagations:
        leads = attachment(node.properties["TransitGatewayAttachmentId"])
        if isinstance(leads, Unknown):
            continue  # the table says so itself
        for part in blocks.get(attachments[leads].vpc, ()):
            if _claim(taken[part.version], part, leads):
                rank = PROPAGATED["vpc"]
                found.append(TransitRoute(part, leads, False, rank, node))
    return found


def _claim(taken: list[tuple[int, int, str]], part: Block, owner: str) -> bool:
    """Take a block for an attachment unless another has a part of it; `taken` stays sorted."""
    at = bisect_right(taken, (part.start, part.end, owner))
    near = (*taken[max(0, at - 1) : at], *taken[at : at + 1])
    if any(start < part.end and part.start < end and other != owner for start, end, other in near):
        return False
    taken.insert(at, (part.start, part.end, owner))
    return True


def _reported(
    reported: Iterable[Mapping[str, Any]],
    propagations: Iterable[Node],
    values: Values,
    attachments: Mapping[str, Attachment],
    attachment: AttachmentOf,
) -> list[TransitRoute]:
    by_attachment = {
        values.key(node.properties["TransitGatewayAttachmentId"]): node for node in propagations
    }
    found = []
    for item in reported:
        if item.get("DestinationCidrBlock") is None:
            continue
        destination = to_block(item["DestinationCidrBlock"])
        for to in item.get("TransitGatewayAttachments") or [item]:
            leads = attachment(to.get("TransitGatewayAttachmentId"))
            node = by_attachment.get(leads) if isinstance(leads, str) else None
            blackhole = item.get("State") == "blackhole"
            kind = attachments[leads].kind if isinstance(leads, str) else "vpc"
            rank = PROPAGATED.get(kind, max(PROPAGATED.values()))
            found.append(TransitRoute(destination, leads, blackhole, rank, node))
    return found
