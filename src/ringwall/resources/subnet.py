"""AWS::EC2::Subnet."""

from collections.abc import Iterable, Mapping
from ipaddress import ip_network
from typing import Any

from ringwall.model.calls import Call, Idempotence, Wait
from ringwall.model.graph import Address, Node, Ref, ResourceGraph
from ringwall.model.plan import Exposure
from ringwall.resources.ec2 import canonical_cidr, ec2_node, ec2_tag
from ringwall.resources.enums import ENUMS
from ringwall.resources.kind import Item, Listing, Reads, ResourceType
from ringwall.resources.ownership import specification

SUBNETS = Listing("ec2", "describe_subnets", "Subnets")
# ModifySubnetAttribute: "you can only modify one attribute at a time".
ATTRIBUTES = ("MapPublicIpOnLaunch", "AssignIpv6AddressOnCreation", "EnableDns64")
LIVE_STATES = ENUMS["SubnetCidrBlockStateCode"].modelled
LARGEST_BLOCK = 16  # prefix length of the largest IPv4 block of a VPC


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in AWS's defaults: no public and no IPv6 addresses at launch; DNS64 only where on."""
    normal = {"MapPublicIpOnLaunch": False, "AssignIpv6AddressOnCreation": False} | dict(properties)
    if not normal.get("EnableDns64"):
        normal.pop("EnableDns64", None)
    for name in ("CidrBlock", "Ipv6CidrBlock"):
        if isinstance(normal.get(name), str):
            normal[name] = canonical_cidr(normal[name])
    return normal


def _ipv6_associations(item: Item) -> list[Item]:
    return [
        association
        for association in item.get("Ipv6CidrBlockAssociationSet") or ()
        if (association.get("Ipv6CidrBlockState") or {}).get("State") in LIVE_STATES
    ]


def read(reads: Reads) -> Iterable[Node]:
    """Yield every subnet; its first IPv6 block is a property, all are observed."""
    for item in reads.items(SUBNETS):
        associations = _ipv6_associations(item)
        properties = {
            "VpcId": Ref("AWS::EC2::VPC", item["VpcId"]),
            "CidrBlock": item.get("CidrBlock"),
            "AvailabilityZone": item.get("AvailabilityZone"),
            "MapPublicIpOnLaunch": item.get("MapPublicIpOnLaunch", False),
            "AssignIpv6AddressOnCreation": item.get("AssignIpv6AddressOnCreation", False),
            "EnableDns64": item.get("EnableDns64", False),
            "Ipv6CidrBlock": associations[0]["Ipv6CidrBlock"] if associations else None,
            "Ipv6Native": True if item.get("Ipv6Native") else None,
            "OutpostArn": item.get("OutpostArn"),
        }
        observed = {
            "State": item.get("State"),
            "AvailabilityZoneId": item.get("AvailabilityZoneId"),
            "DefaultForAz": item.get("DefaultForAz"),
            "OwnerId": item.get("OwnerId"),
            "BlockPublicAccessStates": item.get("BlockPublicAccessStates"),
            "Ipv6CidrBlockAssociationSet": associations or None,
        }
        known = {name: value for name, value in properties.items() if value is not None}
        yield ec2_node(
            reads, RESOURCE.name, item["SubnetId"], normalise(known), observed, item.get("Tags")
        )


def _modify(node: Node, name: str, *, value: bool) -> Call:
    return Call("ec2", "modify_subnet_attribute", {"SubnetId": node.ref, name: {"Value": value}})


def create(node: Node) -> tuple[Call, ...]:
    """Create it with its IPv6 block, then set the attributes, which CreateSubnet does not take."""
    taken = (
        "VpcId",
        "CidrBlock",
        "AvailabilityZone",
        "AvailabilityZoneId",
        "Ipv6CidrBlock",
        "Ipv6Native",
        "OutpostArn",
    )
    request = {name: node.properties[name] for name in taken if name in node.properties}
    made = Call(
        "ec2",
        "create_subnet",
        request | {"TagSpecifications": specification("subnet", node.tags)},
        extract={"id": "Subnet.SubnetId", "AvailabilityZoneId": "Subnet.AvailabilityZoneId"},
        idempotent_by=Idempotence.TAG,
        waits_for=(
            Wait(
                "describe_subnets",
                {"SubnetIds": [node.ref]},
                "Subnets[].State",
                frozenset({"available"}),
                failure=frozenset({"unavailable", "failed", "failed-insufficient-capacity"}),
            ),
        ),
    )
    modified = (_modify(node, name, value=True) for name in ATTRIBUTES if node.properties.get(name))
    return (made, *modified)


