"""Routes of VPC route tables: their state, their checks, and their replacement."""

from ipaddress import ip_network

from moto.ec2.models.route_tables import Route

from ringwall.lab.actions import Call, Described, add_ec2, refuse
from ringwall.lab.world import Moto

_DEAD = ("deleting", "deleted", "failed")
_TARGETS = {
    "GatewayId": "gateway_id",
    "InstanceId": "instance_id",
    "NatGatewayId": "nat_gateway_id",
    "EgressOnlyInternetGatewayId": "egress_only_igw_id",
    "TransitGatewayId": "transit_gateway_id",
    "NetworkInterfaceId": "interface_id",
    "VpcPeeringConnectionId": "vpc_peering_connection_id",
    "CarrierGatewayId": "carrier_gateway_id",
    "VpcEndpointId": "vpc_endpoint_id",
}


def _gateway_lives(backend: Moto, vpc_id: str, gateway: Moto) -> bool:
    if gateway.id.startswith("igw-"):
        here = backend.internet_gateways.get(gateway.id)
        return here is not None and here.vpc is not None and here.vpc.id == vpc_id
    if gateway.id.startswith("vpce-"):
        return gateway.id in backend.vpc_end_points and gateway.state not in _DEAD
    found = backend.vpn_gateways.get(gateway.id)
    return found is not None and vpc_id in found.attachments


def _state(route: Moto) -> str:
    """Return `blackhole` where the target is gone.

    "The blackhole state indicates that the route's target isn't available (for example, the
    specified gateway isn't attached to the VPC, or the specified NAT instance has been
    terminated)." (Route, EC2 API reference)
    """
    table = route.route_table
    backend, vpc_id = table.ec2_backend, table.vpc_id
    lives = True
    if route.gateway is not None:
        lives = _gateway_lives(backend, vpc_id, route.gateway)
    elif route.nat_gateway is not None:
        lives = route.nat_gateway.id in backend.nat_gateways
        lives = lives and route.nat_gateway.state not in _DEAD
    elif route.transit_gateway is not None:
        lives = attached(backend, route.transit_gateway.id, vpc_id)
    elif route.egress_only_igw is not None:
        lives = route.egress_only_igw.id in backend.egress_only_internet_gateways
    elif route.vpc_pcx is not None:
        found = backend.vpc_pcxs.get(route.vpc_pcx.id)
        lives = found is not None and found._status.code == "active"  # noqa: SLF001
    elif route.interface is not None:
        found = backend.enis.get(route.interface.id)
        lives = found is not None and found.attachment is not None
    elif route.instance is not None:
        lives = getattr(route.instance._state, "name", "") == "running"  # noqa: SLF001
    return "active" if lives else "blackhole"


def attached(backend: Moto, gateway_id: str, vpc_id: str) -> bool:
    """Whether a VPC has a living attachment to a Transit Gateway."""
    return any(
        one.transit_gateway_id == gateway_id
        and one.resource_id == vpc_id
        and one.state not in _DEAD
        for one in backend.transit_gateway_attachments.values()
    )


def _destination(call: Call) -> dict[str, str]:
    given = {
        name: call.get(name)
        for name in ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
        if call.get(name)
    }
    if len(given) != 1:
        refuse("InvalidParameterCombination", "Exactly one destination must be given.")
    ((name, value),) = given.items()
    if name == "DestinationPrefixListId":
        if value not in call.backend.managed_prefix_lists:
            refuse("InvalidPrefixListID.NotFound", f"The prefix list '{value}' does not exist")
        return {"destination_prefix_list_id": value}
    try:
        network = ip_network(value, strict=False)
    except ValueError:
        refuse("InvalidParameterValue", f"Value ({value}) for parameter {name} is invalid.")
    if (network.version == 6) != (name == "DestinationIpv6CidrBlock"):
        refuse("InvalidParameterValue", f"Value ({value}) for parameter {name} is invalid.")
    # "We modify the specified CIDR block to its canonical form" (CreateRoute).
    key = "destination_ipv6_cidr_block" if network.version == 6 else "destination_cidr_block"
    return {key: str(network)}


