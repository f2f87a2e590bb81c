"""AWS::DirectConnect::DirectConnectGateway: read only, with the gateways it is associated with."""

from collections.abc import Iterable
from typing import Any

from ringwall.model.graph import Node
from ringwall.resources.ec2 import canonical_cidr, ec2_node
from ringwall.resources.kind import Detail, Item, Listing, Reads, ResourceType
from ringwall.resources.premises import may_have_direct_connect

GATEWAYS = Listing("directconnect", "describe_direct_connect_gateways", "directConnectGateways")
# DescribeDirectConnectGatewayAssociations wants to be told a gateway.
ASSOCIATIONS = Detail(
    "directconnect",
    "describe_direct_connect_gateway_associations",
    of=GATEWAYS.name,
    item_id=lambda item: str(item["directConnectGatewayId"]),
    request=lambda item: {"directConnectGatewayId": item["directConnectGatewayId"]},
    items="directConnectGatewayAssociations",
)
GONE_STATES = frozenset({"deleting", "deleted"})
DISSOCIATED = frozenset({"disassociating", "disassociated"})


def read(reads: Reads) -> Iterable[Node]:
    """Yield every gateway that is not deleted; prefixes are those of each association.

    One that names none announces the blocks of its gateway's own VPC.
    """
    for item in reads.items(GATEWAYS):
        state = item.get("directConnectGatewayState")
        if state in GONE_STATES:
            continue
        properties: dict[str, Any] = {
            name: item[member]
            for name, member in (
                ("DirectConnectGatewayName", "directConnectGatewayName"),
                ("AmazonSideAsn", "amazonSideAsn"),
            )
            if item.get(member) is not None
        }
        ends = [
            _end(each)
            for each in reads.detail(ASSOCIATIONS, item["directConnectGatewayId"]) or ()
            if each.get("associationState") not in DISSOCIATED
        ]
        observed: dict[str, Any] = {"State": state, "AssociatedGateway": ends}
        yield ec2_node(
            reads, RESOURCE.name, item["directConnectGatewayId"], properties, observed,
            item.get("tags"),
        )  # fmt: skip


def _end(association: Item) -> dict[str, Any]:
    gateway = association.get("associatedGateway") or {}
    found = {name: gateway[name] for name in ("id", "type", "ownerAccount", "region")
             if gateway.get(name)}  # fmt: skip
    if association.get("virtualGatewayId"):
        found.setdefault("id", association["virtualGatewayId"])
    found["state"] = association.get("associationState")
    allowed = association.get("allowedPrefixesToDirectConnectGateway")
    if allowed:  # none means the blocks of the gateway's own VPC
        found["allowedPrefixes"] = sorted(canonical_cidr(each["cidr"]) for each in allowed)
    return found


RESOURCE = ResourceType(
    name="AWS::DirectConnect::DirectConnectGateway",
    listings=(GATEWAYS,),
    details=(ASSOCIATIONS,),
    survey=True,
    possible=may_have_direct_connect,
    read=read,
)
