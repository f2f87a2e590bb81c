"""describe JSON → nodes in normal form, type by type; ids are still physical."""

from typing import Any

import pytest

from ringwall.model.graph import Node
from ringwall.resources import registry, resource_type
from ringwall.resources.kind import Reads
from tests.resources.described import details, entry, estate, reads, rule
from tests.resources.wanted import ACCOUNT, ref


def read(type_name: str, listings: Any = None, more: Any = None) -> dict[str, Node]:
    full = type_name if "::" in type_name else f"AWS::EC2::{type_name}"
    found = resource_type(full).read(
        reads(estate() if listings is None else listings, details() if more is None else more)
    )
    return {node.physical_id: node for node in found}


def one(type_name: str, listings: Any, more: Any = None) -> Node:
    (node,) = read(type_name, listings, more or {}).values()
    return node


@pytest.mark.parametrize(
    ("type_name", "physical_id", "properties"),
    [
        (
            "VPC",
            "vpc-1",
            {
                "CidrBlock": "10.1.0.0/16",
                "InstanceTenancy": "default",
                "EnableDnsSupport": True,
                "EnableDnsHostnames": True,
            },
        ),
        (
            "VPCCidrBlock",
            "vpc-cidr-assoc-1",
            {"VpcId": ref("VPC", "vpc-1"), "CidrBlock": "100.64.0.0/16"},
        ),
        (
            "VPCCidrBlock",
            "vpc-cidr-assoc-6",
            {"VpcId": ref("VPC", "vpc-1"), "AmazonProvidedIpv6CidrBlock": True},
        ),
        (
            "Subnet",
            "subnet-1",
            {
                "VpcId": ref("VPC", "vpc-1"),
                "CidrBlock": "10.1.0.0/24",
                "AvailabilityZone": "us-east-1a",
                "MapPublicIpOnLaunch": False,
                "AssignIpv6AddressOnCreation": True,
                "Ipv6CidrBlock": "2001:db8:1::/64",
            },
        ),
        ("InternetGateway", "igw-1", {}),
        (
            "VPCGatewayAttachment",
            "vpc-1|igw-1",
            {"VpcId": ref("VPC", "vpc-1"), "InternetGatewayId": ref("InternetGateway", "igw-1")},
        ),
        ("EgressOnlyInternetGateway", "eigw-1", {"VpcId": ref("VPC", "vpc-1")}),
        ("EIP", "eipalloc-1", {"Domain": "vpc"}),
        (
            "NatGateway",
            "nat-1",
            {
                "SubnetId": ref("Subnet", "subnet-1"),
                "AllocationId": ref("EIP", "eipalloc-1"),
                "ConnectivityType": "public",
            },
        ),
        ("RouteTable", "rtb-1", {"VpcId": ref("VPC", "vpc-1")}),
        (
            "SubnetRouteTableAssociation",
            "rtbassoc-1",
            {"SubnetId": ref("Subnet", "subnet-1"), "RouteTableId": ref("RouteTable", "rtb-1")},
        ),
        (
            "Ringwall::EC2::MainRouteTableAssociation",
            "rtbassoc-0",
            {"VpcId": ref("VPC", "vpc-1"), "RouteTableId": ref("RouteTable", "rtb-0")},
        ),
        ("NetworkAcl", "acl-1", {"VpcId": ref("VPC", "vpc-1")}),
        (
            "SubnetNetworkAclAssociation",
            "aclassoc-1",
            {"SubnetId": ref("Subnet", "subnet-1"), "NetworkAclId": ref("NetworkAcl", "acl-1")},
        ),
        (
            "SecurityGroup",
            "sg-1",
            {
                "GroupName": "fortress-v-web",
                "GroupDescription": "Web servers",
                "VpcId": ref("VPC", "vpc-1"),
            },
        ),
        (
            "SecurityGroupIngress",
            "sgr-3",
            {
                "GroupId": ref("SecurityGroup", "sg-2"),
                "IpProtocol": "tcp",
                "FromPort": 443,
                "ToPort": 443,
                "CidrIp": "0.0.0.0/0",
                "Description": "customers",
            },
        ),
        (
            "SecurityGroupEgress",
            "sgr-2",
            {
                "GroupId": ref("SecurityGroup", "sg-1"),
                "IpProtocol": "tcp",
                "FromPort": 443,
                "ToPort": 443,
                "DestinationPrefixListId": ref("PrefixList", "pl-63a5400a"),
            },
        ),
        (
            "Ringwall::EC2::DefaultSecurityGroup",
            "sg-0",
            {
                "VpcId": ref("VPC", "vpc-1"),
                "Ingress": [
                    {"IpProtocol": "-1", "SourceSecurityGroupId": ref("SecurityGroup", "sg-0")}
                ],
                "Egress": [{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}],
            },
        ),
        (
            "NetworkInterface",
            "eni-2",
            {
                "SubnetId": ref("Subnet", "subnet-1"),
                "GroupSet": [ref("SecurityGroup", "sg-0"), ref("SecurityGroup", "sg-1")],
                "SourceDestCheck": True,
            },
        ),
        (
            "VPCPeeringConnection",
            "pcx-1",
            {
                "VpcId": ref("VPC", "vpc-1"),
                "PeerVpcId": ref("VPC", "vpc-9"),
                "PeerOwnerId": ACCOUNT,
                "PeerRegion": "us-east-1",
            },
        ),
    ],
)
def test_an_item_is_read_in_normal_form(type_name, physical_id, properties):
    assert read(type_name)[physical_id].properties == properties


