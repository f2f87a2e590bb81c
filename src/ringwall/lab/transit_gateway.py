"""Transit Gateways, their route tables and VPC attachments, as EC2 describes them."""

from dataclasses import dataclass, field
from typing import Any

from moto.core.utils import utcnow

from ringwall.lab import world
from ringwall.lab.actions import Call, Described, add_ec2, new_id, refuse, select, tag_set
from ringwall.lab.world import Moto

# CreateTransitGateway, TransitGatewayRequestOptions: the defaults that its members name.
GATEWAY_DEFAULTS: Described = {
    "AmazonSideAsn": 64512,
    "AutoAcceptSharedAttachments": "disable",
    "DefaultRouteTableAssociation": "enable",
    "DefaultRouteTablePropagation": "enable",
    "VpnEcmpSupport": "enable",
    "DnsSupport": "enable",
    "SecurityGroupReferencingSupport": "disable",
    "MulticastSupport": "disable",
}
# CreateTransitGatewayVpcAttachmentRequestOptions.
ATTACHMENT_DEFAULTS: Described = {
    "DnsSupport": "enable",
    "SecurityGroupReferencingSupport": "enable",
    "Ipv6Support": "disable",
    "ApplianceModeSupport": "disable",
}
GONE = ("deleting", "deleted")


@dataclass(eq=False)
class Relation:
    """An attachment's association with a table, or its propagation into one."""

    attachment_id: str
    state: str


@dataclass(eq=False)
class Static:
    """A static route; `attachment_id` None is a blackhole by request."""

    attachment_id: str | None


@dataclass(eq=False)
class Table:
    """A Transit Gateway route table."""

    ec2_backend: Any
    transit_gateway_id: str
    default: tuple[bool, bool] = (False, False)
    id: str = field(default_factory=lambda: new_id("tgw-rtb"))
    state: str = "pending"
    associations: dict[str, Relation] = field(default_factory=dict)
    propagations: dict[str, Relation] = field(default_factory=dict)
    statics: dict[str, Static] = field(default_factory=dict)
    references: dict[str, Static] = field(default_factory=dict)
    created: Any = field(default_factory=utcnow)

    def describe(self) -> Described:
        """Return what DescribeTransitGatewayRouteTables lists."""
        return {
            "TransitGatewayRouteTableId": self.id,
            "TransitGatewayId": self.transit_gateway_id,
            "State": self.state,
            "DefaultAssociationRouteTable": self.default[0],
            "DefaultPropagationRouteTable": self.default[1],
            "CreationTime": self.created,
            "Tags": tag_set(self.ec2_backend, self.id),
        }


@dataclass(eq=False)
class Gateway:
    """A Transit Gateway; moto's routes point at it by `id`."""

    ec2_backend: Any
    description: str
    options: Described
    id: str = field(default_factory=lambda: new_id("tgw"))
    state: str = "pending"
    # moto's VPN and peering attachments ask for this one.
    default_route_table: Table | None = None
    created: Any = field(default_factory=utcnow)

    @property
    def arn(self) -> str:
        """The ARN."""
        home = self.ec2_backend
        place = f"{home.region_name}:{home.account_id}"
        return f"arn:{home.partition}:ec2:{place}:transit-gateway/{self.id}"

    def describe(self) -> Described:
        """Return what DescribeTransitGateways lists."""
        return {
            "TransitGatewayId": self.id,
            "TransitGatewayArn": self.arn,
            "State": self.state,
            "OwnerId": self.ec2_backend.account_id,
            "Description": self.description,
            "CreationTime": self.created,
            "Options": self.options,
            "Tags": tag_set(self.ec2_backend, self.id),
        }


@dataclass(eq=False)
class Attachment:
    """A VPC attachment; its elastic network interfaces live in moto."""

    ec2_backend: Any
    transit_gateway_id: str
    vpc_id: str
    subnet_ids: list[str]
    options: Described
    id: str = field(default_factory=lambda: new_id("tgw-attach"))
    state: str = "pending"
    interfaces: dict[str, str] = field(default_factory=dict)
    created: Any = field(default_factory=utcnow)
    resource_type: str = "vpc"

    @property
    def resource_id(self) -> str:
        """The attached VPC."""
        return self.vpc_id

    def describe(self) -> Described:
        """Return what DescribeTransitGatewayVpcAttachments lists."""
        return {
            "TransitGatewayAttachmentId": self.id,
            "TransitGatewayId": self.transit_gateway_id,
            "VpcId": self.vpc_id,
            "VpcOwnerId": self.ec2_backend.account_id,
            "State": self.state,
            "SubnetIds": list(self.subnet_ids),
            "CreationTime": self.created,
            "Options": dict(self.options),
            "Tags": tag_set(self.ec2_backend, self.id),
        }


