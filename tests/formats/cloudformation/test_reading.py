# ruff: noqa: E501  (resources on a line each)
"""Templates into graphs of the shape that the compiler makes of blueprints."""

import json

import pytest

from ringwall.errors import InputError
from ringwall.formats.cloudformation import read
from ringwall.model.graph import Ref, ResourceGraph
from ringwall.model.ports import parse_ports
from ringwall.reach.engine import Engine
from ringwall.reach.judge import judge
from ringwall.reach.verdicts import Verdict
from ringwall.trace.network import Network
from tests.formats.cloudformation.templates import ACCOUNT, REGION, RICH, VPC, reading, vpc


@pytest.fixture(scope="module")
def rich() -> ResourceGraph:
    return read({"rich.yaml": RICH}, account=ACCOUNT, region=REGION)


def properties(graph: ResourceGraph, kind: str, key: str) -> dict[str, object]:
    return dict(graph[f"AWS::EC2::{kind}", key].properties)


def test_a_graph_knows_account_region_and_the_line_that_asked(rich: ResourceGraph) -> None:
    node = rich["AWS::EC2::Subnet", "A"]
    assert (node.account, node.region) == (ACCOUNT, REGION)
    assert str(node.origin) == f"rich.yaml:{RICH.splitlines().index('  A:') + 1}"
    assert rich["AWS::EC2::VPC", "Main"].tags == {"Name": "rich-main", "Size": "1"}


def test_properties_are_in_normal_form(rich: ResourceGraph) -> None:
    assert properties(rich, "Subnet", "A") == {
        "VpcId": vpc(),
        "AvailabilityZone": "us-east-1a",
        "CidrBlock": "10.0.0.0/24",
        "Ipv6CidrBlock": Ref("AWS::EC2::VPCCidrBlock", "Main/ipv6", "ipv6/64/1"),
        "MapPublicIpOnLaunch": True,
        "AssignIpv6AddressOnCreation": False,
    }
    assert properties(rich, "NetworkAclEntry", "Acl:ingress:100") == {
        "NetworkAclId": Ref("AWS::EC2::NetworkAcl", "Acl"),
        "Egress": False,
        "RuleNumber": 100,
        "Protocol": 6,
        "RuleAction": "allow",
        "CidrBlock": "0.0.0.0/0",
        "PortRange": {"From": 443, "To": 443},
    }


def test_inline_rules_are_nodes_with_their_own_lines(rich: ResourceGraph) -> None:
    rule = rich["AWS::EC2::SecurityGroupIngress", "Web:in:tcp/443:0.0.0.0/0"]
    assert rule.origin is not None
    assert "FromPort: 443, ToPort: 443" in RICH.splitlines()[rule.origin.line - 1]
    assert ("AWS::EC2::SecurityGroupIngress", "Web:in:tcp/443:::/0") in rich


def test_a_group_without_egress_rules_lets_everything_out(rich: ResourceGraph) -> None:
    """If you do not add egress rules, we add egress rules that allow all outbound traffic."""
    egress = [n.key for n in rich.of_type("AWS::EC2::SecurityGroupEgress")]
    assert egress == ["Web:out:all:0.0.0.0/0", "Web:out:all:::/0"]


def test_egress_to_localhost_is_none(rich: ResourceGraph) -> None:
    assert not [n for n in rich.of_type("AWS::EC2::SecurityGroupEgress") if "Db" in n.key]


def test_a_rule_from_an_unknown_address_is_unknown_by_the_parameters_name() -> None:
    graph = reading(
        "G: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !Ref Main, SecurityGroupIngress: "
        "[{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: !Ref Admin}]}}",
        parameters="Admin: {Type: String}",
    )
    (rule,) = graph.of_type("AWS::EC2::SecurityGroupIngress")
    assert rule.properties["FromPort"] == 22
    assert "parameter Admin has no value" in str(rule.properties["CidrIp"])
    assert graph.unknowns == ()


