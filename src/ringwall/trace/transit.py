"""A transit gateway: into it from a subnet, through a route table, out of it into a VPC.

Yields a Path where the packet ends, and a Position where it comes out in an attachment's subnet.
"""

from collections.abc import Iterator
from dataclasses import replace

from ringwall.model.graph import Unknown
from ringwall.trace import codes, premises
from ringwall.trace.arrival import acl_step
from ringwall.trace.elements import (
    Attachment,
    Route,
    Subnet,
    Target,
    TransitRoute,
    TransitTable,
)
from ringwall.trace.filters import Outcome
from ringwall.trace.network import Network
from ringwall.trace.path import Path, Position, Step
from ringwall.trace.routing import transit_lookup
from ringwall.trace.tables import MOST_TABLES
from ringwall.trace.transit_tables import PEERINGS

# States in which attachments carry traffic, and in which they carry none; others are UNKNOWN.
WORKING_ATTACHMENT = frozenset({"available", "modifying"})
IDLE_ATTACHMENT = frozenset({"pending", "deleting", "deleted", "failed", "rejected"})


# Without all of these nobody knows what a transit gateway does.
PARTS = (
    "AWS::EC2::TransitGateway",
    "AWS::EC2::TransitGatewayAttachment",
    "AWS::EC2::TransitGatewayRouteTable",
    "AWS::EC2::TransitGatewayRoute",
    "AWS::EC2::TransitGatewayRouteTableAssociation",
    "AWS::EC2::TransitGatewayRouteTablePropagation",
    "Ringwall::EC2::TransitGatewayPrefixListReference",
)


def cross(network: Network, position: Position, found: Route) -> Iterator[Path | Position]:
    """R18: attachment, associated table, longest prefix, attachment (Transit Gateway guide).

    R19: a subnet reaches the gateway only if the attachment has a subnet in its zone. F11: what
    goes to the gateway meets the inbound rules of the attachment subnet's ACL.
    """
    subnet = position.subnet
    assert subnet is not None
    name = found.target.key if isinstance(found.target, Target) else ""
    attachment = network.attachment_of.get((subnet.vpc, name))
    step = Step("transit-gateway", name, "", node=attachment.node if attachment else None)
    lost = network.lacks(*PARTS)
    if lost is not None:
        yield position.end(_unknown(step, lost))
        return
    if attachment is None:
        text = f"{subnet.vpc} has no attachment to {name}"
        yield position.end(
            replace(step, text=text, outcome=Outcome.DROP, code=codes.BAD_ATTACHMENT)
        )
        return
    if attachment.state not in WORKING_ATTACHMENT:
        yield position.end(_idle_attachment(step, attachment))
        return
    entry = next((s for s in _subnets(network, attachment) if s.zone == subnet.zone), None)
    if entry is None:
        text = f"the attachment of {subnet.vpc} has no subnet in {subnet.zone_name}"
        yield position.end(replace(step, text=text, outcome=Outcome.DROP, code=codes.TRANSIT_ZONE))
        return
    position = position.add(acl_step(entry, position.source, egress=False))
    yield from through(network, position, attachment, attachment.gateway, entry.zone)


def through(
    network: Network, position: Position, attachment: Attachment, gateway: str, zone: str
) -> Iterator[Path | Position]:
    """Go on inside a transit gateway that a packet entered by an attachment.

    `zone` is the one that it came from, "" where it came from outside of a VPC.
    """
    table = _table(network, attachment, gateway)
    step = Step("transit-gateway", gateway, "", node=attachment.node)
    if isinstance(table, Unknown):
        step = replace(step, outcome=Outcome.UNKNOWN, unknown=table, text=str(table))
        yield position.end(step)
        return
    if table is None:
        text = f"the attachment of {_name(attachment)} is associated with no route table"
        code = codes.TRANSIT_NO_ASSOCIATION
        yield position.end(replace(step, text=text, outcome=Outcome.DROP, code=code))
        return
    step = Step("transit-gateway-route-table", table.key, "", node=table.node)
    chosen = transit_lookup(table, position.goal.host)
    if chosen is None:
        text = f"no route to {position.goal.host}"
        code = codes.TRANSIT_NO_ROUTE
        yield position.end(replace(step, text=text, outcome=Outcome.DROP, code=code))
    elif isinstance(chosen, Unknown):
        yield position.end(_unknown(step, chosen))
    else:
        for each in chosen:
            yield from _take(network, position, step, each, gateway, zone)


