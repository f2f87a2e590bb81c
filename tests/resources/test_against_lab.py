"""Every type of connectivity, logging and DNS: created, read back, changed, deleted in the lab."""

from dataclasses import replace
from typing import Any

import pytest

from ringwall.model.graph import Node, Ref, ResourceGraph
from ringwall.resources import resource_type
from ringwall.resources.ownership import ownership_tags
from tests.resources.running import Runner

ACCOUNT = "123456789012"
REGION = "us-east-1"
DEPLOYMENT = "fortress"


class Estate:
    """Brings nodes into being, and holds what is read back against what was wanted."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self.nodes: dict[tuple[str, str], Node] = {}

    def node(self, type_name: str, key: str, **properties: Any) -> Node:
        kind = resource_type(type_name)
        tags = ownership_tags(DEPLOYMENT, key) if kind.tag else {}
        full = kind.normalise(properties)
        return Node(type_name, key, ACCOUNT, REGION, full, tags=tags)

    def create(self, type_name: str, key: str, **properties: Any) -> Ref:
        node = self.node(type_name, key, **properties)
        self.runner.make(node, resource_type(type_name).create(node))
        self.nodes[type_name, key] = node
        return node.ref

    def read(self) -> ResourceGraph:
        types = {type_name for type_name, _ in self.nodes}
        graph = self.runner.read(ACCOUNT, DEPLOYMENT, *types)
        for node in graph:
            self.runner.known.setdefault((node.type, node.key), {})["id"] = node.physical_id
        return graph

    def change(self, ref: Ref, **properties: Any) -> None:
        before = self.read()[ref]
        kind = resource_type(ref.type)
        wanted = kind.normalise({**self.nodes[ref.type, ref.key].properties, **properties})
        names = set(wanted) | set(before.properties)
        changed = {n for n in names if wanted.get(n) != before.properties.get(n)}
        assert changed
        assert not changed & kind.replace
        after = replace(self.nodes[ref.type, ref.key], properties=wanted)
        target = replace(after, physical_id=before.physical_id, observed=before.observed)
        self.runner.make(target, kind.update(before, target, frozenset(changed)))
        self.nodes[ref.type, ref.key] = after

    def judge(self) -> None:
        """Hold every node against its wanted properties and tags."""
        graph = self.read()
        for address, node in self.nodes.items():
            assert address in graph.nodes, f"{node} is not read back"
            found = graph[address]
            assert dict(found.properties) == dict(node.properties), str(node)
            assert node.tags.items() <= found.tags.items(), str(node)

    def delete(self, ref: Ref) -> None:
        node = self.read()[ref]
        self.runner.make(node, resource_type(ref.type).delete(node))
        del self.nodes[ref.type, ref.key]
        again = self.runner.read(ACCOUNT, DEPLOYMENT, ref.type)
        assert ref not in again, f"{node} is still there"

    def delete_all(self) -> None:
        """Delete in the order opposite to creation, by what was read before, as a plan does."""
        graph = self.read()
        addresses = list(reversed(self.nodes))
        for address in addresses:
            self.runner.make(graph[address], resource_type(address[0]).delete(graph[address]))
        left = self.read()
        assert [address for address in addresses if address in left.nodes] == []
        self.nodes.clear()


@pytest.fixture
def estate(runner: Runner) -> Estate:
    return Estate(runner)


def vpc(estate: Estate, block: str) -> Ref:
    ec2 = estate.runner.client("ec2")
    made = ec2.create_vpc(CidrBlock=block)["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=made, EnableDnsHostnames={"Value": True})
    return Ref("AWS::EC2::VPC", made)


def subnet(estate: Estate, of: Ref, zone: str, block: str) -> Ref:
    made = estate.runner.client("ec2").create_subnet(
        VpcId=of.key, CidrBlock=block, AvailabilityZone=zone
    )
    return Ref("AWS::EC2::Subnet", made["Subnet"]["SubnetId"])


def transit_gateway(estate: Estate) -> Ref:
    return estate.create(
        "AWS::EC2::TransitGateway",
        "transit-gateway",
        AmazonSideAsn=64512,
        DefaultRouteTableAssociation="disable",
        DefaultRouteTablePropagation="disable",
        Description="hub",
    )


def attach(estate: Estate, gateway: Ref, name: str, of: Ref, subnets: list[Ref]) -> Ref:
    return estate.create(
        "AWS::EC2::TransitGatewayAttachment",
        name,
        TransitGatewayId=gateway,
        VpcId=of,
        SubnetIds=subnets,
    )


def test_transit_gateways_and_their_tables(estate: Estate) -> None:
    gateway = transit_gateway(estate)
    hub, spoke = vpc(estate, "10.0.0.0/16"), vpc(estate, "10.1.0.0/16")
    in_hub = [subnet(estate, hub, f"us-east-1{z}", f"10.0.{n}.0/24") for n, z in enumerate("ab")]
    in_spoke = [subnet(estate, spoke, "us-east-1a", "10.1.0.0/24")]
    hub_attached = attach(estate, gateway, "hub", hub, in_hub[:1])
    spoke_attached = attach(estate, gateway, "spoke", spoke, in_spoke)
    table, other = (
        estate.create("AWS::EC2::TransitGatewayRouteTable", name, TransitGatewayId=gateway)
        for name in ("shared", "production")
    )
    association = estate.create(
        "AWS::EC2::TransitGatewayRouteTableAssociation",
        "hub",
        TransitGatewayAttachmentId=hub_attached,
        TransitGatewayRouteTableId=table,
    )
    estate.create(
        "AWS::EC2::TransitGatewayRouteTablePropagation",
        "shared<spoke",
        TransitGatewayAttachmentId=spoke_attached,
        TransitGatewayRouteTableId=table,
    )
    route = estate.create(
        "AWS::EC2::TransitGatewayRoute",
        "shared>10.9.0.0/16",
        TransitGatewayRouteTableId=table,
        DestinationCidrBlock="10.9.0.0/16",
        Blackhole=True,
    )
    estate.judge()
    observed = estate.read()[table].observed
    assert [r["DestinationCidrBlock"] for r in observed["PropagatedRoutes"]] == ["10.1.0.0/16"]
    attachments = observed["PropagatedRoutes"][0]["TransitGatewayAttachments"]
    assert attachments[0]["TransitGatewayAttachmentId"] == spoke_attached

    estate.change(gateway, VpnEcmpSupport="disable", Description="the hub")
    estate.change(hub_attached, SubnetIds=in_hub, Options={"ApplianceModeSupport": "enable"})
    estate.judge()
    estate.change(hub_attached, SubnetIds=in_hub[1:])
    estate.change(association, TransitGatewayRouteTableId=other)
    estate.change(route, TransitGatewayAttachmentId=hub_attached, Blackhole=False)
    estate.judge()
    estate.delete_all()


def test_prefix_list_references(estate: Estate) -> None:
    gateway = transit_gateway(estate)
    hub = vpc(estate, "10.0.0.0/16")
    attached = attach(
        estate, gateway, "hub", hub, [subnet(estate, hub, "us-east-1a", "10.0.0.0/24")]
    )
    table = estate.create("AWS::EC2::TransitGatewayRouteTable", "shared", TransitGatewayId=gateway)
    made = estate.runner.client("ec2").create_managed_prefix_list(
        PrefixListName="sites",
        MaxEntries=2,
        AddressFamily="IPv4",
        Entries=[{"Cidr": "10.7.0.0/16"}],
    )
    sites = Ref("AWS::EC2::PrefixList", made["PrefixList"]["PrefixListId"])
    reference = estate.create(
        "Ringwall::EC2::TransitGatewayPrefixListReference",
        f"shared>{sites.key}",
        TransitGatewayRouteTableId=table,
        PrefixListId=sites,
        Blackhole=True,
    )
    estate.judge()
    estate.change(reference, TransitGatewayAttachmentId=attached, Blackhole=False)
    estate.judge()
    estate.delete_all()


def test_gateway_endpoints(estate: Estate) -> None:
    hub = vpc(estate, "10.0.0.0/16")
    ec2 = estate.runner.client("ec2")
    tables = [
        Ref(
            "AWS::EC2::RouteTable",
            ec2.create_route_table(VpcId=hub.key)["RouteTable"]["RouteTableId"],
        )
        for _ in range(2)
    ]
    endpoint = estate.create(
        "AWS::EC2::VPCEndpoint",
        "hub/s3",
        VpcId=hub,
        ServiceName="com.amazonaws.us-east-1.s3",
        VpcEndpointType="Gateway",
        RouteTableIds=tables[:1],
    )
    estate.judge()
    observed = estate.read()[endpoint].observed
    assert observed["PrefixListId"].startswith("pl-")
    assert observed["Cidrs"]
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
        ],
    }
    estate.change(endpoint, RouteTableIds=tables[1:], PolicyDocument=document)
    estate.judge()
    estate.change(endpoint, PolicyDocument=None)
    estate.judge()
    estate.delete_all()


def interface(estate: Estate, hub: Ref, subnets: list[Ref]) -> Ref:
    return estate.create(
        "AWS::EC2::VPCEndpoint",
        "hub/ssm",
        VpcId=hub,
        ServiceName="com.amazonaws.us-east-1.ssm",
        VpcEndpointType="Interface",
        SubnetIds=subnets,
        SecurityGroupIds=[group(estate, hub, "endpoints")],
        PrivateDnsEnabled=False,
    )


def group(estate: Estate, of: Ref, name: str) -> Ref:
    made = estate.runner.client("ec2").create_security_group(
        GroupName=name, Description=name, VpcId=of.key
    )
    return Ref("AWS::EC2::SecurityGroup", made["GroupId"])


def test_interface_endpoints_and_the_zone_that_names_them(estate: Estate) -> None:
    hub, spoke, late = (vpc(estate, f"10.{n}.0.0/16") for n in range(3))
    subnets = [subnet(estate, hub, f"us-east-1{z}", f"10.0.{n}.0/24") for n, z in enumerate("ab")]
    endpoint = interface(estate, hub, subnets[:1])
    zone = estate.create(
        "AWS::Route53::HostedZone", "hub/ssm", Name="ssm.us-east-1.amazonaws.com", VPCs=[hub, spoke]
    )
    estate.create(
        "AWS::Route53::RecordSet",
        "hub/ssm>ssm.us-east-1.amazonaws.com A",
        HostedZoneId=zone,
        Name="ssm.us-east-1.amazonaws.com",
        Type="A",
        AliasTarget={
            "DNSName": replace(endpoint, attribute="DnsName"),
            "HostedZoneId": replace(endpoint, attribute="HostedZoneId"),
            "EvaluateTargetHealth": False,
        },
    )
    estate.judge()
    graph = estate.read()
    records = graph.of_type("AWS::Route53::RecordSet")
    kind = resource_type("AWS::Route53::RecordSet")
    assert sorted(r.properties["Type"] for r in records if kind.implicit(r)) in (["NS", "SOA"], [])
    assert len([r for r in records if not kind.implicit(r)]) == 1

    estate.change(endpoint, SubnetIds=subnets, SecurityGroupIds=[group(estate, hub, "other")])
    estate.change(zone, VPCs=[hub, late])
    estate.judge()
    estate.delete_all()


def test_flow_logs_to_a_log_group(estate: Estate) -> None:
    hub = vpc(estate, "10.0.0.0/16")
    logs = estate.create(
        "AWS::Logs::LogGroup",
        "flow-logs",
        LogGroupName="/ringwall/fortress/flow-logs",
        RetentionInDays=365,
    )
    role = estate.create(
        "AWS::IAM::Role",
        "flow-logs",
        RoleName="ringwall-fortress-flow-logs",
        Path="/ringwall/fortress/",
        AssumeRolePolicyDocument={
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ],
        },
        Policies=[
            {
                "PolicyName": "deliver",
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Action": ["logs:PutLogEvents", "logs:CreateLogStream"],
                            "Resource": "*",
                        }
                    ],
                },
            }
        ],
    )
    estate.create(
        "AWS::EC2::FlowLog",
        "hub",
        ResourceType="VPC",
        ResourceId=hub,
        TrafficType="ALL",
        LogDestinationType="cloud-watch-logs",
        LogGroupName=logs,
        DeliverLogsPermissionArn=replace(role, attribute="Arn"),
        MaxAggregationInterval=60,
    )
    estate.judge()
    estate.change(logs, RetentionInDays=30)
    estate.change(role, Policies=[])
    estate.judge()
    estate.delete_all()


# A bucket whose name does not tell whose it is, is found by the flow log that writes to it.
@pytest.mark.parametrize("name", ["ringwall-fortress-flow-logs", "records-of-the-network"])
def test_flow_logs_to_a_bucket(estate: Estate, name: str) -> None:
    hub = vpc(estate, "10.0.0.0/16")
    bucket = estate.create(
        "AWS::S3::Bucket",
        "flow-logs",
        BucketName=name,
        LifecycleConfiguration={"Rules": [{"Id": "expire", "ExpirationInDays": 365}]},
    )
    policy = estate.create(
        "AWS::S3::BucketPolicy",
        "flow-logs",
        Bucket=bucket,
        PolicyDocument=deny_plain_text(name),
    )
    estate.create(
        "AWS::EC2::FlowLog",
        "hub",
        ResourceType="VPC",
        ResourceId=hub,
        TrafficType="REJECT",
        LogDestinationType="s3",
        LogDestination=replace(bucket, attribute="Arn"),
    )
    estate.judge()
    estate.change(
        bucket,
        LifecycleConfiguration={"Rules": [{"Id": "expire", "ExpirationInDays": 30}]},
        BucketEncryption={
            "ServerSideEncryptionConfiguration": [
                {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
            ]
        },
    )
    estate.change(policy, PolicyDocument=deny_plain_text(f"{name}/*"))
    estate.judge()
    estate.delete_all()


def deny_plain_text(resource: str) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": ["s3:*"],
                "Resource": f"arn:aws:s3:::{resource}",
                "Condition": {"Bool": {"aws:SecureTransport": False}},
            }
        ],
    }


def test_block_public_access(estate: Estate) -> None:
    hub = vpc(estate, "10.0.0.0/16")
    name = "AWS::EC2::VPCBlockPublicAccessOptions"
    switch = estate.create(name, "account", InternetGatewayBlockMode="block-ingress")
    exclusion = estate.create(
        "AWS::EC2::VPCBlockPublicAccessExclusion",
        "hub",
        VpcId=hub,
        InternetGatewayExclusionMode="allow-egress",
    )
    estate.judge()
    estate.change(switch, InternetGatewayBlockMode="block-bidirectional")
    estate.change(exclusion, InternetGatewayExclusionMode="allow-bidirectional")
    estate.judge()
    estate.delete(exclusion)
    found = estate.read()[switch]
    estate.runner.make(found, resource_type(name).delete(found))
    assert estate.read()[switch].properties["InternetGatewayBlockMode"] == "off"


def test_dns_firewall(estate: Estate) -> None:
    hub = vpc(estate, "10.0.0.0/16")
    blocked, allowed = (
        estate.create(
            "AWS::Route53Resolver::FirewallDomainList",
            name,
            Name=f"fortress-{name}",
            Domains=["b.example.", "A.example"],
        )
        for name in ("blocked", "allowed")
    )
    managed = Ref(blocked.type, "aws:AWSManagedDomainsMalwareDomainList")
    found = estate.read()[managed]
    assert found.observed["ManagedOwnerName"]

    def rule(priority: int, of: Ref, action: str) -> dict[str, Any]:
        answer = {"BlockResponse": "NXDOMAIN"} if action == "BLOCK" else {}
        return {
            "Priority": priority,
            "Action": action,
            "FirewallDomainListId": of,
            "Name": f"rule-{of.key.removeprefix('aws:')}",
            **answer,
        }

    rules = estate.create(
        "AWS::Route53Resolver::FirewallRuleGroup",
        "dns-firewall",
        Name="fortress-dns-firewall",
        FirewallRules=[rule(100, blocked, "BLOCK"), rule(110, managed, "BLOCK")],
    )
    association = estate.create(
        "AWS::Route53Resolver::FirewallRuleGroupAssociation",
        "hub",
        VpcId=hub,
        FirewallRuleGroupId=rules,
        Priority=101,
        Name="fortress-hub",
    )
    estate.judge()
    estate.change(blocked, Domains=["b.example", "c.example"])
    estate.change(
        rules,
        FirewallRules=[
            rule(90, allowed, "ALLOW"),
            rule(100, managed, "BLOCK"),
            rule(110, blocked, "ALERT"),
        ],
    )
    estate.change(association, Priority=200, MutationProtection="ENABLED")
    estate.judge()
    estate.change(rules, FirewallRules=[rule(100, managed, "BLOCK")])
    estate.judge()
    estate.delete_all()


def test_query_logging(estate: Estate) -> None:
    hub = vpc(estate, "10.0.0.0/16")
    logs = estate.create(
        "AWS::Logs::LogGroup", "dns-logs", LogGroupName="/ringwall/fortress/dns-logs"
    )
    config = estate.create(
        "AWS::Route53Resolver::ResolverQueryLoggingConfig",
        "dns-logs",
        Name="fortress-dns-logs",
        DestinationArn=replace(logs, attribute="Arn"),
    )
    estate.create(
        "AWS::Route53Resolver::ResolverQueryLoggingConfigAssociation",
        hub.key,
        ResolverQueryLogConfigId=config,
        ResourceId=hub,
    )
    estate.judge()
    estate.delete_all()
