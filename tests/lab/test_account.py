"""Probes: flow logs, Block Public Access, hosted zones, tokens, DryRun and their kind."""

import json
from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def vpc(ec2: Any) -> str:
    return str(ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"])


def test_flow_logs_keep_every_field(
    ec2: Any, vpc: str, client: Callable[..., Any], refused: Any
) -> None:
    client("s3").create_bucket(Bucket="logs")
    asked = {
        "ResourceIds": [vpc],
        "ResourceType": "VPC",
        "TrafficType": "ALL",
        "LogDestinationType": "s3",
        "LogDestination": "arn:aws:s3:::logs/flow/",
        "LogFormat": "${version} ${srcaddr}",
        "MaxAggregationInterval": 60,
        "DestinationOptions": {
            "FileFormat": "parquet",
            "HiveCompatiblePartitions": True,
            "PerHourPartition": True,
        },
    }
    tags = [{"ResourceType": "vpc-flow-log", "Tags": [{"Key": "a", "Value": "b"}]}]
    made = ec2.create_flow_logs(**asked, TagSpecifications=tags)["FlowLogIds"]
    found = ec2.describe_flow_logs(Filters=[{"Name": "tag:a", "Values": ["b"]}])["FlowLogs"]
    assert [one["FlowLogId"] for one in found] == made
    for name in ("TrafficType", "LogDestination", "LogFormat", "DestinationOptions"):
        assert found[0][name] == asked[name]
    assert found[0]["MaxAggregationInterval"] == 60
    with refused("FlowLogAlreadyExists"):
        ec2.create_flow_logs(**asked)
    missing = ec2.create_flow_logs(**{**asked, "LogDestination": "arn:aws:s3:::nowhere"})
    assert [one["ResourceId"] for one in missing["Unsuccessful"]] == [vpc]
    ec2.create_flow_logs(
        ResourceIds=[vpc],
        ResourceType="VPC",
        TrafficType="REJECT",
        LogGroupName="flow",
        DeliverLogsPermissionArn="arn:aws:iam::123456789012:role/flow",
    )
    found = ec2.describe_flow_logs(Filters=[{"Name": "log-group-name", "Values": ["flow"]}])
    one = found["FlowLogs"][0]
    assert one["DeliverLogsPermissionArn"].endswith("role/flow")
    assert one["LogFormat"].startswith("${version} ${account-id}")
    ec2.delete_flow_logs(FlowLogIds=made)
    with refused("InvalidFlowLogId.NotFound"):
        ec2.describe_flow_logs(FlowLogIds=made)


def test_public_access_is_blocked_with_exclusions(ec2: Any, vpc: str, until: Any) -> None:
    def option() -> Any:
        return ec2.describe_vpc_block_public_access_options()["VpcBlockPublicAccessOptions"]

    assert (option()["State"], option()["InternetGatewayBlockMode"]) == ("default-state", "off")
    ec2.modify_vpc_block_public_access_options(InternetGatewayBlockMode="block-ingress")
    assert option()["State"] == "update-in-progress"
    until(lambda: option()["State"], "update-complete")
    assert option()["InternetGatewayBlockMode"] == "block-ingress"
    one = ec2.create_vpc_block_public_access_exclusion(
        VpcId=vpc,
        InternetGatewayExclusionMode="allow-egress",
        TagSpecifications=[
            {
                "ResourceType": "vpc-block-public-access-exclusion",
                "Tags": [{"Key": "a", "Value": "b"}],
            }
        ],
    )["VpcBlockPublicAccessExclusion"]["ExclusionId"]
    ec2.create_tags(Resources=[one], Tags=[{"Key": "c", "Value": "d"}])

    def exclusions() -> list[tuple[str, str, int]]:
        found = ec2.describe_vpc_block_public_access_exclusions()["VpcBlockPublicAccessExclusions"]
        return [
            (item["State"], item["InternetGatewayExclusionMode"], len(item["Tags"]))
            for item in found
        ]

    until(exclusions, [("create-complete", "allow-egress", 2)])
    ec2.modify_vpc_block_public_access_exclusion(
        ExclusionId=one, InternetGatewayExclusionMode="allow-bidirectional"
    )
    until(exclusions, [("update-complete", "allow-bidirectional", 2)])
    ec2.delete_vpc_block_public_access_exclusion(ExclusionId=one)
    assert exclusions()[0][0] == "delete-in-progress"
    until(exclusions, [("delete-complete", "allow-bidirectional", 2)])


def test_a_client_token_makes_one_thing(ec2: Any, vpc: str, refused: Any) -> None:
    def gateways() -> int:
        return len(ec2.describe_egress_only_internet_gateways()["EgressOnlyInternetGateways"])

    other = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    first = ec2.create_egress_only_internet_gateway(VpcId=vpc, ClientToken="t")
    again = ec2.create_egress_only_internet_gateway(VpcId=vpc, ClientToken="t")
    assert first["EgressOnlyInternetGateway"] == again["EgressOnlyInternetGateway"]
    assert gateways() == 1
    with refused("IdempotentParameterMismatch"):
        ec2.create_egress_only_internet_gateway(VpcId=other, ClientToken="t")
    for create in (ec2.create_route_table, ec2.create_network_acl):
        made = [create(VpcId=vpc, ClientToken="t") for _ in range(2)]
        assert len({str(one.get("RouteTable") or one.get("NetworkAcl")) for one in made}) == 1
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    for _ in range(2):
        ec2.create_nat_gateway(SubnetId=subnet, ConnectivityType="private", ClientToken="t")
        ec2.create_vpc_endpoint(
            VpcId=vpc, ServiceName="com.amazonaws.us-east-1.s3", ClientToken="t"
        )
    assert len(ec2.describe_nat_gateways()["NatGateways"]) == 1
    assert len(ec2.describe_vpc_endpoints()["VpcEndpoints"]) == 1


def test_a_dry_run_does_nothing(ec2: Any, vpc: str, refused: Any) -> None:
    calls: list[Callable[[], Any]] = [
        lambda: ec2.create_vpc(CidrBlock="10.0.0.0/16", DryRun=True),
        lambda: ec2.delete_vpc(VpcId=vpc, DryRun=True),
        lambda: ec2.create_transit_gateway(DryRun=True),
        lambda: ec2.describe_vpcs(DryRun=True),
    ]
    for call in calls:
        with refused("DryRunOperation"):
            call()
    assert len(ec2.describe_vpcs(Filters=[{"Name": "isDefault", "Values": ["false"]}])["Vpcs"]) == 1


def test_a_private_zone_serves_several_vpcs(
    ec2: Any, vpc: str, client: Callable[..., Any], refused: Any
) -> None:
    dns = client("route53")
    other = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    here, there = ({"VPCRegion": "us-east-1", "VPCId": one} for one in (vpc, other))
    zone = dns.create_hosted_zone(Name="corp.test", CallerReference="1", VPC=here)
    zone_id = zone["HostedZone"]["Id"]
    with refused("HostedZoneAlreadyExists"):
        dns.create_hosted_zone(Name="corp.test", CallerReference="1", VPC=there)
    with refused("ConflictingDomainExists"):
        dns.create_hosted_zone(Name="corp.test", CallerReference="2", VPC=here)
    dns.associate_vpc_with_hosted_zone(HostedZoneId=zone_id, VPC=there)
    with refused("ConflictingDomainExists"):
        dns.associate_vpc_with_hosted_zone(HostedZoneId=zone_id, VPC=there)
    assert len(dns.get_hosted_zone(Id=zone_id)["VPCs"]) == 2
    found = dns.list_hosted_zones_by_vpc(VPCId=other, VPCRegion="us-east-1")
    assert [one["Name"] for one in found["HostedZoneSummaries"]] == ["corp.test."]
    alias = {
        "HostedZoneId": "Z1",
        "DNSName": "x.vpce.amazonaws.com.",
        "EvaluateTargetHealth": False,
    }
    dns.change_resource_record_sets(
        HostedZoneId=zone_id,
        ChangeBatch={
            "Changes": [
                {
                    "Action": "UPSERT",
                    "ResourceRecordSet": {
                        "Name": "a.corp.test", "Type": "A", "AliasTarget": alias,
                    },
                }
            ]
        },
    )  # fmt: skip
    records = dns.list_resource_record_sets(HostedZoneId=zone_id)["ResourceRecordSets"]
    by_type = {one["Type"]: one for one in records}
    assert by_type["A"]["AliasTarget"]["DNSName"] == "x.vpce.amazonaws.com."
    assert by_type["SOA"]["ResourceRecords"][0]["Value"].startswith("ns-")
    dns.disassociate_vpc_from_hosted_zone(HostedZoneId=zone_id, VPC=there)
    with refused("LastVPCAssociation"):
        dns.disassociate_vpc_from_hosted_zone(HostedZoneId=zone_id, VPC=here)
    resource = {"ResourceType": "hostedzone", "ResourceId": zone_id.split("/")[-1]}
    dns.change_tags_for_resource(**resource, AddTags=[{"Key": "a", "Value": "b"}])
    found = dns.list_tags_for_resource(**resource)["ResourceTagSet"]["Tags"]
    assert found == [{"Key": "a", "Value": "b"}]


def test_a_subnet_keeps_its_ipv6_and_dns64(ec2: Any, refused: Any) -> None:
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", AmazonProvidedIpv6CidrBlock=True)["Vpc"]
    block = vpc["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"]
    assert block.endswith("::/56")
    subnet = ec2.create_subnet(
        VpcId=vpc["VpcId"],
        CidrBlock="10.0.0.0/24",
        Ipv6CidrBlock=block.replace("/56", "/64"),
        AvailabilityZoneId="use1-az1",
    )["Subnet"]
    assert subnet["AvailabilityZoneId"] == "use1-az1"
    for name in ("EnableDns64", "AssignIpv6AddressOnCreation"):
        ec2.modify_subnet_attribute(SubnetId=subnet["SubnetId"], **{name: {"Value": True}})
    found = ec2.describe_subnets(SubnetIds=[subnet["SubnetId"]])["Subnets"][0]
    assert found["EnableDns64"] is True
    assert found["AssignIpv6AddressOnCreation"] is True
    assert found["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlockState"] == {"State": "associated"}
    with refused("InvalidNetworkAclID.NotFound"):
        ec2.describe_network_acls(NetworkAclIds=["acl-0123456789abcdef0"])


def test_a_parameter_is_put_once(client: Callable[..., Any], refused: Any) -> None:
    ssm = client("ssm")
    ssm.put_parameter(Name="/lock", Value="me", Type="String")
    with refused("ParameterAlreadyExists"):
        ssm.put_parameter(Name="/lock", Value="you", Type="String")


def test_the_caller_is_the_lab_account(client: Callable[..., Any], lab: Any) -> None:
    assert client("sts").get_caller_identity()["Account"] == lab.account_id


def test_roles_logs_and_buckets_are_moto_own(client: Callable[..., Any]) -> None:
    iam, logs, s3 = client("iam"), client("logs"), client("s3")
    iam.create_role(RoleName="flow", AssumeRolePolicyDocument="{}")
    statement = {"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    iam.put_role_policy(RoleName="flow", PolicyName="p", PolicyDocument=json.dumps(policy))
    found = iam.get_role_policy(RoleName="flow", PolicyName="p")
    assert found["PolicyDocument"] == policy
    logs.create_log_group(logGroupName="flow", tags={"a": "b"})
    logs.put_retention_policy(logGroupName="flow", retentionInDays=30)
    assert logs.describe_log_groups()["logGroups"][0]["retentionInDays"] == 30
    s3.create_bucket(Bucket="logs")
    s3.put_object(Bucket="logs", Key="a/b", Body=b"text")
    assert s3.get_object(Bucket="logs", Key="a/b")["Body"].read() == b"text"


def test_a_bucket_gets_its_tags(client: Callable[..., Any]) -> None:
    s3, tags = client("s3"), [{"Key": "Owner", "Value": "me"}, {"Key": "Empty", "Value": ""}]
    s3.create_bucket(Bucket="tagged-logs", CreateBucketConfiguration={"Tags": tags})
    found = s3.get_bucket_tagging(Bucket="tagged-logs")["TagSet"]
    assert sorted(found, key=lambda tag: tag["Key"]) == sorted(tags, key=lambda tag: tag["Key"])
