"""Transit Gateways with their attachments, tables and routes, in memory."""

from typing import Any

from tests.fakes.ec2 import filtered
from tests.fakes.memory import (
    ACCOUNT,
    Answer,
    Memory,
    Refusal,
    Request,
    listed,
    operation,
    tags_of,
)

EC2 = "ec2"
NO_GATEWAY = "InvalidTransitGatewayID.NotFound"
NO_TABLE = "InvalidRouteTableID.NotFound"
NO_ATTACHMENT = "InvalidTransitGatewayAttachmentID.NotFound"
ATTACHMENT = "TransitGatewayAttachmentId"
TABLE = "TransitGatewayRouteTableId"


@operation(EC2)
def create_transit_gateway(memory: Memory, request: Request) -> Answer:
    gateway_id = memory.new_id("tgw")
    gateway = {
        "TransitGatewayId": gateway_id,
        "State": "available",
        "OwnerId": ACCOUNT,
        "Description": request.get("Description", ""),
        "Options": {"TransitGatewayCidrBlocks": [], **request["Options"]},
        "Tags": tags_of(request),
    }
    memory.table("tgw")[gateway_id] = gateway
    return {"TransitGateway": gateway}


@operation(EC2)
def modify_transit_gateway(memory: Memory, request: Request) -> Answer:
    gateway = memory.get("tgw", request["TransitGatewayId"], NO_GATEWAY)
    gateway["Options"] |= request.get("Options", {})
    gateway["Description"] = request.get("Description", gateway["Description"])
    return {"TransitGateway": gateway}


@operation(EC2)
def delete_transit_gateway(memory: Memory, request: Request) -> Answer:
    one = request["TransitGatewayId"]
    gateway = memory.get("tgw", one, NO_GATEWAY)
    held = memory.where("tgw_attachment", TransitGatewayId=one)
    memory.refuse_if(held or memory.where("tgw_rtb", TransitGatewayId=one), "IncorrectState")
    del memory.table("tgw")[one]
    return {"TransitGateway": gateway}


@operation(EC2)
def describe_transit_gateways(memory: Memory, request: Request) -> Answer:
    return {"TransitGateways": listed(memory, "tgw", request, "TransitGatewayId", NO_GATEWAY)}


@operation(EC2)
def create_transit_gateway_route_table(memory: Memory, request: Request) -> Answer:
    memory.get("tgw", request["TransitGatewayId"], NO_GATEWAY)
    table_id = memory.new_id("tgw-rtb")
    table = {
        TABLE: table_id,
        "TransitGatewayId": request["TransitGatewayId"],
        "State": "available",
        "DefaultAssociationRouteTable": False,
        "DefaultPropagationRouteTable": False,
        "Tags": tags_of(request),
    }
    memory.table("tgw_rtb")[table_id] = table
    memory.table("tgw_static")[table_id] = {}
    return {"TransitGatewayRouteTable": table}


@operation(EC2)
def describe_transit_gateway_route_tables(memory: Memory, request: Request) -> Answer:
    return {"TransitGatewayRouteTables": listed(memory, "tgw_rtb", request, TABLE, NO_TABLE)}


@operation(EC2)
def delete_transit_gateway_route_table(memory: Memory, request: Request) -> Answer:
    one = request[TABLE]
    table = memory.get("tgw_rtb", one, NO_TABLE)
    memory.refuse_if(
        [a for a in memory.table("tgw_association").values() if a[TABLE] == one]
        or [p for p in memory.table("tgw_propagation").values() if p[TABLE] == one],
        "IncorrectState",
    )
    del memory.table("tgw_rtb")[one]
    return {"TransitGatewayRouteTable": table}


