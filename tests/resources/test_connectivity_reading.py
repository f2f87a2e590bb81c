"""Items of describe and list calls → nodes, for connectivity, logging and DNS."""

from typing import Any

import pytest

from ringwall.model.graph import Node, Ref
from ringwall.model.plan import Exposure
from ringwall.resources import resource_type
from ringwall.resources.derived_names import digest
from ringwall.resources.flow_log import DEFAULT_FORMAT, log_group_name
from ringwall.resources.hosted_zone import comment, is_claimed
from ringwall.resources.kind import Reads
from ringwall.resources.ownership import REGION_TAG, ownership_tags
from tests.resources.connectivity import NODES, node

TABLE = {
    "TransitGatewayRouteTableId": "tgw-rtb-1",
    "TransitGatewayId": "tgw-1",
    "State": "available",
}


def read(type_name: str, *, details: Any = None, **listings: list[dict[str, Any]]) -> list[Node]:
    kind = resource_type(type_name)
    found = {listing.name: listings.get(listing.operation, ()) for listing in kind.listings}
    reads = Reads("111122223333", "us-east-1", found, details or {})
    return list(kind.read(reads))


def test_what_aws_has_deleted_is_left_out() -> None:
    """AWS keeps deleted gateways, attachments and tables listed for hours."""
    for state in ("deleting", "deleted"):
        item = {"TransitGatewayId": "tgw-1", "State": state}
        assert read("AWS::EC2::TransitGateway", describe_transit_gateways=[item]) == []
        table = {**TABLE, "State": state}
        assert (
            read(
                "AWS::EC2::TransitGatewayRouteTable",
                describe_transit_gateway_route_tables=[table],
            )
            == []
        )
        endpoint = {"VpcEndpointId": "vpce-1", "VpcId": "vpc-1", "State": state}
        assert read("AWS::EC2::VPCEndpoint", describe_vpc_endpoints=[endpoint]) == []


def attachment(**more: Any) -> dict[str, Any]:
    return {
        "TransitGatewayAttachmentId": "tgw-attach-1",
        "TransitGatewayId": "tgw-1",
        "ResourceType": "vpn",
        "ResourceId": "vpn-1",
        "State": "available",
        **more,
    }


def test_an_attachment_of_another_kind_is_read_as_what_it_is() -> None:
    (found,) = read(
        "AWS::EC2::TransitGatewayAttachment", describe_transit_gateway_attachments=[attachment()]
    )
    assert found.properties == {"TransitGatewayId": Ref("AWS::EC2::TransitGateway", "tgw-1")}
    assert found.observed["ResourceType"] == "vpn"


@pytest.mark.parametrize(
    ("state", "there"),
    [("associating", 1), ("associated", 1), ("disassociating", 0), ("disassociated", 0)],
)
def test_an_association_on_its_way_out_is_none(state: str, there: int) -> None:
    item = attachment(Association={"TransitGatewayRouteTableId": "tgw-rtb-1", "State": state})
    name = "AWS::EC2::TransitGatewayRouteTableAssociation"
    assert len(read(name, describe_transit_gateway_attachments=[item])) == there


def route(kind: str, block: str = "10.1.0.0/16", **more: Any) -> dict[str, Any]:
    return {
        "DestinationCidrBlock": block,
        "Type": kind,
        "State": "active",
        "TransitGatewayAttachments": [
            {
                "TransitGatewayAttachmentId": "tgw-attach-1",
                "ResourceId": "vpc-1",
                "ResourceType": "vpc",
            }
        ],
        **more,
    }


