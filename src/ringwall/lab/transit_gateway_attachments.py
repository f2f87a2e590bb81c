"""VPC attachments of Transit Gateways, their associations and propagations."""

from typing import Any

from ringwall.lab import interfaces, world
from ringwall.lab.actions import Call, Described, add_ec2, refuse, select, tag_set
from ringwall.lab.transit_gateway import (
    ATTACHMENT_DEFAULTS,
    GONE,
    Attachment,
    Relation,
    attachment,
    forget,
    gateway,
    need_state,
    table,
    tables_of,
)
from ringwall.lab.world import Moto


def association_of(backend: Moto, attachment_id: str) -> Described | None:
    """Return the one association of an attachment, in describe's form."""
    for one in backend.transit_gateways_route_tables.values():
        if attachment_id in one.associations:
            state = one.associations[attachment_id].state
            return {"TransitGatewayRouteTableId": one.id, "State": state}
    return None


def associate(one: Moto, to: Moto) -> None:
    """Begin the association of an attachment with a table."""
    relation = to.associations[one.id] = Relation(one.id, "associating")
    world.clock().pass_through(relation, "associating", "associated", world.ASSOCIATION)


def _check_subnets(backend: Moto, vpc_id: str, subnet_ids: list[str]) -> None:
    """Refuse subnets of another VPC, and two of one zone.

    "You must specify at least one subnet, but we recommend that you specify two subnets ... You
    can specify only one subnet per Availability Zone." (CreateTransitGatewayVpcAttachment)
    """
    seen: dict[str, str] = {}
    for subnet_id in subnet_ids:
        subnet = backend.get_subnet(subnet_id)
        if subnet.vpc_id != vpc_id:
            refuse("InvalidSubnetID.NotFound", f"Subnet {subnet_id} is not in VPC {vpc_id}")
        if subnet.availability_zone in seen:
            refuse(
                "DuplicateSubnetsInSameZone",
                f"Duplicate Subnets for same AZ: {seen[subnet.availability_zone]}, {subnet_id}",
            )
        seen[subnet.availability_zone] = subnet_id


def _enter(backend: Moto, one: Attachment, subnet_id: str) -> None:
    text = f"Network Interface for Transit Gateway Attachment {one.id}"
    one.interfaces[subnet_id] = interfaces.make(backend, subnet_id, "transit_gateway", text).id


def create_transit_gateway_vpc_attachment(call: Call) -> Described:
    """CreateTransitGatewayVpcAttachment."""
    backend = call.backend
    owner = gateway(backend, call.need("TransitGatewayId"))
    need_state(owner, "available")
    vpc_id, subnet_ids = backend.get_vpc(call.need("VpcId")).id, list(call.get("SubnetIds", []))
    if not subnet_ids:
        refuse("MissingParameter", "The request must contain the parameter SubnetIds")
    _check_subnets(backend, vpc_id, subnet_ids)
    for other in backend.transit_gateway_attachments.values():
        same = other.transit_gateway_id == owner.id and other.resource_id == vpc_id
        if same and other.state != "deleted":
            refuse(
                "DuplicateTransitGatewayAttachment",
                f"{owner.id} has non-deleted Transit Gateway Attachments with same VPC ID.",
            )
    options = {**ATTACHMENT_DEFAULTS, **call.get("Options", {})}
    made = Attachment(backend, owner.id, vpc_id, subnet_ids, options)
    backend.transit_gateway_attachments[made.id] = made
    backend.create_tags([made.id], call.tags())
    for subnet_id in subnet_ids:
        _enter(backend, made, subnet_id)

    def default_relations() -> None:
        default = owner.default_route_table
        if default is None or default.state in GONE:
            return
        if owner.options["DefaultRouteTableAssociation"] == "enable":
            associate(made, default)
        if owner.options["DefaultRouteTablePropagation"] == "enable":
            default.propagations[made.id] = Relation(made.id, "enabled")

    world.clock().pass_through(
        made, "pending", "available", world.CREATION, and_then=default_relations
    )
    return {"TransitGatewayVpcAttachment": made.describe()}


def describe_transit_gateway_vpc_attachments(call: Call) -> Described:
    """DescribeTransitGatewayVpcAttachments."""
    shelf = call.backend.transit_gateway_attachments
    wanted = call.get("TransitGatewayAttachmentIds", [])
    for one in wanted:
        if one not in shelf:
            attachment(call.backend, one)
    listed = [
        one.describe()
        for one in shelf.values()
        if isinstance(one, Attachment) and (not wanted or one.id in wanted)
    ]
    paths = {
        "state": "State",
        "transit-gateway-attachment-id": "TransitGatewayAttachmentId",
        "transit-gateway-id": "TransitGatewayId",
        "vpc-id": "VpcId",
    }
    return {"TransitGatewayVpcAttachments": select(listed, call.filters(), paths)}


