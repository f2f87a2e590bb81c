"""A transit gateway: into it from a subnet, through a route table, out of it into a VPC.

Yields a Path where the packet ends, and a Position where it comes out in an attachment's subnet.
"""

from collections.abc import Iterator
from dataclasses import replace

from ringwall.model.graph import Unknown
from ringwall.trace import codes
from ringwall.trace.arrival import acl_step
from ringwall.trace.elements import Attachment, Route, Subnet, Target, TransitRoute
from ringwall.trace.filters import Outcome
from ringwall.trace.network import Network
from ringwall.trace.path import Path, Position, Step
from ringwall.trace.routing import transit_lookup

# States in which attachments carry traffic, and in which they carry none; others are UNKNOWN.
WORKING_ATTACHMENT = frozenset({"available", "modifying"})
IDLE_ATTACHMENT = frozenset({"pending", "deleting", "deleted", "failed", "rejected"})


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
    table = network.transit_tables.get(network.associations.get(attachment.key, ""))
    if table is None:
        text = f"the attachment of {subnet.vpc} is associated with no route table"
        code = codes.TRANSIT_NO_ASSOCIATION
        if attachment.key in network.associations:
            unknown = Unknown(
                f"route table {network.associations[attachment.key]}", "not in the input"
            )
            step = replace(step, outcome=Outcome.UNKNOWN, unknown=unknown, text=str(unknown))
            yield position.end(step)
            return
        yield position.end(replace(step, text=text, outcome=Outcome.DROP, code=code))
        return
    step = Step("transit-gateway-route-table", table.key, "", node=table.node)
    chosen = transit_lookup(table, position.goal.host)
    yield from _from_transit(network, position, step, chosen, entry)


def _from_transit(
    network: Network,
    position: Position,
    step: Step,
    chosen: TransitRoute | Unknown | None,
    entry: Subnet,
) -> Iterator[Path | Position]:
    if chosen is None:
        text = f"no route to {position.goal.host}"
        yield position.end(
            replace(step, text=text, outcome=Outcome.DROP, code=codes.TRANSIT_NO_ROUTE)
        )
        return
    if isinstance(chosen, Unknown):
        undetermined = chosen.what.startswith("order of")
        outcome = Outcome.UNDETERMINED if undetermined else Outcome.UNKNOWN
        yield position.end(replace(step, text=str(chosen), outcome=outcome, unknown=chosen))
        return
    rule = str(chosen.destination)
    step = replace(step, rule=rule, rule_node=chosen.node)
    if chosen.blackhole:
        text = f"{rule} is a blackhole"
        yield position.end(
            replace(step, text=text, outcome=Outcome.DROP, code=codes.TRANSIT_BAD_ROUTE)
        )
        return
    if isinstance(chosen.attachment, Unknown):
        unknown = chosen.attachment
        yield position.end(
            replace(step, text=str(unknown), outcome=Outcome.UNKNOWN, unknown=unknown)
        )
        return
    far = network.attachments[chosen.attachment]
    how = "propagated from" if chosen.propagated else "static to"
    step = replace(step, text=f"{rule} {how} {far.vpc}")
    if far.state not in WORKING_ATTACHMENT:
        yield position.end(_idle_attachment(step, far))
        return
    position = replace(position.add(step), via=replace(position.via, crossed="transit-gateway"))
    yield from _into_vpc(network, position, far, entry)


def _idle_attachment(step: Step, attachment: Attachment) -> Step:
    """Return the end at an attachment that does not work, or of whose state nothing is known."""
    text = f"the attachment of {attachment.vpc} is {attachment.state}"
    if attachment.state in IDLE_ATTACHMENT:
        return replace(step, text=text, outcome=Outcome.DROP, code=codes.BAD_ATTACHMENT)
    unknown = Unknown(f"attachment {attachment.key}", f"state {attachment.state!r} is not modelled")
    return replace(step, text=text, outcome=Outcome.UNKNOWN, unknown=unknown)


def _into_vpc(
    network: Network, position: Position, far: Attachment, entry: Subnet
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
    near = [subnet for subnet in subnets if subnet.zone == entry.zone]
    for subnet in near if near and not far.appliance_mode else subnets:
        step = Step("attachment", far.key, f"into {subnet.key}", node=far.node)
        arrived = replace(position.add(step), subnet=subnet)
        if goal.subnet is None or goal.subnet.key != subnet.key:
            arrived = arrived.add(acl_step(subnet, goal.host, egress=True))
        yield arrived


def _subnets(network: Network, attachment: Attachment) -> list[Subnet]:
    return [network.subnets[key] for key in attachment.subnets if key in network.subnets]
