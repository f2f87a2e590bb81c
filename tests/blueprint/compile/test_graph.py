"""What a whole compiled graph holds: counts, references, normal form, places, tags."""

from collections import Counter

import pytest

from ringwall.model.graph import Ref, ResourceGraph, references
from ringwall.resources import resource_type
from ringwall.resources.ownership import DEPLOYMENT_TAG, KEY_TAG
from tests.blueprint.compile.blueprints import ALL, compiled, example

# What is brought along or belongs to AWS, and is found only in what was read.
_OF_AWS = ("aws:", "tgw-0123456789abcdef0")


@pytest.fixture(scope="module", params=ALL, ids=str)
def graph(request: pytest.FixtureRequest) -> ResourceGraph:
    return compiled(ALL[request.param])


def _summary(graph: ResourceGraph) -> dict[str, int]:
    return dict(sorted(Counter(node.short_type for node in graph).items()))


def test_the_minimal_blueprint_is_these_resources() -> None:
    assert sorted(f"{node.short_type} {node.key}" for node in compiled(example("minimal"))) == [
        "DefaultSecurityGroup main",
        "InternetGateway main",
        "NetworkAcl main/isolated",
        "NetworkAcl main/public",
        "NetworkAclEntry main/isolated:egress:1000",
        "NetworkAclEntry main/isolated:ingress:1000",
        "NetworkAclEntry main/public:egress:1000",
        "NetworkAclEntry main/public:ingress:1000",
        "NetworkAclEntry main/public:ingress:1010",
        "Route main/public>0.0.0.0/0",
        "RouteTable main/isolated",
        "RouteTable main/public",
        "SecurityGroup main/db",
        "SecurityGroup main/web",
        "SecurityGroupEgress main/web:out:tcp/5432:group main/db",
        "SecurityGroupIngress main/db:in:tcp/5432:group main/web",
        "SecurityGroupIngress main/web:in:tcp/443:0.0.0.0/0",
        "Subnet main/isolated/us-east-1a",
        "Subnet main/isolated/us-east-1b",
        "Subnet main/public/us-east-1a",
        "Subnet main/public/us-east-1b",
        "SubnetNetworkAclAssociation main/isolated/us-east-1a",
        "SubnetNetworkAclAssociation main/isolated/us-east-1b",
        "SubnetNetworkAclAssociation main/public/us-east-1a",
        "SubnetNetworkAclAssociation main/public/us-east-1b",
        "SubnetRouteTableAssociation main/isolated/us-east-1a",
        "SubnetRouteTableAssociation main/isolated/us-east-1b",
        "SubnetRouteTableAssociation main/public/us-east-1a",
        "SubnetRouteTableAssociation main/public/us-east-1b",
        "VPC main",
        "VPCGatewayAttachment main/internet-gateway",
    ]


def test_the_fortress_is_these_resources() -> None:
    assert _summary(compiled(example("fortress"))) == {
        "DefaultSecurityGroup": 4,
        "EIP": 8,
        "FirewallConfig": 4,
        "FirewallDomainList": 1,
        "FirewallRuleGroup": 1,
        "FirewallRuleGroupAssociation": 4,
        "FlowLog": 4,
        "HostedZone": 3,
        "InternetGateway": 4,
        "LogGroup": 2,
        "NatGateway": 8,
        "NetworkAcl": 16,
        "NetworkAclEntry": 98,
        "RecordSet": 3,
        "ResolverQueryLoggingConfig": 1,
        "ResolverQueryLoggingConfigAssociation": 4,
        "Role": 1,
        "Route": 36,
        "RouteTable": 25,
        "SecurityGroup": 18,
        "SecurityGroupEgress": 49,
        "SecurityGroupIngress": 33,
        "Subnet": 32,
        "SubnetNetworkAclAssociation": 32,
        "SubnetRouteTableAssociation": 32,
        "TransitGateway": 1,
        "TransitGatewayAttachment": 4,
        "TransitGatewayRouteTable": 3,
        "TransitGatewayRouteTableAssociation": 4,
        "TransitGatewayRouteTablePropagation": 7,
        "VPC": 4,
        "VPCEndpoint": 11,
        "VPCGatewayAttachment": 4,
    }


