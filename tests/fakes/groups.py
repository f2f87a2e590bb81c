"""Security groups, gateways and endpoints, in memory."""

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
NO_GROUP = "InvalidGroup.NotFound"


def _rules(
    memory: Memory, group_id: str, permissions: Any, *, egress: bool
) -> list[dict[str, Any]]:
    peers = []
    for permission in permissions:
        plain = {
            name: permission[name]
            for name in ("IpProtocol", "FromPort", "ToPort")
            if name in permission
        }
        plain = {"FromPort": -1, "ToPort": -1} | plain
        for member, inner, name in (
            ("IpRanges", "CidrIp", "CidrIpv4"),
            ("Ipv6Ranges", "CidrIpv6", "CidrIpv6"),
            ("PrefixListIds", "PrefixListId", "PrefixListId"),
        ):
            peers += [(plain, {name: item[inner]}, item) for item in permission.get(member, ())]
        for item in permission.get("UserIdGroupPairs", ()):
            memory.get("sg", item["GroupId"], NO_GROUP)
            info = {"GroupId": item["GroupId"], "UserId": ACCOUNT}
            peers.append((plain, {"ReferencedGroupInfo": info}, item))
    return [
        {
            "GroupId": group_id,
            "GroupOwnerId": ACCOUNT,
            "IsEgress": egress,
            **plain,
            **peer,
            **({"Description": item["Description"]} if item.get("Description") else {}),
        }
        for plain, peer, item in peers
    ]


IDENTITY = ("GroupId", "IsEgress", "IpProtocol", "FromPort", "ToPort", "CidrIpv4", "CidrIpv6",
            "PrefixListId", "ReferencedGroupInfo")  # fmt: skip


def _same(memory: Memory, rule: dict[str, Any]) -> list[str]:
    return [
        rule_id
        for rule_id, known in memory.table("sgr").items()
        if all(known.get(name) == rule.get(name) for name in IDENTITY)
    ]


def _authorize(memory: Memory, request: Request, *, egress: bool) -> Answer:
    memory.get("sg", request["GroupId"], NO_GROUP)
    rules = _rules(memory, request["GroupId"], request["IpPermissions"], egress=egress)
    memory.refuse_if(any(_same(memory, rule) for rule in rules), "InvalidPermission.Duplicate")
    tags = tags_of(request)
    for rule in rules:
        rule["SecurityGroupRuleId"] = memory.new_id("sgr")
        rule["Tags"] = tags
        memory.table("sgr")[rule["SecurityGroupRuleId"]] = rule
    return {"Return": True, "SecurityGroupRules": rules}


def _revoke(memory: Memory, request: Request, *, egress: bool) -> Answer:
    memory.get("sg", request["GroupId"], NO_GROUP)
    ids = list(request.get("SecurityGroupRuleIds", ()))
    for one in ids:
        memory.get("sgr", one, "InvalidSecurityGroupRuleId.NotFound")
    for rule in _rules(memory, request["GroupId"], request.get("IpPermissions", ()), egress=egress):
        found = _same(memory, rule)
        memory.refuse_if(not found, "InvalidPermission.NotFound")
        ids += found
    for one in ids:
        del memory.table("sgr")[one]
    return {"Return": True}


@operation(EC2)
def authorize_security_group_ingress(memory: Memory, request: Request) -> Answer:
    return _authorize(memory, request, egress=False)


@operation(EC2)
def authorize_security_group_egress(memory: Memory, request: Request) -> Answer:
    return _authorize(memory, request, egress=True)


@operation(EC2)
def revoke_security_group_ingress(memory: Memory, request: Request) -> Answer:
    return _revoke(memory, request, egress=False)


@operation(EC2)
def revoke_security_group_egress(memory: Memory, request: Request) -> Answer:
    return _revoke(memory, request, egress=True)


@operation(
    EC2,
    "update_security_group_rule_descriptions_ingress",
    "update_security_group_rule_descriptions_egress",
)
def update_descriptions(memory: Memory, request: Request) -> None:
    for item in request.get("SecurityGroupRuleDescriptions", ()):
        found = memory.get(
            "sgr", item["SecurityGroupRuleId"], "InvalidSecurityGroupRuleId.NotFound"
        )
        found["Description"] = item.get("Description", "")


@operation(EC2)
def create_security_group(memory: Memory, request: Request) -> Answer:
    memory.get("vpc", request["VpcId"], "InvalidVpcID.NotFound")
    names = memory.where("sg", VpcId=request["VpcId"], GroupName=request["GroupName"])
    memory.refuse_if(names, "InvalidGroup.Duplicate")
    group_id = memory.new_id("sg")
    memory.table("sg")[group_id] = {
        "GroupId": group_id,
        "GroupName": request["GroupName"],
        "Description": request["Description"],
        "VpcId": request["VpcId"],
        "OwnerId": ACCOUNT,
        "Tags": tags_of(request),
    }
    anywhere = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    _authorize(memory, {"GroupId": group_id, "IpPermissions": anywhere}, egress=True)
    return {"GroupId": group_id}


