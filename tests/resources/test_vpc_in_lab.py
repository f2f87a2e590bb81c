"""The types of a VPC: made, read back, changed and removed in the lab."""

import pytest

from ringwall.model.graph import Ref
from ringwall.resources import registry, resource_type
from tests.resources.running import Runner
from tests.resources.test_against_lab import Estate

ZONE = "us-east-1a"


@pytest.fixture
def estate(runner: Runner) -> Estate:
    return Estate(runner)


def a_vpc(estate: Estate) -> Ref:
    return estate.create(
        "AWS::EC2::VPC",
        "v",
        CidrBlock="10.1.0.0/16",
        InstanceTenancy="default",
        EnableDnsSupport=True,
        EnableDnsHostnames=True,
    )


def a_subnet(estate: Estate, vpc: Ref) -> Ref:
    return estate.create(
        "AWS::EC2::Subnet",
        f"v/public/{ZONE}",
        VpcId=vpc,
        CidrBlock="10.1.0.0/24",
        AvailabilityZone=ZONE,
        MapPublicIpOnLaunch=True,
    )


def test_a_network_with_a_nat_gateway(estate: Estate) -> None:
    vpc = a_vpc(estate)
    subnet = a_subnet(estate, vpc)
    gateway = estate.create("AWS::EC2::InternetGateway", "v")
    estate.create(
        "AWS::EC2::VPCGatewayAttachment",
        "v/internet-gateway",
        VpcId=vpc,
        InternetGatewayId=gateway,
    )
    address = estate.create("AWS::EC2::EIP", f"v/nat/{ZONE}", Domain="vpc")
    nat = estate.create(
        "AWS::EC2::NatGateway",
        f"v/nat/{ZONE}",
        SubnetId=subnet,
        AllocationId=address,
        ConnectivityType="public",
    )
    table = estate.create("AWS::EC2::RouteTable", "v/public", VpcId=vpc)
    other = estate.create("AWS::EC2::RouteTable", "v/other", VpcId=vpc)
    route = estate.create(
        "AWS::EC2::Route",
        "v/public>0.0.0.0/0",
        RouteTableId=table,
        DestinationCidrBlock="0.0.0.0/0",
        GatewayId=gateway,
    )
    association = estate.create(
        "AWS::EC2::SubnetRouteTableAssociation",
        f"v/public/{ZONE}",
        SubnetId=subnet,
        RouteTableId=table,
    )
    estate.judge()
    estate.change(vpc, EnableDnsHostnames=False)
    estate.change(subnet, MapPublicIpOnLaunch=False)
    del estate.nodes[route.type, route.key]
    estate.create(
        "AWS::EC2::Route",
        "v/other>0.0.0.0/0",
        RouteTableId=other,
        DestinationCidrBlock="0.0.0.0/0",
        NatGatewayId=nat,
    )
    estate.change(association, RouteTableId=other)
    estate.judge()
    estate.delete_all()


def test_network_acls(estate: Estate) -> None:
    vpc = a_vpc(estate)
    subnet = a_subnet(estate, vpc)
    acl = estate.create("AWS::EC2::NetworkAcl", "v/public", VpcId=vpc)
    entry = estate.create(
        "AWS::EC2::NetworkAclEntry",
        "v/public:ingress:1000",
        NetworkAclId=acl,
        Egress=False,
        RuleNumber=1000,
        Protocol=6,
        RuleAction="allow",
        CidrBlock="10.0.0.0/8",
        PortRange={"From": 443, "To": 443},
    )
    estate.create(
        "AWS::EC2::NetworkAclEntry",
        "v/public:egress:1000",
        NetworkAclId=acl,
        Egress=True,
        RuleNumber=1000,
        Protocol=1,
        RuleAction="deny",
        Ipv6CidrBlock="::/0",
        Icmp={"Type": 8, "Code": -1},
    )
    estate.create(
        "AWS::EC2::SubnetNetworkAclAssociation",
        f"v/public/{ZONE}",
        SubnetId=subnet,
        NetworkAclId=acl,
    )
    estate.judge()
    estate.change(entry, PortRange={"From": 80, "To": 443}, RuleAction="deny")
    estate.judge()
    kind = resource_type("AWS::EC2::SubnetNetworkAclAssociation")
    found = estate.read()[kind.name, f"v/public/{ZONE}"]
    estate.runner.make(found, kind.delete(found))
    del estate.nodes[kind.name, found.key]
    graph = estate.runner.read("123456789012", "fortress", *registry())
    default = Ref("Ringwall::EC2::DefaultNetworkAcl", "v")
    assert graph[kind.name, found.key].properties["NetworkAclId"] == default
    estate.delete_all()


def test_security_groups(estate: Estate) -> None:
    vpc = a_vpc(estate)
    web, alb = (
        estate.create(
            "AWS::EC2::SecurityGroup",
            f"v/{name}",
            GroupName=f"fortress-v-{name}",
            GroupDescription=name,
            VpcId=vpc,
        )
        for name in ("web", "alb")
    )
    estate.create(
        "AWS::EC2::SecurityGroupIngress",
        "v/web:in:tcp/443:group v/alb",
        GroupId=web,
        IpProtocol="tcp",
        FromPort=443,
        ToPort=443,
        SourceSecurityGroupId=alb,
        Description="from the load balancer",
    )
    world = estate.create(
        "AWS::EC2::SecurityGroupIngress",
        "v/alb:in:tcp/443:::/0",
        GroupId=alb,
        IpProtocol="tcp",
        FromPort=443,
        ToPort=443,
        CidrIpv6="::/0",
    )
    estate.create(
        "AWS::EC2::SecurityGroupEgress",
        "v/alb:out:tcp/443:group v/web",
        GroupId=alb,
        IpProtocol="tcp",
        FromPort=443,
        ToPort=443,
        DestinationSecurityGroupId=web,
    )
    estate.judge()
    rules = estate.read().of_type("AWS::EC2::SecurityGroupEgress")
    assert [node.key for node in rules] == ["v/alb:out:tcp/443:group v/web"]
    estate.change(world, Description="customers")
    estate.judge()
    estate.create("Ringwall::EC2::DefaultSecurityGroup", "v", VpcId=vpc, Ingress=[], Egress=[])
    estate.judge()
    default = Ref("Ringwall::EC2::DefaultSecurityGroup", "v")
    del estate.nodes[default.type, default.key]
    estate.delete_all()


def test_ipv6(estate: Estate) -> None:
    vpc = a_vpc(estate)
    block = estate.create(
        "AWS::EC2::VPCCidrBlock", "v/ipv6", VpcId=vpc, AmazonProvidedIpv6CidrBlock=True
    )
    assert estate.runner.known[block.type, block.key]["Ipv6CidrBlock"].endswith("/56")
    estate.create("AWS::EC2::EgressOnlyInternetGateway", "v", VpcId=vpc)
    estate.create("AWS::EC2::VPCCidrBlock", "v/100.64.0.0/16", VpcId=vpc, CidrBlock="100.64.0.0/16")
    estate.judge()
    estate.delete_all()