def test_a_rule_with_unknown_ports_may_let_through_anything() -> None:
    graph = reading(
        "G: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !Ref Main, SecurityGroupIngress: "
        "[{IpProtocol: tcp, FromPort: !Ref Port, ToPort: !Ref Port, CidrIp: 10.0.0.0/8}]}}",
        parameters="Port: {Type: Number}",
    )
    (rule,) = graph.of_type("AWS::EC2::SecurityGroupIngress")
    assert rule.properties["IpProtocol"] == "-1"
    assert "parameter Port has no value" in str(rule.properties["CidrIp"])


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("V: {Type: AWS::EC2::VPC, Properties: {CidrBlock: !Ref P}}", "VPC V"),
        ("S: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref P, CidrBlock: 10.0.0.0/24}}", "Subnet S"),
        ("S: {Type: AWS::EC2::Subnet, Properties: {VpcId: vpc-12345678, CidrBlock: 10.0.0.0/24}}", "VPC vpc-12345678"),
        ("S: {Type: AWS::EC2::Subnet, Condition: C, Properties: {VpcId: !Ref Main, CidrBlock: 10.0.0.0/24}}", "Subnet S"),
        ("S: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: 'https://x/y.yaml'}}", "Stack S"),
        ("G: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: x}}", "SecurityGroup G"),
    ],
)  # fmt: skip
def test_what_decides_everything_and_is_not_known_stands_in_the_unknowns(
    line: str, what: str
) -> None:
    text = "Parameters: {P: {Type: String}}\nConditions: {C: !Equals [!Ref P, x]}\nResources:\n"
    text += "  Main: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}\n  " + line
    graph = read({"t.yaml": text}, account=ACCOUNT, region=REGION)
    assert what in {unknown.what for unknown in graph.unknowns}


def test_a_type_that_nobody_knows_is_a_node_and_one_beside_packets_is_none() -> None:
    graph = reading(
        "New: {Type: AWS::EC2::SomethingNew, Properties: {VpcId: !Ref Main}}",
        "Plan: {Type: AWS::Backup::BackupPlan}",
    )
    assert graph["AWS::EC2::SomethingNew", "New"].properties == {"VpcId": vpc()}
    assert ("AWS::Backup::BackupPlan", "Plan") not in graph
    assert any("SomethingNew" in u.what for u in Network(graph).unknowns_for("Main"))


def test_a_transit_gateway_has_a_default_table_unless_told_otherwise(rich: ResourceGraph) -> None:
    table = Ref("AWS::EC2::TransitGatewayRouteTable", "Tgw/default")
    for key in ("AttachMain", "AttachOther"):
        association = rich["AWS::EC2::TransitGatewayRouteTableAssociation", key]
        assert association.properties["TransitGatewayRouteTableId"] == table
        assert ("AWS::EC2::TransitGatewayRouteTablePropagation", f"Tgw/default<{key}") in rich
    off = "DefaultRouteTableAssociation: disable, DefaultRouteTablePropagation: disable"
    graph = reading(f"T: {{Type: AWS::EC2::TransitGateway, Properties: {{{off}}}}}")
    assert not graph.of_type("AWS::EC2::TransitGatewayRouteTable")


def test_an_instance_sends_through_its_interface(rich: ResourceGraph) -> None:
    interface = rich["AWS::EC2::NetworkInterface", "Server/eth0"]
    assert interface.properties["SubnetId"] == Ref("AWS::EC2::Subnet", "A")
    assert interface.observed["Attachment"]["InstanceId"] == Ref("AWS::EC2::Instance", "Server")
    assert "PublicIp" in interface.observed  # its subnet gives public addresses
    assert "secret" not in repr(list(rich))


def test_an_interface_endpoint_without_groups_has_the_default_one(rich: ResourceGraph) -> None:
    found = properties(rich, "VPCEndpoint", "Ssm")["SecurityGroupIds"]
    assert found == [Ref("Ringwall::EC2::DefaultSecurityGroup", "Main")]


def test_both_engines_take_what_was_read(rich: ResourceGraph) -> None:
    Engine(rich)
    assert set(Network(rich).subnets) == {"A", "B", "C"}


def test_an_import_is_what_another_template_exports() -> None:
    user = (
        "Parameters: {Net: {Type: String}}\nResources:\n  S: {Type: AWS::EC2::Subnet, Properties: "
        "{VpcId: {'Fn::ImportValue': !Sub '${Net}-vpc'}, CidrBlock: 10.0.7.0/24}}"
    )
    graph = read(
        {"user.yaml": user, "a/rich.yaml": RICH},
        account=ACCOUNT,
        region=REGION,
        parameters={"Net": "rich"},
    )
    assert properties(graph, "Subnet", "S")["VpcId"] == vpc()


def test_a_nested_stack_is_read_with_what_its_parent_gives() -> None:
    inner = (
        "Parameters: {Vpc: {Type: 'AWS::EC2::VPC::Id'}, Block: {Type: String}}\nResources:\n  S: "
        "{Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: !Ref Block}}\n"
        "Outputs: {Id: {Value: !Ref S}}"
    )
    outer = (
        "Resources:\n  V: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}\n"
        "  T: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref V}}\n"
    )
    for name, block in (("One", "10.0.1.0/24"), ("Two", "10.0.2.0/24")):
        outer += (
            f"  {name}: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: ./inner.yaml, "
            f"Parameters: {{Vpc: !Ref V, Block: {block}}}}}}}\n"
        )
    outer += (
        "  A: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: "
        "{RouteTableId: !Ref T, SubnetId: !GetAtt Two.Outputs.Id}}\n"
    )
    texts = {"x/outer.yaml": outer, "x/inner.yaml": inner}
    graph = read(texts, account=ACCOUNT, region=REGION)
    subnets = {node.key: node.properties["CidrBlock"] for node in graph.of_type("AWS::EC2::Subnet")}
    assert subnets == {"outer/One/S": "10.0.1.0/24", "outer/Two/S": "10.0.2.0/24"}
    assert ("AWS::EC2::SubnetRouteTableAssociation", "outer/Two/S") in graph
    assert graph.unknowns == ()