@operation(EC2)
def delete_security_group(memory: Memory, request: Request) -> Answer:
    group_id = request["GroupId"]
    memory.get("sg", group_id, NO_GROUP)
    rules = memory.table("sgr")
    referring = [
        rule
        for rule in rules.values()
        if rule.get("ReferencedGroupInfo", {}).get("GroupId") == group_id
        and rule["GroupId"] != group_id
    ]
    used = [
        eni
        for eni in memory.table("eni").values()
        if group_id in [group["GroupId"] for group in eni["Groups"]]
    ]
    memory.refuse_if(referring or used)
    for one in [rule_id for rule_id, rule in rules.items() if rule["GroupId"] == group_id]:
        del rules[one]
    del memory.table("sg")[group_id]
    return {"Return": True, "GroupId": group_id}


def _permissions(memory: Memory, group_id: str, *, egress: bool) -> list[dict[str, Any]]:
    members = {"CidrIpv4": ("IpRanges", "CidrIp"), "CidrIpv6": ("Ipv6Ranges", "CidrIpv6"),
               "PrefixListId": ("PrefixListIds", "PrefixListId")}  # fmt: skip
    found = []
    for rule in memory.where("sgr", GroupId=group_id, IsEgress=egress):
        item: dict[str, Any] = {"IpProtocol": rule["IpProtocol"]}
        if rule["IpProtocol"] != "-1":
            item |= {"FromPort": rule["FromPort"], "ToPort": rule["ToPort"]}
        item |= {"IpRanges": [], "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": []}
        for name, (member, inner) in members.items():
            if name in rule:
                item[member] = [{inner: rule[name]}]
        if "ReferencedGroupInfo" in rule:
            item["UserIdGroupPairs"] = [dict(rule["ReferencedGroupInfo"])]
        found.append(item)
    return found


@operation(EC2)
def describe_security_groups(memory: Memory, request: Request) -> Answer:
    groups = listed(memory, "sg", request, "GroupId", NO_GROUP)
    return {
        "SecurityGroups": [
            {
                **group,
                "IpPermissions": _permissions(memory, group["GroupId"], egress=False),
                "IpPermissionsEgress": _permissions(memory, group["GroupId"], egress=True),
            }
            for group in groups
        ]
    }


@operation(EC2)
def describe_security_group_rules(memory: Memory, request: Request) -> Answer:
    rules = memory.table("sgr").values()
    return {"SecurityGroupRules": [r for r in rules if matches(r, request.get("Filters"))]}


@operation(EC2)
def create_internet_gateway(memory: Memory, request: Request) -> Answer:
    gateway_id = memory.new_id("igw")
    gateway = {
        "InternetGatewayId": gateway_id,
        "OwnerId": ACCOUNT,
        "Attachments": [],
        "Tags": tags_of(request),
    }
    memory.table("igw")[gateway_id] = gateway
    return {"InternetGateway": gateway}


@operation(EC2)
def attach_internet_gateway(memory: Memory, request: Request) -> None:
    gateway = memory.get("igw", request["InternetGatewayId"], "InvalidInternetGatewayID.NotFound")
    memory.get("vpc", request["VpcId"], "InvalidVpcID.NotFound")
    memory.refuse_if(gateway["Attachments"], "Resource.AlreadyAssociated")
    gateway["Attachments"].append({"State": "available", "VpcId": request["VpcId"]})


@operation(EC2)
def detach_internet_gateway(memory: Memory, request: Request) -> None:
    gateway = memory.get("igw", request["InternetGatewayId"], "InvalidInternetGatewayID.NotFound")
    here = [a for a in gateway["Attachments"] if a["VpcId"] == request["VpcId"]]
    memory.refuse_if(not here, "Gateway.NotAttached")
    gateway["Attachments"].remove(here[0])


@operation(EC2)
def delete_internet_gateway(memory: Memory, request: Request) -> None:
    gateway = memory.get("igw", request["InternetGatewayId"], "InvalidInternetGatewayID.NotFound")
    memory.refuse_if(gateway["Attachments"])
    del memory.table("igw")[request["InternetGatewayId"]]


