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
)
# Properties that change no packet's way.
NEUTRAL = frozenset(
    [
        "AvailabilityZone",
        "AvailabilityZoneId",
        "Description",
        "GroupDescription",
        "GroupName",
        "Name",
        "FirewallName",
        "FirewallPolicyName",
        "RuleGroupName",
        "LoadBalancerName",
        "PrefixListName",
        "PolicyDocument",
        "PrivateDnsEnabled",
        "EnableDnsSupport",
        "EnableDnsHostnames",
        "EnableDns64",
        "InstanceTenancy",
        "PrivateIpAddress",
        "PrivateIpAddresses",
        "ImageId",
        "InstanceType",
        "KeyName",
        "IamInstanceProfile",
        "AmazonSideAsn",
        "DnsOptions",
        "IpAddress",
        "BgpAsn",
        "Certificates",
        "SslPolicy",
    ]
)
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
    "AWS::S3::BucketPolicy": ("Bucket",),
    "AWS::Route53::HostedZone": ("Name",),
    "AWS::Route53::RecordSet": ("Name", "Type"),
}
# Properties that name another resource by its id.
REFERENCES = frozenset(
    [
        "VpcId",
        "PeerVpcId",
        "SubnetId",
        "RouteTableId",
        "NetworkAclId",
        "GroupId",
        "InternetGatewayId",
        "VpnGatewayId",
        "NatGatewayId",
        "AllocationId",
        "EgressOnlyInternetGatewayId",
        "TransitGatewayId",
        "VpcEndpointId",
        "TransitGatewayAttachmentId",
        "TransitGatewayRouteTableId",
        "VpcPeeringConnectionId",
        "NetworkInterfaceId",
        "InstanceId",
        "SourceSecurityGroupId",
        "DestinationSecurityGroupId",
        "SourcePrefixListId",
        "DestinationPrefixListId",
        "CustomerGatewayId",
        "VpcIdentifier",
    ]
)
LISTS = frozenset(
    ["SubnetIds", "SecurityGroupIds", "RouteTableIds", "GroupSet", "Subnets", "SecurityGroups"]
)
SWITCHES = frozenset(
    [
        "MapPublicIpOnLaunch",
        "AssignIpv6AddressOnCreation",
        "EnableDnsSupport",
        "EnableDnsHostnames",
        "EnableDns64",
        "Egress",
        "SourceDestCheck",
        "Blackhole",
        "PrivateDnsEnabled",
        "AmazonProvidedIpv6CidrBlock",
        "Ipv6Native",
        "StaticRoutesOnly",
        "EvaluateTargetHealth",
        "AcceptanceRequired",
        "CrossZone",
        "AssociatePublicIpAddress",
    ]
)
NUMBERS = frozenset(
    [
        "RetentionInDays",
        "Priority",
        "MaxAggregationInterval",
        "AmazonSideAsn",
        "Port",
        "FromPort",
        "ToPort",
        "RuleNumber",
        "MaxEntries",
        "Capacity",
        "BlockOverrideTtl",
        "ExpirationInDays",
        "From",
        "To",
        "Code",
    ]
)
# Never kept: they may be secret, or are said elsewhere.
DROPPED = frozenset(
    [
        "Tags",
        "HostedZoneTags",
        "TagFieldSpecifications",
        "UserData",
        "VpnTunnelOptionsSpecifications",
        "TagSpecifications",
        "PreSharedKey",
    ]
)


def is_beside_packets(type_name: str) -> bool:
    """Tell whether a type says nothing about which packets pass."""
    return type_name.startswith(BESIDE_PACKETS)
