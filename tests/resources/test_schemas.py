"""CloudFormation's schemas, as cfn-lint carries them, judge what forces a replacement."""

from collections.abc import Mapping

import pytest
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

from ringwall.resources import registry
from ringwall.resources.kind import ResourceType

JUDGED = [kind for name, kind in registry().items() if name.startswith("AWS::")]

# Where our `replace` says more, or less, than createOnlyProperties; each with its reason.
MORE: Mapping[tuple[str, str], str] = {
    ("AWS::EC2::EIP", "Domain"): "it never changes: AWS knows one domain",
    ("AWS::EC2::NatGateway", "SecondaryAllocationIds"): "no call of ours changes them",
    (
        "AWS::EC2::SecurityGroupEgress",
        "DestinationSecurityGroupOwnerId",
    ): "CloudFormation has no such property; another owner is another peer",
    ("AWS::EC2::VPC", "InstanceTenancy"): "conditional: ModifyVpcTenancy goes to default only",
    (
        "AWS::EC2::VPCGatewayAttachment",
        "InternetGatewayId",
    ): "another gateway is another attachment: AWS detaches and attaches",
    (
        "AWS::ElasticLoadBalancingV2::Listener",
        "Port",
    ): "listeners are told apart by their ports: one on another port is another one",
    (
        "AWS::ElasticLoadBalancingV2::ListenerRule",
        "Priority",
    ): "rules are told apart by their priorities: one of another priority is another one",
    (
        "AWS::WAFv2::IPSet",
        "IPAddressVersion",
    ): "UpdateIPSet takes none, and an IP set is of one family",
    **{
        ("AWS::DynamoDB::Table", name): "AWS changes it in place one at a time, or not at all"
        for name in ("KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes")
    },
    ("AWS::Logs::LogGroup", "KmsKeyId"): "no call of ours changes it",
    ("AWS::Route53::RecordSet", "Name"): "a record of another name is another record",
    ("AWS::Route53::RecordSet", "Type"): "a record of another type is another record",
}
LESS: Mapping[tuple[str, str], str] = {
    ("AWS::WAFv2::IPSet", "Name"): "initial: ownership goes by tags, not by names",
    ("AWS::WAFv2::WebACL", "Name"): "initial: ownership goes by tags, not by names",
    (
        "AWS::WAFv2::WebACLAssociation",
        "WebACLArn",
    ): "AssociateWebACL puts another in its place in one step",
    (
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "Name",
    ): "initial: ownership goes by tags, not by names",
    (
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        "Name",
    ): "initial: ownership goes by tags, not by names",
    (
        "AWS::Route53Resolver::ResolverQueryLoggingConfig",
        "Name",
    ): "initial: nothing goes by its name",
    ("AWS::Route53Resolver::FirewallRuleGroup", "Name"): "initial: nothing goes by its name",
    ("AWS::Route53Resolver::FirewallDomainList", "Name"): "initial: nothing goes by its name",
    ("AWS::EC2::SecurityGroup", "GroupName"): "initial: ownership goes by tags, not by names",
    ("AWS::EC2::SecurityGroup", "GroupDescription"): "initial: a difference is no drift",
    (
        "AWS::EC2::SubnetNetworkAclAssociation",
        "NetworkAclId",
    ): "ReplaceNetworkAclAssociation changes it in one step",
    (
        "AWS::EC2::SubnetRouteTableAssociation",
        "RouteTableId",
    ): "ReplaceRouteTableAssociation changes it in one step",
    ("AWS::EC2::TransitGatewayRoute", "Blackhole"): "ReplaceTransitGatewayRoute changes it",
    (
        "AWS::EC2::TransitGatewayRoute",
        "TransitGatewayAttachmentId",
    ): "ReplaceTransitGatewayRoute changes it",
    (
        "AWS::EC2::TransitGatewayRouteTableAssociation",
        "TransitGatewayRouteTableId",
    ): "disassociate, wait, associate: no other way exists",
}
# Properties that no file of ours reads or writes: a template that has them is refused elsewhere.
NOT_MODELLED: Mapping[str, frozenset[str]] = {
    "AWS::EC2::EIP": frozenset({"Address", "IpamPoolId", "NetworkBorderGroup", "TransferAddress"}),
    "AWS::EC2::FlowLog": frozenset(
        {"DeliverCrossAccountRole", "DestinationOptions", "TagFieldSpecifications"}
    ),
    "AWS::EC2::NatGateway": frozenset({"PrivateIpAddress"}),
    "AWS::EC2::SecurityGroupIngress": frozenset({"GroupName", "SourceSecurityGroupName"}),
    "AWS::EC2::Subnet": frozenset(
        {
            "Ipv4IpamPoolId",
            "Ipv4NetmaskLength",
            "Ipv6IpamPoolId",
            "Ipv6NetmaskLength",
        }
    ),
    "AWS::EC2::VPC": frozenset({"Ipv4IpamPoolId", "Ipv4NetmaskLength", "VpcEncryptionControl"}),
    "AWS::EC2::VPCCidrBlock": frozenset(
        {
            "Ipv4IpamPoolId",
            "Ipv4NetmaskLength",
            "Ipv6CidrBlockNetworkBorderGroup",
            "Ipv6IpamPoolId",
            "Ipv6NetmaskLength",
        }
    ),
    "AWS::EC2::VPCEndpoint": frozenset(
        {
            "DnsOptions/PrivateDnsPreference",
            "DnsOptions/PrivateDnsSpecifiedDomains",
            "ResourceConfigurationArn",
            "ServiceNetworkArn",
            "ServiceRegion",
        }
    ),
    "AWS::DynamoDB::Table": frozenset({"ImportSourceSpecification"}),
    "AWS::Lambda::Function": frozenset({"PackageType", "TenancyConfig"}),
    "AWS::Lambda::Permission": frozenset(
        {"EventSourceToken", "FunctionUrlAuthType", "InvokedViaFunctionUrl", "PrincipalOrgID"}
    ),
    "AWS::SNS::Topic": frozenset({"FifoTopic"}),
    "AWS::SQS::Queue": frozenset({"FifoQueue"}),
    "AWS::Route53::HostedZone": frozenset({"DelegationSetId"}),
    "AWS::Route53::RecordSet": frozenset({"HostedZoneName"}),
    # Tags are not properties of ours, and TagResource changes them.
    "AWS::Route53Resolver::ResolverQueryLoggingConfig": frozenset({"Tags"}),
    "AWS::S3::Bucket": frozenset({"BucketNamePrefix", "BucketNamespace"}),
}


def create_only(kind: ResourceType) -> set[str]:
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind.name).schema
    return {str(path).split("/", 2)[2] for path in schema.get("createOnlyProperties", ())}


def is_written(kind: ResourceType) -> bool:
    return kind.create is not ResourceType(name="").create


@pytest.mark.parametrize("kind", JUDGED, ids=lambda kind: kind.name)
def test_what_forces_a_replacement_is_what_cloudformation_says(kind: ResourceType):
    if not is_written(kind):
        assert not kind.replace, "what is never written is never replaced"
        return
    theirs = create_only(kind) - NOT_MODELLED.get(kind.name, frozenset())
    more = {name for name in kind.replace - theirs if (kind.name, name) not in MORE}
    less = {name for name in theirs - kind.replace if (kind.name, name) not in LESS}
    assert (more, less) == (set(), set())


@pytest.mark.parametrize("exception", [*MORE, *LESS], ids=str)
def test_every_exception_is_still_one(exception: tuple[str, str]):
    name, member = exception
    kind = registry()[name]
    assert (member in kind.replace) != (member in create_only(kind))