def _describe_any(backend: Moto, one: Moto) -> Described:
    described: Described = {
        "TransitGatewayAttachmentId": one.id,
        "TransitGatewayId": one.transit_gateway_id,
        "TransitGatewayOwnerId": backend.account_id,
        "ResourceOwnerId": backend.account_id,
        "ResourceType": one.resource_type,
        "ResourceId": one.resource_id,
        "State": one.state,
        "CreationTime": getattr(one, "created", None) or getattr(one, "create_time", None),
        "Tags": tag_set(backend, one.id),
    }
    relation = association_of(backend, one.id)
    if relation is not None:
        described["Association"] = relation
    return described


def describe_transit_gateway_attachments(call: Call) -> Described:
    """DescribeTransitGatewayAttachments."""
    shelf = call.backend.transit_gateway_attachments
    wanted = call.get("TransitGatewayAttachmentIds", [])
    for one in wanted:
        if one not in shelf:
            attachment(call.backend, one)
    listed = [
        _describe_any(call.backend, one) for one in shelf.values() if not wanted or one.id in wanted
    ]
    paths = {
        "association.state": "Association.State",
        "association.transit-gateway-route-table-id": "Association.TransitGatewayRouteTableId",
        "resource-id": "ResourceId",
        "resource-owner-id": "ResourceOwnerId",
        "resource-type": "ResourceType",
        "state": "State",
        "transit-gateway-attachment-id": "TransitGatewayAttachmentId",
        "transit-gateway-id": "TransitGatewayId",
        "transit-gateway-owner-id": "TransitGatewayOwnerId",
    }
    return {"TransitGatewayAttachments": select(listed, call.filters(), paths)}


def modify_transit_gateway_vpc_attachment(call: Call) -> Described:
    """ModifyTransitGatewayVpcAttachment."""
    backend = call.backend
    one = attachment(backend, call.need("TransitGatewayAttachmentId"))
    need_state(one, "available")
    remove, new = call.get("RemoveSubnetIds", []), call.get("AddSubnetIds", [])
    unknown = [subnet for subnet in remove if subnet not in one.subnet_ids]
    if unknown:
        refuse("InvalidSubnetID.NotFound", f"{', '.join(unknown)} not in {one.id}")
    left = [subnet for subnet in one.subnet_ids if subnet not in remove]
    new = [subnet for subnet in new if subnet not in left]
    if not left + new:
        refuse("InvalidParameterValue", "A Transit Gateway VPC attachment needs a subnet.")
    _check_subnets(backend, one.vpc_id, left + new)
    for subnet_id in remove:
        interfaces.remove(backend, one.interfaces.pop(subnet_id))
    for subnet_id in new:
        _enter(backend, one, subnet_id)
    one.subnet_ids = left + new
    one.options.update(call.get("Options", {}))
    world.clock().pass_through(one, "modifying", "available", world.ASSOCIATION)
    return {"TransitGatewayVpcAttachment": one.describe()}


def delete_transit_gateway_vpc_attachment(call: Call) -> Described:
    """DeleteTransitGatewayVpcAttachment; associations and propagations end with it."""
    backend = call.backend
    one = attachment(backend, call.need("TransitGatewayAttachmentId"))
    need_state(one, "available", "pending", "failed")

    def vanish() -> None:
        for interface_id in one.interfaces.values():
            interfaces.remove(backend, interface_id)
        for to in backend.transit_gateways_route_tables.values():
            to.associations.pop(one.id, None)

    for to in tables_of(backend, one.transit_gateway_id):
        to.propagations.pop(one.id, None)
        if one.id in to.associations:
            to.associations[one.id].state = "disassociating"
    world.clock().pass_through(one, "deleting", "deleted", world.DELETION, and_then=vanish)
    forget(backend.transit_gateway_attachments, one.id)
    return {"TransitGatewayVpcAttachment": one.describe()}


def _related(call: Call) -> tuple[Any, Any, Described]:
    one = attachment(call.backend, call.need("TransitGatewayAttachmentId"))
    to = table(call.backend, call.need("TransitGatewayRouteTableId"))
    if to.transit_gateway_id != one.transit_gateway_id:
        refuse("InvalidParameterValue", f"{one.id} and {to.id} belong to different gateways.")
    described = {
        "TransitGatewayRouteTableId": to.id,
        "TransitGatewayAttachmentId": one.id,
        "ResourceId": one.resource_id,
        "ResourceType": one.resource_type,
    }
    return one, to, described


def associate_transit_gateway_route_table(call: Call) -> Described:
    """AssociateTransitGatewayRouteTable."""
    one, to, described = _related(call)
    need_state(one, "available", "modifying")
    need_state(to, "available")
    if association_of(call.backend, one.id) is not None:
        refuse(
            "Resource.AlreadyAssociated",
            f"Transit Gateway Attachment {one.id} is already associated to a route table.",
        )
    associate(one, to)
    return {"Association": {**described, "State": "associating"}}