@operation(EC2)
def create_egress_only_internet_gateway(memory: Memory, request: Request) -> Answer:
    memory.get("vpc", request["VpcId"], "InvalidVpcID.NotFound")
    gateway_id = memory.new_id("eigw")
    gateway = {
        "EgressOnlyInternetGatewayId": gateway_id,
        "Attachments": [{"State": "attached", "VpcId": request["VpcId"]}],
        "Tags": tags_of(request),
    }
    memory.table("eigw")[gateway_id] = gateway
    return {"EgressOnlyInternetGateway": gateway}


@operation(EC2)
def delete_egress_only_internet_gateway(memory: Memory, request: Request) -> Answer:
    one = request["EgressOnlyInternetGatewayId"]
    memory.get("eigw", one, "InvalidGatewayID.NotFound")
    del memory.table("eigw")[one]
    return {"ReturnCode": True}


@operation(EC2)
def allocate_address(memory: Memory, request: Request) -> Answer:
    allocation_id = memory.new_id("eipalloc")
    address = {
        "AllocationId": allocation_id,
        "PublicIp": f"198.51.{memory.counter // 256 % 256}.{memory.counter % 256}",
        "Domain": request["Domain"],
        "Tags": tags_of(request),
    }
    memory.table("address")[allocation_id] = address
    return {name: value for name, value in address.items() if name != "Tags"}


@operation(EC2)
def release_address(memory: Memory, request: Request) -> None:
    one = request["AllocationId"]
    address = memory.get("address", one, "InvalidAllocationID.NotFound")
    memory.refuse_if(address.get("AssociationId"), "InvalidIPAddress.InUse")
    del memory.table("address")[one]


def _interface(memory: Memory, subnet_id: str, kind: str, groups: list[str]) -> dict[str, Any]:
    subnet = memory.get("subnet", subnet_id, "InvalidSubnetID.NotFound")
    eni_id = memory.new_id("eni")
    memory.table("eni")[eni_id] = {
        "NetworkInterfaceId": eni_id,
        "SubnetId": subnet_id,
        "VpcId": subnet["VpcId"],
        "AvailabilityZone": subnet["AvailabilityZone"],
        "InterfaceType": kind,
        "RequesterManaged": True,
        "RequesterId": "amazon-aws",
        "Status": "in-use",
        "SourceDestCheck": True,
        "OwnerId": ACCOUNT,
        "PrivateIpAddresses": [],
        "Groups": [{"GroupId": group, "GroupName": ""} for group in groups],
        "TagSet": [],
    }
    return memory.table("eni")[eni_id]


@operation(EC2)
def create_nat_gateway(memory: Memory, request: Request) -> Answer:
    address = memory.get("address", request["AllocationId"], "InvalidAllocationID.NotFound")
    memory.refuse_if(address.get("AssociationId"), "Resource.AlreadyAssociated")
    interface = _interface(memory, request["SubnetId"], "nat_gateway", [])
    gateway_id = memory.new_id("nat")
    association_id = memory.new_id("eipassoc")
    address |= {
        "AssociationId": association_id,
        "NetworkInterfaceId": interface["NetworkInterfaceId"],
    }
    gateway = {
        "NatGatewayId": gateway_id,
        "SubnetId": request["SubnetId"],
        "VpcId": interface["VpcId"],
        "State": "available",
        "ConnectivityType": request.get("ConnectivityType", "public"),
        "NatGatewayAddresses": [
            {
                "AllocationId": request["AllocationId"],
                "PublicIp": address["PublicIp"],
                "NetworkInterfaceId": interface["NetworkInterfaceId"],
                "AssociationId": association_id,
                "IsPrimary": True,
            }
        ],
        "Tags": tags_of(request),
    }
    memory.table("nat")[gateway_id] = gateway
    return {"NatGateway": gateway}


@operation(EC2)
def delete_nat_gateway(memory: Memory, request: Request) -> Answer:
    one = request["NatGatewayId"]
    gateway = memory.get("nat", one, "NatGatewayNotFound")
    place = gateway["NatGatewayAddresses"][0]
    address = memory.table("address")[place["AllocationId"]]
    for name in ("AssociationId", "NetworkInterfaceId"):
        address.pop(name)
    del memory.table("eni")[place["NetworkInterfaceId"]]
    del memory.table("nat")[one]
    return {"NatGatewayId": one}


EVERYTHING = '{"Version": "2008-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}'  # noqa: E501