def test_every_reference_names_a_node_or_what_only_aws_has(graph: ResourceGraph) -> None:
    dangling = {
        str(ref)
        for node in graph
        for ref in references(node.properties)
        if ref not in graph and not ref.key.startswith(_OF_AWS)
    }
    assert dangling == set()


def test_every_node_is_in_the_normal_form_of_its_type(graph: ResourceGraph) -> None:
    for node in graph:
        assert resource_type(node.type).normalise(node.properties) == node.properties, str(node)


def test_every_child_has_the_key_of_its_type_and_every_other_bears_both_tags(
    graph: ResourceGraph,
) -> None:
    for node in graph:
        kind = resource_type(node.type)
        if kind.key is not None:
            assert node.key == kind.key(node.properties), str(node)
            assert not node.tags, str(node)
        else:
            # The name of a saved question stands for its tags.
            by_name = node.type == "AWS::Logs::QueryDefinition"
            assert kind.tag is not None or by_name, str(node)
            assert node.tags[KEY_TAG] == node.key
            assert node.tags[DEPLOYMENT_TAG]


def test_every_node_has_its_place_in_the_blueprint(graph: ResourceGraph) -> None:
    assert [str(node) for node in graph if node.origin is None] == []


def test_a_rule_stands_where_its_flow_stands() -> None:
    text = example("fortress")
    graph = compiled(text)
    rule = graph[
        "AWS::EC2::SecurityGroupIngress",
        "production/db:in:tcp/3306:group production/app",
    ]
    assert rule.origin is not None
    assert "from: app, to: db, ports: [3306]" in text.splitlines()[rule.origin.line - 1]


def test_a_former_name_is_a_former_key_of_all_that_bears_it() -> None:
    graph = compiled(ALL["everything"])
    assert graph["AWS::EC2::VPC", "front"].was == ("edge",)
    assert graph["AWS::EC2::Subnet", "front/public/eu-west-1a"].was == (
        "front/dmz/eu-west-1a",
        "edge/public/eu-west-1a",
        "edge/dmz/eu-west-1a",
    )
    assert graph["AWS::EC2::SecurityGroup", "front/gate"].was == (
        "front/door",
        "edge/gate",
        "edge/door",
    )
    assert graph["AWS::EC2::TransitGatewayRouteTable", "back"].was == ("rear",)
    # A segment is no VPC, even if their names are the same.
    assert graph["AWS::EC2::TransitGatewayRouteTable", "front"].was == ()


def test_what_is_protected_is_protected_with_all_that_is_in_it() -> None:
    graph = compiled(ALL["everything"])
    assert graph["AWS::EC2::VPC", "front"].protect
    assert graph["AWS::EC2::Subnet", "front/private/eu-west-1b"].protect
    assert not graph["AWS::EC2::VPC", "back"].protect
    assert not graph["AWS::EC2::TransitGatewayRouteTable", "front"].protect


def test_tags_are_the_name_those_of_the_blueprint_and_of_the_vpc_and_ours() -> None:
    graph = compiled(ALL["everything"])
    assert graph["AWS::EC2::Subnet", "front/public/eu-west-1a"].tags == {
        "Name": "everything-front-public-eu-west-1a",
        "Owner": "network",
        "Stage": "live",
        "ringwall:deployment": "everything",
        "ringwall:key": "front/public/eu-west-1a",
        "ringwall:protect": "true",
    }
    assert "ringwall:protect" not in graph["AWS::EC2::VPC", "back"].tags


def test_a_gateway_that_is_brought_along_is_referred_to_and_not_made() -> None:
    graph = compiled(ALL["everything"])
    assert graph.of_type("AWS::EC2::TransitGateway") == []
    assert graph["AWS::EC2::TransitGatewayAttachment", "front"].properties[
        "TransitGatewayId"
    ] == Ref("AWS::EC2::TransitGateway", "tgw-0123456789abcdef0")


def test_compiling_twice_gives_the_same_graph() -> None:
    assert compiled(ALL["forty"]) == compiled(ALL["forty"])
