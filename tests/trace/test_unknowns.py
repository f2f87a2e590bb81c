"""Design decision 9: whatever AWS may report is modelled, or unknown by its name."""

import pytest

from ringwall.resources import registry
from ringwall.resources.enums import ENUMS
from ringwall.resources.route import TARGETS as READ_TARGETS
from ringwall.trace.crossings import TARGETS
from ringwall.trace.gaps import MODELLED, OWN_MODEL, PLAIN_INTERFACES, is_beside_packets
from ringwall.trace.indexes import GATEWAY_KINDS
from ringwall.trace.indexes import TARGETS as KINDS
from ringwall.trace.transit import IDLE_ATTACHMENT, WORKING_ATTACHMENT
from tests.builders import two_subnets
from tests.trace.asking import judged, unknowns
from tests.trace.test_routing_rules import internet_vpc, peered, spokes


def test_every_target_of_a_route_that_is_read_has_a_kind():
    assert {*KINDS, "GatewayId"} == set(READ_TARGETS)


@pytest.mark.parametrize("name", sorted(set(KINDS) - {"NatGatewayId"}))
def test_a_target_is_followed_or_unknown_by_its_name(name):
    base = internet_vpc()
    node = base.nodes["AWS::EC2::Route", "v/public>0.0.0.0/0"]
    properties = {k: v for k, v in node.properties.items() if k != "GatewayId"}
    base.add("Route", "v/public>0.0.0.0/0", {**properties, name: "something-1"})
    if KINDS[name] in TARGETS:
        judged(base, "v/edge", "8.8.8.8", "443", reachable=True)
    else:
        assert KINDS[name] in unknowns(base, "v/edge", "8.8.8.8", "443")


@pytest.mark.parametrize("kind", sorted({*GATEWAY_KINDS.values()} - {"internet-gateway"}))
def test_a_gateway_of_another_kind_is_unknown(kind):
    prefix = {"virtual-private-gateway": "vgw", "vpc-endpoint": "vpce", "carrier-gateway": "cagw"}
    base = internet_vpc()
    node = base.nodes["AWS::EC2::Route", "v/public>0.0.0.0/0"]
    base.add("Route", "v/public>0.0.0.0/0", {**node.properties, "GatewayId": f"{prefix[kind]}-1"})
    assert unknowns(base, "v/edge", "8.8.8.8", "443")


def test_every_type_that_is_read_is_modelled_or_beside_packets():
    # Of these every one that is read is a gap by its name.
    gaps = {
        "AWS::EC2::ClientVpnEndpoint",
        "AWS::Lambda::Function",  # in a VPC
        "AWS::VpcLattice::ServiceNetworkVpcAssociation",
    }
    assert {
        name for name in registry() if name not in MODELLED and not is_beside_packets(name)
    } == gaps


def test_every_state_of_a_route_is_followed_dropped_or_unknown():
    for state in ENUMS["RouteState"].unknown:
        base = internet_vpc().route("v/public", "203.0.113.0/24", "igw:v", state=state)
        assert state in unknowns(base, "v/edge", "203.0.113.1", "443")


def test_every_origin_of_a_route_is_followed_or_unknown():
    for origin in ENUMS["RouteOrigin"].unknown:
        base = internet_vpc().route("v/public", "203.0.113.0/24", "igw:v", origin=origin)
        assert unknowns(base, "v/edge", "203.0.113.1", "443")


def test_every_state_of_an_attachment_is_followed_dropped_or_unknown():
    standing = ENUMS["TransitGatewayAttachmentState"]
    assert standing.modelled | standing.gone == WORKING_ATTACHMENT | IDLE_ATTACHMENT | {
        "failing",
        "rejecting",
    }
    for state in standing.unknown:
        base = spokes()
        node = base.nodes["AWS::EC2::TransitGatewayAttachment", "blue"]
        base.add("TransitGatewayAttachment", "blue", node.properties, observed={"State": state})
        assert state in unknowns(base, "red/app", "blue/app", "443")


def test_every_state_of_a_peering_is_followed_dropped_or_unknown():
    for state in ENUMS["VpcPeeringConnectionStateReasonCode"].unknown:
        assert state in unknowns(peered(state), "red/app", "blue/app", "443")


def test_every_type_of_interface_is_plain_has_a_model_or_forbids_a_proof():
    for kind in ENUMS["NetworkInterfaceType"].known - PLAIN_INTERFACES - OWN_MODEL:
        base = two_subnets().interface("eni-1", "v/web/a", "10.0.1.200", "v/web", kind=kind)
        found = judged(base, "v/app", "v/web", "443", reachable=False)
        assert (found.ok, found.verdict.value) in {(True, "DENY"), (False, "UNKNOWN")}
        base.group("v/wide", "app", "out all 0.0.0.0/0")
        assert judged(base, "v/wide", "v/web", "443", reachable=False).verdict.value == "UNKNOWN"


def test_every_state_of_an_endpoint_but_available_is_unknown():
    for state in ENUMS["State"].unknown:
        base = internet_vpc().endpoint("v/s3", tables=["v/private/a", "v/private/b"])
        node = base.nodes["AWS::EC2::VPCEndpoint", "v/s3"]
        base.add("VPCEndpoint", "v/s3", node.properties, observed={"State": state})
        assert "endpoint v/s3" in unknowns(base, "v/app", "aws:s3", "443")


def test_a_firewall_on_the_route_to_an_internet_gateway_is_unknown():
    base = internet_vpc()
    node = base.nodes["AWS::EC2::Route", "v/public>0.0.0.0/0"]
    seen = {**node.observed, "IgwFirewall": {"FirewallArn": "arn:aws:x", "Status": "active"}}
    base.add("Route", "v/public>0.0.0.0/0", node.properties, observed=seen)
    assert "firewalls of internet gateways" in unknowns(base, "v/edge", "8.8.8.8", "443")