@operation(EC2)
def create_vpc_endpoint(memory: Memory, request: Request) -> Answer:
    memory.get("vpc", request["VpcId"], "InvalidVpcID.NotFound")
    endpoint_id = memory.new_id("vpce")
    is_interface = request["VpcEndpointType"] == "Interface"
    groups = list(request.get("SecurityGroupIds", ()))
    interfaces = [
        _interface(memory, subnet, "vpc_endpoint", groups)["NetworkInterfaceId"]
        for subnet in request.get("SubnetIds", ())
    ]
    name = request["ServiceName"].rsplit(".", 1)[-1]
    entry = {
        "DnsName": f"{endpoint_id}.{name}.{REGION}.vpce.amazonaws.com",
        "HostedZoneId": "Z7HUB22UULQXV",
    }
    endpoint = {
        "VpcEndpointId": endpoint_id,
        "VpcEndpointType": request["VpcEndpointType"],
        "VpcId": request["VpcId"],
        "ServiceName": request["ServiceName"],
        "State": "available",
        "PolicyDocument": request.get("PolicyDocument", EVERYTHING),
        "RouteTableIds": list(request.get("RouteTableIds", ())),
        "SubnetIds": list(request.get("SubnetIds", ())),
        "Groups": [{"GroupId": group, "GroupName": ""} for group in groups],
        "PrivateDnsEnabled": request.get("PrivateDnsEnabled", False),
        "RequesterManaged": False,
        "NetworkInterfaceIds": interfaces,
        "DnsEntries": [entry] if is_interface else [],
        "OwnerId": ACCOUNT,
        "Tags": tags_of(request),
    }
    memory.table("endpoint")[endpoint_id] = endpoint
    if not is_interface:
        lists = memory.where("prefix_list", PrefixListName=request["ServiceName"])
        for table_id in endpoint["RouteTableIds"]:
            memory.get("rtb", table_id, "InvalidRouteTableId.NotFound")["Routes"].append(
                {
                    "DestinationPrefixListId": lists[0]["PrefixListId"],
                    "GatewayId": endpoint_id,
                    "Origin": "CreateRoute",
                    "State": "active",
                }
            )
    return {"VpcEndpoint": endpoint}


@operation(EC2)
def modify_vpc_endpoint(memory: Memory, request: Request) -> Answer:
    one = request["VpcEndpointId"]
    endpoint = memory.get("endpoint", one, "InvalidVpcEndpointId.NotFound")
    if request.get("ResetPolicy"):
        endpoint["PolicyDocument"] = EVERYTHING
    for name in ("PolicyDocument", "PrivateDnsEnabled"):
        if name in request:
            endpoint[name] = request[name]
    for name, member in (("RouteTableIds", "RouteTableIds"), ("SubnetIds", "SubnetIds")):
        added, removed = request.get(f"Add{name}", ()), request.get(f"Remove{name}", ())
        kept = [value for value in endpoint[member] if value not in removed]
        endpoint[member] = [*kept, *(value for value in added if value not in kept)]
    return {"Return": True}


@operation(EC2)
def delete_vpc_endpoints(memory: Memory, request: Request) -> Answer:
    failed = []
    for one in request["VpcEndpointIds"]:
        endpoint = memory.table("endpoint").pop(one, None)
        if endpoint is None:
            error = {"Code": "InvalidVpcEndpoint.NotFound", "Message": "no such endpoint"}
            failed.append({"ResourceId": one, "Error": error})
            continue
        for interface in endpoint["NetworkInterfaceIds"]:
            del memory.table("eni")[interface]
        for table in memory.table("rtb").values():
            table["Routes"] = [r for r in table["Routes"] if r.get("GatewayId") != one]
    return {"Unsuccessful": failed}


@operation(EC2)
def create_flow_logs(memory: Memory, request: Request) -> Answer:
    made = []
    for one in request["ResourceIds"]:
        memory.get("vpc", one, "InvalidVpcID.NotFound")
        taken = memory.where("flow_log", ResourceId=one, LogGroupName=request.get("LogGroupName"),
                             LogDestination=request.get("LogDestination"))  # fmt: skip
        if taken:
            error = {"Code": "FlowLogAlreadyExists", "Message": "there is one already"}
            return {"FlowLogIds": [], "Unsuccessful": [{"ResourceId": one, "Error": error}]}
        log_id = memory.new_id("fl")
        kept = {
            name: value
            for name, value in request.items()
            if name not in {"ClientToken", "ResourceIds", "ResourceType", "TagSpecifications"}
        }
        memory.table("flow_log")[log_id] = {
            "FlowLogId": log_id,
            "ResourceId": one,
            "FlowLogStatus": "ACTIVE",
            "DeliverLogsStatus": "SUCCESS",
            **kept,
            "Tags": tags_of(request),
        }
        made.append(log_id)
    return {"FlowLogIds": made, "Unsuccessful": []}


@operation(EC2)
def delete_flow_logs(memory: Memory, request: Request) -> Answer:
    for one in request["FlowLogIds"]:
        if memory.table("flow_log").pop(one, None) is None:
            raise Refusal("InvalidFlowLogId.NotFound", one)
    return {"Unsuccessful": []}
