"""On-premises networks: virtual private gateways, VPN, Direct Connect: R24, R25, R16."""

import pytest

from tests.builders import NetworkBuilder, open_acl, ref
from tests.trace.asking import ask, codes, judged, shown, told, unknowns
from tests.trace.building import (
    appliance,
    attach_other,
    direct_connect,
    gateway_table,
    private_gateway,
    vpn,
)
from tests.trace.test_routing_rules import OPEN, spokes

OFFICE = "192.168.7.7"
PROPAGATED = "EnableVgwRoutePropagation"


def hybrid(*, route: str = PROPAGATED, **options) -> NetworkBuilder:
    """A VPC with a virtual private gateway and a VPN connection to 192.168.0.0/16."""
    base = NetworkBuilder().vpc("v", "10.0.0.0/16").acl("v/app", *open_acl())
    base.subnet("v/app/a", "10.0.1.0/24", acl="v/app").group("v/app", "app", *OPEN)
    if route != "none":
        base.route("v/app", "192.168.0.0/16", "vgw:vgw-1", origin=route)
    return vpn(private_gateway(base, "v"), **options)


def test_r24_a_propagated_route_leads_on_premises_and_back():
    assert ask(hybrid(), "v/app", OFFICE, "443") == "ALLOW"
    assert ask(hybrid(), OFFICE, "v/app", "443") == "ALLOW"
    kinds = [hop.kind for hop in shown(told(hybrid(), OFFICE, "v/app", "443")).forward]
    assert kinds == ["vpn-connection", "virtual-private-gateway", "network-acl", "security-group"]


def test_r24_on_premises_reaches_subnets_without_a_route_back():
    """The VPC announces its whole block."""
    assert ask(hybrid(route="none"), OFFICE, "v/app", "443") == "ONE_WAY"
    assert not judged(hybrid(route="none"), OFFICE, "v/app", "443", reachable=False).ok


def test_r24_it_carries_no_ipv6():
    base = hybrid()
    block = {"VpcId": ref("VPC", "v"), "AmazonProvidedIpv6CidrBlock": True}
    base.add("VPCCidrBlock", "v/ipv6", block)
    base.subnet("v/app/a", "10.0.1.0/24", acl="v/app", ipv6=1)
    base.group("v/six", "app", "out all ::/0").route("v/app", "fd12::/16", "vgw:vgw-1")
    assert codes(base, "v/six", "fd12::1", "443") == ["CANNOT_ROUTE"]


def test_r24_a_gateway_that_is_not_attached_drops():
    base = hybrid()
    del base.nodes["AWS::EC2::VPCGatewayAttachment", "v/vgw-1"]
    assert codes(base, "v/app", OFFICE, "443") == ["BAD_STATE_ATTACHMENT"]
    assert codes(base, OFFICE, "v/app", "443") == ["RINGWALL_NO_WAY_INTO_NETWORK"]


def test_r24_a_vpn_whose_tunnels_are_down_carries_nothing():
    base = hybrid(tunnels=("DOWN", "DOWN"))
    assert codes(base, "v/app", OFFICE, "443") == ["BAD_STATE_VPN"]
    assert codes(base, OFFICE, "v/app", "443") == ["BAD_STATE_VPN"]


@pytest.mark.parametrize(
    ("cidr", "verdict"), [("192.168.0.0/16", "ALLOW"), ("172.16.0.0/12", "DENY")]
)
def test_r24_a_static_vpn_carries_its_own_routes(cidr, verdict):
    assert ask(hybrid(route="CreateRoute", static=(cidr,)), "v/app", OFFICE, "443") == verdict


def test_r24_what_bgp_learned_is_unknown_without_a_propagated_route():
    assert "BGP" in unknowns(hybrid(route="CreateRoute"), "v/app", OFFICE, "443")


def test_r24_without_a_connection_in_the_input_both_ways_are_unknown():
    base = hybrid()
    del base.nodes["AWS::EC2::VPNConnection", "vpn-1"]
    assert "no connection" in unknowns(base, "v/app", OFFICE, "443")
    assert "no connection" in unknowns(base, OFFICE, "v/app", "443")


def test_r24_it_takes_addresses_of_its_own_vpc_alone():
    """Virtual private gateways can't accept traffic of what is no interface in the VPC."""
    base = spokes().add("TransitGateway", "tgw-1")
    vpn(private_gateway(base, "blue")).route("blue/attachment", "192.168.0.0/16", "vgw:vgw-1")
    base.route("red/app", "192.168.0.0/16", "tgw:tgw-1")
    base.transit_route("shared", "192.168.0.0/16", "blue")
    assert codes(base, "red/app", OFFICE, "443") == ["VGW_PRIVATE_IP_ASSOCIATION_FOR_EGRESS"]


