"""A transit gateway: into it from a subnet, through a route table, out of it into a VPC.

Yields a Way where the packet ends, and a Position where it comes out in an attachment's subnet.
"""

from collections.abc import Iterator
from dataclasses import replace

from ringwall.model.graph import Unknown
from ringwall.reach import codes
from ringwall.reach.edges import Ground, acl_step
from ringwall.reach.elements import Attachment, Subnet
from ringwall.reach.ways import Position, Step, Way

# States in which attachments carry traffic, and in which they carry none; others are UNKNOWN.
WORKING = frozenset({"available", "modifying"})
IDLE = frozenset({"pending", "deleting", "deleted", "failed", "rejected"})


def cross(ground: Ground, position: Position, name: str) -> Iterator[Way | Position]:
    """R18: attachment, associated table, longest prefix, attachment (Transit Gateway guide).

    R19: a subnet reaches the gateway only if the attachment has a subnet in its zone. F11: what
    goes to the gateway meets the inbound rules of the attachment subnet's ACL.
    """
    network, subnet = ground.network, position.subnet
    assert subnet is not None
    attachment = network.attachment_of.get((subnet.vpc, name))
    step = Step("transit-gateway", name, "", node=attachment.node if attachment else None)
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
    associated = network.associations.get(attachment.key)
    if associated is None:
        text = f"the attachment of {subnet.vpc} is associated with no route table"
        yield position.end(step.dropped(text, codes.TRANSIT_NO_ASSOCIATION))
    elif associated not in network.transit_tables:
        yield position.end(step.unsure(Unknown(f"route table {associated}", "not in the input")))
    else:
        yield from _through(ground, position, associated, entry)


def _through(
    ground: Ground, position: Position, associated: str, entry: Subnet
) -> Iterator[Way | Position]:
    table = ground.network.transit_tables[associated]
    step = Step("transit-gateway-route-table", table.key, "", node=table.node)
    chosen = ground.routing.transit(table, position.goal.spot)
    if chosen is None:
        text = f"no route to {position.goal.spot}"
        yield position.end(step.dropped(text, codes.TRANSIT_NO_ROUTE))
        return
    if isinstance(chosen, Unknown):
        yield position.end(step.unsure(chosen))
        return
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
    step = replace(step, text=f"{chosen.destination} {how} {far.vpc}")
    if far.state not in WORKING:
        yield position.end(idle(step, far))
        return
    position = replace(position.add(step), via=replace(position.via, crossed="transit-gateway"))
    yield from _into_vpc(ground, position, far, entry)


def idle(step: Step, attachment: Attachment) -> Step:
    """Return the end at an attachment that does not work, or of whose state nothing is known."""
    text = f"the attachment of {attachment.vpc} is {attachment.state}"
    if attachment.state in IDLE:
        return step.dropped(text, codes.BAD_ATTACHMENT)
    why = f"state {attachment.state!r} is not modelled"
    return step.unsure(Unknown(f"attachment {attachment.key}", why), text)


def _into_vpc(
    ground: Ground, position: Position, far: Attachment, entry: Subnet
) -> Iterator[Way | Position]:
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
    for subnet in exit_subnets(ground, far, entry.zone):
        step = Step("attachment", far.key, f"into {subnet.key}", node=far.node)
        arrived = replace(position.add(step), subnet=subnet)
        if goal.subnet is None or goal.subnet.key != subnet.key:
            arrived = arrived.add(acl_step(ground, subnet, goal.spot, egress=True))
        yield arrived


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