def _table(network: Network, attachment: Attachment, gateway: str) -> TransitTable | Unknown | None:
    """Return the table that an attachment asks: its own at each gateway that a peering joins."""
    if attachment.kind not in PEERINGS:
        key = network.associations.get(attachment.key, "")
        table = network.transit_tables.get(key)
        return table or (Unknown(f"route table {key}", "not in the input") if key else None)
    lost: Unknown | None = None
    twins = {each.key for each in _twins(network, attachment)}
    for node in network.graph.of_type("AWS::EC2::TransitGatewayRouteTableAssociation"):
        if network.values.key(node.properties["TransitGatewayAttachmentId"]) not in twins:
            continue
        if node.observed.get("State", "associated") not in {"associated", "associating"}:
            continue
        key = network.values.key(node.properties["TransitGatewayRouteTableId"])
        table = network.transit_tables.get(key)
        if table is None:
            lost = Unknown(f"route table {key}", "not in the input")
        elif network.values.key(table.node.properties.get("TransitGatewayId")) == gateway:
            return table
    return lost


def _twins(network: Network, attachment: Attachment) -> Iterator[Attachment]:
    """Yield the nodes of one peering attachment: each side's Region may have read one."""
    for other in network.attachments.values():
        mine, theirs = attachment.node.physical_id, other.node.physical_id
        joins = other.kind in PEERINGS and set(other.gateways) == set(attachment.gateways)
        if other.key == attachment.key or (mine and mine == theirs) or joins:
            yield other


def gateways_of(network: Network, vpc: str) -> frozenset[str]:
    """Return the transit gateways that a VPC is attached to, and those that these peer with."""
    found = {each.gateway for each in network.attachments.values() if vpc and each.vpc == vpc}
    grown = True
    while grown:
        before = len(found)
        for each in network.attachments.values():
            if found & set(each.gateways):
                found |= set(each.gateways)
        grown = len(found) > before
    return frozenset(found - {""})


def _take(
    network: Network,
    position: Position,
    step: Step,
    chosen: TransitRoute,
    gateway: str,
    zone: str,
) -> Iterator[Path | Position]:
    rule = str(chosen.destination)
    step = replace(step, rule=rule, rule_node=chosen.node)
    if chosen.blackhole:
        text = f"{rule} is a blackhole"
        code = codes.TRANSIT_BAD_ROUTE
        yield position.end(replace(step, text=text, outcome=Outcome.DROP, code=code))
        return
    if isinstance(chosen.attachment, Unknown):
        yield position.end(_unknown(step, chosen.attachment))
        return
    far = network.attachments[chosen.attachment]
    how = "propagated from" if chosen.propagated else "static to"
    step = replace(step, text=f"{rule} {how} {_name(far)}")
    if far.state not in WORKING_ATTACHMENT:
        yield position.end(_idle_attachment(step, far))
        return
    position = position.add(step)
    if far.vpc:
        crossed = position.via.crossed or "transit-gateway"
        position = replace(position, via=replace(position.via, crossed=crossed))
        yield from _into_vpc(network, position, far, zone)
    elif far.kind in PEERINGS:
        yield from _over(network, position, far, chosen, gateway)
    elif far.kind in premises.LINES:
        yield premises.leave_transit(network, position, far)
    else:
        unknown = Unknown(f"attachment {far.key}", f"attachments of type {far.kind!r}")
        yield position.end(_unknown(Step("attachment", far.key, "", node=far.node), unknown))


def _over(
    network: Network, position: Position, far: Attachment, chosen: TransitRoute, gateway: str
) -> Iterator[Path | Position]:
    """Cross a peering of transit gateways.

    R21: "you must create a static route" that points to the peering attachment; the other side
    looks the packet up in the table that its side is associated with (Transit Gateway guide).
    """
    step = Step("transit-gateway-peering", far.key, "", node=far.node)
    other = next((each for each in far.gateways if each != gateway), "")
    if chosen.propagated or not other:
        what = "propagates no routes" if chosen.propagated else "names no gateway on the other side"
        unknown = Unknown(f"attachment {far.key}", f"a peering {what}")
        yield position.end(_unknown(step, unknown))
        return
    if ("AWS::EC2::TransitGateway", other) not in network.graph and not any(
        network.values.key(table.node.properties.get("TransitGatewayId")) == other
        for table in network.transit_tables.values()
    ):
        unknown = Unknown(f"transit gateway {other}", "not in the input")
        yield position.end(_unknown(step, unknown))
        return
    visited = position.visited | {f"{gateway} {len(position.visited)}"}
    if len(visited) > MOST_TABLES:
        text = "the packet goes in circles"
        yield position.end(replace(step, text=text, outcome=Outcome.DROP, code=codes.LOOP))
        return
    position = position.add(replace(step, text=f"to {other}"))
    via = replace(position.via, crossed="transit-gateway-peering")
    position = replace(position, visited=visited, via=via)
    yield from through(network, position, far, other, "")


