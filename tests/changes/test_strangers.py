"""Whatever strangers build around and inside our VPCs, no plan touches it."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringwall.changes.planning import make_destroy_plan, make_plan
from ringwall.model.graph import Node, Ref, ResourceGraph
from tests.changes import graphs as g

OURS = g.graph(
    g.vpc(), g.subnet(), g.nacl(), g.entry(), g.group(), g.group("v/db"),
    g.ingress(), g.from_group("v/db", "v/web", 3306),
    g.node(g.ROUTE_TABLE, "v/t", VpcId=Ref(g.VPC, "v")),
)  # fmt: skip
CHANGED = g.graph(
    g.vpc(), g.subnet(), g.subnet("v/t/b", "10.0.1.0/24", "b"), g.nacl(), g.entry(1000, 80),
    g.group(), g.group("v/db"), g.ingress(port=80), g.from_group("v/db", "v/web", 3307),
    g.node(g.ROUTE_TABLE, "v/t", VpcId=Ref(g.VPC, "v")),
)  # fmt: skip

TAGS = st.sampled_from(
    [{}, {"Name": "mine"}, {"ringwall:deployment": "other", "ringwall:key": "v"},
     {"ringwall:deployment": "d"}, {"ringwall:key": "v"}]
)  # fmt: skip
VPCS = st.sampled_from(["v", "vpc-stranger"])
GROUPS = st.sampled_from(["v/web", "v/db", "sg-stranger"])


@st.composite
def strangers(draw):
    """Return nodes that are not ours: some with a tag like ours, many inside what is ours."""
    nodes = [
        Node(
            g.VPC, "vpc-stranger", "1", "r", {"CidrBlock": "192.168.0.0/16"},
            physical_id="vpc-stranger",
        ),
        Node(
            g.GROUP, "sg-stranger", "1", "r", {"VpcId": Ref(g.VPC, draw(VPCS))},
            physical_id="sg-stranger", tags=draw(TAGS),
        ),
    ]  # fmt: skip
    for number in range(draw(st.integers(0, 6))):
        kind = draw(st.sampled_from(["subnet", "table", "rule", "acl", "interface", "route"]))
        physical_id = f"{kind}-stranger-{number}"
        properties: dict[str, object] = {}
        match kind:
            case "subnet":
                type_name = g.SUBNET
                properties = {
                    "VpcId": Ref(g.VPC, draw(VPCS)),
                    "CidrBlock": f"10.0.{50 + number}.0/24",
                }
            case "table":
                type_name = g.ROUTE_TABLE
                properties = {"VpcId": Ref(g.VPC, draw(VPCS))}
            case "acl":
                type_name = g.NACL
                properties = {"VpcId": Ref(g.VPC, draw(VPCS))}
            case "rule":
                type_name = g.INGRESS
                properties = {
                    "GroupId": Ref(g.GROUP, "sg-stranger"), "IpProtocol": "tcp", "FromPort": number,
                    "ToPort": number, "SourceSecurityGroupId": Ref(g.GROUP, draw(GROUPS)),
                }  # fmt: skip
            case "route":
                type_name = g.ROUTE
                properties = {
                    "RouteTableId": Ref(g.ROUTE_TABLE, "rtb-stranger"),
                    "DestinationCidrBlock": f"203.0.{number}.0/24",
                    "TransitGatewayId": Ref(g.GATEWAY, "tgw-stranger"),
                }
            case _:
                type_name = "AWS::EC2::NetworkInterface"
                properties = {
                    "SubnetId": Ref(g.SUBNET, "v/t/a"), "GroupSet": [Ref(g.GROUP, draw(GROUPS))],
                }  # fmt: skip
        nodes.append(
            Node(
                type_name,
                physical_id,
                "1",
                "r",
                properties,
                physical_id=physical_id,
                tags=draw(TAGS),
            )
        )
    return nodes


def touched(plan):
    """Return every text in the requests of the steps."""

    def texts(value):
        if isinstance(value, str):
            yield value
        elif isinstance(value, Ref):
            yield value.key
        elif isinstance(value, dict):
            for item in value.values():
                yield from texts(item)
        elif isinstance(value, (list, tuple)):
            for item in value:
                yield from texts(item)

    return {text for step in plan.steps for call in step.calls for text in texts(call.request)}


@pytest.mark.property
@given(strangers(), st.sampled_from(["apply", "destroy"]))
@settings(max_examples=150, deadline=None)
def test_no_plan_touches_what_a_stranger_built(foreign, purpose):
    observed = g.read_back(OURS, *foreign)
    plan = (
        make_plan(CHANGED, observed, deployment=g.DEPLOYMENT, account="1", region="r")
        if purpose == "apply"
        else make_destroy_plan(observed, deployment=g.DEPLOYMENT, account="1", region="r")
    )
    ids = {node.physical_id for node in foreign}
    assert not ids & touched(plan)
    assert not ids & {change.before.physical_id for change in plan.changes if change.before}


@pytest.mark.property
@given(st.sets(st.integers(1, 32766), max_size=8))
@settings(max_examples=100, deadline=None)
def test_hand_made_entries_go_and_the_responders_stay(numbers):
    numbers -= {1000}
    by_hand = [
        replace(g.entry(number, 25, "deny"), physical_id=f"acl:{number}")
        for number in sorted(numbers)
    ]
    plan = make_plan(
        OURS, g.read_back(OURS, *by_hand), deployment=g.DEPLOYMENT, account="1", region="r"
    )
    gone = {change.before.properties["RuleNumber"] for change in plan.changes if change.before}
    assert gone == {number for number in numbers if number >= 100}
    assert {n.properties["RuleNumber"] for n in plan.temporary} == numbers - gone


def test_a_graph_of_strangers_alone_plans_as_an_empty_one():
    lone = Node(g.VPC, "vpc-x", "1", "r", {"CidrBlock": "10.0.0.0/16"}, physical_id="vpc-x")
    plan = make_plan(
        OURS, ResourceGraph.of([lone]), deployment=g.DEPLOYMENT, account="1", region="r"
    )
    assert {change.action.value for change in plan.changes} == {"create"}
