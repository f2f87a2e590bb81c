"""One or more wanted nodes of every type that is written, as a blueprint would ask for them."""

from typing import Any

from ringwall.model.graph import Node, Ref
from ringwall.resources.ownership import ownership_tags
from ringwall.resources.security_group_rules import EGRESS, INGRESS, key

ACCOUNT, REGION, DEPLOYMENT = "111122223333", "us-east-1", "fortress"


def wanted(type_name: str, name: str, physical_id: str = "", **properties: Any) -> Node:
    full = type_name if "::" in type_name else f"AWS::EC2::{type_name}"
    return Node(
        full,
        name,
        ACCOUNT,
        REGION,
        properties,
        tags=ownership_tags(DEPLOYMENT, name),
        physical_id=physical_id,
    )


def ref(type_name: str, key: str, attribute: str = "id") -> Ref:
    full = type_name if "::" in type_name else f"AWS::EC2::{type_name}"
    return Ref(full, key, attribute)


VPC = ref("VPC", "v")
SUBNET = ref("Subnet", "v/private/us-east-1a")
GROUP = ref("SecurityGroup", "v/web")
TABLE = ref("RouteTable", "v/private")
ACL = ref("NetworkAcl", "v/private")
EVERYWHERE = "0.0.0.0/0"


def route(**target: Any) -> Node:
    destination = (
        {}
        if any("Destination" in name for name in target)
        else {"DestinationCidrBlock": EVERYWHERE}
    )
    properties: dict[str, Any] = {"RouteTableId": TABLE} | destination | target
    shown = next(str(v) for n, v in properties.items() if n.startswith("Destination"))
    return wanted("Route", f"v/private>{shown}", **properties)


def entry(number: int, **rest: Any) -> Node:
    properties: dict[str, Any] = {
        "NetworkAclId": ACL,
        "Egress": False,
        "RuleNumber": number,
        "Protocol": 6,
        "RuleAction": "allow",
    }
    if "Ipv6CidrBlock" not in rest:
        properties["CidrBlock"] = "10.0.0.0/8"
    return wanted("NetworkAclEntry", f"v/private:ingress:{number}", **(properties | rest))


def rule(side: str, **rest: Any) -> Node:
    properties: dict[str, Any] = {
        "GroupId": GROUP,
        "IpProtocol": "tcp",
        "FromPort": 443,
        "ToPort": 443,
    } | rest
    direction = INGRESS if side == "Ingress" else EGRESS
    return wanted(f"SecurityGroup{side}", key(properties, direction), "sgr-1", **properties)


WANTED: tuple[Node, ...] = (
    wanted(
        "VPC",
        "v",
        CidrBlock="10.1.0.0/16",
        InstanceTenancy="default",
        EnableDnsSupport=False,
        EnableDnsHostnames=True,
    ),
    wanted("VPCCidrBlock", "v/ipv6", VpcId=VPC, AmazonProvidedIpv6CidrBlock=True),
    wanted("VPCCidrBlock", "v/100.64.0.0/16", VpcId=VPC, CidrBlock="100.64.0.0/16"),
    wanted(
        "Subnet",
        "v/private/us-east-1a",
        VpcId=VPC,
        CidrBlock="10.1.0.0/24",
        AvailabilityZone="us-east-1a",
        MapPublicIpOnLaunch=True,
        AssignIpv6AddressOnCreation=True,
        EnableDns64=True,
        Ipv6CidrBlock=ref("VPCCidrBlock", "v/ipv6", "ipv6/64/1"),
    ),
    wanted("InternetGateway", "v"),
    wanted(
        "VPCGatewayAttachment",
        "v/internet-gateway",
        VpcId=VPC,
        InternetGatewayId=ref("InternetGateway", "v"),
    ),
    wanted("EgressOnlyInternetGateway", "v", VpcId=VPC),
    wanted("EIP", "v/nat/us-east-1a", Domain="vpc"),
    wanted(
        "NatGateway",
        "v/nat/us-east-1a",
        SubnetId=SUBNET,
        AllocationId=ref("EIP", "v/nat/us-east-1a"),
        ConnectivityType="public",
    ),
    wanted("RouteTable", "v/private", VpcId=VPC),
    route(GatewayId=ref("InternetGateway", "v")),
    route(NatGatewayId=ref("NatGateway", "v/nat/us-east-1a")),
    route(TransitGatewayId=ref("TransitGateway", "tgw-1")),
    route(
        DestinationIpv6CidrBlock="::/0",
        EgressOnlyInternetGatewayId=ref("EgressOnlyInternetGateway", "v"),
    ),
    route(
        DestinationPrefixListId=ref("PrefixList", "pl-1"),
        VpcPeeringConnectionId=ref("VPCPeeringConnection", "pcx-1"),
    ),
    route(NetworkInterfaceId=ref("NetworkInterface", "eni-1")),
    route(VpcEndpointId=ref("VPCEndpoint", "vpce-1")),
    route(CoreNetworkArn="arn:aws:networkmanager::111122223333:core-network/core-network-1"),
    wanted(
        "SubnetRouteTableAssociation",
        "v/private/us-east-1a",
        "rtbassoc-1",
        SubnetId=SUBNET,
        RouteTableId=TABLE,
    ),
    wanted(
        "Ringwall::EC2::MainRouteTableAssociation",
        "v",
        "rtbassoc-2",
        VpcId=VPC,
        RouteTableId=TABLE,
    ),
    wanted("NetworkAcl", "v/private", VpcId=VPC),
    entry(1000, PortRange={"From": 443, "To": 443}),
    entry(1010, Protocol=1, Icmp={"Type": 8, "Code": -1}),
    entry(1020, Protocol=-1, RuleAction="deny", Ipv6CidrBlock="::/0", Egress=True),
    wanted(
        "SubnetNetworkAclAssociation",
        "v/private/us-east-1a",
        "aclassoc-1",
        SubnetId=SUBNET,
        NetworkAclId=ACL,
    ),
    wanted("Ringwall::EC2::DefaultSecurityGroup", "v", "sg-0", VpcId=VPC, Ingress=[], Egress=[]),
    wanted(
        "SecurityGroup",
        "v/web",
        GroupName="fortress-v-web",
        GroupDescription="Web servers",
        VpcId=VPC,
    ),
    rule("Ingress", CidrIp="10.0.0.0/8", Description="from inside"),
    rule("Ingress", CidrIpv6="::/0"),
    rule("Ingress", SourceSecurityGroupId=ref("SecurityGroup", "v/alb")),
    rule(
        "Ingress",
        SourceSecurityGroupId=ref("SecurityGroup", "sg-9"),
        SourceSecurityGroupOwnerId="444455556666",
    ),
    rule("Ingress", SourcePrefixListId=ref("PrefixList", "pl-1"), Description="listed"),
    rule("Egress", CidrIp=EVERYWHERE),
    rule("Egress", DestinationSecurityGroupId=ref("SecurityGroup", "v/db"), Description="to db"),
    rule("Egress", DestinationPrefixListId=ref("PrefixList", "aws:com.amazonaws.us-east-1.s3")),
)
