"""AWS::EC2::VPCBlockPublicAccessExclusion: a VPC or subnet that the account's switch spares."""

from collections.abc import Iterable
from typing import Any

from ringwall.model.calls import Call, Idempotence, Wait
from ringwall.model.graph import Node, Ref
from ringwall.resources.ec2 import ec2_node, ec2_tag
from ringwall.resources.kind import Listing, Reads, ResourceType
from ringwall.resources.kind import opens as exposure
from ringwall.resources.ownership import specification

TYPE = "AWS::EC2::VPCBlockPublicAccessExclusion"
EXCLUSIONS = Listing(
    "ec2", "describe_vpc_block_public_access_exclusions", "VpcBlockPublicAccessExclusions"
)
MODE = "InternetGatewayExclusionMode"
GONE = frozenset({"delete-in-progress", "delete-complete", "create-failed"})
NOT_FOUND = frozenset({"InvalidVpcBlockPublicAccessExclusionId.NotFound"})


def _place(arn: str) -> dict[str, Ref]:
    # arn:aws:ec2:region:account:vpc/vpc-0abc
    kind, _, physical_id = arn.rpartition(":")[2].partition("/")
    if kind == "subnet":
        return {"SubnetId": Ref("AWS::EC2::Subnet", physical_id)}
    return {"VpcId": Ref("AWS::EC2::VPC", physical_id)}


def read(reads: Reads) -> Iterable[Node]:
    """Yield the exclusions that are not deleted; AWS keeps deleted ones listed for a while."""
    for item in reads.items(EXCLUSIONS):
        if item.get("State") in GONE:
            continue
        properties: dict[str, Any] = {**_place(item["ResourceArn"]), MODE: item[MODE]}
        observed = {"State": item.get("State"), "Reason": item.get("Reason")}
        yield ec2_node(reads, TYPE, item["ExclusionId"], properties, observed, item.get("Tags"))


def _state(node: Node, success: set[str], failure: set[str]) -> Wait:
    return Wait(
        "describe_vpc_block_public_access_exclusions",
        {"ExclusionIds": [node.ref]},
        "VpcBlockPublicAccessExclusions[].State",
        success=frozenset(success),
        failure=frozenset(failure),
        gone_codes=NOT_FOUND,
    )


def create(node: Node) -> tuple[Call, ...]:
    """Create it."""
    request = {
        **node.properties,
        "TagSpecifications": specification("vpc-block-public-access-exclusion", node.tags),
    }
    return (
        Call(
            "ec2",
            "create_vpc_block_public_access_exclusion",
            request,
            extract={"id": "VpcBlockPublicAccessExclusion.ExclusionId"},
            idempotent_by=Idempotence.TAG,
            waits_for=(_state(node, {"create-complete"}, {"create-failed"}),),
        ),
    )


def update(_before: Node, after: Node, _changed: frozenset[str]) -> tuple[Call, ...]:
    """Set the mode."""
    return (
        Call(
            "ec2",
            "modify_vpc_block_public_access_exclusion",
            {"ExclusionId": after.ref, MODE: after.properties[MODE]},
            waits_for=(_state(after, {"update-complete"}, {"update-failed"}),),
        ),
    )


def delete(node: Node) -> tuple[Call, ...]:
    """Delete it."""
    return (
        Call(
            "ec2",
            "delete_vpc_block_public_access_exclusion",
            {"ExclusionId": node.ref},
            waits_for=(_state(node, {"delete-complete", "gone"}, set()),),
            ignore=NOT_FOUND,
        ),
    )


RESOURCE = ResourceType(
    name=TYPE,
    listings=(EXCLUSIONS,),
    read=read,
    create=create,
    update=update,
    delete=delete,
    tag=ec2_tag,
    replace=frozenset({"VpcId", "SubnetId"}),
    exposure=exposure,
)
