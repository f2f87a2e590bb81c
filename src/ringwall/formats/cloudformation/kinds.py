"""What the reader knows of each resource type: which say nothing about packets, what they need."""

from collections.abc import Mapping

# Types that say nothing about which packets pass; the rest of their kind is kept where a file of
# `resources/` knows it, and left out otherwise.
BESIDE_PACKETS = (
    "AWS::ApplicationAutoScaling::",
    "AWS::Backup::",
    "AWS::Budgets::",
    "AWS::CertificateManager::",
    "AWS::CloudFormation::WaitCondition",
    "AWS::CloudTrail::",
    "AWS::CloudWatch::",
    "AWS::Config::",
    "AWS::DynamoDB::",
    "AWS::EC2::DHCPOptions",
    "AWS::EC2::FlowLog",
    "AWS::EC2::KeyPair",
    "AWS::EC2::LaunchTemplate",
    "AWS::EC2::VPCDHCPOptionsAssociation",
    "AWS::EC2::Volume",
    "AWS::ECR::",
    "AWS::Events::",
    "AWS::GuardDuty::",
    "AWS::IAM::",
    "AWS::KMS::",
    "AWS::Logs::",
    "AWS::RDS::DBParameterGroup",
    "AWS::RDS::DBSubnetGroup",
    "AWS::Route53::",
    "AWS::Route53Resolver::Firewall",
    "AWS::Route53Resolver::ResolverQueryLogging",
    "AWS::S3::",
    "AWS::SNS::",
    "AWS::SQS::",
    "AWS::SSM::",
    "AWS::SecretsManager::Secret",
    "AWS::WAFv2::",
)
# Properties that change no packet's way.
_NEUTRAL_WORDS = """
AvailabilityZone AvailabilityZoneId Description GroupDescription GroupName Name FirewallName
FirewallPolicyName RuleGroupName LoadBalancerName PrefixListName PolicyDocument
PrivateDnsEnabled EnableDnsSupport EnableDnsHostnames EnableDns64 InstanceTenancy
PrivateIpAddress PrivateIpAddresses ImageId InstanceType KeyName IamInstanceProfile
AmazonSideAsn DnsOptions IpAddress BgpAsn Certificates SslPolicy
"""
NEUTRAL = frozenset(_NEUTRAL_WORDS.split())
# Where the engines themselves say "unknown" of a value that is none: the peers of rules, and the
# destinations and gateways of routes.
TOLERATED = frozenset(
    {
        ("AWS::EC2::Route", "DestinationCidrBlock"),
        ("AWS::EC2::Route", "DestinationIpv6CidrBlock"),
        ("AWS::EC2::Route", "GatewayId"),
        ("AWS::EC2::NetworkAclEntry", "CidrBlock"),
        ("AWS::EC2::NetworkAclEntry", "Ipv6CidrBlock"),
        ("AWS::EC2::SecurityGroupIngress", "CidrIp"),
        ("AWS::EC2::SecurityGroupIngress", "CidrIpv6"),
        ("AWS::EC2::SecurityGroupEgress", "CidrIp"),
        ("AWS::EC2::SecurityGroupEgress", "CidrIpv6"),
    }
)
# Properties without which a resource means nothing.
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "AWS::EC2::VPCCidrBlock": ("VpcId",),
    "AWS::EC2::Subnet": ("VpcId",),
    "AWS::EC2::EgressOnlyInternetGateway": ("VpcId",),
    "AWS::EC2::VPCGatewayAttachment": ("VpcId",),
    "AWS::EC2::RouteTable": ("VpcId",),
    "AWS::EC2::Route": ("RouteTableId",),
    "AWS::EC2::SubnetRouteTableAssociation": ("SubnetId", "RouteTableId"),
    "AWS::EC2::NetworkAcl": ("VpcId",),
    "AWS::EC2::NetworkAclEntry": ("NetworkAclId", "RuleNumber", "RuleAction", "Protocol"),
    "AWS::EC2::SubnetNetworkAclAssociation": ("SubnetId", "NetworkAclId"),
    "AWS::EC2::SecurityGroupIngress": ("IpProtocol",),
    "AWS::EC2::SecurityGroupEgress": ("IpProtocol",),
    "AWS::EC2::TransitGatewayAttachment": ("TransitGatewayId",),
    "AWS::EC2::TransitGatewayRouteTable": ("TransitGatewayId",),
    "AWS::EC2::TransitGatewayRoute": ("TransitGatewayRouteTableId", "DestinationCidrBlock"),
    "AWS::EC2::TransitGatewayRouteTableAssociation": (
        "TransitGatewayAttachmentId",
        "TransitGatewayRouteTableId",
    ),
    "AWS::EC2::TransitGatewayRouteTablePropagation": (
        "TransitGatewayAttachmentId",
        "TransitGatewayRouteTableId",
    ),
    "AWS::EC2::VPCEndpoint": ("VpcId", "ServiceName"),
    "AWS::EC2::NetworkInterface": ("SubnetId",),
    "AWS::EC2::VPCPeeringConnection": ("VpcId", "PeerVpcId"),
    "AWS::EC2::VPCBlockPublicAccessExclusion": ("InternetGatewayExclusionMode",),
    "AWS::EC2::GatewayRouteTableAssociation": ("GatewayId", "RouteTableId"),
    "AWS::EC2::VPNGatewayRoutePropagation": ("RouteTableIds", "VpnGatewayId"),
}
# Properties that name other resources by their ids: the types that each may name.
_EC2 = "AWS::EC2::"
_GROUPS = (f"{_EC2}SecurityGroup", "Ringwall::EC2::DefaultSecurityGroup")
REFERENCES: Mapping[str, tuple[str, ...]] = {
    "VpcId": (f"{_EC2}VPC",),
    "PeerVpcId": (f"{_EC2}VPC",),
    "VpcIdentifier": (f"{_EC2}VPC",),
    "SubnetId": (f"{_EC2}Subnet",),
    "RouteTableId": (f"{_EC2}RouteTable",),
    "NetworkAclId": (f"{_EC2}NetworkAcl", "Ringwall::EC2::DefaultNetworkAcl"),
    "GroupId": _GROUPS,
    "SourceSecurityGroupId": _GROUPS,
    "DestinationSecurityGroupId": _GROUPS,
    "SourcePrefixListId": (f"{_EC2}PrefixList",),
    "DestinationPrefixListId": (f"{_EC2}PrefixList",),
    "InternetGatewayId": (f"{_EC2}InternetGateway",),
    "VpnGatewayId": (f"{_EC2}VPNGateway",),
    "NatGatewayId": (f"{_EC2}NatGateway",),
    "AllocationId": (f"{_EC2}EIP",),
    "EgressOnlyInternetGatewayId": (f"{_EC2}EgressOnlyInternetGateway",),
    "TransitGatewayId": (f"{_EC2}TransitGateway",),
    "TransitGatewayAttachmentId": (f"{_EC2}TransitGatewayAttachment", f"{_EC2}VPNConnection"),
    "TransitGatewayRouteTableId": (f"{_EC2}TransitGatewayRouteTable",),
    "VpcEndpointId": (f"{_EC2}VPCEndpoint",),
    "VpcPeeringConnectionId": (f"{_EC2}VPCPeeringConnection",),
    "NetworkInterfaceId": (f"{_EC2}NetworkInterface",),
    "InstanceId": (f"{_EC2}Instance",),
    "CustomerGatewayId": (f"{_EC2}CustomerGateway",),
    # Lists of them:
    "SubnetIds": (f"{_EC2}Subnet",),
    "Subnets": (f"{_EC2}Subnet",),
    "SecurityGroupIds": _GROUPS,
    "SecurityGroups": _GROUPS,
    "GroupSet": _GROUPS,
    "RouteTableIds": (f"{_EC2}RouteTable",),
}
_LISTS_WORDS = """
SubnetIds SecurityGroupIds RouteTableIds GroupSet Subnets SecurityGroups
"""
LISTS = frozenset(_LISTS_WORDS.split())
_TEXTS_WORDS = """
CidrBlock Ipv6CidrBlock DestinationCidrBlock DestinationIpv6CidrBlock CidrIp CidrIpv6 Cidr
ServiceName VpcEndpointType AvailabilityZone AvailabilityZoneId ConnectivityType PrefixListName
InternetGatewayBlockMode InternetGatewayExclusionMode
"""
TEXTS = frozenset(_TEXTS_WORDS.split())
_SWITCHES_WORDS = """
MapPublicIpOnLaunch AssignIpv6AddressOnCreation EnableDnsSupport EnableDnsHostnames EnableDns64
Egress SourceDestCheck Blackhole PrivateDnsEnabled AmazonProvidedIpv6CidrBlock Ipv6Native
StaticRoutesOnly EvaluateTargetHealth AcceptanceRequired CrossZone AssociatePublicIpAddress
"""
SWITCHES = frozenset(_SWITCHES_WORDS.split())
_NUMBERS_WORDS = """
RetentionInDays Priority MaxAggregationInterval AmazonSideAsn Port FromPort ToPort RuleNumber
MaxEntries Capacity BlockOverrideTtl ExpirationInDays From To Code
"""
NUMBERS = frozenset(_NUMBERS_WORDS.split())
# Never kept: they may be secret, or are said elsewhere.
_DROPPED_WORDS = """
Tags HostedZoneTags TagFieldSpecifications UserData VpnTunnelOptionsSpecifications
TagSpecifications PreSharedKey
"""
DROPPED = frozenset(_DROPPED_WORDS.split())


def is_beside_packets(type_name: str) -> bool:
    """Tell whether a type says nothing about which packets pass."""
    return type_name.startswith(BESIDE_PACKETS)
