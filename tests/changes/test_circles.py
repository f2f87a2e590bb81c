"""Deletions that would wait for each other."""

import pytest

from ringwall.app.workspace import blueprint_of
from ringwall.changes.planning import make_destroy_plan, make_plan
from tests.changes.central import CENTRAL_NAT, deployed

LOGGED = CENTRAL_NAT.replace(
    "transit_gateway:\n", "flow_logs: {destination: cloudwatch}\ntransit_gateway:\n", 1
)


def test_a_destroy_of_central_nat_takes_first_the_routes_that_tie_the_hub_in_a_circle():
    made = make_destroy_plan(deployed(), deployment="central", account="1", region="us-east-1")
    place = {(s.type.rsplit("::", 1)[-1], s.key): s.number for s in made.steps}
    spoke = deployed()["AWS::EC2::VPC", "spoke"].properties["CidrBlock"]
    gateway = place["NatGateway", "hub/nat/us-east-1a"]
    attachment = place["TransitGatewayAttachment", "hub"]
    assert place["Route", f"hub/public>{spoke}"] < attachment
    assert place["Route", "hub/attachment>0.0.0.0/0"] < gateway
    assert attachment < place["RouteTable", "hub/attachment"]
    assert gateway < place["RouteTable", "hub/public"]


def test_routes_that_tie_nothing_die_with_their_table():
    made = make_destroy_plan(deployed(), deployment="central", account="1", region="us-east-1")
    tables = {s.key.partition(">")[0] for s in made.steps if s.type == "AWS::EC2::Route"}
    assert "spoke/private" not in tables


def test_a_transit_gateway_with_another_number_is_replaced_and_the_routes_to_it_made_again():
    """`AmazonSideAsn` is taken at creation alone; a VPC is attached anew, then routed to."""
    text = CENTRAL_NAT.replace("transit_gateway:\n", "transit_gateway:\n  asn: 64600\n", 1)
    found = make_plan(
        blueprint_of(text, "central.yaml").graph,
        deployed(),
        deployment="central",
        account="1",
        region="us-east-1",
    )
    order = [(s.action.value, s.type.rsplit("::", 1)[-1], s.key) for s in found.steps if s.calls]
    route = "spoke/private>0.0.0.0/0"
    way = [
        ("delete", "Route", route),
        ("delete", "TransitGatewayAttachment", "spoke"),
        ("create", "TransitGatewayAttachment", "spoke"),
        ("create", "Route", route),
    ]
    assert [step for step in order if step in way] == way


def test_a_vpc_with_another_block_is_replaced_though_its_flow_log_would_overlap():
    text = LOGGED
    moved = text.replace("  spoke:\n", "  spoke:\n    cidr: 10.77.0.0/16\n")
    found = make_plan(
        blueprint_of(moved, "central.yaml").graph,
        deployed(text),
        deployment="central",
        account="1",
        region="us-east-1",
    )
    order = [(s.action.value, s.type.rsplit("::", 1)[-1], s.key) for s in found.steps if s.calls]
    way = [
        ("delete", "FlowLog", "spoke"),
        ("delete", "VPC", "spoke"),
        ("create", "VPC", "spoke"),
        ("create", "FlowLog", "spoke"),
    ]
    assert [step for step in order if step in way] == way


@pytest.mark.parametrize(
    ("said", "order"),
    [
        ("destination: s3", ["create", "delete"]),
        ("destination: cloudwatch, traffic: REJECT", ["create", "delete"]),
        ("destination: cloudwatch, format: default", ["delete", "create"]),
        ("destination: cloudwatch, aggregation_seconds: 600", ["delete", "create"]),
    ],
)
def test_a_flow_log_overlaps_with_the_old_one_where_aws_tells_them_apart(said, order):
    found = make_plan(
        blueprint_of(LOGGED.replace("destination: cloudwatch", said), "central.yaml").graph,
        deployed(LOGGED),
        deployment="central",
        account="1",
        region="us-east-1",
    )
    done = [s.action.value for s in found.steps if s.type == "AWS::EC2::FlowLog" and s.key == "hub"]
    assert done == order
