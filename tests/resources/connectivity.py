"""One or more wanted nodes of every type of connectivity, logging and DNS, in normal form."""

from dataclasses import replace
from typing import Any

from ringwall.model.graph import Node
from ringwall.resources import resource_type
from tests.resources.wanted import ref, wanted

TGW, TGW_TABLE = ref("TransitGateway", "transit-gateway"), ref("TransitGatewayRouteTable", "prod")
ATTACHED, OTHER_TABLE = ref("TransitGatewayAttachment", "v"), ref("TransitGatewayRouteTable", "x")
VPC, HUB = ref("VPC", "v"), ref("VPC", "hub")
SUBNETS = [ref("Subnet", "v/private/us-east-1a"), ref("Subnet", "v/private/us-east-1b")]
LOGS = ref("AWS::Logs::LogGroup", "flow-logs")
ROLE = ref("AWS::IAM::Role", "flow-logs", "Arn")
BUCKET = ref("AWS::S3::Bucket", "flow-logs")
ZONE = ref("AWS::Route53::HostedZone", "hub/ssm")
ENDPOINT = ref("VPCEndpoint", "hub/ssm")
DOMAINS = ref("AWS::Route53Resolver::FirewallDomainList", "blocked")
RULES = ref("AWS::Route53Resolver::FirewallRuleGroup", "dns-firewall")
QUERY_LOGS = ref("AWS::Route53Resolver::ResolverQueryLoggingConfig", "dns-logs")
DOCUMENT = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:Get*", "Resource": "*"}],
}


def node(type_name: str, key: str, **properties: Any) -> Node:
    made = wanted(type_name, key, **properties)
    kind = resource_type(made.type)
    tags = made.tags if kind.tag is not None else {}
    return replace(made, properties=kind.normalise(properties), tags=tags)


NODES = [
    node("TransitGateway", "transit-gateway", AmazonSideAsn="64512", Description="hub"),
    node("TransitGateway", "transit-gateway", TransitGatewayCidrBlocks=["10.255.0.0/24"]),
    node("TransitGatewayAttachment", "v", TransitGatewayId=TGW, VpcId=VPC, SubnetIds=SUBNETS[::-1]),
    node("TransitGatewayRouteTable", "prod", TransitGatewayId=TGW),
    node(
        "TransitGatewayRouteTableAssociation",
        "v",
        TransitGatewayAttachmentId=ATTACHED,
        TransitGatewayRouteTableId=TGW_TABLE,
    ),
    node(
        "TransitGatewayRouteTablePropagation",
        "prod<v",
        TransitGatewayAttachmentId=ATTACHED,
        TransitGatewayRouteTableId=TGW_TABLE,
    ),
    node(
        "TransitGatewayRoute",
        "prod>10.9.0.0/16",
        TransitGatewayRouteTableId=TGW_TABLE,
        DestinationCidrBlock="10.9.1.0/16",
        TransitGatewayAttachmentId=ATTACHED,
    ),
    node(
        "TransitGatewayRoute",
        "prod>10.8.0.0/16",
        TransitGatewayRouteTableId=TGW_TABLE,
        DestinationCidrBlock="10.8.0.0/16",
        Blackhole=True,
    ),
    node(
        "Ringwall::EC2::TransitGatewayPrefixListReference",
        "prod>pl-1",
        TransitGatewayRouteTableId=TGW_TABLE,
        PrefixListId=ref("PrefixList", "pl-1"),
        Blackhole=True,
    ),
    node(
        "VPCEndpoint",
        "v/s3",
        VpcId=VPC,
        ServiceName="com.amazonaws.us-east-1.s3",
        VpcEndpointType="Gateway",
        RouteTableIds=[ref("RouteTable", "v/private")],
        PolicyDocument=DOCUMENT,
    ),
    node(
        "VPCEndpoint",
        "hub/ssm",
        VpcId=HUB,
        ServiceName="com.amazonaws.us-east-1.ssm",
        VpcEndpointType="Interface",
        SubnetIds=SUBNETS,
        SecurityGroupIds=[ref("SecurityGroup", "v/endpoints")],
        PrivateDnsEnabled=True,
    ),
    node(
        "FlowLog",
        "v",
        ResourceType="VPC",
        ResourceId=VPC,
        TrafficType="ALL",
        LogGroupName=LOGS,
        DeliverLogsPermissionArn=ROLE,
    ),
    node(
        "FlowLog",
        "v",
        ResourceType="VPC",
        ResourceId=VPC,
        TrafficType="ALL",
        LogDestinationType="s3",
        LogDestination=replace(BUCKET, attribute="Arn"),
    ),
    node("AWS::Logs::LogGroup", "flow-logs", LogGroupName="/ringwall/f/l", RetentionInDays=30),
    node(
        "AWS::IAM::Role",
        "flow-logs",
        RoleName="ringwall-f-flow-logs",
        Path="/ringwall/f/",
        AssumeRolePolicyDocument=DOCUMENT,
        Policies=[{"PolicyName": "deliver", "PolicyDocument": DOCUMENT}],
        ManagedPolicyArns=["arn:aws:iam::aws:policy/ReadOnlyAccess"],
    ),
    node(
        "AWS::S3::Bucket",
        "flow-logs",
        BucketName="ringwall-f-flow-logs",
        LifecycleConfiguration={"Rules": [{"Id": "expire", "ExpirationInDays": 365}]},
    ),
    node("AWS::S3::BucketPolicy", "flow-logs", Bucket=BUCKET, PolicyDocument=DOCUMENT),
    node("VPCBlockPublicAccessOptions", "account", InternetGatewayBlockMode="block-ingress"),
    node(
        "VPCBlockPublicAccessExclusion", "v", VpcId=VPC, InternetGatewayExclusionMode="allow-egress"
    ),
    node("AWS::Route53::HostedZone", "hub/ssm", Name="SSM.amazonaws.com.", VPCs=[VPC, HUB]),
    node(
        "AWS::Route53::RecordSet",
        "hub/ssm>ssm.amazonaws.com A",
        HostedZoneId=ZONE,
        Name="ssm.amazonaws.com.",
        Type="A",
        AliasTarget={
            "DNSName": replace(ENDPOINT, attribute="DnsName"),
            "HostedZoneId": replace(ENDPOINT, attribute="HostedZoneId"),
        },
    ),
    node(
        "AWS::Route53Resolver::FirewallDomainList",
        "blocked",
        Name="f-blocked",
        Domains=["b.example.", "A.example", "a.example"],
    ),
    node(
        "AWS::Route53Resolver::FirewallRuleGroup",
        "dns-firewall",
        Name="f-dns-firewall",
        FirewallRules=[
            {
                "Priority": 100,
                "Action": "BLOCK",
                "BlockResponse": "NXDOMAIN",
                "FirewallDomainListId": DOMAINS,
            }
        ],
    ),
    node(
        "AWS::Route53Resolver::FirewallRuleGroupAssociation",
        "v",
        VpcId=VPC,
        FirewallRuleGroupId=RULES,
        Priority=101,
        Name="f-v",
        MutationProtection="ENABLED",
    ),
    node(
        "AWS::Route53Resolver::ResolverQueryLoggingConfig",
        "dns-logs",
        Name="f-dns-logs",
        DestinationArn=replace(LOGS, attribute="Arn"),
    ),
    node(
        "AWS::Route53Resolver::ResolverQueryLoggingConfigAssociation",
        "v",
        ResolverQueryLogConfigId=QUERY_LOGS,
        ResourceId=VPC,
    ),
]
