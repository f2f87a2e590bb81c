"""AWS::EC2::NatGateway."""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call, Idempotence, Token, Wait
from ringwall.model.graph import Address, Node, Ref, ResourceGraph
from ringwall.resources.ec2 import ec2_node, ec2_tag
from ringwall.resources.enums import ENUMS
from ringwall.resources.kind import Item, Listing, Reads, ResourceType
from ringwall.resources.ownership import specification
from ringwall.resources.vpc_gateway_attachment import attachment_of

NAT_GATEWAYS = Listing("ec2", "describe_nat_gateways", "NatGateways")
# AWS deletes a failed gateway by itself after about an hour; it never comes to life.
GONE_STATES = ENUMS["NatGatewayState"].gone


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in the default: public; a zonal gateway does not say so."""
    normal = {"ConnectivityType": "public"} | dict(properties)
    if normal.get("AvailabilityMode") == "zonal":
        del normal["AvailabilityMode"]
    if "SecondaryAllocationIds" in normal:
        normal["SecondaryAllocationIds"] = sorted(normal["SecondaryAllocationIds"])
    return normal


def _addresses(item: Item) -> dict[str, Any]:
    found = [a for a in item.get("NatGatewayAddresses") or () if a.get("AllocationId")]
    refs = [
        Ref("AWS::EC2::EIP", address["AllocationId"])
        for address in sorted(found, key=lambda address: not address.get("IsPrimary", False))
    ]
    properties: dict[str, Any] = {"AllocationId": refs[0]} if refs else {}
    if refs[1:]:
        properties["SecondaryAllocationIds"] = refs[1:]
    return properties


def read(reads: Reads) -> Iterable[Node]:
    """Yield every NAT gateway that works or comes to life.

    A regional one has no subnet, hence no subnet's NACL, and a route table of its own.
    """
    for item in reads.items(NAT_GATEWAYS):
        if item.get("State") in GONE_STATES:
            continue
        properties: dict[str, Any] = {"ConnectivityType": item.get("ConnectivityType", "public")}
        if item.get("AvailabilityMode") == "regional":
            properties |= {
                "AvailabilityMode": "regional",
                "VpcId": Ref("AWS::EC2::VPC", item["VpcId"]),
            }
        else:
            properties |= _addresses(item) | {"SubnetId": Ref("AWS::EC2::Subnet", item["SubnetId"])}
        observed = {
            "State": item.get("State"),
            "NatGatewayAddresses": list(item.get("NatGatewayAddresses") or ()),
            "VpcId": item.get("VpcId"),
            "RouteTableId": item.get("RouteTableId"),
            "AttachedAppliances": item.get("AttachedAppliances") or None,
        }
        yield ec2_node(
            reads,
            RESOURCE.name,
            item["NatGatewayId"],
            normalise(properties),
            observed,
            item.get("Tags"),
        )


def create(node: Node) -> tuple[Call, ...]:
    """Create it and wait until it translates."""
    request = dict(node.properties) | {
        "ClientToken": Token(),
        "TagSpecifications": specification("natgateway", node.tags),
    }
    return (
        Call(
            "ec2",
            "create_nat_gateway",
            request,
            extract={"id": "NatGateway.NatGatewayId"},
            idempotent_by=Idempotence.TOKEN,
            waits_for=(
                Wait(
                    "describe_nat_gateways",
                    {"NatGatewayIds": [node.ref]},
                    "NatGateways[].State",
                    success=frozenset({"available"}),
                    failure=GONE_STATES,
                ),
            ),
        ),
    )


def delete(node: Node) -> tuple[Call, ...]:
    """Delete it and wait: its address and its subnet are in use until it is gone."""
    missing = frozenset({"NatGatewayNotFound", "InvalidNatGatewayID.NotFound"})
    return (
        Call(
            "ec2",
            "delete_nat_gateway",
            {"NatGatewayId": node.ref},
            ignore=missing,
            waits_for=(
                Wait(
                    "describe_nat_gateways",
                    {"NatGatewayIds": [node.ref]},
                    "NatGateways[].State",
                    success=frozenset({"deleted"}),
                    failure=frozenset({"failed"}),
                    gone_codes=missing,
                ),
            ),
        ),
    )


def depends(node: Node, graph: ResourceGraph) -> Iterable[Address]:
    """Yield the attachment of the VPC's internet gateway, which a public one needs."""
    if node.properties.get("ConnectivityType", "public") != "public":
        return
    subnet = node.properties.get("SubnetId")
    owner = graph.get(subnet) if isinstance(subnet, Ref) else node
    if owner is not None:
        yield from attachment_of(owner.properties.get("VpcId"), graph)


RESOURCE = ResourceType(
    name="AWS::EC2::NatGateway",
    listings=(NAT_GATEWAYS,),
    read=read,
    normalise=normalise,
    create=create,
    delete=delete,
    tag=ec2_tag,
    replace=frozenset(
        {
            "SubnetId",
            "AllocationId",
            "SecondaryAllocationIds",
            "ConnectivityType",
            "AvailabilityMode",
            "VpcId",
        }
    ),
    depends=depends,
    permissions={"apply": ("ec2:CreateTags",)},
    price=lambda _node: ("nat-gateway", 1),
)