@pytest.mark.parametrize("pages", [1, 2])
def test_static_routes_are_nodes_and_propagated_ones_observed(pages: int) -> None:
    dead = route("static", "10.3.0.0/16", State="blackhole", TransitGatewayAttachments=[])
    listed = route("static", "10.4.0.0/16", PrefixListId="pl-1")
    answers: list[dict[str, Any]] = [
        {"Routes": [route("propagated"), route("static", "10.2.0.0/16")]},
        {"Routes": [dead, listed], "AdditionalRoutesAvailable": True},
    ]
    whole: Any = answers
    if pages == 1:
        routes = [one for answer in answers for one in answer["Routes"]]
        whole = {"Routes": routes, "AdditionalRoutesAvailable": True}
    details = {"ec2:search_transit_gateway_routes": {"tgw-rtb-1": whole}}
    (table,) = read(
        "AWS::EC2::TransitGatewayRouteTable",
        details=details,
        describe_transit_gateway_route_tables=[TABLE],
    )
    (propagated,) = table.observed["PropagatedRoutes"]
    assert propagated["DestinationCidrBlock"] == "10.1.0.0/16"
    assert table.observed["AdditionalRoutesAvailable"] is True
    static = read(
        "AWS::EC2::TransitGatewayRoute",
        details=details,
        describe_transit_gateway_route_tables=[TABLE],
    )
    assert [n.properties["DestinationCidrBlock"] for n in static] == ["10.2.0.0/16", "10.3.0.0/16"]
    assert [n.properties.get("Blackhole", False) for n in static] == [False, True]


def test_a_table_whose_routes_were_not_read_claims_none() -> None:
    (table,) = read(
        "AWS::EC2::TransitGatewayRouteTable", describe_transit_gateway_route_tables=[TABLE]
    )
    assert "PropagatedRoutes" not in table.observed


def test_a_blackhole_closes_what_a_route_opens() -> None:
    through, black = (one for one in NODES if one.short_type == "TransitGatewayRoute")
    exposure = resource_type(through.type).exposure
    assert exposure(None, through) is Exposure.OPENS
    assert exposure(through, None) is Exposure.CLOSES
    assert exposure(None, black) is Exposure.CLOSES
    assert exposure(black, None) is Exposure.OPENS
    assert exposure(through, black) is Exposure.BOTH


def test_the_switch_against_internet_gateways_closes_step_by_step() -> None:
    name = "AWS::EC2::VPCBlockPublicAccessOptions"
    off, ingress, every = (
        node(name, "account", InternetGatewayBlockMode=mode)
        for mode in ("off", "block-ingress", "block-bidirectional")
    )
    exposure = resource_type(name).exposure
    assert exposure(off, ingress) is exposure(ingress, every) is Exposure.CLOSES
    assert exposure(every, ingress) is exposure(ingress, off) is Exposure.OPENS
    assert exposure(off, off) is Exposure.NEUTRAL


def flow_log(**more: Any) -> Node:
    item = {"FlowLogId": "fl-1", "ResourceId": "vpc-1", "TrafficType": "ALL", **more}
    (found,) = read("AWS::EC2::FlowLog", describe_flow_logs=[item])
    return found


def test_a_flow_log_names_its_log_group_however_aws_tells_it() -> None:
    group = Ref("AWS::Logs::LogGroup", "/ringwall/f/flow-logs")
    arn = "arn:aws:logs:us-east-1:111122223333:log-group:/ringwall/f/flow-logs:*"
    by_name = flow_log(LogGroupName=group.key).properties
    assert by_name["LogGroupName"] == group
    assert by_name["LogFormat"] == DEFAULT_FORMAT
    assert flow_log(LogDestination=arn).properties == by_name
    wanted = node(
        "FlowLog",
        "v",
        ResourceType="VPC",
        ResourceId=Ref("AWS::EC2::VPC", "vpc-1"),
        TrafficType="ALL",
        LogDestination=Ref(group.type, group.key, "Arn"),
    )
    assert wanted.properties == by_name


def test_a_flow_log_to_a_folder_of_a_bucket_is_no_flow_log_to_the_bucket() -> None:
    whole = flow_log(LogDestinationType="s3", LogDestination="arn:aws:s3:::logs")
    part = flow_log(LogDestinationType="s3", LogDestination="arn:aws:s3:::logs/folder/")
    assert whole.properties["LogDestination"] == Ref("AWS::S3::Bucket", "logs", "Arn")
    assert part.properties["LogDestination"] == "arn:aws:s3:::logs/folder/"