def test_r24_filters_see_on_premises_addresses():
    base = hybrid().group("v/app", "app")
    base.entry("v/app", "in", 50, "deny", "tcp/443", "192.168.0.0/16")
    assert codes(base, OFFICE, "v/app", "443") == ["SUBNET_ACL_RESTRICTION"]
    assert ask(base, OFFICE, "v/app", "80") == "ALLOW"


def test_r25_direct_connect_announces_the_allowed_prefixes_alone():
    base = hybrid()
    del base.nodes["AWS::EC2::VPNConnection", "vpn-1"]
    direct_connect(base, "vgw-1", "10.0.0.0/16")
    assert ask(base, OFFICE, "v/app", "443") == "ALLOW"
    direct_connect(base, "vgw-1", "10.9.0.0/16")
    assert codes(base, OFFICE, "v/app", "443") == ["RINGWALL_NOT_ANNOUNCED"]


def test_r25_direct_connect_comes_before_vpn():
    base = direct_connect(hybrid(), "vgw-1", "10.0.0.0/16")
    kinds = [hop.kind for hop in shown(told(base, "v/app", OFFICE, "443")).forward]
    assert kinds[-1] == "direct-connect-gateway"


def test_of_several_ways_in_the_one_that_reaches_most_counts():
    base = direct_connect(hybrid(), "vgw-1", "10.9.0.0/16")
    assert ask(base, OFFICE, "v/app", "443") == "ALLOW"
    assert judged(base, OFFICE, "v/app", "443", reachable=True).ok


def test_r16_a_private_gateways_table_leads_through_an_interface():
    base = hybrid().acl("v/fw", *open_acl()).subnet("v/fw/a", "10.0.9.0/24", acl="v/fw")
    base.group("v/fw", "", *OPEN)
    appliance(base, "eni-1", "v/fw/a", "10.0.9.9", "v/fw")
    gateway_table(base, "v/ingress", "vgw-1", kind="VPNGateway")
    base.route("v/ingress", "10.0.1.0/24", "eni:eni-1")
    hops = shown(told(base, OFFICE, "v/app", "443")).forward
    assert "appliance" in [hop.kind for hop in hops]
    base.route("v/ingress", "10.0.1.0/24", "gwlbe:vpce-1")
    assert codes(base, OFFICE, "v/app", "443") == ["CANNOT_ROUTE"]


def transit_line(kind: str, resource: str, **options) -> NetworkBuilder:
    base = spokes().add("TransitGateway", "tgw-1")
    attach_other(base, "line", kind, resource=resource, table="shared")
    base.transit_route("shared", "192.168.0.0/16", "line")
    return base.route("red/app", "192.168.0.0/16", "tgw:tgw-1")


@pytest.mark.parametrize(
    ("kind", "resource"), [("vpn", "vpn-1"), ("direct-connect-gateway", "dxgw-1")]
)
def test_r24_r25_a_transit_gateway_leads_on_premises_and_back(kind, resource):
    base = transit_line(kind, resource)
    assert ask(base, "red/app", OFFICE, "443") == "ALLOW"
    assert ask(base, OFFICE, "red/app", "443") == "ALLOW"
    assert ask(base, OFFICE, "blue/app", "443") == "ONE_WAY"


def test_r24_r25_what_a_line_behind_a_transit_gateway_is_known_to_do_counts():
    base = vpn(transit_line("vpn", "vpn-1"), transit="tgw-1", tunnels=("DOWN",))
    assert codes(base, "red/app", OFFICE, "443") == ["TGW_BAD_STATE_VPN"]
    base = direct_connect(transit_line("direct-connect-gateway", "dxgw-1"), "tgw-1", "10.2.0.0/16")
    assert codes(base, OFFICE, "red/app", "443") == ["RINGWALL_NOT_ANNOUNCED"]
    assert ask(base, OFFICE, "blue/app", "443") == "ONE_WAY"


def test_on_premises_comes_by_the_table_of_its_attachment():
    base = transit_line("vpn", "vpn-1")
    del base.nodes["AWS::EC2::TransitGatewayRouteTableAssociation", "line@shared"]
    assert codes(base, OFFICE, "red/app", "443") == ["TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION"]


def test_a_peer_that_is_not_in_the_input_may_be_a_way_in():
    base = NetworkBuilder().vpc("v", "10.0.0.0/16").acl("v/t", *open_acl())
    base.subnet("v/t/a", "10.0.1.0/24", acl="v/t").group("v/t", "t", *OPEN)
    ends = {"VpcId": ref("VPC", "v"), "PeerVpcId": ref("VPC", "vpc-elsewhere")}
    base.add("VPCPeeringConnection", "pcx-1", ends, observed={"Status": "active"})
    assert "peering pcx-1" in unknowns(base, OFFICE, "v/t", "443")
