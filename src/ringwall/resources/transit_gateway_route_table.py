"""AWS::EC2::TransitGatewayRouteTable, with the routes that were propagated into it."""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call, Idempotence, Wait
from ringwall.model.graph import Node, Ref
from ringwall.resources.ec2 import ec2_node, ec2_tag
from ringwall.resources.kind import Detail, Item, Listing, Reads, ResourceType
from ringwall.resources.ownership import specification

TABLES = Listing("ec2", "describe_transit_gateway_route_tables", "TransitGatewayRouteTables")
TYPE = "AWS::EC2::TransitGatewayRouteTable"
GONE = frozenset({"deleting", "deleted"})
NOT_FOUND = frozenset({"InvalidRouteTableID.NotFound"})


def is_present(item: Item) -> bool:
    """Tell whether a table is there: AWS keeps deleted ones listed for some hours."""
    return item.get("State") not in GONE


def table_id(item: Item) -> str:
    """Return the id of a table."""
    return str(item["TransitGatewayRouteTableId"])


def _of_table(item: Item) -> Mapping[str, Any]:
    return {"TransitGatewayRouteTableId": item["TransitGatewayRouteTableId"]}


def table_detail(operation: str, items: str) -> Detail:
    """Return a detail that AWS forces once per route table; proofs need those of strangers too."""
    return Detail(
        "ec2",
        operation,
        TABLES.name,
        item_id=table_id,
        request=_of_table,
        items=items,
        wanted=lambda item, _deployment: is_present(item),
    )


# SearchTransitGatewayRoutes demands a filter; these two states are all that a route rests in.
ROUTES = Detail(
    "ec2",
    "search_transit_gateway_routes",
    TABLES.name,
    item_id=table_id,
    request=lambda item: {
        **_of_table(item),
        "Filters": [{"Name": "state", "Values": ["active", "blackhole"]}],
    },
    wanted=lambda item, _deployment: is_present(item),
)


def routes(reads: Reads, item: Item) -> list[Item]:
    """Return the routes found in a table, static ones and propagated ones."""
    return [route for page in _pages(reads, item) for route in page.get("Routes") or ()]


def _pages(reads: Reads, item: Item) -> list[Mapping[str, Any]]:
    answer = reads.detail(ROUTES, table_id(item))
    if answer is None:
        return []
    return [answer] if isinstance(answer, Mapping) else list(answer)


def read(reads: Reads) -> Iterable[Node]:
    """Yield every table that is not deleted; what was propagated into it is observed."""
    for item in reads.items(TABLES):
        if not is_present(item):
            continue
        pages = _pages(reads, item)
        observed: dict[str, Any] = {
            "State": item.get("State"),
            "DefaultAssociationRouteTable": item.get("DefaultAssociationRouteTable", False),
            "DefaultPropagationRouteTable": item.get("DefaultPropagationRouteTable", False),
        }
        if pages:
            observed["PropagatedRoutes"] = [
                {
                    "DestinationCidrBlock": route["DestinationCidrBlock"],
                    "State": route.get("State", "active"),
                    "TransitGatewayAttachments": [
                        {
                            **attachment,
                            "TransitGatewayAttachmentId": Ref(
                                "AWS::EC2::TransitGatewayAttachment",
                                attachment["TransitGatewayAttachmentId"],
                            ),
                        }
                        for attachment in route.get("TransitGatewayAttachments") or ()
                        if "TransitGatewayAttachmentId" in attachment
                    ],
                }
                for route in routes(reads, item)
                if route.get("Type") == "propagated" and "DestinationCidrBlock" in route
            ]
            # The last page tells whether AWS knows more than it said.
            observed["AdditionalRoutesAvailable"] = bool(
                pages[-1].get("AdditionalRoutesAvailable", False)
            )
        properties = {"TransitGatewayId": Ref("AWS::EC2::TransitGateway", item["TransitGatewayId"])}
        yield ec2_node(reads, TYPE, table_id(item), properties, observed, item.get("Tags"))


def _state(node: Node, success: set[str], failure: frozenset[str] = frozenset()) -> Wait:
    return Wait(
        "describe_transit_gateway_route_tables",
        {"TransitGatewayRouteTableIds": [node.ref]},
        "TransitGatewayRouteTables[].State",
        success=frozenset(success),
        failure=failure,
        gone_codes=NOT_FOUND,
    )


def create(node: Node) -> tuple[Call, ...]:
    """Create it; CreateTransitGatewayRouteTable takes no client token."""
    request = {
        "TransitGatewayId": node.properties["TransitGatewayId"],
        "TagSpecifications": specification("transit-gateway-route-table", node.tags),
    }
    return (
        Call(
            "ec2",
            "create_transit_gateway_route_table",
            request,
            extract={"id": "TransitGatewayRouteTable.TransitGatewayRouteTableId"},
            idempotent_by=Idempotence.TAG,
            waits_for=(_state(node, {"available"}, GONE),),
        ),
    )


def delete(node: Node) -> tuple[Call, ...]:
    """Delete it with its static routes; AWS refuses while an attachment is associated."""
    return (
        Call(
            "ec2",
            "delete_transit_gateway_route_table",
            {"TransitGatewayRouteTableId": node.ref},
            waits_for=(_state(node, {"deleted", "gone"}),),
            ignore=NOT_FOUND,
        ),
    )


RESOURCE = ResourceType(
    name=TYPE,
    listings=(TABLES,),
    details=(ROUTES,),
    read=read,
    create=create,
    delete=delete,
    tag=ec2_tag,
    replace=frozenset({"TransitGatewayId"}),
)
