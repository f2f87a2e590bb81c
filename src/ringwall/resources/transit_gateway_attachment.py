"""AWS::EC2::TransitGatewayAttachment: a VPC's; those of other kinds are read, never written."""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call, Idempotence, Wait
from ringwall.model.graph import Node, Ref
from ringwall.resources.ec2 import ec2_node, ec2_tag
from ringwall.resources.kind import Item, Listing, Reads, ResourceType
from ringwall.resources.kind import opens as exposure
from ringwall.resources.ownership import specification

ATTACHMENTS = Listing("ec2", "describe_transit_gateway_attachments", "TransitGatewayAttachments")
# DescribeTransitGatewayAttachments tells neither the subnets nor the options.
VPC_ATTACHMENTS = Listing(
    "ec2", "describe_transit_gateway_vpc_attachments", "TransitGatewayVpcAttachments"
)
# Only this says which two gateways a peering joins.
PEERINGS = Listing(
    "ec2", "describe_transit_gateway_peering_attachments", "TransitGatewayPeeringAttachments"
)
TYPE = "AWS::EC2::TransitGatewayAttachment"

# CreateTransitGatewayVpcAttachmentRequestOptions: AWS's defaults.
OPTIONS: Mapping[str, str] = {
    "ApplianceModeSupport": "disable",
    "DnsSupport": "enable",
    "Ipv6Support": "disable",
    "SecurityGroupReferencingSupport": "enable",
}
SIDES = ("RequesterTgwInfo", "AccepterTgwInfo")
SIDE = ("TransitGatewayId", "OwnerId", "Region")
GONE = frozenset({"deleting", "deleted", "failed", "failing", "rejected", "rejecting"})
NOT_FOUND = frozenset({"InvalidTransitGatewayAttachmentID.NotFound"})


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in the options' defaults and sort the subnets, of which the order means nothing."""
    full = dict(properties)
    if "VpcId" in full:
        full["SubnetIds"] = sorted(full.get("SubnetIds", ()))
        full["Options"] = {**OPTIONS, **full.get("Options", {})}
    return full


def is_present(item: Item) -> bool:
    """Tell whether an attachment is there: AWS keeps deleted ones listed for some hours."""
    return item.get("State") not in GONE


def read(reads: Reads) -> Iterable[Node]:
    """Yield every attachment that is not deleted; only a VPC's has a VpcId."""
    of_vpcs = {item["TransitGatewayAttachmentId"]: item for item in reads.items(VPC_ATTACHMENTS)}
    peerings = {item["TransitGatewayAttachmentId"]: item for item in reads.items(PEERINGS)}
    for item in reads.items(ATTACHMENTS):
        if not is_present(item):
            continue
        attachment_id = item["TransitGatewayAttachmentId"]
        properties: dict[str, Any] = {
            "TransitGatewayId": Ref("AWS::EC2::TransitGateway", item["TransitGatewayId"])
        }
        vpc = of_vpcs.get(attachment_id)
        if vpc is not None:
            options = vpc.get("Options", {})
            properties["VpcId"] = Ref("AWS::EC2::VPC", vpc["VpcId"])
            properties["SubnetIds"] = [Ref("AWS::EC2::Subnet", i) for i in vpc.get("SubnetIds", ())]
            properties["Options"] = {name: options[name] for name in OPTIONS if name in options}
        observed = {
            "State": item.get("State"),
            "ResourceType": item.get("ResourceType"),
            "ResourceId": item.get("ResourceId"),
            "ResourceOwnerId": item.get("ResourceOwnerId"),
            "TransitGatewayOwnerId": item.get("TransitGatewayOwnerId"),
            "Association": item.get("Association"),
        }
        for side in SIDES:
            said = peerings.get(attachment_id, {}).get(side)
            observed[side] = {name: said[name] for name in SIDE if said.get(name)} if said else None
        yield ec2_node(
            reads, TYPE, attachment_id, normalise(properties), observed, item.get("Tags")
        )


def _state(node: Node, success: set[str], failure: frozenset[str] = frozenset()) -> Wait:
    return Wait(
        "describe_transit_gateway_vpc_attachments",
        {"TransitGatewayAttachmentIds": [node.ref]},
        "TransitGatewayVpcAttachments[].State",
        success=frozenset(success),
        failure=failure,
        gone_codes=NOT_FOUND,
    )


def create(node: Node) -> tuple[Call, ...]:
    """Attach the VPC; CreateTransitGatewayVpcAttachment takes no client token."""
    request = {
        "TransitGatewayId": node.properties["TransitGatewayId"],
        "VpcId": node.properties["VpcId"],
        "SubnetIds": node.properties["SubnetIds"],
        "Options": node.properties["Options"],
        "TagSpecifications": specification("transit-gateway-attachment", node.tags),
    }
    return (
        Call(
            "ec2",
            "create_transit_gateway_vpc_attachment",
            request,
            extract={"id": "TransitGatewayVpcAttachment.TransitGatewayAttachmentId"},
            idempotent_by=Idempotence.TAG,
            waits_for=(_state(node, {"available"}, GONE),),
        ),
    )


def update(before: Node, after: Node, changed: frozenset[str]) -> tuple[Call, ...]:
    """Add and remove subnets, and set the options that differ, in one call."""
    request: dict[str, Any] = {"TransitGatewayAttachmentId": after.ref}
    if "SubnetIds" in changed:
        old, new = (node.properties.get("SubnetIds", []) for node in (before, after))
        added = [subnet for subnet in new if subnet not in old]
        removed = [subnet for subnet in old if subnet not in new]
        if added:
            request["AddSubnetIds"] = added
        if removed:
            request["RemoveSubnetIds"] = removed
    if "Options" in changed:
        was = before.properties.get("Options", {})
        request["Options"] = {
            name: value
            for name, value in after.properties["Options"].items()
            if was.get(name) != value
        }
    return (
        Call(
            "ec2",
            "modify_transit_gateway_vpc_attachment",
            request,
            waits_for=(_state(after, {"available"}, GONE),),
        ),
    )


def delete(node: Node) -> tuple[Call, ...]:
    """Detach the VPC, and wait until its interfaces have left the subnets."""
    return (
        Call(
            "ec2",
            "delete_transit_gateway_vpc_attachment",
            {"TransitGatewayAttachmentId": node.ref},
            waits_for=(_state(node, {"deleted", "gone"}, frozenset({"failed"})),),
            ignore=NOT_FOUND,
        ),
    )


RESOURCE = ResourceType(
    name=TYPE,
    listings=(ATTACHMENTS, VPC_ATTACHMENTS),
    surveyed=(PEERINGS,),
    read=read,
    normalise=normalise,
    create=create,
    update=update,
    delete=delete,
    tag=ec2_tag,
    replace=frozenset({"TransitGatewayId", "VpcId"}),
    exposure=exposure,
    # The first attachment of an account makes AWSServiceRoleForVPCTransitGateway ("Use
    # service-linked roles for transit gateways in Amazon VPC Transit Gateways").
    permissions={"apply": ("iam:CreateServiceLinkedRole",)},
    price=lambda node: ("transit-gateway-attachment", int("VpcId" in node.properties)),
)