def gateway(backend: Moto, gateway_id: str) -> Gateway:
    """Return a Transit Gateway that is not deleted."""
    found = backend.transit_gateways.get(gateway_id)
    if found is None or found.state == "deleted":
        refuse(
            "InvalidTransitGatewayID.NotFound",
            f"Transit Gateway {gateway_id} was deleted or does not exist.",
        )
    one: Gateway = found
    return one


def table(backend: Moto, table_id: str) -> Table:
    """Return a Transit Gateway route table that is not deleted."""
    found = backend.transit_gateways_route_tables.get(table_id)
    if found is None or found.state == "deleted":
        refuse(
            "InvalidRouteTableID.NotFound",
            f"Transit Gateway Route Table {table_id} was deleted or does not exist.",
        )
    one: Table = found
    return one


def attachment(backend: Moto, attachment_id: str) -> Moto:
    """Return an attachment that is not deleted: the lab's, or a peering or VPN of moto's."""
    found = backend.transit_gateway_attachments.get(attachment_id)
    if found is None or found.state == "deleted":
        refuse(
            "InvalidTransitGatewayAttachmentID.NotFound",
            f"Transit Gateway Attachment {attachment_id} was deleted or does not exist.",
        )
    return found


def need_state(thing: Moto, *allowed: str) -> None:
    """Refuse the call unless the thing is in one of these states."""
    if thing.state not in allowed:
        refuse("IncorrectState", f"{thing.id} is in invalid state: {thing.state}")


def forget(shelf: dict[str, Any], key: str) -> None:
    """Take a deleted thing from the listing after a while, as AWS does."""
    world.clock().after(world.REMEMBRANCE, lambda: shelf.pop(key, None))


def tables_of(backend: Moto, gateway_id: str) -> list[Table]:
    """Return the route tables of a gateway that are not gone."""
    return [
        one
        for one in backend.transit_gateways_route_tables.values()
        if one.transit_gateway_id == gateway_id and one.state not in GONE
    ]


def _new_table(backend: Moto, gateway_id: str, default: tuple[bool, bool]) -> Table:
    made = Table(backend, gateway_id, default)
    backend.transit_gateways_route_tables[made.id] = made
    world.clock().pass_through(made, "pending", "available", world.CREATION)
    return made


def create_transit_gateway(call: Call) -> Described:
    """CreateTransitGateway."""
    options = {**GATEWAY_DEFAULTS, **call.get("Options", {})}
    options.setdefault("TransitGatewayCidrBlocks", [])
    made = Gateway(call.backend, call.get("Description", ""), options)
    defaults = (
        options["DefaultRouteTableAssociation"] == "enable",
        options["DefaultRouteTablePropagation"] == "enable",
    )
    if any(defaults):
        made.default_route_table = _new_table(call.backend, made.id, defaults)
        for wanted, name in zip(defaults, ("Association", "Propagation"), strict=True):
            if wanted:
                options[f"{name}DefaultRouteTableId"] = made.default_route_table.id
    call.backend.transit_gateways[made.id] = made
    call.backend.create_tags([made.id], call.tags())
    world.clock().pass_through(made, "pending", "available", world.CREATION)
    return {"TransitGateway": made.describe()}


def describe_transit_gateways(call: Call) -> Described:
    """DescribeTransitGateways."""
    wanted = call.get("TransitGatewayIds", [])
    for one in wanted:
        if one not in call.backend.transit_gateways:
            gateway(call.backend, one)
    listed = [
        one.describe()
        for one in call.backend.transit_gateways.values()
        if not wanted or one.id in wanted
    ]
    paths = {
        "transit-gateway-id": "TransitGatewayId",
        "state": "State",
        "owner-id": "OwnerId",
        **{
            f"options.{kebab}": f"Options.{name}"
            for kebab, name in (
                ("amazon-side-asn", "AmazonSideAsn"),
                ("default-route-table-association", "DefaultRouteTableAssociation"),
                ("default-route-table-propagation", "DefaultRouteTablePropagation"),
                ("association-default-route-table-id", "AssociationDefaultRouteTableId"),
                ("propagation-default-route-table-id", "PropagationDefaultRouteTableId"),
                ("auto-accept-shared-attachments", "AutoAcceptSharedAttachments"),
                ("dns-support", "DnsSupport"),
                ("vpn-ecmp-support", "VpnEcmpSupport"),
            )
        },
    }
    return {"TransitGateways": select(listed, call.filters(), paths)}