def _name(attachment: Attachment) -> str:
    return attachment.vpc or f"{attachment.kind} {attachment.key}"


def _unknown(step: Step, unknown: Unknown) -> Step:
    return replace(step, text=str(unknown), outcome=Outcome.UNKNOWN, unknown=unknown)


def _idle_attachment(step: Step, attachment: Attachment) -> Step:
    """Return the end at an attachment that does not work, or of whose state nothing is known."""
    text = f"the attachment of {_name(attachment)} is {attachment.state}"
    if attachment.state in IDLE_ATTACHMENT:
        return replace(step, text=text, outcome=Outcome.DROP, code=codes.BAD_ATTACHMENT)
    unknown = Unknown(f"attachment {attachment.key}", f"state {attachment.state!r} is not modelled")
    return replace(step, text=text, outcome=Outcome.UNKNOWN, unknown=unknown)


def _into_vpc(
    network: Network, position: Position, far: Attachment, zone: str
) -> Iterator[Path | Position]:
    """Come out of a transit gateway.

    R22: the packet starts in the attachment's subnet, whose table decides. R23: without appliance
    mode it stays in its zone where the attachment has a subnet there; with it, or without such a
    subnet, AWS chooses. F11: what comes from the gateway meets the outbound rules of the attachment
    subnet's ACL, none inside that subnet (Transit Gateway guide).
    """
    goal = position.goal
    subnets = _subnets(network, far)
    zones = {subnet.zone for subnet in subnets}
    if goal.subnet is not None and goal.subnet.vpc == far.vpc and goal.subnet.zone not in zones:
        text = f"the attachment of {far.vpc} has no subnet in {goal.subnet.zone_name}"
        yield position.end(
            Step("attachment", far.key, text, Outcome.DROP, code=codes.TRANSIT_FAR_ZONE)
        )
        return
    near = [subnet for subnet in subnets if subnet.zone == zone]
    choices = near if near and not far.appliance_mode else subnets
    kept = dict(position.answers.subnets).get(far.key) if position.answers is not None else None
    if far.appliance_mode and kept:
        # R23: "with appliance mode ... the same Availability Zone for the lifetime of that flow".
        choices = [subnet for subnet in choices if subnet.key == kept] or choices
    turn = _turn(position, far, choices)
    if len(choices) > 1 and turn in position.turns:
        text = "the packet goes in circles"
        yield position.end(Step("attachment", far.key, text, Outcome.DROP, code=codes.LOOP))
        return
    position = replace(position, turns=position.turns | {turn})
    for subnet in choices:
        step = Step("attachment", far.key, f"into {subnet.key}", node=far.node)
        arrived = replace(position.add(step), subnet=subnet)
        if far.appliance_mode:
            chosen = (*arrived.via.subnets, (far.key, subnet.key))
            arrived = replace(arrived, via=replace(arrived.via, subnets=chosen))
        if goal.subnet is None or goal.subnet.key != subnet.key:
            arrived = arrived.add(acl_step(subnet, goal.host, egress=True))
        yield arrived


def _turn(position: Position, far: Attachment, choices: list[Subnet]) -> tuple[object, ...]:
    """Return what tells a packet that comes out of an attachment from the one that did before.

    R23: appliance mode sends a flow to "a single network interface [...] for the life of the flow"
    (Transit Gateway guide), so its addresses do. Without it AWS might choose anew; but a packet of
    which nothing has changed can take no way that it could not have taken at first.
    """
    flow = (far.key, position.source, position.goal.host)
    if far.appliance_mode:
        return flow
    sender = (position.sender_groups, position.sender_public, position.after_nat)
    return (*flow, *sender, position.via, frozenset(subnet.key for subnet in choices))


def _subnets(network: Network, attachment: Attachment) -> list[Subnet]:
    return [network.subnets[key] for key in attachment.subnets if key in network.subnets]