def test_what_is_gone_is_not_read():
    assert "nat-0" not in read("NatGateway")
    assert "vpc-8" not in read("VPC")
    assert "vpc-cidr-assoc-2" not in read("VPCCidrBlock")
    assert "rtbassoc-3" not in read("SubnetRouteTableAssociation")
    assert "pcx-0" not in read("VPCPeeringConnection")
    assert set(read("VPCGatewayAttachment")) == {"vpc-1|igw-1", "vpc-9|igw-9"}


def test_no_reader_needs_what_was_not_read():
    for kind in registry().values():
        assert list(kind.read(Reads(ACCOUNT, "us-east-1"))) == []


@pytest.mark.parametrize(
    ("target", "properties"),
    [
        ({"GatewayId": "igw-1"}, {"GatewayId": ref("InternetGateway", "igw-1")}),
        ({"GatewayId": "vgw-1"}, {"GatewayId": ref("VPNGateway", "vgw-1")}),
        ({"GatewayId": "vpce-1"}, {"VpcEndpointId": ref("VPCEndpoint", "vpce-1")}),
        ({"GatewayId": "local"}, {"GatewayId": "local"}),
        ({"NatGatewayId": "nat-1"}, {"NatGatewayId": ref("NatGateway", "nat-1")}),
        ({"TransitGatewayId": "tgw-1"}, {"TransitGatewayId": ref("TransitGateway", "tgw-1")}),
        (
            {"VpcPeeringConnectionId": "pcx-1"},
            {"VpcPeeringConnectionId": ref("VPCPeeringConnection", "pcx-1")},
        ),
        (
            {"InstanceId": "i-1", "InstanceOwnerId": ACCOUNT, "NetworkInterfaceId": "eni-1"},
            {"NetworkInterfaceId": ref("NetworkInterface", "eni-1")},
        ),
        ({"CarrierGatewayId": "cagw-1"}, {"CarrierGatewayId": ref("CarrierGateway", "cagw-1")}),
        ({"LocalGatewayId": "lgw-1"}, {"LocalGatewayId": "lgw-1"}),
        ({"CoreNetworkArn": "arn:core"}, {"CoreNetworkArn": "arn:core"}),
        ({"OdbNetworkArn": "arn:odb"}, {"OdbNetworkArn": "arn:odb"}),
    ],
)
def test_no_target_of_a_route_is_dropped(target, properties):
    item = {
        "DestinationCidrBlock": "0.0.0.0/0",
        "State": "active",
        "Origin": "CreateRoute",
        **target,
    }
    table = {"RouteTableId": "rtb-1", "VpcId": "vpc-1", "Routes": [item]}
    node = one("Route", {"describe_route_tables": [table]})
    assert node.properties == {
        "RouteTableId": ref("RouteTable", "rtb-1"),
        "DestinationCidrBlock": "0.0.0.0/0",
        **properties,
    }


def test_a_table_says_whose_gateways_it_serves_and_who_propagates_into_it():
    listings = estate()
    listings["describe_route_tables"][1]["PropagatingVgws"] = [{"GatewayId": "vgw-1"}]
    observed = read("RouteTable", listings)["rtb-1"].observed
    assert observed["GatewayAssociations"] == ["igw-1"]
    assert observed["PropagatingVgws"] == ["vgw-1"]


@pytest.mark.parametrize(
    ("item", "properties"),
    [
        (
            entry(100, Protocol="6", PortRange={"From": 80, "To": 80}),
            {"Protocol": 6, "PortRange": {"From": 80, "To": 80}, "CidrBlock": "0.0.0.0/0"},
        ),
        (
            entry(100, Protocol="58", IcmpTypeCode={"Type": 128, "Code": 0}, Ipv6CidrBlock="::/0"),
            {"Protocol": 58, "Icmp": {"Type": 128, "Code": 0}, "Ipv6CidrBlock": "::/0"},
        ),
        (
            # "For protocols other than TCP, UDP and ICMP ports are ignored."
            entry(100, Protocol="-1", PortRange={"From": 80, "To": 80}),
            {"Protocol": -1, "CidrBlock": "0.0.0.0/0"},
        ),
    ],
)
def test_an_entry_is_read_in_normal_form(item, properties):
    acl = {"NetworkAclId": "acl-1", "VpcId": "vpc-1", "IsDefault": False, "Entries": [item]}
    assert one("NetworkAclEntry", {"describe_network_acls": [acl]}).properties == {
        "NetworkAclId": ref("NetworkAcl", "acl-1"),
        "Egress": False,
        "RuleNumber": 100,
        "RuleAction": "allow",
        **properties,
    }


