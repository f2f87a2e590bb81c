"""AWS::EC2::VPCCidrBlock: a further block of a VPC, given by the user or by Amazon."""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call, Idempotence, Wait
from ringwall.model.graph import Node, Ref
from ringwall.resources.ec2 import canonical_cidr, ec2_node
from ringwall.resources.enums import ENUMS
from ringwall.resources.identifiers import key_of
from ringwall.resources.kind import Item, Reads, ResourceType
from ringwall.resources.vpc import GONE_STATES, VPCS

LIVE_STATES = ENUMS["VpcCidrBlockStateCode"].modelled
# VpcIpv6CidrBlockAssociation.Ipv6Pool: "Amazon" for a block that AWS chose.
AMAZON_POOL = "Amazon"


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Bring the block into canonical form."""
    normal = dict(properties)
    for name in ("CidrBlock", "Ipv6CidrBlock"):
        if isinstance(normal.get(name), str):
            normal[name] = canonical_cidr(normal[name])
    return normal


def key(properties: Mapping[str, Any]) -> str:
    """Return `<vpc>/ipv6` for Amazon's block, `<vpc>/<cidr>` for any other."""
    block = properties.get("CidrBlock") or properties.get("Ipv6CidrBlock")
    suffix = "ipv6" if properties.get("AmazonProvidedIpv6CidrBlock") else block
    return f"{key_of(properties['VpcId'])}/{suffix}"


def _ipv6_properties(association: Item) -> dict[str, Any]:
    if association.get("Ipv6Pool") == AMAZON_POOL or association.get("IpSource") == "amazon":
        return {"AmazonProvidedIpv6CidrBlock": True}
    properties = {"Ipv6CidrBlock": canonical_cidr(association["Ipv6CidrBlock"])}
    if association.get("Ipv6Pool"):
        properties["Ipv6Pool"] = association["Ipv6Pool"]
    return properties


def read(reads: Reads) -> Iterable[Node]:
    """Yield the blocks beyond each VPC's first."""
    for vpc in reads.items(VPCS):
        if vpc.get("State") in GONE_STATES:
            continue
        owner = {"VpcId": Ref("AWS::EC2::VPC", vpc["VpcId"])}
        for association in vpc.get("CidrBlockAssociationSet") or ():
            state = (association.get("CidrBlockState") or {}).get("State")
            if state in LIVE_STATES and association["CidrBlock"] != vpc["CidrBlock"]:
                properties = owner | {"CidrBlock": canonical_cidr(association["CidrBlock"])}
                yield ec2_node(
                    reads, RESOURCE.name, association["AssociationId"], properties, {"State": state}
                )
        for association in vpc.get("Ipv6CidrBlockAssociationSet") or ():
            state = (association.get("Ipv6CidrBlockState") or {}).get("State")
            if state in LIVE_STATES:
                observed = {
                    "State": state,
                    "Ipv6CidrBlock": association.get("Ipv6CidrBlock") or None,
                    "NetworkBorderGroup": association.get("NetworkBorderGroup"),
                }
                properties = owner | _ipv6_properties(association)
                yield ec2_node(
                    reads, RESOURCE.name, association["AssociationId"], properties, observed
                )


def create(node: Node) -> tuple[Call, ...]:
    """Associate it, wait, then read which block Amazon chose: the first answer may not say."""
    is_ipv4 = "CidrBlock" in node.properties
    member, items = (
        ("CidrBlockAssociation", "CidrBlockAssociationSet[].CidrBlockState")
        if is_ipv4
        else ("Ipv6CidrBlockAssociation", "Ipv6CidrBlockAssociationSet[].Ipv6CidrBlockState")
    )
    vpc = node.properties["VpcId"]
    associate = Call(
        "ec2",
        "associate_vpc_cidr_block",
        dict(node.properties),
        extract={"id": f"{member}.AssociationId"},
        # A second request would associate a second block of Amazon's choosing.
        idempotent_by=Idempotence.TAG,
        waits_for=(
            Wait(
                "describe_vpcs",
                {"VpcIds": [vpc]},
                f"Vpcs[].{items}.State",
                # A block that was taken away stays listed for a while.
                success=frozenset({"associated", "disassociated"}),
                failure=frozenset({"failed", "failing"}),
            ),
        ),
    )
    if is_ipv4:
        return (associate,)
    path = (
        "Vpcs[0].Ipv6CidrBlockAssociationSet[?Ipv6CidrBlockState.State=='associated']"
        " | [0].Ipv6CidrBlock"
    )
    given = Call("ec2", "describe_vpcs", {"VpcIds": [vpc]}, extract={"Ipv6CidrBlock": path})
    return (associate, given)


def delete(node: Node) -> tuple[Call, ...]:
    """Disassociate it; AWS refuses while a subnet lies in it."""
    return (
        Call(
            "ec2",
            "disassociate_vpc_cidr_block",
            {"AssociationId": node.ref},
            ignore=frozenset({"InvalidVpcCidrBlockAssociationID.NotFound"}),
        ),
    )


RESOURCE = ResourceType(
    name="AWS::EC2::VPCCidrBlock",
    listings=(VPCS,),
    read=read,
    key=key,
    parent="VpcId",
    normalise=normalise,
    create=create,
    delete=delete,
    replace=frozenset(
        {"VpcId", "CidrBlock", "AmazonProvidedIpv6CidrBlock", "Ipv6CidrBlock", "Ipv6Pool"}
    ),
)
