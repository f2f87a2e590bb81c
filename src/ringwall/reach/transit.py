"""A transit gateway: into it from a subnet, through its tables, out of it into a VPC or a line.

Yields a Way where the packet ends, and a Position where it comes out in an attachment's subnet.
"""

from collections.abc import Iterator
from dataclasses import replace

from ringwall.model.graph import Unknown
from ringwall.reach import codes
from ringwall.reach.edges import Ground, acl_step
from ringwall.reach.elements import Attachment, Subnet, TransitRoute
from ringwall.reach.network import TRANSIT_TYPES
from ringwall.reach.premises import out_by_line
from ringwall.reach.ways import Position, Step, Way

# States in which attachments carry traffic, and in which they carry none; others are UNKNOWN.
WORKING = frozenset({"available", "modifying"})
IDLE = frozenset({"pending", "deleting", "deleted", "failed", "rejected"})
MOST_TABLES = 16  # a packet that asks more tables than this is going in circles
LINES = frozenset({"vpn", "direct-connect-gateway"})

Reached = Iterator[Way | Position]


def cross(ground: Ground, position: Position, name: str) -> Reached:
    """R18: attachment, associated table, longest prefix, attachment (Transit Gateway guide).

    R19: a subnet reaches the gateway only if the attachment has a subnet in its zone. F11: what
    goes to the gateway meets the inbound rules of the attachment subnet's ACL.
    """
    network, subnet = ground.network, position.subnet
    assert subnet is not None
    attachment = network.attachment_of.get((subnet.vpc, name))
    step = Step("transit-gateway", name, "", node=attachment.node if attachment else None)
    lost = network.lost(*TRANSIT_TYPES)
    if lost is not None:
        yield position.end(step.unsure(lost))
        return
    if attachment is None:
        text = f"{subnet.vpc} has no attachment to {name}"
        yield position.end(step.dropped(text, codes.BAD_ATTACHMENT))
        return
    if attachment.state not in WORKING:
        yield position.end(idle(step, attachment))
        return
    entry = entry_subnet(ground, attachment, subnet.zone)
    if entry is None:
        text = f"the attachment of {subnet.vpc} has no subnet in {subnet.zone_name}"
        yield position.end(step.dropped(text, codes.TRANSIT_ZONE))
        return
    position = position.add(acl_step(ground, entry, position.source, egress=False))
    yield from enter(ground, position, attachment, entry.zone, step)


def enter(
    ground: Ground, position: Position, attachment: Attachment, zone: str, step: Step
) -> Reached:
    """Ask the table with which an attachment is associated; `step` is where it has none."""
    network = ground.network
    associated = network.associations.get(attachment.key)
    if associated is None:
        whose = attachment.vpc or attachment.key
        text = f"the attachment of {whose} is associated with no route table"
        yield position.end(step.dropped(text, codes.TRANSIT_NO_ASSOCIATION))
    elif associated not in network.transit_tables:
        yield position.end(step.unsure(Unknown(f"route table {associated}", "not in the input")))
    else:
        yield from _through(ground, position, associated, zone, attachment.gateway)


def _through(ground: Ground, position: Position, associated: str, zone: str, here: str) -> Reached:
    """Ask a table of the gateway `here` about a packet that came from a zone."""
    table = ground.network.transit_tables[associated]
    step = Step("transit-gateway-route-table", table.key, "", node=table.node)
    position = replace(position, tables=position.tables + 1)
    if position.tables > MOST_TABLES:
        yield position.end(step.dropped("the packet goes in circles", codes.LOOP))
        return
    chosen = ground.routing.transit(table, position.goal.spot)
    if chosen is None:
        text = f"no route to {position.goal.spot}"
        yield position.end(step.dropped(text, codes.TRANSIT_NO_ROUTE))
    elif isinstance(chosen, Unknown):
        yield position.end(step.unsure(chosen))
    else:
        for each in chosen:
            yield from _along(ground, position, step, each, (zone, here))