def test_a_default_nacl_holds_its_entries_in_the_order_of_their_numbers():
    node = read("Ringwall::EC2::DefaultNetworkAcl")["acl-0"]
    assert [e["RuleNumber"] for e in node.properties["Entries"]] == [100, 32767]


@pytest.mark.parametrize(
    ("item", "key"),
    [
        ({"CidrIpv4": "10.0.0.0/8"}, "sg-1:in:tcp/443:10.0.0.0/8"),
        ({"CidrIpv4": "10.0.0.0/8", "ToPort": 8443}, "sg-1:in:tcp/443-8443:10.0.0.0/8"),
        ({"CidrIpv6": "::/0", "IpProtocol": "17"}, "sg-1:in:udp/443:::/0"),
        ({"CidrIpv4": "10.0.0.0/8", "IpProtocol": "-1"}, "sg-1:in:all:10.0.0.0/8"),
        ({"CidrIpv4": "10.0.0.0/8", "IpProtocol": "50"}, "sg-1:in:50:10.0.0.0/8"),
        (
            {"CidrIpv4": "10.0.0.0/8", "IpProtocol": "icmp", "FromPort": 8, "ToPort": -1},
            "sg-1:in:icmp/8:10.0.0.0/8",
        ),
        (
            {"CidrIpv4": "10.0.0.0/8", "IpProtocol": "icmp", "FromPort": 3, "ToPort": 4},
            "sg-1:in:icmp/3/4:10.0.0.0/8",
        ),
        (
            {"CidrIpv6": "::/0", "IpProtocol": "58", "FromPort": -1, "ToPort": -1},
            "sg-1:in:icmpv6/all:::/0",
        ),
        ({"PrefixListId": "pl-1"}, "sg-1:in:tcp/443:pl pl-1"),
        (
            {"ReferencedGroupInfo": {"GroupId": "sg-2", "UserId": "444455556666"}},
            "sg-1:in:tcp/443:group sg-2",
        ),
    ],
)
def test_a_rule_has_the_key_of_what_it_says(item, key):
    listings = {
        "describe_security_groups": [],
        "describe_security_group_rules": [rule("sgr-1", "sg-1", **item)],
    }
    node = one("SecurityGroupIngress", listings)
    make = resource_type("AWS::EC2::SecurityGroupIngress").key
    assert make is not None
    assert make(node.properties) == key


def test_a_group_of_another_account_keeps_its_owner():
    other = {"GroupId": "sg-2", "UserId": "444455556666"}
    listings = {"describe_security_group_rules": [rule("sgr-1", "sg-1", ReferencedGroupInfo=other)]}
    node = one("SecurityGroupIngress", listings)
    assert node.properties["SourceSecurityGroupOwnerId"] == "444455556666"


def test_rules_that_were_not_read_are_not_an_empty_default_group():
    listings = estate()
    del listings["describe_security_group_rules"]
    node = read("Ringwall::EC2::DefaultSecurityGroup", listings)["sg-0"]
    assert set(node.properties) == {"VpcId"}


def test_the_rules_of_a_default_group_keep_their_ids():
    node = read("Ringwall::EC2::DefaultSecurityGroup")["sg-0"]
    assert node.observed["RuleIds"] == {"Ingress": ["sgr-5"], "Egress": ["sgr-6"]}


def test_prefix_lists_resolve_to_their_blocks():
    found = {node.key: node.observed.get("Cidrs") for node in read("PrefixList").values()}
    assert found == {
        "aws:com.amazonaws.us-east-1.s3": ["16.15.176.0/20", "3.5.0.0/19"],
        "pl-9": ["192.0.2.0/24"],
    }


def test_a_prefix_list_whose_entries_were_not_read_has_no_blocks():
    assert all("Cidrs" not in node.observed for node in read("PrefixList", more={}).values())


def test_a_regional_nat_gateway_has_no_subnet():
    item = {
        "NatGatewayId": "nat-2",
        "VpcId": "vpc-1",
        "State": "available",
        "ConnectivityType": "public",
        "AvailabilityMode": "regional",
        "RouteTableId": "rtb-7",
    }
    node = one("NatGateway", {"describe_nat_gateways": [item]})
    assert node.properties == {
        "AvailabilityMode": "regional",
        "ConnectivityType": "public",
        "VpcId": ref("VPC", "vpc-1"),
    }
    assert node.observed["RouteTableId"] == "rtb-7"


def test_an_address_that_a_service_manages_is_not_ours_to_delete():
    item = {"AllocationId": "eipalloc-2", "PublicIp": "203.0.113.2", "ServiceManaged": "rnat"}
    node = one("EIP", {"describe_addresses": [item]})
    assert resource_type(node.type).implicit(node)


def test_a_public_address_is_known_by_its_attribute():
    assert read("EIP")["eipalloc-1"].observed["PublicIp"] == "203.0.113.1"
    assert read("NetworkInterface")["eni-2"].observed["PublicIp"] == "203.0.113.9"
    assert read("VPCCidrBlock")["vpc-cidr-assoc-6"].observed["Ipv6CidrBlock"] == "2001:db8:1::/56"
