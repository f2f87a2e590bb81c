"""Probes: VPCs, their routes, gateways and endpoints, and what keeps them from being deleted."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest


def named(kind: str) -> Any:
    return [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": kind}]}]


@pytest.fixture
def net(ec2: Any) -> SimpleNamespace:
    vpc = ec2.create_vpc(
        CidrBlock="10.0.0.0/16", AmazonProvidedIpv6CidrBlock=True, TagSpecifications=named("vpc")
    )["Vpc"]
    v6 = vpc["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"]
    net = SimpleNamespace(vpc=vpc["VpcId"], v6=v6)
    for name in ("EnableDnsSupport", "EnableDnsHostnames"):
        ec2.modify_vpc_attribute(VpcId=net.vpc, **{name: {"Value": True}})
    subnet = ec2.create_subnet(
        VpcId=net.vpc,
        CidrBlock="10.0.0.0/24",
        Ipv6CidrBlock=v6.replace("::/56", "::/64"),
        AvailabilityZone="us-east-1a",
        TagSpecifications=named("subnet"),
    )["Subnet"]
    net.subnet = subnet["SubnetId"]
    net.igw = ec2.create_internet_gateway(TagSpecifications=named("internet-gateway"))[
        "InternetGateway"
    ]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=net.igw, VpcId=net.vpc)
    net.table = ec2.create_route_table(VpcId=net.vpc, TagSpecifications=named("route-table"))[
        "RouteTable"
    ]["RouteTableId"]
    return net


def nat(ec2: Any, net: SimpleNamespace) -> tuple[str, str]:
    eip = ec2.allocate_address(Domain="vpc", TagSpecifications=named("elastic-ip"))
    made = ec2.create_nat_gateway(
        SubnetId=net.subnet,
        AllocationId=eip["AllocationId"],
        TagSpecifications=named("natgateway"),
    )["NatGateway"]
    assert made["State"] == "pending"
    return made["NatGatewayId"], eip["AllocationId"]


def nat_state(ec2: Any, one: str) -> Any:
    return ec2.describe_nat_gateways(NatGatewayIds=[one])["NatGateways"][0]["State"]


def routes(ec2: Any, table: str) -> dict[str, Any]:
    found = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
    return {
        one.get("DestinationCidrBlock")
        or one.get("DestinationIpv6CidrBlock")
        or one["DestinationPrefixListId"]: one
        for one in found
    }


def test_tags_are_there_from_the_start(ec2: Any, net: SimpleNamespace) -> None:
    nat(ec2, net)
    ec2.create_egress_only_internet_gateway(
        VpcId=net.vpc, TagSpecifications=named("egress-only-internet-gateway")
    )
    ec2.create_vpc_endpoint(
        VpcId=net.vpc,
        ServiceName="com.amazonaws.us-east-1.s3",
        TagSpecifications=named("vpc-endpoint"),
    )
    found = {
        (one["ResourceType"], one["Value"])
        for one in ec2.describe_tags(Filters=[{"Name": "key", "Values": ["Name"]}])["Tags"]
    }
    assert {value for _, value in found} == {
        "vpc", "subnet", "internet-gateway", "route-table", "elastic-ip", "natgateway",
        "egress-only-internet-gateway", "vpc-endpoint",
    }  # fmt: skip
    for look, key, kind in (
        (ec2.describe_nat_gateways, "NatGateways", "natgateway"),
        (
            ec2.describe_egress_only_internet_gateways,
            "EgressOnlyInternetGateways",
            "egress-only-internet-gateway",
        ),
        (ec2.describe_internet_gateways, "InternetGateways", "internet-gateway"),
        (ec2.describe_vpc_endpoints, "VpcEndpoints", "vpc-endpoint"),
        (ec2.describe_addresses, "Addresses", "elastic-ip"),
        (ec2.describe_subnets, "Subnets", "subnet"),
        (ec2.describe_route_tables, "RouteTables", "route-table"),
        (ec2.describe_vpcs, "Vpcs", "vpc"),
    ):
        assert len(look(Filters=[{"Name": "tag:Name", "Values": [kind]}])[key]) == 1, kind
        assert look(Filters=[{"Name": "tag:Name", "Values": ["none"]}])[key] == [], kind


def test_a_nat_gateway_takes_time_and_stays_listed(
    ec2: Any, net: SimpleNamespace, until: Any, refused: Any
) -> None:
    one, allocation = nat(ec2, net)
    until(lambda: nat_state(ec2, one), "available")
    eni = ec2.describe_network_interfaces(Filters=[{"Name": "subnet-id", "Values": [net.subnet]}])[
        "NetworkInterfaces"
    ][0]
    assert (eni["InterfaceType"], eni["RequesterManaged"]) == ("nat_gateway", True)
    assert eni["PrivateIpAddress"].startswith("10.0.0.")
    assert eni["Association"]["AllocationId"] == allocation
    ec2.create_route(RouteTableId=net.table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=one)
    calls: list[Callable[[], Any]] = [
        lambda: ec2.delete_subnet(SubnetId=net.subnet),
        lambda: ec2.detach_internet_gateway(InternetGatewayId=net.igw, VpcId=net.vpc),
    ]
    for call in calls:
        with refused("DependencyViolation"):
            call()
    with refused("InvalidIPAddress.InUse"):
        ec2.release_address(AllocationId=allocation)
    with refused("Resource.AlreadyAssociated"):
        ec2.create_nat_gateway(SubnetId=net.subnet, AllocationId=allocation)
    ec2.delete_nat_gateway(NatGatewayId=one)
    assert nat_state(ec2, one) == "deleting"
    assert routes(ec2, net.table)["0.0.0.0/0"]["State"] == "blackhole"
    until(lambda: nat_state(ec2, one), "deleted")
    ec2.release_address(AllocationId=allocation)
    ec2.delete_subnet(SubnetId=net.subnet)


def test_a_public_nat_gateway_fails_without_an_internet_gateway(
    ec2: Any, net: SimpleNamespace, until: Any
) -> None:
    ec2.detach_internet_gateway(InternetGatewayId=net.igw, VpcId=net.vpc)
    one, _ = nat(ec2, net)
    until(lambda: nat_state(ec2, one), "failed")
    found = ec2.describe_nat_gateways(NatGatewayIds=[one])["NatGateways"][0]
    assert found["FailureCode"] == "Gateway.NotAttached"


def test_routes_are_replaced_and_turn_black(ec2: Any, net: SimpleNamespace, refused: Any) -> None:
    where = {"RouteTableId": net.table, "DestinationCidrBlock": "0.0.0.0/0"}
    with refused("InvalidParameterValue"):
        ec2.replace_route(**where, GatewayId=net.igw)
    ec2.create_route(**where, GatewayId=net.igw)
    with refused("RouteAlreadyExists"):
        ec2.create_route(**where, GatewayId=net.igw)
    with refused("InvalidNatGatewayID.NotFound"):
        ec2.replace_route(**where, NatGatewayId="nat-00000000000000000")
    eigw = ec2.create_egress_only_internet_gateway(VpcId=net.vpc)["EgressOnlyInternetGateway"]
    eigw = eigw["EgressOnlyInternetGatewayId"]
    six = {"RouteTableId": net.table, "DestinationIpv6CidrBlock": "::/0"}
    ec2.create_route(**six, EgressOnlyInternetGatewayId=eigw)
    with refused("RouteAlreadyExists"):
        ec2.create_route(**six, GatewayId=net.igw)
    ec2.replace_route(**six, GatewayId=net.igw)
    assert routes(ec2, net.table)["::/0"]["GatewayId"] == net.igw
    ec2.replace_route(**six, EgressOnlyInternetGatewayId=eigw)
    assert routes(ec2, net.table)["::/0"]["EgressOnlyInternetGatewayId"] == eigw
    ec2.delete_egress_only_internet_gateway(EgressOnlyInternetGatewayId=eigw)
    ec2.detach_internet_gateway(InternetGatewayId=net.igw, VpcId=net.vpc)
    found = routes(ec2, net.table)
    assert {key: one["State"] for key, one in found.items()} == {
        "10.0.0.0/16": "active", net.v6: "active", "0.0.0.0/0": "blackhole", "::/0": "blackhole",
    }  # fmt: skip
    ec2.delete_route(**where)
    with refused("InvalidRoute.NotFound"):
        ec2.delete_route(**where)


def test_table_associations_are_replaced(ec2: Any, net: SimpleNamespace, refused: Any) -> None:
    other = ec2.create_route_table(VpcId=net.vpc)["RouteTable"]["RouteTableId"]
    one = ec2.associate_route_table(RouteTableId=net.table, SubnetId=net.subnet)["AssociationId"]
    with refused("Resource.AlreadyAssociated"):
        ec2.associate_route_table(RouteTableId=other, SubnetId=net.subnet)
    with refused("DependencyViolation"):
        ec2.delete_route_table(RouteTableId=net.table)
    new = ec2.replace_route_table_association(AssociationId=one, RouteTableId=other)
    assert new["NewAssociationId"] != one
    ec2.disassociate_route_table(AssociationId=new["NewAssociationId"])
    main = ec2.describe_route_tables(
        Filters=[
            {"Name": "vpc-id", "Values": [net.vpc]},
            {"Name": "association.main", "Values": ["true"]},
        ]
    )["RouteTables"][0]
    with refused("DependencyViolation"):
        ec2.delete_route_table(RouteTableId=main["RouteTableId"])
    association = main["Associations"][0]["RouteTableAssociationId"]
    new = ec2.replace_route_table_association(AssociationId=association, RouteTableId=other)
    found = ec2.describe_route_tables(RouteTableIds=[other])["RouteTables"][0]["Associations"]
    assert [(one["RouteTableAssociationId"], one["Main"]) for one in found] == [
        (new["NewAssociationId"], True)
    ]
    ec2.delete_route_table(RouteTableId=main["RouteTableId"])


def test_a_gateway_endpoint_is_a_route(ec2: Any, net: SimpleNamespace, refused: Any) -> None:
    lists = ec2.describe_prefix_lists()["PrefixLists"]
    s3 = next(one for one in lists if one["PrefixListName"] == "com.amazonaws.us-east-1.s3")
    assert s3["Cidrs"]
    entries = ec2.get_managed_prefix_list_entries(PrefixListId=s3["PrefixListId"])["Entries"]
    assert [one["Cidr"] for one in entries] == s3["Cidrs"]
    asked = {
        "VpcId": net.vpc,
        "ServiceName": "com.amazonaws.us-east-1.s3",
        "RouteTableIds": [net.table],
    }
    one = ec2.create_vpc_endpoint(**asked)["VpcEndpoint"]
    with refused("RouteAlreadyExists"):
        ec2.create_vpc_endpoint(**asked)
    route = routes(ec2, net.table)[s3["PrefixListId"]]
    assert (route["GatewayId"], route["State"]) == (one["VpcEndpointId"], "active")
    ec2.modify_vpc_endpoint(
        VpcEndpointId=one["VpcEndpointId"],
        RemoveRouteTableIds=[net.table],
        PolicyDocument='{"Statement": []}',
    )
    assert s3["PrefixListId"] not in routes(ec2, net.table)
    ec2.modify_vpc_endpoint(VpcEndpointId=one["VpcEndpointId"], AddRouteTableIds=[net.table])
    found = ec2.describe_vpc_endpoints()["VpcEndpoints"][0]
    assert found["PolicyDocument"] == '{"Statement": []}'
    assert found["RouteTableIds"] == [net.table]
    ec2.delete_vpc_endpoints(VpcEndpointIds=[one["VpcEndpointId"]])
    assert s3["PrefixListId"] not in routes(ec2, net.table)


def test_an_interface_endpoint_has_names_and_interfaces(
    ec2: Any, net: SimpleNamespace, until: Any, refused: Any
) -> None:
    group = ec2.create_security_group(GroupName="e", Description="e", VpcId=net.vpc)["GroupId"]
    one = ec2.create_vpc_endpoint(
        VpcId=net.vpc,
        ServiceName="com.amazonaws.us-east-1.ssm",
        VpcEndpointType="Interface",
        SubnetIds=[net.subnet],
        SecurityGroupIds=[group],
        PrivateDnsEnabled=True,
    )["VpcEndpoint"]
    assert one["State"] == "pending"
    assert one["DnsEntries"][-1]["DnsName"] == "ssm.us-east-1.amazonaws.com"
    name = one["VpcEndpointId"]

    def states() -> Any:
        return [item["State"] for item in ec2.describe_vpc_endpoints()["VpcEndpoints"]]

    until(states, ["available"])
    eni = ec2.describe_network_interfaces(NetworkInterfaceIds=one["NetworkInterfaceIds"])
    eni = eni["NetworkInterfaces"][0]
    assert (eni["InterfaceType"], eni["Groups"][0]["GroupId"]) == ("vpc_endpoint", group)
    other = ec2.create_subnet(
        VpcId=net.vpc, CidrBlock="10.0.1.0/24", AvailabilityZone="us-east-1b"
    )["Subnet"]["SubnetId"]
    ec2.modify_vpc_endpoint(
        VpcEndpointId=name,
        AddSubnetIds=[other],
        RemoveSubnetIds=[net.subnet],
        PrivateDnsEnabled=False,
    )
    found = ec2.describe_vpc_endpoints()["VpcEndpoints"][0]
    assert found["SubnetIds"] == [other]
    assert found["PrivateDnsEnabled"] is False
    with refused("DependencyViolation"):
        ec2.delete_security_group(GroupId=group)
    with refused("DependencyViolation"):
        ec2.delete_subnet(SubnetId=other)
    ec2.delete_vpc_endpoints(VpcEndpointIds=[name])
    assert states() == ["deleting"]
    until(states, [])
    with refused("InvalidVpcEndpointId.NotFound"):
        ec2.describe_vpc_endpoints(VpcEndpointIds=[name])
    ec2.delete_security_group(GroupId=group)


def test_private_names_need_both_dns_attributes(
    ec2: Any, net: SimpleNamespace, refused: Any
) -> None:
    ec2.modify_vpc_attribute(VpcId=net.vpc, EnableDnsHostnames={"Value": False})
    with refused("InvalidParameter"):
        ec2.create_vpc_endpoint(
            VpcId=net.vpc,
            ServiceName="com.amazonaws.us-east-1.ssm",
            VpcEndpointType="Interface",
            SubnetIds=[net.subnet],
            PrivateDnsEnabled=True,
        )


def test_a_vpc_goes_last(ec2: Any, net: SimpleNamespace, refused: Any) -> None:
    def gone() -> None:
        ec2.delete_vpc(VpcId=net.vpc)

    group = ec2.create_security_group(GroupName="e", Description="e", VpcId=net.vpc)["GroupId"]
    with refused("DependencyViolation"):
        gone()
    ec2.delete_subnet(SubnetId=net.subnet)
    with refused("DependencyViolation"):
        gone()
    with refused("DependencyViolation"):
        ec2.delete_internet_gateway(InternetGatewayId=net.igw)
    ec2.detach_internet_gateway(InternetGatewayId=net.igw, VpcId=net.vpc)
    ec2.delete_internet_gateway(InternetGatewayId=net.igw)
    with refused("DependencyViolation"):
        gone()
    ec2.delete_security_group(GroupId=group)
    with refused("DependencyViolation"):
        gone()
    ec2.delete_route_table(RouteTableId=net.table)
    gone()
    for look, key in (
        (ec2.describe_network_acls, "NetworkAcls"),
        (ec2.describe_route_tables, "RouteTables"),
        (ec2.describe_security_groups, "SecurityGroups"),
    ):
        assert look(Filters=[{"Name": "vpc-id", "Values": [net.vpc]}])[key] == []


def test_a_prefix_list_has_versions(ec2: Any, net: SimpleNamespace, refused: Any) -> None:
    one = ec2.create_managed_prefix_list(
        PrefixListName="p", MaxEntries=2, AddressFamily="IPv4", Entries=[{"Cidr": "10.0.0.0/8"}]
    )["PrefixList"]["PrefixListId"]
    ec2.modify_managed_prefix_list(
        PrefixListId=one, CurrentVersion=1, AddEntries=[{"Cidr": "192.168.0.0/16"}]
    )
    found = ec2.describe_managed_prefix_lists(PrefixListIds=[one])["PrefixLists"][0]
    assert (found["Version"], found["PrefixListName"]) == (2, "p")
    with refused("PrefixListVersionMismatch"):
        ec2.modify_managed_prefix_list(
            PrefixListId=one, CurrentVersion=1, RemoveEntries=[{"Cidr": "10.0.0.0/8"}]
        )
    with refused("PrefixListMaxEntriesExceeded"):
        ec2.modify_managed_prefix_list(
            PrefixListId=one, CurrentVersion=2, AddEntries=[{"Cidr": "172.16.0.0/12"}]
        )
    ec2.create_route(RouteTableId=net.table, DestinationPrefixListId=one, GatewayId=net.igw)
    with refused("ResourceInUse"):
        ec2.delete_managed_prefix_list(PrefixListId=one)
    ec2.delete_route(RouteTableId=net.table, DestinationPrefixListId=one)
    ec2.delete_managed_prefix_list(PrefixListId=one)


def test_an_instance_has_the_groups_of_its_interface(ec2: Any, net: SimpleNamespace) -> None:
    first, second, third = (
        ec2.create_security_group(GroupName=name, Description=name, VpcId=net.vpc)["GroupId"]
        for name in "abc"
    )
    made = ec2.run_instances(
        ImageId="ami-12c6146b",
        InstanceType="t3.micro",
        MinCount=1,
        MaxCount=1,
        SubnetId=net.subnet,
        SecurityGroupIds=[first],
    )["Instances"][0]
    name, eni = made["InstanceId"], made["NetworkInterfaces"][0]["NetworkInterfaceId"]

    def groups() -> tuple[list[str], list[str]]:
        here = ec2.describe_network_interfaces(NetworkInterfaceIds=[eni])["NetworkInterfaces"][0]
        there = ec2.describe_instances(InstanceIds=[name])["Reservations"][0]["Instances"][0]
        return (
            [one["GroupId"] for one in here["Groups"]],
            [one["GroupId"] for one in there["SecurityGroups"]],
        )

    assert groups() == ([first], [first])
    ec2.modify_network_interface_attribute(NetworkInterfaceId=eni, Groups=[second])
    assert groups() == ([second], [second])
    ec2.modify_instance_attribute(InstanceId=name, Groups=[first, third])
    assert groups() == ([first, third], [first, third])
    ec2.terminate_instances(InstanceIds=[name])
    ec2.delete_security_group(GroupId=first)
    ec2.delete_subnet(SubnetId=net.subnet)


def test_zones_have_ids(ec2: Any) -> None:
    found = ec2.describe_availability_zones()["AvailabilityZones"]
    assert all(one["ZoneId"].startswith("use1-az") for one in found)
