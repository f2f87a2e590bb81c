"""AWS::EC2::TransitGateway."""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call, Idempotence, Wait
from ringwall.model.graph import Node
from ringwall.resources.ec2 import ec2_node, ec2_tag
from ringwall.resources.kind import Listing, Reads, ResourceType
from ringwall.resources.ownership import specification

TRANSIT_GATEWAYS = Listing("ec2", "describe_transit_gateways", "TransitGateways")
TYPE = "AWS::EC2::TransitGateway"

# CreateTransitGateway, TransitGatewayRequestOptions: AWS's defaults.
DEFAULTS: Mapping[str, Any] = {
    "AmazonSideAsn": 64512,
    "AutoAcceptSharedAttachments": "disable",
    "DefaultRouteTableAssociation": "enable",
    "DefaultRouteTablePropagation": "enable",
    "DnsSupport": "enable",
    "SecurityGroupReferencingSupport": "disable",
    "VpnEcmpSupport": "enable",
}
# What has a default that nobody spells out stands in the properties only where it differs.
SILENT: Mapping[str, Any] = {
    "Description": "",
    "MulticastSupport": "disable",
    "TransitGatewayCidrBlocks": [],
}
# AWS keeps a deleted gateway listed for some hours.
GONE = frozenset({"deleting", "deleted"})


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in AWS's defaults, and leave out what is silent at its default."""
    full = {**DEFAULTS, **properties}
    full["AmazonSideAsn"] = int(full["AmazonSideAsn"])
    if full.get("TransitGatewayCidrBlocks"):
        full["TransitGatewayCidrBlocks"] = sorted(full["TransitGatewayCidrBlocks"])
    return {
        name: value
        for name, value in full.items()
        if name not in SILENT or (value is not None and value != SILENT[name])
    }


def read(reads: Reads) -> Iterable[Node]:
    """Yield every gateway that is not deleted, those shared with the account too."""
    for item in reads.items(TRANSIT_GATEWAYS):
        if item.get("State") in GONE:
            continue
        options = item.get("Options", {})
        properties = {"Description": item.get("Description", "")}
        properties |= {n: options[n] for n in (*DEFAULTS, *SILENT) if n in options}
        observed = {
            "State": item.get("State"),
            "OwnerId": item.get("OwnerId"),
            "Arn": item.get("TransitGatewayArn"),
            "AssociationDefaultRouteTableId": options.get("AssociationDefaultRouteTableId"),
            "PropagationDefaultRouteTableId": options.get("PropagationDefaultRouteTableId"),
        }
        yield ec2_node(
            reads, TYPE, item["TransitGatewayId"], normalise(properties), observed, item.get("Tags")
        )


def _available(node: Node) -> Wait:
    return Wait(
        "describe_transit_gateways",
        {"TransitGatewayIds": [node.ref]},
        "TransitGateways[].State",
        success=frozenset({"available"}),
        failure=GONE,
    )


def create(node: Node) -> tuple[Call, ...]:
    """Create it; CreateTransitGateway takes no client token."""
    request: dict[str, Any] = {
        "Options": {n: v for n, v in node.properties.items() if n != "Description"},
        "TagSpecifications": specification("transit-gateway", node.tags),
    }
    if "Description" in node.properties:
        request["Description"] = node.properties["Description"]
    return (
        Call(
            "ec2",
            "create_transit_gateway",
            request,
            extract={
                "id": "TransitGateway.TransitGatewayId",
                "Arn": "TransitGateway.TransitGatewayArn",
            },
            idempotent_by=Idempotence.TAG,
            waits_for=(_available(node),),
        ),
    )


def update(before: Node, after: Node, changed: frozenset[str]) -> tuple[Call, ...]:
    """Modify the options that differ."""
    request: dict[str, Any] = {"TransitGatewayId": after.ref}
    options = {
        name: after.properties[name]
        for name in sorted(changed)
        if name in DEFAULTS and name in after.properties
    }
    if "TransitGatewayCidrBlocks" in changed:
        old = set(before.properties.get("TransitGatewayCidrBlocks", ()))
        new = set(after.properties.get("TransitGatewayCidrBlocks", ()))
        if new - old:
            options["AddTransitGatewayCidrBlocks"] = sorted(new - old)
        if old - new:
            options["RemoveTransitGatewayCidrBlocks"] = sorted(old - new)
    if options:
        request["Options"] = options
    if "Description" in changed:
        request["Description"] = after.properties.get("Description", "")
    return (Call("ec2", "modify_transit_gateway", request, waits_for=(_available(after),)),)


def delete(node: Node) -> tuple[Call, ...]:
    """Delete it; AWS refuses while it has attachments."""
    gone = Wait(
        "describe_transit_gateways",
        {"TransitGatewayIds": [node.ref]},
        "TransitGateways[].State",
        success=frozenset({"deleted", "gone"}),
        gone_codes=frozenset({"InvalidTransitGatewayID.NotFound"}),
    )
    return (
        Call(
            "ec2",
            "delete_transit_gateway",
            {"TransitGatewayId": node.ref},
            waits_for=(gone,),
            ignore=frozenset({"InvalidTransitGatewayID.NotFound"}),
        ),
    )


RESOURCE = ResourceType(
    name=TYPE,
    listings=(TRANSIT_GATEWAYS,),
    read=read,
    normalise=normalise,
    create=create,
    update=update,
    delete=delete,
    tag=ec2_tag,
    replace=frozenset({"AmazonSideAsn", "MulticastSupport"}),
)