def _replace_ipv6_block(before: Node, after: Node) -> Iterable[Call]:
    old = before.properties.get("Ipv6CidrBlock")
    for association in before.observed.get("Ipv6CidrBlockAssociationSet", ()):
        if association["Ipv6CidrBlock"] == old:
            request = {"AssociationId": association["AssociationId"]}
            yield Call("ec2", "disassociate_subnet_cidr_block", request)
    if "Ipv6CidrBlock" in after.properties:
        yield Call(
            "ec2",
            "associate_subnet_cidr_block",
            {"SubnetId": after.ref, "Ipv6CidrBlock": after.properties["Ipv6CidrBlock"]},
            waits_for=(
                Wait(
                    "describe_subnets",
                    {"SubnetIds": [after.ref]},
                    "Subnets[].Ipv6CidrBlockAssociationSet[].Ipv6CidrBlockState.State",
                    success=frozenset({"associated", "disassociated"}),
                    failure=frozenset({"failed", "failing"}),
                ),
            ),
        )


def update(before: Node, after: Node, changed: frozenset[str]) -> tuple[Call, ...]:
    """Switch attributes off, give or change the IPv6 block, then switch attributes on."""
    wanted = {n: bool(after.properties.get(n)) for n in ATTRIBUTES if n in changed}
    off = [_modify(after, name, value=False) for name, value in wanted.items() if not value]
    on = [_modify(after, name, value=True) for name, value in wanted.items() if value]
    block = _replace_ipv6_block(before, after) if "Ipv6CidrBlock" in changed else ()
    return (*off, *block, *on)


def delete(node: Node) -> tuple[Call, ...]:
    """Delete it; AWS refuses while an interface stands in it."""
    return (
        Call(
            "ec2",
            "delete_subnet",
            {"SubnetId": node.ref},
            ignore=frozenset({"InvalidSubnetID.NotFound"}),
        ),
    )


def depends(node: Node, graph: ResourceGraph) -> Iterable[Address]:
    """Yield the further blocks of the VPC that this subnet may lie in."""
    vpc = node.properties["VpcId"].key
    keys = [f"{vpc}/ipv6"] if "Ipv6CidrBlock" in node.properties else []
    if isinstance(node.properties.get("CidrBlock"), str):
        block = ip_network(node.properties["CidrBlock"])
        lengths = range(LARGEST_BLOCK, block.prefixlen + 1)
        keys += [f"{vpc}/{block.supernet(new_prefix=length)}" for length in lengths]
    for key in keys:
        if ("AWS::EC2::VPCCidrBlock", key) in graph:
            yield ("AWS::EC2::VPCCidrBlock", key)


def exposure(before: Node | None, after: Node | None) -> Exposure:
    """Tell what public addresses at launch do; a subnet alone reaches nothing."""
    if before is None or after is None:
        return Exposure.NEUTRAL
    name = "MapPublicIpOnLaunch"
    was, becomes = before.properties.get(name, False), after.properties.get(name, False)
    if was == becomes:
        return Exposure.NEUTRAL
    return Exposure.OPENS if becomes else Exposure.CLOSES


RESOURCE = ResourceType(
    name="AWS::EC2::Subnet",
    listings=(SUBNETS,),
    read=read,
    normalise=normalise,
    create=create,
    update=update,
    delete=delete,
    tag=ec2_tag,
    replace=frozenset(
        {"VpcId", "CidrBlock", "AvailabilityZone", "AvailabilityZoneId", "Ipv6Native", "OutpostArn"}
    ),
    depends=depends,
    exposure=exposure,
    permissions={"apply": ("ec2:CreateTags",)},
)
