"""Routes of Transit Gateway route tables: static, propagated and by prefix list."""

from ipaddress import ip_network
from typing import Any

from ringwall.lab.actions import Call, Described, add_ec2, refuse, select
from ringwall.lab.transit_gateway import Static, Table, attachment, need_state, table
from ringwall.lab.world import Moto

# SearchTransitGatewayRoutes: "The maximum number of routes to return. ... 5-1000", default 1000.
MOST = 1000


def canonical(block: str) -> str:
    """Return a CIDR without host bits, or refuse it."""
    try:
        return str(ip_network(block, strict=False))
    except ValueError:
        refuse("InvalidParameterValue", f"Invalid CIDR block '{block}'")


def _ends(backend: Moto, attachment_id: str | None) -> list[Described]:
    one = backend.transit_gateway_attachments.get(attachment_id)
    if one is None:
        return []
    return [
        {
            "ResourceId": one.resource_id,
            "TransitGatewayAttachmentId": one.id,
            "ResourceType": one.resource_type,
        }
    ]


def _state(backend: Moto, attachment_id: str | None) -> str:
    """Return a static route's state; one whose attachment is gone drops its packets."""
    one = backend.transit_gateway_attachments.get(attachment_id)
    return "blackhole" if one is None or one.state in ("deleting", "deleted") else "active"


def _route(backend: Moto, block: str, static: Static) -> Described:
    return {
        "DestinationCidrBlock": block,
        "TransitGatewayAttachments": _ends(backend, static.attachment_id),
        "Type": "static",
        "State": _state(backend, static.attachment_id),
    }


def _vpc_blocks(backend: Moto, vpc_id: str) -> list[str]:
    """Return every CIDR of a VPC, IPv4 and IPv6."""
    found = backend.vpcs.get(vpc_id)
    if found is None:
        return []
    return [
        str(ip_network(one["cidr_block"], strict=False))
        for one in found._cidr_block_association_set.values()  # noqa: SLF001
        if one["cidr_block_state"]["state"] == "associated"
    ]


def routes_of(backend: Moto, found: Table) -> list[Described]:
    """Return every route of a table.

    "Static routes have a higher precedence than propagated routes": for an equal block the
    static route alone is listed.  A VPC's blocks that equal or overlap those of a VPC attached
    earlier do not propagate (Transit Gateway guide, VPC attachments).
    """
    listed = [_route(backend, block, one) for block, one in found.statics.items()]
    for prefix_list_id, static in found.references.items():
        listed += [
            {**_route(backend, entry, static), "PrefixListId": prefix_list_id}
            for entry in entries_of(backend, prefix_list_id)
            if entry not in found.statics
        ]
    taken: list[Any] = []
    for attachment_id in found.propagations:
        one = backend.transit_gateway_attachments.get(attachment_id)
        if one is None or one.state not in ("available", "modifying"):
            continue
        new = []
        for block in _vpc_blocks(backend, one.resource_id):
            network = ip_network(block)
            if any(network.version == was.version and network.overlaps(was) for was in taken):
                continue
            new.append(network)
            if block in found.statics:
                continue
            listed.append(
                {
                    "DestinationCidrBlock": block,
                    "TransitGatewayAttachments": _ends(backend, attachment_id),
                    "Type": "propagated",
                    "State": "active",
                }
            )
        taken += new
    return listed


def entries_of(backend: Moto, prefix_list_id: str) -> list[str]:
    """Return the CIDRs of a managed prefix list."""
    found = backend.managed_prefix_lists.get(prefix_list_id)
    if found is None:
        return []
    newest = list(found.entries.values())[-1] if found.entries else []
    return [str(ip_network(entry["Cidr"], strict=False)) for entry in newest]