def modify_transit_gateway(call: Call) -> Described:
    """ModifyTransitGateway."""
    found = gateway(call.backend, call.need("TransitGatewayId"))
    need_state(found, "available")
    if call.get("Description") is not None:
        found.description = call.get("Description")
    options = dict(call.get("Options", {}))
    blocks = set(found.options["TransitGatewayCidrBlocks"])
    blocks |= set(options.pop("AddTransitGatewayCidrBlocks", []))
    blocks -= set(options.pop("RemoveTransitGatewayCidrBlocks", []))
    found.options["TransitGatewayCidrBlocks"] = sorted(blocks)
    found.options.update(options)
    for name in ("Association", "Propagation"):
        if found.options[f"DefaultRouteTable{name}"] == "disable":
            found.options.pop(f"{name}DefaultRouteTableId", None)
    return {"TransitGateway": found.describe()}


def delete_transit_gateway(call: Call) -> Described:
    """DeleteTransitGateway; its default route table goes with it."""
    backend = call.backend
    found = gateway(backend, call.need("TransitGatewayId"))
    need_state(found, "available", "pending")
    attached = [
        one.id
        for one in backend.transit_gateway_attachments.values()
        if one.transit_gateway_id == found.id and one.state != "deleted"
    ]
    if attached:
        refuse(
            "IncorrectState",
            f"{found.id} has non-deleted Transit Gateway Attachments: {', '.join(attached)}.",
        )
    left = [one for one in tables_of(backend, found.id) if one is not found.default_route_table]
    if left:
        names = ", ".join(one.id for one in left)
        refuse(
            "IncorrectState", f"{found.id} has non-deleted Transit Gateway Route Tables: {names}"
        )
    clock = world.clock()
    for one in tables_of(backend, found.id):
        clock.pass_through(one, "deleting", "deleted", world.DELETION)
        forget(backend.transit_gateways_route_tables, one.id)
    clock.pass_through(found, "deleting", "deleted", world.DELETION)
    forget(backend.transit_gateways, found.id)
    return {"TransitGateway": found.describe()}


def create_transit_gateway_route_table(call: Call) -> Described:
    """CreateTransitGatewayRouteTable."""
    owner = gateway(call.backend, call.need("TransitGatewayId"))
    need_state(owner, "available")
    made = _new_table(call.backend, owner.id, (False, False))
    call.backend.create_tags([made.id], call.tags())
    return {"TransitGatewayRouteTable": made.describe()}


def describe_transit_gateway_route_tables(call: Call) -> Described:
    """DescribeTransitGatewayRouteTables."""
    shelf = call.backend.transit_gateways_route_tables
    wanted = call.get("TransitGatewayRouteTableIds", [])
    for one in wanted:
        if one not in shelf:
            table(call.backend, one)
    listed = [one.describe() for one in shelf.values() if not wanted or one.id in wanted]
    paths = {
        "default-association-route-table": "DefaultAssociationRouteTable",
        "default-propagation-route-table": "DefaultPropagationRouteTable",
        "state": "State",
        "transit-gateway-id": "TransitGatewayId",
        "transit-gateway-route-table-id": "TransitGatewayRouteTableId",
    }
    return {"TransitGatewayRouteTables": select(listed, call.filters(), paths)}


def delete_transit_gateway_route_table(call: Call) -> Described:
    """DeleteTransitGatewayRouteTable."""
    backend = call.backend
    found = table(backend, call.need("TransitGatewayRouteTableId"))
    need_state(found, "available", "pending")
    if found.associations:
        refuse(
            "IncorrectState",
            f"{found.id} is associated with {', '.join(found.associations)}; "
            "disassociate it before you delete it.",
        )
    owner = backend.transit_gateways[found.transit_gateway_id]
    if owner.default_route_table is found and any(found.default):
        refuse("IncorrectState", f"{found.id} is a default route table of {owner.id}.")
    found.propagations.clear()
    world.clock().pass_through(found, "deleting", "deleted", world.DELETION)
    forget(backend.transit_gateways_route_tables, found.id)
    return {"TransitGatewayRouteTable": found.describe()}


def install() -> None:
    """Answer the calls about Transit Gateways and their route tables."""
    add_ec2(
        {
            "CreateTransitGateway": create_transit_gateway,
            "DescribeTransitGateways": describe_transit_gateways,
            "ModifyTransitGateway": modify_transit_gateway,
            "DeleteTransitGateway": delete_transit_gateway,
            "CreateTransitGatewayRouteTable": create_transit_gateway_route_table,
            "DescribeTransitGatewayRouteTables": describe_transit_gateway_route_tables,
            "DeleteTransitGatewayRouteTable": delete_transit_gateway_route_table,
        }
    )
