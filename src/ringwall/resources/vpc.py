"""AWS::EC2::VPC."""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call, Idempotence, Wait
from ringwall.model.graph import Node
from ringwall.resources.ec2 import canonical_cidr, ec2_node, ec2_tag, is_tagged_item
from ringwall.resources.enums import ENUMS
from ringwall.resources.kind import Detail, Item, Listing, Reads, ResourceType
from ringwall.resources.ownership import specification

VPCS = Listing("ec2", "describe_vpcs", "Vpcs")
GONE_STATES = ENUMS["VpcState"].gone


def _attribute(name: str) -> Detail:
    def request(item: Item) -> Mapping[str, Any]:
        return {"VpcId": item["VpcId"], "Attribute": name}

    return Detail(
        "ec2",
        "describe_vpc_attribute",
        VPCS.name,
        item_id=lambda item: str(item["VpcId"]),
        request=request,
        items=f"{name[0].upper()}{name[1:]}.Value",
        wanted=is_tagged_item,
        variant=name,
    )


# DescribeVpcs does not report the DNS attributes: AWS forces one call per VPC and attribute.
DNS_SUPPORT = _attribute("enableDnsSupport")
DNS_HOSTNAMES = _attribute("enableDnsHostnames")


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in AWS's defaults: DNS support on, host names off, default tenancy."""
    defaults = {
        "EnableDnsSupport": True,
        "EnableDnsHostnames": False,
        "InstanceTenancy": "default",
    }
    normal = defaults | dict(properties)
    normal["CidrBlock"] = canonical_cidr(normal["CidrBlock"])
    return normal


def read(reads: Reads) -> Iterable[Node]:
    """Yield every VPC; its further CIDR blocks are nodes of their own.

    The DNS attributes of a stranger's VPC are not read, so they stay out.
    """
    for item in reads.items(VPCS):
        if item.get("State") in GONE_STATES:
            continue
        properties: dict[str, Any] = {
            "CidrBlock": item["CidrBlock"],
            "InstanceTenancy": item.get("InstanceTenancy", "default"),
        }
        for name, detail in (
            ("EnableDnsSupport", DNS_SUPPORT),
            ("EnableDnsHostnames", DNS_HOSTNAMES),
        ):
            value = reads.detail(detail, item["VpcId"])
            if value is not None:
                properties[name] = value
        observed = {
            "State": item.get("State"),
            "IsDefault": item.get("IsDefault", False),
            "CidrBlockAssociationSet": item.get("CidrBlockAssociationSet", []),
            "Ipv6CidrBlockAssociationSet": item.get("Ipv6CidrBlockAssociationSet", []),
            "OwnerId": item.get("OwnerId", reads.account),
            "BlockPublicAccessStates": item.get("BlockPublicAccessStates"),
        }
        yield ec2_node(reads, RESOURCE.name, item["VpcId"], properties, observed, item.get("Tags"))


def _modify(node: Node, name: str) -> Call:
    request = {"VpcId": node.ref, name: {"Value": node.properties[name]}}
    return Call("ec2", "modify_vpc_attribute", request)


def create(node: Node) -> tuple[Call, ...]:
    """Create it, then set the DNS attributes, which CreateVpc does not take."""
    request = {
        "CidrBlock": node.properties["CidrBlock"],
        "InstanceTenancy": node.properties["InstanceTenancy"],
        "TagSpecifications": specification("vpc", node.tags),
    }
    made = Call(
        "ec2",
        "create_vpc",
        request,
        extract={"id": "Vpc.VpcId"},
        idempotent_by=Idempotence.TAG,
        waits_for=(
            Wait(
                "describe_vpcs",
                {"VpcIds": [node.ref]},
                "Vpcs[].State",
                frozenset({"available"}),
            ),
        ),
    )
    attributes = tuple(
        _modify(node, name)
        for name, default in (("EnableDnsSupport", True), ("EnableDnsHostnames", False))
        if node.properties[name] != default
    )
    return (made, *attributes)


def update(_before: Node, after: Node, changed: frozenset[str]) -> tuple[Call, ...]:
    """Set the DNS attributes that differ."""
    return tuple(
        _modify(after, name)
        for name in ("EnableDnsSupport", "EnableDnsHostnames")
        if name in changed
    )


def delete(node: Node) -> tuple[Call, ...]:
    """Delete it; AWS refuses while anything is left inside."""
    return (
        Call(
            "ec2",
            "delete_vpc",
            {"VpcId": node.ref},
            ignore=frozenset({"InvalidVpcID.NotFound"}),
        ),
    )


RESOURCE = ResourceType(
    name="AWS::EC2::VPC",
    listings=(VPCS,),
    details=(DNS_SUPPORT, DNS_HOSTNAMES),
    read=read,
    normalise=normalise,
    create=create,
    update=update,
    delete=delete,
    tag=ec2_tag,
    replace=frozenset({"CidrBlock", "InstanceTenancy"}),
    permissions={"apply": ("ec2:CreateTags",)},
)
