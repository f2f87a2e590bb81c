# ruff: noqa: E501  (resources on a line each)
"""Templates that tests read: one of many types, and small ones."""

from ringwall.formats.cloudformation import read
from ringwall.model.graph import Ref, ResourceGraph

REGION = "us-east-1"
ACCOUNT = "123456789012"

RICH = """
AWSTemplateFormatVersion: '2010-09-09'
Description: two VPCs behind a Transit Gateway
Parameters:
  Cidr: {Type: String, Default: 10.0.0.0/16}
  Stage: {Type: String, Default: test, AllowedValues: [test, live]}
  Admin: {Type: String}
  Zones: {Type: CommaDelimitedList, Default: 'us-east-1a, us-east-1b'}
Mappings:
  Sizes:
    test: {Bits: '8', Names: [a, b]}
    live: {Bits: '9', Names: [c, d]}
Conditions:
  IsLive: !Equals [!Ref Stage, live]
  IsTest: !Not [!Condition IsLive]
  Either: !Or [!Condition IsLive, !Condition IsTest]
  Both: !And [!Condition IsLive, !Condition IsTest]
Resources:
  Main:
    Type: AWS::EC2::VPC
    Properties:
      CidrBlock: !Ref Cidr
      EnableDnsSupport: 'true'
      Tags: [{Key: Name, Value: !Sub '${AWS::StackName}-main'}, {Key: Size, Value: 1}]
  Ipv6: {Type: AWS::EC2::VPCCidrBlock, Properties: {VpcId: !Ref Main, AmazonProvidedIpv6CidrBlock: true}}
  A:
    Type: AWS::EC2::Subnet
    DependsOn: Ipv6
    Properties:
      VpcId: !Ref Main
      AvailabilityZone: !Select [0, !Ref Zones]
      CidrBlock: !Select [0, !Cidr [!GetAtt Main.CidrBlock, 4, !FindInMap [Sizes, !Ref Stage, Bits]]]
      Ipv6CidrBlock: !Select [1, !Cidr [!Select [0, !GetAtt Main.Ipv6CidrBlocks], 2, 64]]
      MapPublicIpOnLaunch: true
  B:
    Type: AWS::EC2::Subnet
    Properties:
      VpcId: !Ref Main
      AvailabilityZone: !Select [1, !Ref Zones]
      CidrBlock: !Select [1, !Cidr [!GetAtt Main.CidrBlock, 4, !FindInMap [Sizes, !Ref Stage, Bits]]]
  Gateway: {Type: AWS::EC2::InternetGateway}
  Attached:
    Type: AWS::EC2::VPCGatewayAttachment
    Properties: {VpcId: !Ref Main, InternetGatewayId: !Ref Gateway}
  Public: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Main}}
  Out:
    Type: AWS::EC2::Route
    Properties: {RouteTableId: !Ref Public, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Gateway}
  PublicA:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties: {SubnetId: !Ref A, RouteTableId: !Ref Public}
  Private: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Main}}
  PrivateB:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties: {SubnetId: !Ref B, RouteTableId: !Ref Private}
  Address: {Type: AWS::EC2::EIP, Properties: {Domain: vpc}}
  Nat:
    Type: AWS::EC2::NatGateway
    Properties: {SubnetId: !Ref A, AllocationId: !GetAtt Address.AllocationId}
  ThroughNat:
    Type: AWS::EC2::Route
    Properties: {RouteTableId: !Ref Private, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: !Ref Nat}
  Acl: {Type: AWS::EC2::NetworkAcl, Properties: {VpcId: !Ref Main}}
  AclIn:
    Type: AWS::EC2::NetworkAclEntry
    Properties: {NetworkAclId: !Ref Acl, RuleNumber: '100', Protocol: '6', RuleAction: allow,
      CidrBlock: 0.0.0.0/0, PortRange: {From: '443', To: 443}}
  AclOut:
    Type: AWS::EC2::NetworkAclEntry
    Properties: {NetworkAclId: !Ref Acl, RuleNumber: 100, Egress: 'true', Protocol: -1,
      RuleAction: allow, CidrBlock: 0.0.0.0/0}
  AclB:
    Type: AWS::EC2::SubnetNetworkAclAssociation
    Properties: {SubnetId: !Ref B, NetworkAclId: !Ref Acl}
  Web:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: web servers
      VpcId: !Ref Main
      SecurityGroupIngress:
        - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0, CidrIpv6: '::/0'}
        - !If
          - IsLive
          - !Ref AWS::NoValue
          - {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: !Ref Admin}
  Db:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: databases
      VpcId: !Ref Main
      SecurityGroupEgress: [{IpProtocol: '-1', CidrIp: 127.0.0.1/32}]
  DbIn:
    Type: AWS::EC2::SecurityGroupIngress
    Properties: {GroupId: !GetAtt Db.GroupId, IpProtocol: tcp, FromPort: 5432, ToPort: 5432,
      SourceSecurityGroupId: !GetAtt [Web, GroupId]}
  Server:
    Type: AWS::EC2::Instance
    Properties:
      ImageId: ami-12345678
      SubnetId: !Ref A
      SecurityGroupIds: [!Ref Web]
      UserData: {'Fn::Base64': !Sub 'secret of ${Admin}'}
  Database:
    Type: AWS::EC2::NetworkInterface
    Properties: {SubnetId: !Ref B, GroupSet: [!Ref Db], PrivateIpAddress: 10.0.1.10}
  Other: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.1.0.0/16}}
  C:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref Other, CidrBlock: 10.1.0.0/24, AvailabilityZone: us-east-1a}
  Peering: {Type: AWS::EC2::VPCPeeringConnection, Properties: {VpcId: !Ref Main, PeerVpcId: !Ref Other}}
  Tgw: {Type: AWS::EC2::TransitGateway, Properties: {AmazonSideAsn: '64513'}}
  AttachMain:
    Type: AWS::EC2::TransitGatewayVpcAttachment
    Properties: {TransitGatewayId: !Ref Tgw, VpcId: !Ref Main, SubnetIds: [!Ref A, !Ref B]}
  AttachOther:
    Type: AWS::EC2::TransitGatewayAttachment
    Properties: {TransitGatewayId: !Ref Tgw, VpcId: !Ref Other, SubnetIds: [!Ref C]}
  ToOther:
    Type: AWS::EC2::Route
    DependsOn: AttachMain
    Properties: {RouteTableId: !Ref Private, DestinationCidrBlock: !GetAtt Other.CidrBlock,
      TransitGatewayId: !Ref Tgw}
  S3:
    Type: AWS::EC2::VPCEndpoint
    Properties: {VpcId: !Ref Main, ServiceName: !Join ['.', [com.amazonaws, !Ref AWS::Region, s3]],
      RouteTableIds: [!Ref Private]}
  Ssm:
    Type: AWS::EC2::VPCEndpoint
    Properties: {VpcId: !Ref Main, ServiceName: !Sub 'com.amazonaws.${AWS::Region}.ssm',
      VpcEndpointType: Interface, SubnetIds: [!Ref B]}
  Offices:
    Type: AWS::EC2::PrefixList
    Properties: {PrefixListName: offices, AddressFamily: IPv4, MaxEntries: 2,
      Entries: [{Cidr: 203.0.113.0/24}]}
  FromOffices:
    Type: AWS::EC2::SecurityGroupIngress
    Properties: {GroupId: !Ref Web, IpProtocol: tcp, FromPort: 8080, ToPort: 8081,
      SourcePrefixListId: !Ref Offices}
  Role: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {Version: '2012-10-17',
    Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: 'sts:AssumeRole'}]}}}
  Topic: {Type: AWS::SNS::Topic, Condition: Either}
  OnlyLive: {Type: AWS::EC2::VPC, Condition: Both, Properties: {CidrBlock: 10.9.0.0/16}}
Outputs:
  Vpc: {Value: !Ref Main, Export: {Name: !Sub '${AWS::StackName}-vpc'}}
"""

VPC = """
Resources:
  Main: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
"""


def reading(
    *resources: str, parameters: str = "", given: dict[str, str] | None = None
) -> ResourceGraph:
    """Read a template of a VPC `Main` and further resources, each a line of YAML."""
    text = f"Parameters: {{{parameters}}}\n{VPC}" + "".join(f"  {line}\n" for line in resources)
    return read({"t.yaml": text}, account=ACCOUNT, region=REGION, parameters=given or {})


def vpc(key: str = "Main") -> Ref:
    """Refer to a VPC."""
    return Ref("AWS::EC2::VPC", key)