def _along(
    ground: Ground, position: Position, step: Step, chosen: TransitRoute, at: tuple[str, str]
) -> Reached:
    step = replace(step, rule=str(chosen.destination), rule_node=chosen.node)
    if chosen.blackhole:
        text = f"{chosen.destination} is a blackhole"
        yield position.end(step.dropped(text, codes.TRANSIT_BAD_ROUTE))
        return
    if isinstance(chosen.attachment, Unknown):
        yield position.end(step.unsure(chosen.attachment))
        return
    far = ground.network.attachments[chosen.attachment]
    how = "propagated from" if chosen.propagated else "static to"
    step = replace(step, text=f"{chosen.destination} {how} {far.vpc or far.key}")
    if far.state not in WORKING:
        yield position.end(idle(step, far))
        return
    if far.kind == "vpc":
        crossed = "transit-gateway" if position.via.crossed in {"", "transit-gateway"} else "beyond"
        via = replace(position.via, crossed=crossed)
        yield from _into_vpc(ground, replace(position.add(step), via=via), far, at[0])
    elif far.kind == "peering" and chosen.propagated:
        why = "a propagated route to a peering is none that AWS makes"
        yield position.end(step.unsure(Unknown(f"attachment {far.key}", why)))
    elif far.kind == "peering":
        yield from _to_peer(ground, position.add(step), far, at[1])
    elif far.kind in LINES:
        yield from out_by_line(ground, position.add(step), far)
    else:
        why = f"attachments of type {far.kind!r} are not modelled"
        yield position.end(step.unsure(Unknown(f"attachment {far.key}", why)))


def _to_peer(ground: Ground, position: Position, near: Attachment, here: str) -> Reached:
    """R21: the far gateway's table decides what is next; only static routes lead to a peering.

    It is the table with which the peering attachment is associated on the far side (Transit Gateway
    guide, peering attachments).
    """
    there = near.far if here == near.gateway else near.gateway
    crossing = Step("transit-gateway-peering", near.key, f"to {there}", node=near.node)
    if ("AWS::EC2::TransitGateway", there) not in ground.network.graph:
        unknown = Unknown(f"transit gateway {there}", "not in the input")
        yield position.end(crossing.unsure(unknown))
        return
    via = replace(position.via, crossed="beyond")
    position = replace(position.add(crossing), via=via)
    table = _table_of_peer(ground, near, there)
    if table is None:
        text = f"the peering is associated with no route table of {there}"
        step = Step("transit-gateway", there, "", node=near.node)
        yield position.end(step.dropped(text, codes.TRANSIT_NO_ASSOCIATION))
    else:
        yield from _through(ground, position, table, "", there)


def _table_of_peer(ground: Ground, near: Attachment, there: str) -> str | None:
    """Return the table of a far gateway that the peering, or its twin there, is associated with."""
    network = ground.network
    ends = {near.gateway, near.far}
    twins = [
        a.key
        for a in network.attachments.values()
        if a.kind == "peering" and {a.gateway, a.far} == ends
    ]
    for node in network.values.ec2("TransitGatewayRouteTableAssociation"):
        attachment = network.values.key(node.properties["TransitGatewayAttachmentId"])
        table = network.values.key(node.properties["TransitGatewayRouteTableId"])
        known = network.transit_tables.get(table)
        if attachment not in twins or known is None:
            continue
        if network.values.key(known.node.properties.get("TransitGatewayId")) == there:
            return table
    return None


def idle(step: Step, attachment: Attachment) -> Step:
    """Return the end at an attachment that does not work, or of whose state nothing is known."""
    text = f"the attachment of {attachment.vpc or attachment.key} is {attachment.state}"
    if attachment.state in IDLE:
        return step.dropped(text, codes.BAD_ATTACHMENT)
    why = f"state {attachment.state!r} is not modelled"
    return step.unsure(Unknown(f"attachment {attachment.key}", why), text)


