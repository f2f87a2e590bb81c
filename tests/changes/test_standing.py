"""What strangers put into our networks counts in the network after a plan, whoever made it."""

from collections.abc import Iterable
from functools import cache

import pytest

from ringwall.changes.ownership import Owner, owner, standing
from ringwall.changes.passage import passage
from ringwall.changes.planning import make_plan
from ringwall.model.graph import Node, Ref, ResourceGraph, Unknown
from ringwall.model.ports import parse_ports
from ringwall.reach.engine import Engine
from ringwall.reach.judge import judge
from tests.e2e.test_changes import deployed, graph_of
from tests.fortress import TEXT

VPC, GATEWAY, TABLE = "AWS::EC2::VPC", "AWS::EC2::VPNGateway", "AWS::EC2::RouteTable"
OFFICE = "192.168.7.0/24"


@cache
def there() -> ResourceGraph:
    graph: ResourceGraph = deployed(TEXT)
    return graph


def of_strangers(kind: str, key: str, properties: dict[str, object], **more: object) -> Node:
    return Node(f"AWS::EC2::{kind}", key, "1", "us-east-1", properties, physical_id=key, **more)  # type: ignore[arg-type]


def after(nodes: Iterable[Node], *unknowns: Unknown) -> Engine:
    """Return the network after a plan that changes nothing, with these nodes in the account."""
    known = there().with_nodes(nodes)
    observed = ResourceGraph(known.nodes, unknowns)
    made = make_plan(
        graph_of(TEXT), observed, deployment="fortress", account="1", region="us-east-1"
    )
    assert made.empty
    return passage(made, graph_of(TEXT), observed).after.engine


def verdict(engine: Engine, source: str, destination: str, port: str = "443") -> str:
    ends = engine.ends.named(source), engine.ends.named(destination)
    return judge(engine, *ends, ports=[parse_ports(port)], reachable=False).verdict.value


def a_private_gateway() -> list[Node]:
    link: dict[str, object] = {
        "VpcId": Ref(VPC, "production"),
        "VpnGatewayId": Ref(GATEWAY, "vgw-1"),
    }
    return [
        of_strangers("VPNGateway", "vgw-1", {}, observed={"State": "available"}),
        of_strangers("VPCGatewayAttachment", "production/vpn-gateway", link),
    ]


def test_a_virtual_private_gateway_at_our_vpc_is_an_entrance_after_the_plan() -> None:
    """Its lines are not read by a plan: whether on-premises networks come in is unknown."""
    assert verdict(after([]), OFFICE, "production/alb") == "DENY"
    found = after(a_private_gateway())
    assert verdict(found, OFFICE, "production/alb") == "UNKNOWN"
    assert verdict(found, OFFICE, "staging/alb") == "DENY"
    assert verdict(found, OFFICE, "production/db") == "DENY"  # its group admits no such address


def test_a_virtual_private_gateway_at_our_vpc_is_a_strangers_and_never_removed() -> None:
    graph = there().with_nodes(a_private_gateway())
    node = graph["AWS::EC2::VPCGatewayAttachment", "production/vpn-gateway"]
    assert owner(node, graph, "fortress") is Owner.FOREIGN
    made = make_plan(ResourceGraph(), graph, deployment="fortress", account="1", region="us-east-1")
    assert any("vpn-gateway stands in it" in reason for reason in made.blocked)


def test_routes_that_our_table_learned_stand_after_the_plan() -> None:
    learned = [
        of_strangers(
            "Route",
            f"{table.key}>{OFFICE}",
            {
                "RouteTableId": table.ref,
                "DestinationCidrBlock": OFFICE,
                "GatewayId": Ref(GATEWAY, "vgw-1"),
            },
            observed={"Origin": "EnableVgwRoutePropagation", "State": "active"},
        )
        for table in there().of_type(TABLE)
    ]
    assert verdict(after([]), "production/app", OFFICE) == "DENY"
    found = after([*a_private_gateway(), *learned])
    told = judge(
        found,
        found.ends.named("production/app"),
        found.ends.named(OFFICE),
        ports=[parse_ports("443")],
        reachable=True,
    ).told
    assert told is not None
    assert "virtual-private-gateway" in {hop.kind for hop in told.forward}


def test_a_strangers_group_stands_with_its_rules() -> None:
    subnet = next(n for n in there().of_type("AWS::EC2::Subnet") if "/private/" in n.key)
    vpc = subnet.key.split("/", maxsplit=1)[0]
    group = "AWS::EC2::SecurityGroup"
    nodes = [
        of_strangers("SecurityGroup", "sg-x", {"VpcId": Ref(VPC, vpc)}),
        of_strangers(
            "SecurityGroupIngress",
            "sg-x:in",
            {"GroupId": Ref(group, "sg-x"), "IpProtocol": "-1", "CidrIp": "0.0.0.0/0"},
        ),
        of_strangers(
            "SecurityGroupEgress",
            "sg-x:out",
            {"GroupId": Ref(group, "sg-x"), "IpProtocol": "-1", "CidrIp": "0.0.0.0/0"},
        ),
        *(
            of_strangers(
                "NetworkInterface",
                key,
                {"SubnetId": subnet.ref, "GroupSet": [Ref(group, "sg-x")]},
                observed={"InterfaceType": "interface", "Status": "in-use"},
            )
            for key in ("eni-x", "eni-y")
        ),
    ]
    graph = there().with_nodes(nodes)
    assert {node.key for node in standing(graph, "fortress")} >= {each.key for each in nodes}
    assert verdict(after(nodes), "eni-y", "eni-x", "5432") == "ALLOW"
    lacking = [each for each in nodes if each.key != "sg-x:in"]
    assert verdict(after(lacking), "eni-y", "eni-x", "5432") == "DENY"


@pytest.mark.parametrize(
    ("type_name", "given"),
    [("AWS::EC2::NetworkInterface", "UNKNOWN"), ("AWS::EC2::VPNGateway", "UNKNOWN"),
     ("AWS::EC2::VPNConnection", "DENY"), ("AWS::Route53::HostedZone", "DENY")],
)  # fmt: skip
def test_what_could_not_be_read_is_unknown_after_the_plan_too(type_name: str, given: str) -> None:
    found = after([], Unknown(type_name, "was refused"))
    assert verdict(found, OFFICE, "production/alb") == given
