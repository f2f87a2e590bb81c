"""AWS::EC2::VPCBlockPublicAccessOptions: the account's switch against internet gateways."""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call, Wait
from ringwall.model.graph import Node
from ringwall.model.plan import Exposure
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.kind import Listing, Reads, ResourceType

TYPE = "AWS::EC2::VPCBlockPublicAccessOptions"
OPTIONS = Listing(
    "ec2", "describe_vpc_block_public_access_options", "[VpcBlockPublicAccessOptions]"
)
MODE = "InternetGatewayBlockMode"
# From nothing blocked to everything ("Block public access to VPCs and subnets", VPC user guide).
STRENGTH = ("off", "block-ingress", "block-bidirectional")


def key(_properties: Mapping[str, Any]) -> str:
    """Return the one key: an account has one switch a region."""
    return "account"


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in AWS's default: off."""
    return {MODE: properties.get(MODE, "off")}


def exposure(before: Node | None, after: Node | None) -> Exposure:
    """Tell the exposure: a stronger mode closes, a weaker one opens."""
    old, new = (
        STRENGTH.index(str(node.properties.get(MODE, "off"))) if node is not None else 0
        for node in (before, after)
    )
    if old == new:
        return Exposure.NEUTRAL
    return Exposure.CLOSES if new > old else Exposure.OPENS


def read(reads: Reads) -> Iterable[Node]:
    """Yield the switch."""
    for item in reads.items(OPTIONS):
        if item:
            observed = {
                "State": item.get("State"),
                "ManagedBy": item.get("ManagedBy"),
                "ExclusionsAllowed": item.get("ExclusionsAllowed"),
            }
            yield ec2_node(reads, TYPE, key(item), normalise(item), observed)


def _set(mode: str) -> Call:
    return Call(
        "ec2",
        "modify_vpc_block_public_access_options",
        {MODE: mode},
        waits_for=(
            Wait(
                "describe_vpc_block_public_access_options",
                {},
                "VpcBlockPublicAccessOptions.State",
                success=frozenset({"update-complete", "default-state"}),
            ),
        ),
    )


def create(node: Node) -> tuple[Call, ...]:
    """Set it."""
    return (_set(str(node.properties[MODE])),)


def update(_before: Node, after: Node, _changed: frozenset[str]) -> tuple[Call, ...]:
    """Set it."""
    return create(after)


def delete(_node: Node) -> tuple[Call, ...]:
    """Turn it off, which is AWS's default."""
    return (_set("off"),)


RESOURCE = ResourceType(
    name=TYPE,
    listings=(OPTIONS,),
    read=read,
    key=key,
    normalise=normalise,
    create=create,
    update=update,
    delete=delete,
    restore=True,
    exposure=exposure,
)