@operation(EC2)
def create_transit_gateway_vpc_attachment(memory: Memory, request: Request) -> Answer:
    memory.get("tgw", request["TransitGatewayId"], NO_GATEWAY)
    memory.get("vpc", request["VpcId"], "InvalidVpcID.NotFound")
    twin = memory.where(
        "tgw_attachment", VpcId=request["VpcId"], TransitGatewayId=request["TransitGatewayId"]
    )
    memory.refuse_if(twin, "DuplicateTransitGatewayAttachment")
    attachment_id = memory.new_id("tgw-attach")
    attachment = {
        ATTACHMENT: attachment_id,
        "TransitGatewayId": request["TransitGatewayId"],
        "VpcId": request["VpcId"],
        "VpcOwnerId": ACCOUNT,
        "State": "available",
        "SubnetIds": list(request["SubnetIds"]),
        "Options": dict(request.get("Options", {})),
        "Tags": tags_of(request),
    }
    memory.table("tgw_attachment")[attachment_id] = attachment
    return {"TransitGatewayVpcAttachment": attachment}


@operation(EC2)
def modify_transit_gateway_vpc_attachment(memory: Memory, request: Request) -> Answer:
    attachment = memory.get("tgw_attachment", request[ATTACHMENT], NO_ATTACHMENT)
    kept = [s for s in attachment["SubnetIds"] if s not in request.get("RemoveSubnetIds", ())]
    attachment["SubnetIds"] = list(dict.fromkeys((*kept, *request.get("AddSubnetIds", ()))))
    attachment["Options"] |= request.get("Options", {})
    return {"TransitGatewayVpcAttachment": attachment}


@operation(EC2)
def delete_transit_gateway_vpc_attachment(memory: Memory, request: Request) -> Answer:
    one = request[ATTACHMENT]
    attachment = memory.get("tgw_attachment", one, NO_ATTACHMENT)
    for kind in ("tgw_association", "tgw_propagation"):
        table = memory.table(kind)
        for key in [key for key, item in table.items() if item[ATTACHMENT] == one]:
            del table[key]
    del memory.table("tgw_attachment")[one]
    return {"TransitGatewayVpcAttachment": attachment}


@operation(EC2)
def describe_transit_gateway_vpc_attachments(memory: Memory, request: Request) -> Answer:
    found = listed(memory, "tgw_attachment", request, ATTACHMENT, NO_ATTACHMENT)
    return {"TransitGatewayVpcAttachments": found}


@operation(EC2)
def describe_transit_gateway_attachments(memory: Memory, request: Request) -> Answer:
    found = []
    for item in memory.table("tgw_attachment").values():
        shown = {
            ATTACHMENT: item[ATTACHMENT],
            "TransitGatewayId": item["TransitGatewayId"],
            "TransitGatewayOwnerId": ACCOUNT,
            "ResourceOwnerId": ACCOUNT,
            "ResourceType": "vpc",
            "ResourceId": item["VpcId"],
            "State": item["State"],
            "Tags": item["Tags"],
        }
        association = memory.table("tgw_association").get(item[ATTACHMENT])
        if association:
            shown["Association"] = {TABLE: association[TABLE], "State": "associated"}
        found.append(shown)
    return {"TransitGatewayAttachments": filtered(found, request)}


def _member(memory: Memory, request: Request, state: str) -> dict[str, Any]:
    attachment = memory.get("tgw_attachment", request[ATTACHMENT], NO_ATTACHMENT)
    memory.get("tgw_rtb", request[TABLE], NO_TABLE)
    return {
        ATTACHMENT: request[ATTACHMENT],
        TABLE: request[TABLE],
        "ResourceId": attachment["VpcId"],
        "ResourceType": "vpc",
        "State": state,
    }


@operation(EC2)
def associate_transit_gateway_route_table(memory: Memory, request: Request) -> Answer:
    association = _member(memory, request, "associated")
    taken = request[ATTACHMENT] in memory.table("tgw_association")
    memory.refuse_if(taken, "Resource.AlreadyAssociated")
    memory.table("tgw_association")[request[ATTACHMENT]] = association
    return {"Association": association}


@operation(EC2)
def disassociate_transit_gateway_route_table(memory: Memory, request: Request) -> Answer:
    association = memory.table("tgw_association").get(request[ATTACHMENT])
    if association is None or association[TABLE] != request[TABLE]:
        raise Refusal("InvalidAssociation.NotFound")
    del memory.table("tgw_association")[request[ATTACHMENT]]
    return {"Association": association}