def test_json_is_read_as_yaml_is() -> None:
    template = {
        "Resources": {"V": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}}
    }
    text = json.dumps(template, indent="\t")
    graph = read({"t.json": text}, account=ACCOUNT, region=REGION)
    origin = graph["AWS::EC2::VPC", "V"].origin
    assert origin is not None
    assert str(origin) == "t.json:3"


def test_parameters_that_no_template_has_are_refused() -> None:
    with pytest.raises(InputError, match="no template has a parameter 'Nobody'; known: P"):
        reading(parameters="P: {Type: String}", given={"Nobody": "x"})


def test_zones_by_name_and_by_number_are_not_told_apart() -> None:
    graph = reading(
        "A: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Main, CidrBlock: 10.0.0.0/24, AvailabilityZone: us-east-1a}}",
        "B: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Main, CidrBlock: 10.0.1.0/24, AvailabilityZone: !Select [0, !GetAZs '']}}",
    )
    assert "availability zones" in {unknown.what for unknown in graph.unknowns}


def test_a_region_may_be_given_as_a_parameter() -> None:
    graph = read({"rich.yaml": RICH}, parameters={"AWS::Region": "eu-west-1"})
    assert properties(graph, "VPCEndpoint", "S3")["ServiceName"] == "com.amazonaws.eu-west-1.s3"
    assert graph["AWS::EC2::VPC", "Main"].region == "eu-west-1"


def test_without_a_region_what_names_it_is_unknown_and_zones_are_still_told_apart() -> None:
    graph = reading_nowhere(
        "A: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Main, CidrBlock: 10.0.0.0/24, AvailabilityZone: !Select [1, !GetAZs {Ref: AWS::Region}]}}",
        "S3: {Type: AWS::EC2::VPCEndpoint, Properties: {VpcId: !Ref Main, ServiceName: !Sub 'com.amazonaws.${AWS::Region}.s3'}}",
    )
    assert properties(graph, "Subnet", "A")["AvailabilityZone"] == "zone[1]"
    assert [str(unknown) for unknown in graph.unknowns] == [
        "VPCEndpoint S3: ServiceName: AWS::Region is not given"
    ]


def reading_nowhere(*resources: str) -> ResourceGraph:
    return read({"t.yaml": VPC + "".join(f"  {line}\n" for line in resources)})


LEARNING = """
Resources:
  V: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  S: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref V, CidrBlock: 10.0.1.0/24, AvailabilityZone: us-east-1a}}
  T: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref V}}
  A: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref S, RouteTableId: !Ref T}}
  G: {Type: AWS::EC2::VPNGateway, Properties: {Type: ipsec.1}}
  GA: {Type: AWS::EC2::VPCGatewayAttachment, Properties: {VpcId: !Ref V, VpnGatewayId: !Ref G}}
  P: {Type: AWS::EC2::VPNGatewayRoutePropagation, Properties: {RouteTableIds: [!Ref T], VpnGatewayId: !Ref G}}
  C: {Type: AWS::EC2::CustomerGateway, Properties: {Type: ipsec.1, IpAddress: 198.51.100.1, BgpAsn: 65000}}
  N: {Type: AWS::EC2::VPNConnection, Properties: {Type: ipsec.1, CustomerGatewayId: !Ref C, VpnGatewayId: !Ref G}}
  W:
    Type: AWS::EC2::SecurityGroup
    Properties:
      VpcId: !Ref V
      GroupDescription: web
      SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 192.168.0.0/16}]
  E: {Type: AWS::EC2::NetworkInterface, Properties: {SubnetId: !Ref S, GroupSet: [!Ref W]}}
"""


@pytest.mark.parametrize(
    ("source", "destination"), [("10.0.1.5", "192.168.1.1"), ("192.168.1.1", "10.0.1.5")]
)
def test_what_a_table_learns_of_a_private_gateway_is_unknown_both_ways(
    source: str, destination: str
) -> None:
    """R24: what BGP brings is in no template: neither DENY nor ONE_WAY may rest on its absence."""
    engine = Engine(read({"t.yaml": LEARNING}))
    ends = (engine.ends.named(source), engine.ends.named(destination))
    asked = judge(engine, *ends, ports=[parse_ports("443")], reachable=True)
    assert asked.verdict is Verdict.UNKNOWN
