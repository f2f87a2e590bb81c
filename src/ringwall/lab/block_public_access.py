"""VPC Block Public Access: the switch of an account and region, and its exclusions."""

from dataclasses import dataclass, field
from typing import Any

from moto.core.utils import utcnow

from ringwall.lab import world
from ringwall.lab.actions import Call, Described, add_ec2, new_id, refuse, select, tag_set
from ringwall.lab.transit_gateway import forget
from ringwall.lab.world import Moto

MODES = ("off", "block-bidirectional", "block-ingress")
EXCLUSIONS = ("allow-bidirectional", "allow-egress")


class Switch:
    """The account's option; `default-state` until someone sets it."""

    def __init__(self) -> None:
        self.state = "default-state"
        self.mode = "off"
        self.changed: Any = None
        self.exclusions: dict[str, Exclusion] = {}

    def describe(self, call: Call) -> Described:
        """Return what DescribeVpcBlockPublicAccessOptions tells."""
        described = {
            "AwsAccountId": call.account,
            "AwsRegion": call.region,
            "State": self.state,
            "InternetGatewayBlockMode": self.mode,
            "ManagedBy": "account",
            "ExclusionsAllowed": "allowed",
        }
        return described | ({"LastUpdateTimestamp": self.changed} if self.changed else {})


@dataclass(eq=False)
class Exclusion:
    """One VPC or subnet that the switch leaves alone, in whole or in part."""

    arn: str
    mode: str
    id: str = field(default_factory=lambda: new_id("vpcbpa-exclude"))
    state: str = "create-in-progress"
    created: Any = field(default_factory=utcnow)
    updated: Any = field(default_factory=utcnow)
    deleted: Any = None

    def describe(self, backend: Moto) -> Described:
        """Return what DescribeVpcBlockPublicAccessExclusions lists."""
        described = {
            "ExclusionId": self.id,
            "InternetGatewayExclusionMode": self.mode,
            "ResourceArn": self.arn,
            "State": self.state,
            "CreationTimestamp": self.created,
            "LastUpdateTimestamp": self.updated,
            "Tags": tag_set(backend, self.id),
        }
        return described | ({"DeletionTimestamp": self.deleted} if self.deleted else {})


def _switch(call: Call) -> Switch:
    return world.store(call.backend, Switch)


def modify_vpc_block_public_access_options(call: Call) -> Described:
    """ModifyVpcBlockPublicAccessOptions."""
    mode, switch = call.need("InternetGatewayBlockMode"), _switch(call)
    if mode not in MODES:
        refuse("InvalidParameterValue", f"'{mode}' is not one of {', '.join(MODES)}.")
    switch.mode, switch.changed = mode, utcnow()
    world.clock().pass_through(switch, "update-in-progress", "update-complete", world.CREATION)
    return {"VpcBlockPublicAccessOptions": switch.describe(call)}


def _mode(call: Call) -> str:
    mode = str(call.need("InternetGatewayExclusionMode"))
    if mode not in EXCLUSIONS:
        refuse("InvalidParameterValue", f"'{mode}' is not one of {', '.join(EXCLUSIONS)}.")
    return mode


def create_vpc_block_public_access_exclusion(call: Call) -> Described:
    """CreateVpcBlockPublicAccessExclusion."""
    backend, subnet_id, vpc_id = call.backend, call.get("SubnetId"), call.get("VpcId")
    if (subnet_id is None) == (vpc_id is None):
        refuse("InvalidParameterCombination", "Exactly one of SubnetId and VpcId must be given.")
    if subnet_id:
        what = f"subnet/{backend.get_subnet(subnet_id).id}"
    else:
        what = f"vpc/{backend.get_vpc(vpc_id).id}"
    arn = f"arn:{backend.partition}:ec2:{call.region}:{call.account}:{what}"
    shelf = _switch(call).exclusions
    if any(one.arn == arn and not one.state.startswith("delete") for one in shelf.values()):
        refuse("InvalidParameterValue", f"An exclusion for {arn} already exists.")
    made = Exclusion(arn, _mode(call))
    shelf[made.id] = made
    backend.tags[made.id].update(call.tags())
    world.clock().pass_through(made, "create-in-progress", "create-complete", world.CREATION)
    return {"VpcBlockPublicAccessExclusion": made.describe(backend)}


def _exclusion(call: Call, exclusion_id: str) -> Exclusion:
    found = _switch(call).exclusions.get(exclusion_id)
    if found is None:
        refuse("InvalidVpcBlockPublicAccessExclusionId.NotFound", f"{exclusion_id} does not exist")
    return found


def describe_vpc_block_public_access_exclusions(call: Call) -> Described:
    """DescribeVpcBlockPublicAccessExclusions."""
    wanted = call.get("ExclusionIds", [])
    for one in wanted:
        _exclusion(call, one)
    listed = [
        one.describe(call.backend)
        for one in _switch(call).exclusions.values()
        if not wanted or one.id in wanted
    ]
    paths = {
        "resource-arn": "ResourceArn",
        "internet-gateway-exclusion-mode": "InternetGatewayExclusionMode",
        "state": "State",
    }
    return {"VpcBlockPublicAccessExclusions": select(listed, call.filters(), paths)}


def modify_vpc_block_public_access_exclusion(call: Call) -> Described:
    """ModifyVpcBlockPublicAccessExclusion."""
    one = _exclusion(call, call.need("ExclusionId"))
    one.mode, one.updated = _mode(call), utcnow()
    world.clock().pass_through(one, "update-in-progress", "update-complete", world.CREATION)
    return {"VpcBlockPublicAccessExclusion": one.describe(call.backend)}


def delete_vpc_block_public_access_exclusion(call: Call) -> Described:
    """DeleteVpcBlockPublicAccessExclusion."""
    one = _exclusion(call, call.need("ExclusionId"))
    one.deleted = utcnow()
    world.clock().pass_through(one, "delete-in-progress", "delete-complete", world.DELETION)
    forget(_switch(call).exclusions, one.id)
    return {"VpcBlockPublicAccessExclusion": one.describe(call.backend)}


def install() -> None:
    """Answer the calls about Block Public Access."""
    add_ec2(
        {
            "DescribeVpcBlockPublicAccessOptions": lambda call: {
                "VpcBlockPublicAccessOptions": _switch(call).describe(call)
            },
            "ModifyVpcBlockPublicAccessOptions": modify_vpc_block_public_access_options,
            "CreateVpcBlockPublicAccessExclusion": create_vpc_block_public_access_exclusion,
            "DescribeVpcBlockPublicAccessExclusions": (describe_vpc_block_public_access_exclusions),
            "ModifyVpcBlockPublicAccessExclusion": modify_vpc_block_public_access_exclusion,
            "DeleteVpcBlockPublicAccessExclusion": delete_vpc_block_public_access_exclusion,
        }
    )