def test_the_role_of_a_flow_log_is_known_by_the_last_part_of_its_arn() -> None:
    arn = "arn:aws:iam::111122223333:role/ringwall/f/ringwall-f-flow-logs"
    found = flow_log(LogGroupName="x", DeliverLogsPermissionArn=arn)
    role = Ref("AWS::IAM::Role", "ringwall-f-flow-logs", "Arn")
    assert found.properties["DeliverLogsPermissionArn"] == role


def test_an_arn_of_something_else_names_no_log_group() -> None:
    assert log_group_name("arn:aws:s3:::logs") == ""


def test_an_endpoint_that_allows_everything_has_no_policy() -> None:
    """The default policy allows full access to the service."""
    text = (
        '{"Version":"2008-10-17","Statement":'
        '[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}'
    )
    item = {
        "VpcEndpointId": "vpce-1",
        "VpcId": "vpc-1",
        "ServiceName": "com.amazonaws.us-east-1.s3",
        "VpcEndpointType": "Gateway",
        "State": "available",
        "PolicyDocument": text,
    }
    (found,) = read("AWS::EC2::VPCEndpoint", describe_vpc_endpoints=[item])
    assert "PolicyDocument" not in found.properties


def test_a_zone_says_whose_it_is_before_it_bears_tags() -> None:
    """CreateHostedZone takes no tags: what died between the two calls is found all the same."""
    text = comment({**ownership_tags("fortress", "hub/ssm"), "Owner": "me"})
    item = {
        "Id": "/hostedzone/Z1",
        "Name": "ssm.us-east-1.amazonaws.com.",
        "Config": {"Comment": text, "PrivateZone": True},
    }
    (found,) = read("AWS::Route53::HostedZone", list_hosted_zones=[item])
    assert found.tags == ownership_tags("fortress", "hub/ssm")
    assert found.physical_id == "Z1"
    assert is_claimed(item, "fortress")
    assert not is_claimed(item, "fort")
    stranger = {**item, "Config": {"Comment": "ringwall"}}
    assert read("AWS::Route53::HostedZone", list_hosted_zones=[stranger]) == []


def test_a_zone_belongs_to_the_region_in_its_comment_or_else_to_that_of_its_vpcs() -> None:
    """Zones are the same in all regions: each deployment sees its own region's alone."""

    def zone(tags: dict[str, str], *regions: str) -> list[Node]:
        config = {"Comment": comment(tags), "PrivateZone": True}
        item = {"Id": "/hostedzone/Z1", "Name": "ssm.amazonaws.com.", "Config": config}
        vpcs = [{"VPCRegion": region, "VPCId": f"vpc-{region}"} for region in regions]
        details = {"route53:get_hosted_zone": {"Z1": vpcs}}
        return read("AWS::Route53::HostedZone", details=details, list_hosted_zones=[item])

    ours = ownership_tags("fortress", "hub/ssm")
    here, there = {REGION_TAG: "us-east-1"}, {REGION_TAG: "eu-west-1"}
    assert zone({**ours, **here}, "us-east-1")
    assert zone({**ours, **here}, "eu-west-1")
    assert zone(ours, "us-east-1")
    assert not zone({**ours, **there}, "us-east-1")
    assert not zone(ours, "eu-west-1")


