"""Small wanted graphs, and what would be read back of them."""

from dataclasses import replace

from ringwall.model.graph import Node, Ref, ResourceGraph
from ringwall.resources import resource_type
from ringwall.resources.ownership import ownership_tags

DEPLOYMENT = "d"
VPC = "AWS::EC2::VPC"
SUBNET = "AWS::EC2::Subnet"
NACL = "AWS::EC2::NetworkAcl"
ENTRY = "AWS::EC2::NetworkAclEntry"
GROUP = "AWS::EC2::SecurityGroup"
INGRESS = "AWS::EC2::SecurityGroupIngress"
EGRESS = "AWS::EC2::SecurityGroupEgress"
GATEWAY = "AWS::EC2::TransitGateway"
ATTACHMENT = "AWS::EC2::TransitGatewayAttachment"
TABLE = "AWS::EC2::TransitGatewayRouteTable"
ASSOCIATION = "AWS::EC2::TransitGatewayRouteTableAssociation"
PROPAGATION = "AWS::EC2::TransitGatewayRouteTablePropagation"
NACL_ASSOCIATION = "AWS::EC2::SubnetNetworkAclAssociation"
ROUTE_TABLE = "AWS::EC2::RouteTable"
ROUTE = "AWS::EC2::Route"


def node(type_name, key="", *, was=(), protect=False, **properties):
    kind = resource_type(type_name)
    properties = kind.normalise(properties)
    key = key or (kind.key(properties) if kind.key else "")
    tags = ownership_tags(DEPLOYMENT, key) if kind.tag else {}
    if protect:
        tags["ringwall:protect"] = "true"
    return Node(type_name, key, "1", "r", properties, tags=tags, was=tuple(was), protect=protect)


def vpc(key="v", cidr="10.0.0.0/16", **more):
    return node(VPC, key, CidrBlock=cidr, **more)


def subnet(key="v/t/a", cidr="10.0.0.0/24", zone="a", of="v"):
    return node(
        SUBNET, key, VpcId=Ref(VPC, of), CidrBlock=cidr, AvailabilityZone=zone,
        MapPublicIpOnLaunch=False, AssignIpv6AddressOnCreation=False,
    )  # fmt: skip


def group(key="v/web", **more):
    return node(GROUP, key, VpcId=Ref(VPC, "v"), GroupName=key, GroupDescription="d", **more)


def ingress(of="v/web", port=443, cidr="0.0.0.0/0"):
    return node(
        INGRESS, GroupId=Ref(GROUP, of), IpProtocol="tcp", FromPort=port, ToPort=port, CidrIp=cidr
    )


def from_group(of, peer, port=443):
    return node(
        INGRESS, GroupId=Ref(GROUP, of), IpProtocol="tcp", FromPort=port, ToPort=port,
        SourceSecurityGroupId=Ref(GROUP, peer),
    )  # fmt: skip


def entry(number=1000, port=443, action="allow", of="v/t", egress=False, cidr="10.0.0.0/8"):
    return node(
        ENTRY, NetworkAclId=Ref(NACL, of), Egress=egress, RuleNumber=number, Protocol=6,
        RuleAction=action, CidrBlock=cidr, PortRange={"From": port, "To": port},
    )  # fmt: skip


def nacl(key="v/t"):
    return node(NACL, key, VpcId=Ref(VPC, "v"))


def read_back(graph, *more):
    """Return a graph as it would be read: with physical ids, and what else is there."""
    nodes = [
        replace(
            n, physical_id=f"{n.short_type.lower()}-{number}", protect=False, was=(), origin=None
        )
        for number, n in enumerate(graph)
    ]
    return ResourceGraph.of([*nodes, *more])


def foreign(type_name, physical_id, **properties):
    return Node(type_name, physical_id, "1", "r", properties, physical_id=physical_id)


def graph(*nodes):
    return ResourceGraph.of(nodes)