@operation(EC2)
def enable_transit_gateway_route_table_propagation(memory: Memory, request: Request) -> Answer:
    propagation = _member(memory, request, "enabled")
    key = f"{request[TABLE]}<{request[ATTACHMENT]}"
    memory.refuse_if(
        key in memory.table("tgw_propagation"), "TransitGatewayRouteTablePropagation.Duplicate"
    )
    memory.table("tgw_propagation")[key] = propagation
    return {"Propagation": propagation}


@operation(EC2)
def disable_transit_gateway_route_table_propagation(memory: Memory, request: Request) -> Answer:
    key = f"{request[TABLE]}<{request[ATTACHMENT]}"
    propagation = memory.table("tgw_propagation").pop(key, None)
    if propagation is None:
        raise Refusal("TransitGatewayRouteTablePropagation.NotFound")
    return {"Propagation": propagation}


def _of_table(memory: Memory, kind: str, request: Request) -> list[dict[str, Any]]:
    memory.get("tgw_rtb", request[TABLE], NO_TABLE)
    found = [item for item in memory.table(kind).values() if item[TABLE] == request[TABLE]]
    return filtered(found, request)


@operation(EC2)
def get_transit_gateway_route_table_associations(memory: Memory, request: Request) -> Answer:
    return {"Associations": _of_table(memory, "tgw_association", request)}


@operation(EC2)
def get_transit_gateway_route_table_propagations(memory: Memory, request: Request) -> Answer:
    return {"TransitGatewayRouteTablePropagations": _of_table(memory, "tgw_propagation", request)}


@operation(EC2)
def get_transit_gateway_prefix_list_references(memory: Memory, request: Request) -> Answer:
    memory.get("tgw_rtb", request[TABLE], NO_TABLE)
    return {"TransitGatewayPrefixListReferences": []}


def _via(memory: Memory, attachment_id: str) -> dict[str, Any]:
    attachment = memory.get("tgw_attachment", attachment_id, NO_ATTACHMENT)
    return {ATTACHMENT: attachment_id, "ResourceId": attachment["VpcId"], "ResourceType": "vpc"}


@operation(EC2)
def create_transit_gateway_route(memory: Memory, request: Request) -> Answer:
    memory.get("tgw_rtb", request[TABLE], NO_TABLE)
    routes = memory.table("tgw_static")[request[TABLE]]
    block = request["DestinationCidrBlock"]
    memory.refuse_if(block in routes, "RouteAlreadyExists")
    route: dict[str, Any] = {"DestinationCidrBlock": block, "Type": "static"}
    if request.get("Blackhole"):
        route["State"] = "blackhole"
    else:
        route |= {
            "State": "active", "TransitGatewayAttachments": [_via(memory, request[ATTACHMENT])],
        }  # fmt: skip
    routes[block] = route
    return {"Route": route}


@operation(EC2)
def replace_transit_gateway_route(memory: Memory, request: Request) -> Answer:
    delete_transit_gateway_route(memory, request)
    return create_transit_gateway_route(memory, request) or {}


@operation(EC2)
def delete_transit_gateway_route(memory: Memory, request: Request) -> Answer:
    memory.get("tgw_rtb", request[TABLE], NO_TABLE)
    route = memory.table("tgw_static")[request[TABLE]].pop(request["DestinationCidrBlock"], None)
    if route is None:
        raise Refusal("InvalidRoute.NotFound")
    return {"Route": route}


@operation(EC2)
def search_transit_gateway_routes(memory: Memory, request: Request) -> Answer:
    memory.get("tgw_rtb", request[TABLE], NO_TABLE)
    static = memory.table("tgw_static")[request[TABLE]]
    routes = list(static.values())
    for item in memory.table("tgw_propagation").values():
        if item[TABLE] != request[TABLE]:
            continue
        blocks = memory.table("vpc")[item["ResourceId"]]["CidrBlockAssociationSet"]
        routes += [
            {
                "DestinationCidrBlock": block["CidrBlock"],
                "Type": "propagated",
                "State": "active",
                "TransitGatewayAttachments": [_via(memory, item[ATTACHMENT])],
            }
            for block in blocks
            if block["CidrBlock"] not in static
        ]
    return {"Routes": filtered(routes, request), "AdditionalRoutesAvailable": False}