def disassociate_transit_gateway_route_table(call: Call) -> Described:
    """DisassociateTransitGatewayRouteTable."""
    one, to, described = _related(call)
    relation = to.associations.get(one.id)
    if relation is None:
        refuse("InvalidAssociation.NotFound", f"{one.id} is not associated with {to.id}.")
    if relation.state != "associated":
        refuse("IncorrectState", f"The association of {one.id} is {relation.state}.")

    def vanish() -> None:
        to.associations.pop(one.id, None)

    world.clock().pass_through(
        relation, "disassociating", "disassociated", world.ASSOCIATION, and_then=vanish
    )
    return {"Association": {**described, "State": "disassociating"}}


def enable_transit_gateway_route_table_propagation(call: Call) -> Described:
    """EnableTransitGatewayRouteTablePropagation."""
    one, to, described = _related(call)
    need_state(one, "available", "modifying")
    need_state(to, "available")
    if one.id in to.propagations:
        refuse(
            "TransitGatewayRouteTablePropagation.Duplicate",
            f"Propagation between {one.id} and {to.id} already exists.",
        )
    to.propagations[one.id] = Relation(one.id, "enabled")
    return {"Propagation": {**described, "State": "enabled"}}


def disable_transit_gateway_route_table_propagation(call: Call) -> Described:
    """DisableTransitGatewayRouteTablePropagation."""
    one, to, described = _related(call)
    if to.propagations.pop(one.id, None) is None:
        refuse(
            "TransitGatewayRouteTablePropagation.NotFound",
            f"Propagation between {one.id} and {to.id} does not exist.",
        )
    return {"Propagation": {**described, "State": "disabled"}}


_RELATION_PATHS = {
    "resource-id": "ResourceId",
    "resource-type": "ResourceType",
    "transit-gateway-attachment-id": "TransitGatewayAttachmentId",
}


def _relations(call: Call, kind: str) -> list[Described]:
    found = table(call.backend, call.need("TransitGatewayRouteTableId"))
    listed: list[Described] = []
    for relation in getattr(found, kind).values():
        one = call.backend.transit_gateway_attachments.get(relation.attachment_id)
        if one is not None:
            listed.append(
                {
                    "TransitGatewayAttachmentId": one.id,
                    "ResourceId": one.resource_id,
                    "ResourceType": one.resource_type,
                    "State": relation.state,
                }
            )
    return select(listed, call.filters(), _RELATION_PATHS)


def get_transit_gateway_route_table_associations(call: Call) -> Described:
    """GetTransitGatewayRouteTableAssociations."""
    return {"Associations": _relations(call, "associations")}


def get_transit_gateway_route_table_propagations(call: Call) -> Described:
    """GetTransitGatewayRouteTablePropagations."""
    return {"TransitGatewayRouteTablePropagations": _relations(call, "propagations")}


def get_transit_gateway_attachment_propagations(call: Call) -> Described:
    """GetTransitGatewayAttachmentPropagations."""
    one = attachment(call.backend, call.need("TransitGatewayAttachmentId"))
    listed = [
        {"TransitGatewayRouteTableId": to.id, "State": to.propagations[one.id].state}
        for to in tables_of(call.backend, one.transit_gateway_id)
        if one.id in to.propagations
    ]
    paths = {"transit-gateway-route-table-id": "TransitGatewayRouteTableId"}
    return {"TransitGatewayAttachmentPropagations": select(listed, call.filters(), paths)}


def install() -> None:
    """Answer the calls about attachments."""
    add_ec2(
        {
            "CreateTransitGatewayVpcAttachment": create_transit_gateway_vpc_attachment,
            "DescribeTransitGatewayVpcAttachments": describe_transit_gateway_vpc_attachments,
            "DescribeTransitGatewayAttachments": describe_transit_gateway_attachments,
            "ModifyTransitGatewayVpcAttachment": modify_transit_gateway_vpc_attachment,
            "DeleteTransitGatewayVpcAttachment": delete_transit_gateway_vpc_attachment,
            "AssociateTransitGatewayRouteTable": associate_transit_gateway_route_table,
            "DisassociateTransitGatewayRouteTable": disassociate_transit_gateway_route_table,
            "EnableTransitGatewayRouteTablePropagation": (
                enable_transit_gateway_route_table_propagation
            ),
            "DisableTransitGatewayRouteTablePropagation": (
                disable_transit_gateway_route_table_propagation
            ),
            "GetTransitGatewayRouteTableAssociations": (
                get_transit_gateway_route_table_associations
            ),
            "GetTransitGatewayRouteTablePropagations": (
                get_transit_gateway_route_table_propagations
            ),
            "GetTransitGatewayAttachmentPropagations": (
                get_transit_gateway_attachment_propagations
            ),
        }
    )
