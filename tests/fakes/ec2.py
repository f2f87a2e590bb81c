"""VPCs and what lies in them, in memory."""

from ipaddress import IPv6Network, ip_network
from typing import Any

from tests.fakes.memory import (
    ACCOUNT,
    REGION,
    Answer,
    Memory,
    Refusal,
    Request,
    listed,
    matches,
    operation,
    tags_of,
)

EC2 = "ec2"
ZONE_IDS = {"a": "use1-az6", "b": "use1-az1", "c": "use1-az2", "d": "use1-az4"}

# operation: kind, member of the answer, id member, error code
DESCRIBES = {
    "describe_addresses": ("address", "Addresses", "AllocationId", "InvalidAllocationID.NotFound"),
    "describe_egress_only_internet_gateways": (
        "eigw", "EgressOnlyInternetGateways", "EgressOnlyInternetGatewayId",
        "InvalidGatewayID.NotFound",
    ),
    "describe_flow_logs": ("flow_log", "FlowLogs", "FlowLogId", "InvalidFlowLogId.NotFound"),
    "describe_internet_gateways": (
        "igw", "InternetGateways", "InternetGatewayId", "InvalidInternetGatewayID.NotFound",
    ),
    "describe_managed_prefix_lists": (
        "prefix_list", "PrefixLists", "PrefixListId", "InvalidPrefixListID.NotFound",
    ),
    "describe_nat_gateways": ("nat", "NatGateways", "NatGatewayId", "NatGatewayNotFound"),
    "describe_network_acls": (
        "acl", "NetworkAcls", "NetworkAclId", "InvalidNetworkAclID.NotFound",
    ),
    "describe_network_interfaces": (
        "eni", "NetworkInterfaces", "NetworkInterfaceId", "InvalidNetworkInterfaceID.NotFound",
    ),
    "describe_prefix_lists": (
        "prefix_list", "PrefixLists", "PrefixListId", "InvalidPrefixListID.NotFound",
    ),
    "describe_route_tables": (
        "rtb", "RouteTables", "RouteTableId", "InvalidRouteTableID.NotFound",
    ),
    "describe_subnets": ("subnet", "Subnets", "SubnetId", "InvalidSubnetID.NotFound"),
    "describe_vpc_block_public_access_exclusions": (
        "bpa", "VpcBlockPublicAccessExclusions", "ExclusionId", "InvalidExclusionID.NotFound",
    ),
    "describe_vpc_endpoints": (
        "endpoint", "VpcEndpoints", "VpcEndpointId", "InvalidVpcEndpointId.NotFound",
    ),
    "describe_vpc_peering_connections": (
        "peering", "VpcPeeringConnections", "VpcPeeringConnectionId",
        "InvalidVpcPeeringConnectionID.NotFound",
    ),
    "describe_client_vpn_endpoints": (
        "client_vpn", "ClientVpnEndpoints", "ClientVpnEndpointId", "InvalidClientVpnEndpointId",
    ),
    "describe_vpn_gateways": (
        "vgw", "VpnGateways", "VpnGatewayId", "InvalidVpnGatewayID.NotFound",
    ),
    "describe_vpcs": ("vpc", "Vpcs", "VpcId", "InvalidVpcID.NotFound"),
}  # fmt: skip
TAGGED = ("vpc", "subnet", "rtb", "acl", "igw", "eigw", "nat", "address", "endpoint", "flow_log",
          "sg", "tgw", "tgw_attachment", "tgw_rtb", "sgr", "bpa")  # fmt: skip


def _describer(kind: str, member: str, id_member: str, code: str) -> Any:
    def describe(memory: Memory, request: Request) -> Answer:
        return {member: listed(memory, kind, request, id_member, code)}

    return describe


for _name, _row in DESCRIBES.items():
    operation(EC2, _name)(_describer(*_row))


