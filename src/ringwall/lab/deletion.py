"""Deletions that AWS refuses while something depends on what is to be deleted."""

from typing import Any, NoReturn

from ringwall.lab.actions import Call, Described, add_ec2, refuse, select, tag_set
from ringwall.lab.world import Moto


def _depends(kind: str, resource_id: str) -> NoReturn:
    refuse(
        "DependencyViolation", f"The {kind} '{resource_id}' has dependencies and cannot be deleted."
    )


def _in_vpc(things: Moto, vpc_id: str) -> list[Any]:
    return [one for one in things if one.vpc_id == vpc_id]


def _vpc_dependents(backend: Moto, vpc_id: str) -> bool:
    """Whether anything keeps a VPC.

    "You must detach or delete all gateways and resources that are associated with the VPC before
    you can delete it. ... all security groups (except the default one), route tables (except
    the default one), and so on." (DeleteVpc)
    """
    subnets = [one for zone in backend.subnets.values() for one in zone.values()]
    tables = [one for one in backend.route_tables.values() if one.main_association_id is None]
    acls = [one for one in backend.network_acls.values() if not one.default]
    groups = [one for one in backend.groups.get(vpc_id, {}).values() if not one.is_default]
    endpoints = list(backend.vpc_end_points.values())
    exits = backend.egress_only_internet_gateways.values()
    if any(_in_vpc(kind, vpc_id) for kind in (subnets, tables, acls, endpoints, exits)) or groups:
        return True
    gateways = backend.internet_gateways.values()
    if any(one.vpc is not None and one.vpc.id == vpc_id for one in gateways):
        return True
    peered = any(
        vpc_id in (one.vpc.id, one.peer_vpc.id)
        and one._status.code in ("active", "pending-acceptance")  # noqa: SLF001
        for one in backend.vpc_pcxs.values()
    )
    return peered or any(
        vpc_id in one.attachments and one.attachments[vpc_id].state == "attached"
        for one in backend.vpn_gateways.values()
    )


def delete_vpc(call: Call) -> Described:
    """DeleteVpc; its default group, network ACL and main table go with it."""
    backend = call.backend
    vpc = backend.get_vpc(call.need("VpcId"))
    if _vpc_dependents(backend, vpc.id):
        _depends("vpc", vpc.id)
    for shelf in (backend.network_acls, backend.route_tables):
        for one in _in_vpc(list(shelf.values()), vpc.id):
            shelf.pop(one.id)
            backend.tags.pop(one.id, None)
    for group_id in backend.groups.pop(vpc.id, {}):
        backend.tags.pop(group_id, None)
    for flow_log in [one for one in backend.flow_logs.values() if one.resource_id == vpc.id]:
        backend.flow_logs.pop(flow_log.id)
    backend.vpcs.pop(vpc.id)
    backend.tags.pop(vpc.id, None)
    return {}


def delete_subnet(call: Call) -> Described:
    """DeleteSubnet: "You must terminate all running instances in the subnet before"."""
    backend = call.backend
    subnet = backend.get_subnet(call.need("SubnetId"))
    if any(one.subnet.id == subnet.id for one in backend.enis.values()):
        _depends("subnet", subnet.id)
    for table in backend.route_tables.values():
        for key, target in list(table._associations.items()):  # noqa: SLF001
            if target == subnet.id:
                del table._associations[key]  # noqa: SLF001
    for acl in backend.network_acls.values():
        for key, association in list(acl._associations.items()):  # noqa: SLF001
            if association.subnet_id == subnet.id:
                del acl._associations[key]  # noqa: SLF001
    backend.delete_subnet(subnet.id)
    backend.tags.pop(subnet.id, None)
    return {}


def detach_internet_gateway(call: Call) -> Described:
    """DetachInternetGateway: refused while a public address is mapped in the VPC.

    "The VPC must not contain any running instances with Elastic IP addresses or public IPv4
    addresses." (DetachInternetGateway)
    """
    backend, vpc_id = call.backend, call.need("VpcId")
    backend.get_vpc(vpc_id)
    gateway = backend.get_internet_gateway(call.need("InternetGatewayId"))
    if gateway.vpc is not None and gateway.vpc.id == vpc_id:
        mapped = any(
            eni.vpc_id == vpc_id and (eni.public_ip or _has_address(backend, eni))
            for eni in backend.enis.values()
        )
        if mapped:
            refuse(
                "DependencyViolation",
                f"Network {vpc_id} has some mapped public address(es). Please unmap those "
                "public address(es) before detaching the gateway.",
            )
    backend.detach_internet_gateway(gateway.id, vpc_id)
    return {}


def _has_address(backend: Moto, eni: Moto) -> bool:
    return any(one.eni is eni for one in backend.addresses)


def delete_internet_gateway(call: Call) -> Described:
    """DeleteInternetGateway: "You must detach the internet gateway from all VPCs before"."""
    backend = call.backend
    gateway = backend.get_internet_gateway(call.need("InternetGatewayId"))
    if gateway.vpc is not None:
        _depends("internetGateway", gateway.id)
    backend.delete_internet_gateway(gateway.id)
    backend.tags.pop(gateway.id, None)
    return {}


def delete_route_table(call: Call) -> Described:
    """DeleteRouteTable: refused for a main table and for one that a subnet uses."""
    backend = call.backend
    table = backend.get_route_table(call.need("RouteTableId"))
    if table.main_association_id is not None or table._associations:  # noqa: SLF001
        _depends("routeTable", table.id)
    for endpoint in backend.vpc_end_points.values():
        if table.id in endpoint.route_table_ids:
            endpoint.route_table_ids.remove(table.id)
    backend.delete_route_table(table.id)
    backend.tags.pop(table.id, None)
    return {}


def release_address(call: Call) -> Described:
    """ReleaseAddress: "you must disassociate it before you can release it"."""
    backend, allocation_id = call.backend, call.need("AllocationId")
    found = [one for one in backend.addresses if one.allocation_id == allocation_id]
    if not found:
        refuse(
            "InvalidAllocationID.NotFound", f"The allocation ID '{allocation_id}' does not exist"
        )
    if found[0].association_id:
        refuse("InvalidIPAddress.InUse", f"Address with allocation id [{allocation_id}] is in use.")
    backend.release_address(allocation_id=allocation_id)
    return {}


def describe_egress_only_internet_gateways(call: Call) -> Described:
    """DescribeEgressOnlyInternetGateways, with its filters (moto ignores them)."""
    wanted = call.get("EgressOnlyInternetGatewayIds", [])
    listed = [
        {
            "EgressOnlyInternetGatewayId": one.id,
            "Attachments": one.attachments,
            "Tags": tag_set(call.backend, one.id),
        }
        for one in call.backend.egress_only_internet_gateways.values()
        if not wanted or one.id in wanted
    ]
    return {"EgressOnlyInternetGateways": select(listed, call.filters(), {})}


def install() -> None:
    """Refuse what AWS refuses."""
    add_ec2(
        {
            "DescribeEgressOnlyInternetGateways": describe_egress_only_internet_gateways,
            "DeleteVpc": delete_vpc,
            "DeleteSubnet": delete_subnet,
            "DetachInternetGateway": detach_internet_gateway,
            "DeleteInternetGateway": delete_internet_gateway,
            "DeleteRouteTable": delete_route_table,
            "ReleaseAddress": release_address,
        }
    )