def test_a_role_belongs_to_the_region_in_its_name_of_its_tag_or_of_its_flow_logs() -> None:
    def role(*tags: str, region: str = "us-east-1", name: str = "r") -> list[Node]:
        condition = {"ArnLike": {"aws:SourceArn": f"arn:aws:ec2:{region}:1:vpc-flow-log/*"}}
        item = {
            "RoleName": name,
            "Path": "/ringwall/f/",
            "Arn": f"arn:aws:iam::1:role/ringwall/f/{name}",
            "AssumeRolePolicyDocument": {"Statement": [{"Condition": condition}]},
        }
        told = [{"Key": REGION_TAG, "Value": tag} for tag in tags]
        details = {"iam:list_role_tags": {name: told}}
        return read("AWS::IAM::Role", details=details, list_roles=[item])

    assert role()
    assert role("us-east-1", region="eu-west-1")
    assert not role("eu-west-1")
    assert not role(region="eu-west-1")
    stem = "ringwall-f-flow-logs"
    for here, elsewhere in (("us-east-1", "eu-west-1"), map(digest, ("us-east-1", "eu-west-1"))):
        assert role("eu-west-1", region="eu-west-1", name=f"{stem}-{here}")
        assert not role("us-east-1", name=f"{stem}-{elsewhere}")


def test_a_bucket_belongs_to_the_region_in_its_name_or_else_to_that_of_its_tag() -> None:
    def bucket(name: str, **tags: str) -> list[Node]:
        told = [
            {"Key": "k", "Value": "v"},
            *({"Key": REGION_TAG, "Value": v} for v in tags.values()),
        ]
        details = {"s3:get_bucket_tagging": {name: told}}
        return read("AWS::S3::Bucket", details=details, list_buckets=[{"Name": name}])

    assert bucket("mine")
    assert bucket("ringwall-f-flow-logs-us-east-1")
    assert bucket("mine", tag="us-east-1")
    assert not bucket("mine", tag="eu-west-1")
    assert not bucket("ringwall-f-flow-logs-eu-west-1")
    assert not bucket("ringwall-f-flow-logs-123456789012-eu-west-1", tag="us-east-1")
    assert bucket("ringwall-f-flow-logs-123456789012-us-east-1", tag="eu-west-1")


def test_a_bucket_without_tags_is_seen_if_its_name_is_one_of_ours() -> None:
    assert read("AWS::S3::Bucket", list_buckets=[{"Name": "ringwall-f-logs"}]) == []
    name = "ringwall-f-flow-logs-us-east-1"
    assert read("AWS::S3::Bucket", list_buckets=[{"Name": name}]) == []
    details: dict[str, dict[str, Any]] = {"s3:get_public_access_block": {name: {}}}
    (node,) = read("AWS::S3::Bucket", details=details, list_buckets=[{"Name": name}])
    assert node.tags == {}


def test_a_policy_of_another_name_in_our_role_is_seen() -> None:
    item = {"RoleName": "r", "Path": "/ringwall/f/", "Arn": "arn:aws:iam::1:role/ringwall/f/r"}
    details = {
        "iam:list_role_policies": {"r": ["r", "backdoor"]},
        "iam:get_role_policy": {"r": {"Statement": [{"Effect": "Allow", "Action": "*"}]}},
    }
    (found,) = read("AWS::IAM::Role", details=details, list_roles=[item])
    assert [p["PolicyName"] for p in found.properties["Policies"]] == ["backdoor", "r"]
    alone = {"iam:list_role_policies": {"r": ["backdoor"]}}
    (found,) = read("AWS::IAM::Role", details=alone, list_roles=[item])
    assert [p["PolicyName"] for p in found.properties["Policies"]] == ["backdoor"]


def test_somebody_elses_query_logging_of_our_vpc_has_a_key_of_its_own() -> None:
    kind = resource_type("AWS::Route53Resolver::ResolverQueryLoggingConfigAssociation")
    assert kind.key is not None
    config = "AWS::Route53Resolver::ResolverQueryLoggingConfig"
    vpc = Ref("AWS::EC2::VPC", "hub")
    ours = {"ResourceId": vpc, "ResolverQueryLogConfigId": Ref(config, "dns-logs")}
    theirs = {"ResourceId": vpc, "ResolverQueryLogConfigId": Ref(config, "rqlc-1")}
    assert kind.key(ours) == "hub"
    assert kind.key(theirs) == "hub/rqlc-1"