def _tagged(memory: Memory, one: str) -> dict[str, Any]:
    for kind in TAGGED:
        if one in memory.table(kind):
            return memory.table(kind)[one]
    raise Refusal("InvalidID", one)


@operation(EC2)
def create_tags(memory: Memory, request: Request) -> None:
    for one in request["Resources"]:
        item = _tagged(memory, one)
        tags = {tag["Key"]: tag["Value"] for tag in (*item.get("Tags", ()), *request["Tags"])}
        item["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]


@operation(EC2)
def delete_tags(memory: Memory, request: Request) -> None:
    gone = {tag["Key"] for tag in request["Tags"]}
    for one in request["Resources"]:
        item = _tagged(memory, one)
        item["Tags"] = [tag for tag in item.get("Tags", ()) if tag["Key"] not in gone]


@operation(EC2)
def describe_tags(memory: Memory, request: Request) -> Answer:
    (one,) = request["Filters"][0]["Values"]
    return {"Tags": [{"ResourceId": one, **tag} for tag in _tagged(memory, one).get("Tags", ())]}


@operation(EC2)
def create_vpc(memory: Memory, request: Request) -> Answer:
    vpc_id = memory.new_id("vpc")
    vpc = {
        "VpcId": vpc_id,
        "State": "available",
        "CidrBlock": request["CidrBlock"],
        "InstanceTenancy": request.get("InstanceTenancy", "default"),
        "OwnerId": ACCOUNT,
        "IsDefault": False,
        "CidrBlockAssociationSet": [
            {
                "AssociationId": memory.new_id("vpc-cidr-assoc"),
                "CidrBlock": request["CidrBlock"],
                "CidrBlockState": {"State": "associated"},
            }
        ],
        "Ipv6CidrBlockAssociationSet": [],
        "Tags": tags_of(request),
    }
    memory.table("vpc")[vpc_id] = vpc
    memory.table("dns")[vpc_id] = {"EnableDnsSupport": True, "EnableDnsHostnames": False}
    _route_table(memory, vpc, [], main=True)
    _acl(memory, vpc_id, [], default=True)
    group_id = memory.new_id("sg")
    memory.table("sg")[group_id] = {
        "GroupId": group_id,
        "GroupName": "default",
        "Description": "default VPC security group",
        "VpcId": vpc_id,
        "OwnerId": ACCOUNT,
        "Tags": [],
    }
    itself = {"ReferencedGroupInfo": {"GroupId": group_id, "UserId": ACCOUNT}}
    for egress, peer in ((False, itself), (True, {"CidrIpv4": "0.0.0.0/0"})):
        rule_id = memory.new_id("sgr")
        memory.table("sgr")[rule_id] = {
            "SecurityGroupRuleId": rule_id, "GroupId": group_id, "GroupOwnerId": ACCOUNT,
            "IsEgress": egress, "IpProtocol": "-1", "FromPort": -1, "ToPort": -1, "Tags": [],
            **peer,
        }  # fmt: skip
    return {"Vpc": vpc}


@operation(EC2)
def delete_vpc(memory: Memory, request: Request) -> None:
    vpc_id = request["VpcId"]
    memory.get("vpc", vpc_id, "InvalidVpcID.NotFound")
    inside = ("subnet", "nat", "endpoint", "eni", "tgw_attachment")
    held = [item for kind in inside for item in memory.where(kind, VpcId=vpc_id)]
    held += [t for t in memory.where("rtb", VpcId=vpc_id) if not _is_main(t)]
    held += [a for a in memory.where("acl", VpcId=vpc_id) if not a["IsDefault"]]
    held += [g for g in memory.where("sg", VpcId=vpc_id) if g["GroupName"] != "default"]
    held += [
        g for kind in ("igw", "eigw") for g in memory.table(kind).values()
        if any(a["VpcId"] == vpc_id for a in g["Attachments"])
    ]  # fmt: skip
    memory.refuse_if(held)
    for kind in ("rtb", "acl"):
        for key in [k for k, item in memory.table(kind).items() if item["VpcId"] == vpc_id]:
            del memory.table(kind)[key]
    for key in [k for k, item in memory.table("sg").items() if item["VpcId"] == vpc_id]:
        del memory.table("sg")[key]
        for rule in [k for k, r in memory.table("sgr").items() if r["GroupId"] == key]:
            del memory.table("sgr")[rule]
    del memory.table("vpc")[vpc_id]


@operation(EC2)
def describe_vpc_attribute(memory: Memory, request: Request) -> Answer:
    memory.get("vpc", request["VpcId"], "InvalidVpcID.NotFound")
    name = request["Attribute"][0].upper() + request["Attribute"][1:]
    value = memory.table("dns")[request["VpcId"]][name]
    return {"VpcId": request["VpcId"], name: {"Value": value}}


@operation(EC2)
def modify_vpc_attribute(memory: Memory, request: Request) -> None:
    memory.get("vpc", request["VpcId"], "InvalidVpcID.NotFound")
    for name in ("EnableDnsSupport", "EnableDnsHostnames"):
        if name in request:
            memory.table("dns")[request["VpcId"]][name] = request[name]["Value"]


@operation(EC2)
def associate_vpc_cidr_block(memory: Memory, request: Request) -> Answer:
    vpc = memory.get("vpc", request["VpcId"], "InvalidVpcID.NotFound")
    association: dict[str, Any] = {"AssociationId": memory.new_id("vpc-cidr-assoc")}
    if request.get("AmazonProvidedIpv6CidrBlock"):
        block = IPv6Network((0x2600_1F00 << 96 | memory.counter << 72, 56))
        association |= {
            "Ipv6CidrBlock": str(block),
            "Ipv6CidrBlockState": {"State": "associated"},
            "NetworkBorderGroup": REGION,
            "Ipv6Pool": "Amazon",
        }
        vpc["Ipv6CidrBlockAssociationSet"].append(association)
        return {"VpcId": vpc["VpcId"], "Ipv6CidrBlockAssociation": association}
    association |= {
        "CidrBlock": request["CidrBlock"], "CidrBlockState": {"State": "associated"},
    }  # fmt: skip
    vpc["CidrBlockAssociationSet"].append(association)
    return {"VpcId": vpc["VpcId"], "CidrBlockAssociation": association}


@operation(EC2)
def disassociate_vpc_cidr_block(memory: Memory, request: Request) -> None:
    for vpc in memory.table("vpc").values():
        for name in ("CidrBlockAssociationSet", "Ipv6CidrBlockAssociationSet"):
            for association in list(vpc[name]):
                if association["AssociationId"] == request["AssociationId"]:
                    vpc[name].remove(association)
                    return
    raise Refusal("InvalidVpcCidrBlockAssociationID.NotFound")


@operation(EC2)
def create_subnet(memory: Memory, request: Request) -> Answer:
    memory.get("vpc", request["VpcId"], "InvalidVpcID.NotFound")
    block = ip_network(request["CidrBlock"])
    others = memory.where("subnet", VpcId=request["VpcId"])
    memory.refuse_if(
        any(block.overlaps(ip_network(other["CidrBlock"])) for other in others),
        "InvalidSubnet.Conflict",
    )
    subnet_id = memory.new_id("subnet")
    zone = request["AvailabilityZone"]
    ipv6 = request.get("Ipv6CidrBlock")
    subnet = {
        "SubnetId": subnet_id,
        "VpcId": request["VpcId"],
        "CidrBlock": request["CidrBlock"],
        "AvailabilityZone": zone,
        "AvailabilityZoneId": ZONE_IDS.get(zone[-1], "use1-az3"),
        "State": "available",
        "OwnerId": ACCOUNT,
        "MapPublicIpOnLaunch": False,
        "AssignIpv6AddressOnCreation": False,
        "EnableDns64": False,
        "Ipv6CidrBlockAssociationSet": [],
        "Tags": tags_of(request),
    }
    memory.table("subnet")[subnet_id] = subnet
    if ipv6:
        associate_subnet_cidr_block(memory, {"SubnetId": subnet_id, "Ipv6CidrBlock": ipv6})
    default = next(a for a in memory.where("acl", VpcId=request["VpcId"]) if a["IsDefault"])
    _associate_acl(memory, default, subnet_id)
    return {"Subnet": subnet}


@operation(EC2)
def associate_subnet_cidr_block(memory: Memory, request: Request) -> Answer:
    subnet = memory.get("subnet", request["SubnetId"], "InvalidSubnetID.NotFound")
    association = {
        "AssociationId": memory.new_id("subnet-cidr-assoc"),
        "Ipv6CidrBlock": request["Ipv6CidrBlock"],
        "Ipv6CidrBlockState": {"State": "associated"},
    }
    subnet["Ipv6CidrBlockAssociationSet"].append(association)
    return {"SubnetId": subnet["SubnetId"], "Ipv6CidrBlockAssociation": association}


@operation(EC2)
def disassociate_subnet_cidr_block(memory: Memory, request: Request) -> None:
    for subnet in memory.table("subnet").values():
        for association in list(subnet["Ipv6CidrBlockAssociationSet"]):
            if association["AssociationId"] == request["AssociationId"]:
                subnet["Ipv6CidrBlockAssociationSet"].remove(association)
                return
    raise Refusal("InvalidSubnetCidrBlockAssociationID.NotFound")


@operation(EC2)
def modify_subnet_attribute(memory: Memory, request: Request) -> None:
    subnet = memory.get("subnet", request["SubnetId"], "InvalidSubnetID.NotFound")
    for name, value in request.items():
        if name != "SubnetId":
            subnet[name] = value["Value"]


@operation(EC2)
def delete_subnet(memory: Memory, request: Request) -> None:
    subnet_id = request["SubnetId"]
    memory.get("subnet", subnet_id, "InvalidSubnetID.NotFound")
    memory.refuse_if(memory.where("eni", SubnetId=subnet_id))
    for kind, member in (("acl", "Associations"), ("rtb", "Associations")):
        for item in memory.table(kind).values():
            item[member] = [a for a in item[member] if a.get("SubnetId") != subnet_id]
    del memory.table("subnet")[subnet_id]


def _is_main(table: dict[str, Any]) -> bool:
    return any(association["Main"] for association in table["Associations"])


def _route_table(
    memory: Memory, vpc: dict[str, Any], tags: list[dict[str, str]], *, main: bool = False
) -> dict[str, Any]:
    table_id = memory.new_id("rtb")
    local = {
        "DestinationCidrBlock": vpc["CidrBlock"],
        "GatewayId": "local",
        "Origin": "CreateRouteTable",
        "State": "active",
    }
    table: dict[str, Any] = {
        "RouteTableId": table_id,
        "VpcId": vpc["VpcId"],
        "OwnerId": ACCOUNT,
        "Routes": [local],
        "Associations": [],
        "PropagatingVgws": [],
        "Tags": tags,
    }
    if main:
        table["Associations"].append(
            {
                "Main": True,
                "RouteTableAssociationId": memory.new_id("rtbassoc"),
                "RouteTableId": table_id,
                "AssociationState": {"State": "associated"},
            }
        )
    memory.table("rtb")[table_id] = table
    return table


@operation(EC2)
def create_route_table(memory: Memory, request: Request) -> Answer:
    vpc = memory.get("vpc", request["VpcId"], "InvalidVpcID.NotFound")
    return {"RouteTable": _route_table(memory, vpc, tags_of(request))}


@operation(EC2)
def delete_route_table(memory: Memory, request: Request) -> None:
    table = memory.get("rtb", request["RouteTableId"], "InvalidRouteTableID.NotFound")
    memory.refuse_if(table["Associations"])
    del memory.table("rtb")[request["RouteTableId"]]


@operation(EC2)
def associate_route_table(memory: Memory, request: Request) -> Answer:
    table = memory.get("rtb", request["RouteTableId"], "InvalidRouteTableID.NotFound")
    memory.get("subnet", request["SubnetId"], "InvalidSubnetID.NotFound")
    for other in memory.table("rtb").values():
        for association in other["Associations"]:
            if association.get("SubnetId") == request["SubnetId"]:
                if other is table:
                    return {"AssociationId": association["RouteTableAssociationId"]}
                raise Refusal("Resource.AlreadyAssociated")
    association_id = memory.new_id("rtbassoc")
    table["Associations"].append(
        {
            "Main": False,
            "RouteTableAssociationId": association_id,
            "RouteTableId": table["RouteTableId"],
            "SubnetId": request["SubnetId"],
            "AssociationState": {"State": "associated"},
        }
    )
    return {"AssociationId": association_id, "AssociationState": {"State": "associated"}}


def _take_association(memory: Memory, association_id: str) -> dict[str, Any]:
    for table in memory.table("rtb").values():
        for association in table["Associations"]:
            if association["RouteTableAssociationId"] == association_id:
                table["Associations"].remove(association)
                return dict(association)
    raise Refusal("InvalidAssociationID.NotFound")


@operation(EC2)
def replace_route_table_association(memory: Memory, request: Request) -> Answer:
    table = memory.get("rtb", request["RouteTableId"], "InvalidRouteTableID.NotFound")
    association = _take_association(memory, request["AssociationId"])
    association |= {
        "RouteTableAssociationId": memory.new_id("rtbassoc"),
        "RouteTableId": table["RouteTableId"],
    }
    table["Associations"].append(association)
    return {"NewAssociationId": association["RouteTableAssociationId"]}


@operation(EC2)
def disassociate_route_table(memory: Memory, request: Request) -> None:
    _take_association(memory, request["AssociationId"])


DESTINATIONS = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")


def _same_destination(route: dict[str, Any], request: Request) -> bool:
    return all(route.get(name) == request.get(name) for name in DESTINATIONS)


@operation(EC2)
def create_route(memory: Memory, request: Request) -> Answer:
    table = memory.get("rtb", request["RouteTableId"], "InvalidRouteTableID.NotFound")
    memory.refuse_if(
        any(_same_destination(route, request) for route in table["Routes"]), "RouteAlreadyExists"
    )
    route = {name: value for name, value in request.items() if name != "RouteTableId"}
    if "EgressOnlyInternetGatewayId" not in route and route.get("VpcEndpointId"):
        route["GatewayId"] = route.pop("VpcEndpointId")
    table["Routes"].append({**route, "Origin": "CreateRoute", "State": "active"})
    return {"Return": True}


@operation(EC2)
def replace_route(memory: Memory, request: Request) -> None:
    delete_route(memory, request)
    create_route(memory, request)


@operation(EC2)
def delete_route(memory: Memory, request: Request) -> None:
    table = memory.get("rtb", request["RouteTableId"], "InvalidRouteTableID.NotFound")
    left = [route for route in table["Routes"] if not _same_destination(route, request)]
    memory.refuse_if(len(left) == len(table["Routes"]), "InvalidRoute.NotFound")
    table["Routes"] = left


def _acl(
    memory: Memory, vpc_id: str, tags: list[dict[str, str]], *, default: bool = False
) -> dict[str, Any]:
    acl_id = memory.new_id("acl")
    entries = [
        {
            "CidrBlock": "0.0.0.0/0",
            "Egress": egress,
            "Protocol": "-1",
            "RuleAction": action,
            "RuleNumber": number,
        }
        for egress in (True, False)
        for number, action in ([(100, "allow")] if default else []) + [(32767, "deny")]
    ]
    memory.table("acl")[acl_id] = {
        "NetworkAclId": acl_id,
        "VpcId": vpc_id,
        "OwnerId": ACCOUNT,
        "IsDefault": default,
        "Entries": entries,
        "Associations": [],
        "Tags": tags,
    }
    return memory.table("acl")[acl_id]


def _associate_acl(memory: Memory, acl: dict[str, Any], subnet_id: str) -> str:
    association_id = memory.new_id("aclassoc")
    acl["Associations"].append(
        {
            "NetworkAclAssociationId": association_id,
            "NetworkAclId": acl["NetworkAclId"],
            "SubnetId": subnet_id,
        }
    )
    return association_id


@operation(EC2)
def create_network_acl(memory: Memory, request: Request) -> Answer:
    memory.get("vpc", request["VpcId"], "InvalidVpcID.NotFound")
    return {"NetworkAcl": _acl(memory, request["VpcId"], tags_of(request))}


@operation(EC2)
def delete_network_acl(memory: Memory, request: Request) -> None:
    acl = memory.get("acl", request["NetworkAclId"], "InvalidNetworkAclID.NotFound")
    memory.refuse_if(acl["Associations"])
    del memory.table("acl")[request["NetworkAclId"]]


@operation(EC2)
def replace_network_acl_association(memory: Memory, request: Request) -> Answer:
    acl = memory.get("acl", request["NetworkAclId"], "InvalidNetworkAclID.NotFound")
    for other in memory.table("acl").values():
        for association in other["Associations"]:
            if association["NetworkAclAssociationId"] == request["AssociationId"]:
                other["Associations"].remove(association)
                return {"NewAssociationId": _associate_acl(memory, acl, association["SubnetId"])}
    raise Refusal("InvalidAssociationID.NotFound")


def _entry_at(acl: dict[str, Any], request: Request) -> dict[str, Any] | None:
    for entry in acl["Entries"]:
        if (entry["RuleNumber"], entry["Egress"]) == (request["RuleNumber"], request["Egress"]):
            return dict(entry)
    return None


@operation(EC2)
def create_network_acl_entry(memory: Memory, request: Request) -> None:
    acl = memory.get("acl", request["NetworkAclId"], "InvalidNetworkAclID.NotFound")
    memory.refuse_if(_entry_at(acl, request), "NetworkAclEntryAlreadyExists")
    entry = {name: value for name, value in request.items() if name != "NetworkAclId"}
    if entry["Protocol"] not in {"6", "17"}:
        entry.pop("PortRange", None)
    acl["Entries"].append(entry)


@operation(EC2)
def delete_network_acl_entry(memory: Memory, request: Request) -> None:
    acl = memory.get("acl", request["NetworkAclId"], "InvalidNetworkAclID.NotFound")
    found = _entry_at(acl, request)
    if found is None:
        raise Refusal("InvalidNetworkAclEntry.NotFound")
    acl["Entries"].remove(found)


@operation(EC2)
def replace_network_acl_entry(memory: Memory, request: Request) -> None:
    delete_network_acl_entry(memory, request)
    create_network_acl_entry(memory, request)


@operation(EC2)
def describe_vpc_block_public_access_options(_memory: Memory, _request: Request) -> Answer:
    options = {"AwsAccountId": ACCOUNT, "AwsRegion": REGION, "State": "default-state",
               "InternetGatewayBlockMode": "off"}  # fmt: skip
    return {"VpcBlockPublicAccessOptions": options}


@operation(EC2)
def get_managed_prefix_list_entries(memory: Memory, request: Request) -> Answer:
    found = memory.get("prefix_list", request["PrefixListId"], "InvalidPrefixListID.NotFound")
    return {"Entries": [{"Cidr": cidr, "Description": ""} for cidr in found["Cidrs"]]}


def filtered(items: list[dict[str, Any]], request: Request) -> list[dict[str, Any]]:
    """Return the items that pass a request's filters."""
    return [item for item in items if matches(item, request.get("Filters"))]