def _into_vpc(ground: Ground, position: Position, far: Attachment, zone: str) -> Reached:
    """Come out of a transit gateway.

    R22: the packet starts in the attachment's subnet, whose table decides. F11: what comes from
    the gateway meets the outbound rules of the attachment subnet's ACL, none inside that subnet
    (Transit Gateway guide).
    """
    goal = position.goal
    zones = {subnet.zone for subnet in attachment_subnets(ground, far)}
    if goal.subnet is not None and goal.subnet.vpc == far.vpc and goal.subnet.zone not in zones:
        text = f"the attachment of {far.vpc} has no subnet in {goal.subnet.zone_name}"
        yield position.end(Step("attachment", far.key, "").dropped(text, codes.TRANSIT_FAR_ZONE))
        return
    subnets = exit_subnets(ground, far, zone)
    kept = [subnet for subnet in subnets if (far.key, subnet.key) in position.kept]
    choices = kept or subnets
    if len(choices) > 1:
        turn = _turn(position, far, choices)
        if turn in position.visited:
            step = Step("attachment", far.key, "", node=far.node)
            yield position.end(step.dropped("the packet goes in circles", codes.LOOP))
            return
        position = replace(position, visited=position.visited | {turn})
    for subnet in choices:
        step = Step("attachment", far.key, f"into {subnet.key}", node=far.node)
        arrived = replace(position.add(step), subnet=subnet)
        if far.appliance_mode:
            exits = (*arrived.via.exits, (far.key, subnet.key))
            arrived = replace(arrived, via=replace(arrived.via, exits=exits))
        if goal.subnet is None or goal.subnet.key != subnet.key:
            arrived = arrived.add(acl_step(ground, subnet, goal.spot, egress=True))
        yield arrived


def _turn(position: Position, far: Attachment, choices: list[Subnet]) -> tuple[object, ...]:
    """Return what is the same when a packet comes round to where AWS chose before.

    R23: in appliance mode a gateway "selects a single network interface in the appliance VPC, using
    a flow hash algorithm, to send traffic to for the life of the flow" (Transit Gateway guide,
    appliance scenario): what bears the same addresses again goes round for ever. Elsewhere nothing
    may have changed since: then every way on from here was begun when it came first.
    """
    if far.appliance_mode:
        return (far.key, position.source, position.goal.spot)
    via = replace(position.via, nat=None)  # its address is the source
    state = replace(position, steps=(), tables=0, visited=frozenset(), subnet=None, via=via)
    return (far.key, *(subnet.key for subnet in choices), state)


def gateways_of(ground: Ground, vpc: str) -> set[str]:
    """Return the transit gateways that a VPC is attached to, and those that these peer with."""
    attachments = ground.network.attachments.values()
    found = {each.gateway for each in attachments if each.vpc == vpc}
    peers = [{each.gateway, each.far} for each in attachments if each.kind == "peering"]
    for _ in peers:
        found = found.union(*(pair for pair in peers if pair & found))
    return found - {""}


def entry_subnet(ground: Ground, attachment: Attachment, zone: str) -> Subnet | None:
    """Return the subnet of an attachment by which a zone's packets enter the gateway."""
    return next((s for s in attachment_subnets(ground, attachment) if s.zone == zone), None)


def exit_subnets(ground: Ground, far: Attachment, zone: str) -> list[Subnet]:
    """Return the subnets in which packets of a zone may come out.

    R23: without appliance mode they stay in their zone where the attachment has a subnet there;
    with it, or without such a subnet, AWS chooses (Transit Gateway guide, appliance scenario).
    """
    subnets = attachment_subnets(ground, far)
    near = [subnet for subnet in subnets if subnet.zone == zone]
    return near if near and not far.appliance_mode else subnets


def attachment_subnets(ground: Ground, attachment: Attachment) -> list[Subnet]:
    """Return the subnets of an attachment that are in the input."""
    known = ground.network.subnets
    return [known[key] for key in attachment.subnets if key in known]
