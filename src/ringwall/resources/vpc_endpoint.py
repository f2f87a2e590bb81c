"""AWS::EC2::VPCEndpoint: gateway and interface; those of other kinds are read, never written."""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call, Idempotence, Token, Wait
from ringwall.model.graph import Node, Ref
from ringwall.resources.ec2 import ec2_node, ec2_tag
from ringwall.resources.kind import Listing, Reads, ResourceType
from ringwall.resources.kind import opens as exposure
from ringwall.resources.network_interface import NETWORK_INTERFACES
from ringwall.resources.ownership import specification
from ringwall.resources.policy_document import allows_everything, normal_document, to_text
from ringwall.resources.route_table import ROUTE_TABLES

ENDPOINTS = Listing("ec2", "describe_vpc_endpoints", "VpcEndpoints")
# The lists of AWS's services, with their addresses, in one call.
SERVICE_PREFIX_LISTS = Listing("ec2", "describe_prefix_lists", "PrefixLists")
TYPE = "AWS::EC2::VPCEndpoint"

SETS: Mapping[str, tuple[str, str]] = {
    "RouteTableIds": ("RouteTable", "AWS::EC2::RouteTable"),
    "SubnetIds": ("Subnet", "AWS::EC2::Subnet"),
    "SecurityGroupIds": ("SecurityGroup", "AWS::EC2::SecurityGroup"),
}
# What the API takes for a gateway, and for an interface.
OF_GATEWAY = frozenset({"RouteTableIds"})
OF_INTERFACE = frozenset({"SubnetIds", "SecurityGroupIds", "PrivateDnsEnabled"})
# The API reference capitalises the states, the service answers them in lower case.
AVAILABLE = frozenset({"available", "Available"})
DELETED = frozenset({"deleted", "Deleted", "gone"})
FAILED = frozenset({"failed", "Failed", "rejected", "Rejected", "expired", "Expired"})
GONE = frozenset({"deleting", "Deleting", "deleted", "Deleted"})
NOT_FOUND = frozenset({"InvalidVpcEndpointId.NotFound"})


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Sort the sets, leave out what the kind does not have, and a policy that allows everything."""
    full = {"VpcEndpointType": "Gateway", **properties}
    foreign: frozenset[str] = frozenset()
    if full["VpcEndpointType"] == "Gateway":
        foreign = OF_INTERFACE
    elif full["VpcEndpointType"] == "Interface":
        foreign = OF_GATEWAY
        full["PrivateDnsEnabled"] = bool(full.get("PrivateDnsEnabled", False))
    found: dict[str, Any] = {}
    for name, value in full.items():
        if name in foreign:
            continue
        if name in SETS:
            if value:
                found[name] = sorted(value)
        elif name == "PolicyDocument":
            document = normal_document(value) if value else None
            if document is not None and not allows_everything(document):
                found[name] = document
        else:
            found[name] = value
    return found


def _service_prefixes(reads: Reads) -> Mapping[str, tuple[str, list[str]]]:
    return {
        item["PrefixListName"]: (item["PrefixListId"], sorted(item.get("Cidrs") or ()))
        for item in reads.items(SERVICE_PREFIX_LISTS)
    }


def read(reads: Reads) -> Iterable[Node]:
    """Yield every endpoint that is not deleted."""
    prefixes = _service_prefixes(reads)
    for item in reads.items(ENDPOINTS):
        if item.get("State") in GONE:
            continue
        properties: dict[str, Any] = {
            "VpcId": Ref("AWS::EC2::VPC", item["VpcId"]),
            "ServiceName": item.get("ServiceName", ""),
            "VpcEndpointType": item.get("VpcEndpointType", "Gateway"),
            "PrivateDnsEnabled": item.get("PrivateDnsEnabled", False),
            "PolicyDocument": item.get("PolicyDocument"),
        }
        ids = {
            "RouteTableIds": item.get("RouteTableIds") or (),
            "SubnetIds": item.get("SubnetIds") or (),
            "SecurityGroupIds": [group["GroupId"] for group in item.get("Groups") or ()],
        }
        for name, (_, type_name) in SETS.items():
            properties[name] = [Ref(type_name, one) for one in ids[name]]
        observed: dict[str, Any] = {
            "State": item.get("State"),
            "NetworkInterfaceIds": item.get("NetworkInterfaceIds") or None,
            "DnsEntries": item.get("DnsEntries") or None,
            "RequesterManaged": item.get("RequesterManaged", False),
            "IpAddressType": item.get("IpAddressType"),
            "DnsOptions": item.get("DnsOptions"),
            "OwnerId": item.get("OwnerId"),
        }
        # The first entry is the regional name; those of single zones follow.
        for entry in (item.get("DnsEntries") or ())[:1]:
            observed["DnsName"] = entry.get("DnsName")
            observed["HostedZoneId"] = entry.get("HostedZoneId")
        if properties["VpcEndpointType"] == "Gateway" and properties["ServiceName"] in prefixes:
            observed["PrefixListId"], observed["Cidrs"] = prefixes[properties["ServiceName"]]
        yield ec2_node(
            reads, TYPE, item["VpcEndpointId"], normalise(properties), observed, item.get("Tags")
        )


def _state(node: Node, success: frozenset[str], failure: frozenset[str] = frozenset()) -> Wait:
    return Wait(
        "describe_vpc_endpoints",
        {"VpcEndpointIds": [node.ref]},
        "VpcEndpoints[].State",
        success=success,
        failure=failure,
        gone_codes=NOT_FOUND,
    )


def create(node: Node) -> tuple[Call, ...]:
    """Create it; for an interface the attributes DnsName and HostedZoneId are the regional ones."""
    request: dict[str, Any] = {
        **node.properties,
        "TagSpecifications": specification("vpc-endpoint", node.tags),
        "ClientToken": Token(),
    }
    if "PolicyDocument" in request:
        request["PolicyDocument"] = to_text(request["PolicyDocument"])
    extract = {"id": "VpcEndpoint.VpcEndpointId"}
    if node.properties["VpcEndpointType"] == "Interface":
        extract["DnsName"] = "VpcEndpoint.DnsEntries[0].DnsName"
        extract["HostedZoneId"] = "VpcEndpoint.DnsEntries[0].HostedZoneId"
    return (
        Call(
            "ec2",
            "create_vpc_endpoint",
            request,
            extract=extract,
            idempotent_by=Idempotence.TOKEN,
            waits_for=(_state(node, AVAILABLE, FAILED),),
        ),
    )


def update(before: Node, after: Node, changed: frozenset[str]) -> tuple[Call, ...]:
    """Add and remove route tables, subnets and groups; set the policy and private DNS."""
    request: dict[str, Any] = {"VpcEndpointId": after.ref}
    for name, (word, _) in SETS.items():
        if name not in changed:
            continue
        old, new = (node.properties.get(name, []) for node in (before, after))
        added = [one for one in new if one not in old]
        removed = [one for one in old if one not in new]
        if added:
            request[f"Add{word}Ids"] = added
        if removed:
            request[f"Remove{word}Ids"] = removed
    if "PolicyDocument" in changed:
        if "PolicyDocument" in after.properties:
            request["PolicyDocument"] = to_text(after.properties["PolicyDocument"])
        else:
            request["ResetPolicy"] = True
    if "PrivateDnsEnabled" in changed:
        request["PrivateDnsEnabled"] = after.properties["PrivateDnsEnabled"]
    return (
        Call(
            "ec2",
            "modify_vpc_endpoint",
            request,
            waits_for=(_state(after, AVAILABLE, FAILED),),
        ),
    )


def delete(node: Node) -> tuple[Call, ...]:
    """Delete it, and wait until its interfaces have left the subnets."""
    return (
        Call(
            "ec2",
            "delete_vpc_endpoints",
            {"VpcEndpointIds": [node.ref]},
            waits_for=(_state(node, DELETED),),
            ignore=NOT_FOUND,
        ),
    )


def price(node: Node) -> tuple[str, int]:
    """Count one interface a subnet; gateway endpoints cost nothing."""
    subnets = node.properties.get("SubnetIds", ())
    return ("vpc-endpoint-interface", len(subnets))


_INTERFACES = frozenset({"vpc_endpoint", "gateway_load_balancer_endpoint"})


def possible(reads: Reads) -> bool:
    """Tell whether an endpoint may act: each has interfaces in its subnets, or routes.

    "A route is added to the route tables that you select" for a gateway endpoint; others have an
    endpoint network interface, "VPC Endpoint Interface" by its description (PrivateLink guide).
    """
    if not reads.was_read(ROUTE_TABLES, NETWORK_INTERFACES):
        return True
    routed = any(
        str(route.get(name) or "").startswith("vpce-")
        for table in reads.items(ROUTE_TABLES)
        for route in table.get("Routes") or ()
        for name in ("GatewayId", "VpcEndpointId")
    )
    return routed or any(
        item.get("InterfaceType") in _INTERFACES
        or str(item.get("Description") or "").startswith("VPC Endpoint")
        for item in reads.items(NETWORK_INTERFACES)
    )


RESOURCE = ResourceType(
    name=TYPE,
    listings=(ENDPOINTS, SERVICE_PREFIX_LISTS),
    possible=possible,
    read=read,
    normalise=normalise,
    create=create,
    update=update,
    delete=delete,
    tag=ec2_tag,
    replace=frozenset({"VpcId", "ServiceName", "VpcEndpointType"}),
    exposure=exposure,
    # "Identity and access management for AWS PrivateLink": private DNS is a hosted zone of AWS.
    permissions={
        "apply": (
            "route53:AssociateVPCWithHostedZone",
            "ec2:DescribeVpcs",
            "ec2:DescribeSubnets",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeRouteTables",
        ),
        "destroy": ("route53:DisassociateVPCFromHostedZone",),
    },
    price=price,
)