def _target(call: Call, found: Table) -> Static:
    attachment_id = call.get("TransitGatewayAttachmentId")
    if str(call.get("Blackhole", False)).lower() == "true":
        if attachment_id:
            refuse("InvalidParameterCombination", "A blackhole route has no attachment.")
        return Static(None)
    if not attachment_id:
        refuse("MissingParameter", "TransitGatewayAttachmentId or Blackhole must be given.")
    one = attachment(call.backend, attachment_id)
    if one.transit_gateway_id != found.transit_gateway_id:
        refuse("InvalidParameterValue", f"{one.id} belongs to another gateway than {found.id}.")
    need_state(one, "available", "modifying")
    return Static(attachment_id)


def create_transit_gateway_route(call: Call) -> Described:
    """CreateTransitGatewayRoute."""
    found = table(call.backend, call.need("TransitGatewayRouteTableId"))
    need_state(found, "available")
    block = canonical(call.need("DestinationCidrBlock"))
    static = _target(call, found)
    if block in found.statics:
        refuse("RouteAlreadyExists", f"Route with CIDR {block} already exists.")
    found.statics[block] = static
    return {"Route": _route(call.backend, block, static)}


def replace_transit_gateway_route(call: Call) -> Described:
    """ReplaceTransitGatewayRoute."""
    found = table(call.backend, call.need("TransitGatewayRouteTableId"))
    block = canonical(call.need("DestinationCidrBlock"))
    static = _target(call, found)
    if block not in found.statics:
        refuse("InvalidRoute.NotFound", f"Route {block} not found in {found.id}")
    found.statics[block] = static
    return {"Route": _route(call.backend, block, static)}


def delete_transit_gateway_route(call: Call) -> Described:
    """DeleteTransitGatewayRoute."""
    found = table(call.backend, call.need("TransitGatewayRouteTableId"))
    block = canonical(call.need("DestinationCidrBlock"))
    static = found.statics.pop(block, None)
    if static is None:
        refuse("InvalidRoute.NotFound", f"Route {block} not found in {found.id}")
    return {"Route": {**_route(call.backend, block, static), "State": "deleted"}}


def _searched(routes: list[Described], name: str, wanted: list[str]) -> list[Described]:
    """Apply one of the route-search filters."""
    asked = [ip_network(one, strict=False) for one in wanted]
    kept = []
    for route in routes:
        here: Any = ip_network(route["DestinationCidrBlock"])
        same: list[Any] = [one for one in asked if one.version == here.version]
        match name:
            case "route-search.exact-match":
                fits = here in same
            case "route-search.subnet-of-match":
                fits = any(here.subnet_of(one) for one in same)
            case "route-search.supernet-of-match":
                fits = any(here.supernet_of(one) for one in same)
            case _:
                fits = any(here.supernet_of(one) for one in same)
        if fits:
            kept.append(route)
    if name == "route-search.longest-prefix-match" and kept:
        return [max(kept, key=lambda one: ip_network(one["DestinationCidrBlock"]).prefixlen)]
    return kept


def search_transit_gateway_routes(call: Call) -> Described:
    """SearchTransitGatewayRoutes."""
    found = table(call.backend, call.need("TransitGatewayRouteTableId"))
    filters = call.filters()
    if not filters:
        refuse("MissingParameter", "The request must contain the parameter Filters")
    routes = routes_of(call.backend, found)
    for name in [one for one in filters if one.startswith("route-search.")]:
        routes = _searched(routes, name, filters.pop(name))
    paths = {
        "attachment.transit-gateway-attachment-id": (
            "TransitGatewayAttachments.TransitGatewayAttachmentId"
        ),
        "attachment.resource-id": "TransitGatewayAttachments.ResourceId",
        "attachment.resource-type": "TransitGatewayAttachments.ResourceType",
        "prefix-list-id": "PrefixListId",
        "state": "State",
        "type": "Type",
    }
    routes = select(routes, filters, paths)
    most = int(call.get("MaxResults", MOST))
    return {"Routes": routes[:most], "AdditionalRoutesAvailable": len(routes) > most}