def _target(call: Call, table: Moto) -> dict[str, str]:
    backend = call.backend
    given = {name: call.get(name) for name in _TARGETS if call.get(name)}
    if len(given) != 1:
        refuse("InvalidParameterCombination", "Exactly one target must be given.")
    ((name, value),) = given.items()
    if name == "NatGatewayId":
        found = backend.nat_gateways.get(value)
        if found is None or found.state in _DEAD:
            refuse("InvalidNatGatewayID.NotFound", f"The natGateway ID '{value}' does not exist")
    if name == "TransitGatewayId" and not attached(backend, value, table.vpc_id):
        refuse(
            "InvalidTransitGatewayID.NotFound", f"The transitGateway ID '{value}' does not exist."
        )
    if name == "GatewayId" and value.startswith("igw-"):
        found = backend.get_internet_gateway(value)
        if found.vpc is None or found.vpc.id != table.vpc_id:
            refuse(
                "InvalidParameterValue",
                f"route table {table.id} and network gateway {value} belong to different networks",
            )
    return {_TARGETS[name]: value}


def _place(table: Moto, destination: dict[str, str]) -> str | None:
    (value,) = destination.values()
    for key, route in table._routes.items():  # noqa: SLF001
        blocks = (
            route.destination_cidr_block,
            route.destination_ipv6_cidr_block,
            route.destination_prefix_list_id,
        )
        if value in blocks:
            return str(key)
    return None


def create_route(call: Call) -> Described:
    """CreateRoute."""
    table = call.backend.get_route_table(call.need("RouteTableId"))
    destination, target = _destination(call), _target(call, table)
    if _place(table, destination) is not None:
        (value,) = destination.values()
        refuse("RouteAlreadyExists", f"The route identified by {value} already exists.")
    _make(call.backend, table, destination, target)
    return {"Return": True}


def _make(backend: Moto, table: Moto, destination: Moto, target: Moto) -> None:
    block = destination.get("destination_cidr_block")
    rest = {key: value for key, value in destination.items() if key != "destination_cidr_block"}
    backend.create_route(table.id, block, **rest, **target)


def replace_route(call: Call) -> Described:
    """ReplaceRoute."""
    table = call.backend.get_route_table(call.need("RouteTableId"))
    destination, target = _destination(call), _target(call, table)
    place = _place(table, destination)
    if place is None:
        (value,) = destination.values()
        refuse(
            "InvalidParameterValue",
            f"There is no route defined for '{value}' in the route table. Use CreateRoute instead.",
        )
    old = table._routes.pop(place)  # noqa: SLF001
    try:
        _make(call.backend, table, destination, target)
    except Exception:
        table._routes[place] = old  # noqa: SLF001
        raise
    return {}


def delete_route(call: Call) -> Described:
    """DeleteRoute."""
    table = call.backend.get_route_table(call.need("RouteTableId"))
    destination = _destination(call)
    place = _place(table, destination)
    (value,) = destination.values()
    if place is None:
        refuse(
            "InvalidRoute.NotFound",
            f"no route with destination-cidr-block {value} in route table {table.id}",
        )
    route = table._routes[place]  # noqa: SLF001
    if route.local:
        refuse("InvalidParameterValue", f"cannot remove local route {value} in {table.id}")
    if route.gateway is not None and route.gateway.id.startswith("vpce-"):
        refuse("InvalidParameterValue", f"cannot remove VPC endpoint route {value} in {table.id}")
    del table._routes[place]  # noqa: SLF001
    return {"Return": True}


def associate_route_table(call: Call) -> Described:
    """AssociateRouteTable: a subnet has one table."""
    backend = call.backend
    table = backend.get_route_table(call.need("RouteTableId"))
    subnet_id, gateway_id = call.get("SubnetId"), call.get("GatewayId")
    if subnet_id:
        subnet = backend.get_subnet(subnet_id)
        if subnet.vpc_id != table.vpc_id:
            text = f"route table {table.id} and subnet {subnet_id} belong to different networks"
            refuse("InvalidParameterValue", text)
    for other in backend.route_tables.values():
        for association_id, target in other._associations.items():  # noqa: SLF001
            if target == (subnet_id or gateway_id):
                if other is table:
                    return {
                        "AssociationId": association_id,
                        "AssociationState": {"State": "associated"},
                    }
                refuse(
                    "Resource.AlreadyAssociated",
                    f"the specified association for route table {table.id} conflicts with an "
                    "existing association",
                )
    made = backend.associate_route_table(table.id, gateway_id=gateway_id, subnet_id=subnet_id)
    return {"AssociationId": made, "AssociationState": {"State": "associated"}}


def install() -> None:
    """Answer the calls about routes, and tell which lead nowhere."""
    Route.state = property(_state)  # type: ignore[method-assign,assignment]
    add_ec2(
        {
            "CreateRoute": create_route,
            "ReplaceRoute": replace_route,
            "DeleteRoute": delete_route,
            "AssociateRouteTable": associate_route_table,
        }
    )
