"""AWS::EC2::VPNGatewayRoutePropagation: read only; the tables that learn a gateway's routes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.graph import Node, Ref
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.identifiers import key_of
from ringwall.resources.kind import Reads, ResourceType
from ringwall.resources.route_table import ROUTE_TABLES


def key(properties: Mapping[str, Any]) -> str:
    """Return `<gateway>/propagation`: the tables of one gateway are one node."""
    return f"{key_of(properties['VpnGatewayId'])}/propagation"


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Sort the tables, which are a set."""
    return {**properties, "RouteTableIds": sorted(properties.get("RouteTableIds", ()))}


def read(reads: Reads) -> Iterable[Node]:
    """Yield a node for every gateway from which a table learns routes."""
    tables: dict[str, list[Ref]] = defaultdict(list)
    for table in reads.items(ROUTE_TABLES):
        for propagating in table.get("PropagatingVgws") or ():
            ref = Ref("AWS::EC2::RouteTable", table["RouteTableId"])
            tables[propagating["GatewayId"]].append(ref)
    for gateway, refs in tables.items():
        properties = normalise(
            {"VpnGatewayId": Ref("AWS::EC2::VPNGateway", gateway), "RouteTableIds": refs}
        )
        yield ec2_node(reads, RESOURCE.name, f"{gateway}|propagation", properties, {})


RESOURCE = ResourceType(
    name="AWS::EC2::VPNGatewayRoutePropagation",
    listings=(ROUTE_TABLES,),
    survey=True,
    watched=True,
    read=read,
    key=key,
    normalise=normalise,
)