def _reference(call: Call, found: Table, prefix_list_id: str, state: str = "") -> Described:
    static = found.references[prefix_list_id]
    owner = call.backend.managed_prefix_lists.get(prefix_list_id)
    described: Described = {
        "TransitGatewayRouteTableId": found.id,
        "PrefixListId": prefix_list_id,
        "PrefixListOwnerId": owner.owner_id if owner else call.account,
        "State": state or "available",
        "Blackhole": static.attachment_id is None,
    }
    if static.attachment_id is not None:
        described["TransitGatewayAttachment"] = {
            "TransitGatewayAttachmentId": static.attachment_id,
            **(_ends(call.backend, static.attachment_id) or [{}])[0],
        }
    return described


def _referenced(call: Call, *, exists: bool) -> tuple[Table, str]:
    found = table(call.backend, call.need("TransitGatewayRouteTableId"))
    prefix_list_id = call.need("PrefixListId")
    if prefix_list_id not in call.backend.managed_prefix_lists:
        refuse("InvalidPrefixListID.NotFound", f"{prefix_list_id} does not exist.")
    if exists and prefix_list_id not in found.references:
        refuse("InvalidPrefixListId.NotFound", f"{prefix_list_id} is not referenced by {found.id}.")
    if not exists and prefix_list_id in found.references:
        refuse("DuplicatePrefixListReference", f"{prefix_list_id} is referenced by {found.id}.")
    return found, prefix_list_id


def create_transit_gateway_prefix_list_reference(call: Call) -> Described:
    """CreateTransitGatewayPrefixListReference."""
    found, prefix_list_id = _referenced(call, exists=False)
    found.references[prefix_list_id] = _target(call, found)
    described = _reference(call, found, prefix_list_id, "pending")
    return {"TransitGatewayPrefixListReference": described}


def modify_transit_gateway_prefix_list_reference(call: Call) -> Described:
    """ModifyTransitGatewayPrefixListReference."""
    found, prefix_list_id = _referenced(call, exists=True)
    found.references[prefix_list_id] = _target(call, found)
    described = _reference(call, found, prefix_list_id, "modifying")
    return {"TransitGatewayPrefixListReference": described}


def delete_transit_gateway_prefix_list_reference(call: Call) -> Described:
    """DeleteTransitGatewayPrefixListReference."""
    found, prefix_list_id = _referenced(call, exists=True)
    described = _reference(call, found, prefix_list_id, "deleting")
    del found.references[prefix_list_id]
    return {"TransitGatewayPrefixListReference": described}


def get_transit_gateway_prefix_list_references(call: Call) -> Described:
    """GetTransitGatewayPrefixListReferences."""
    found = table(call.backend, call.need("TransitGatewayRouteTableId"))
    listed = [_reference(call, found, one) for one in found.references]
    paths = {
        "prefix-list-id": "PrefixListId",
        "prefix-list-owner-id": "PrefixListOwnerId",
        "state": "State",
        "is-blackhole": "Blackhole",
        "attachment.resource-id": "TransitGatewayAttachment.ResourceId",
        "attachment.resource-type": "TransitGatewayAttachment.ResourceType",
        "attachment.transit-gateway-attachment-id": (
            "TransitGatewayAttachment.TransitGatewayAttachmentId"
        ),
    }
    return {"TransitGatewayPrefixListReferences": select(listed, call.filters(), paths)}


def install() -> None:
    """Answer the calls about routes."""
    add_ec2(
        {
            "CreateTransitGatewayRoute": create_transit_gateway_route,
            "ReplaceTransitGatewayRoute": replace_transit_gateway_route,
            "DeleteTransitGatewayRoute": delete_transit_gateway_route,
            "SearchTransitGatewayRoutes": search_transit_gateway_routes,
            "CreateTransitGatewayPrefixListReference": (
                create_transit_gateway_prefix_list_reference
            ),
            "ModifyTransitGatewayPrefixListReference": (
                modify_transit_gateway_prefix_list_reference
            ),
            "DeleteTransitGatewayPrefixListReference": (
                delete_transit_gateway_prefix_list_reference
            ),
            "GetTransitGatewayPrefixListReferences": (get_transit_gateway_prefix_list_references),
        }
    )
