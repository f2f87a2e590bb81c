"""NAT gateways: private, regional, NAT64, several addresses: R11-R13 and 'Also'."""

import pytest

from tests.builders import ALL, NetworkBuilder, open_acl, ref
from tests.trace.asking import ask, codes, shown, told, unknowns
from tests.trace.building import private_gateway, vpn
from tests.trace.test_routing_rules import OPEN, OPEN6, internet_vpc, spokes


def natted(**observed) -> NetworkBuilder:
    """red/app reaches blue by a private NAT gateway in red's attachment subnet of zone a."""
    base = spokes().nat("red/nat/a", "red/attachment/a", public=False)
    node = base.nodes["AWS::EC2::NatGateway", "red/nat/a"]
    base.add("NatGateway", "red/nat/a", node.properties, observed=observed)
    base.route("red/app", "10.2.0.0/16", "nat:red/nat/a")
    return base.route("red/attachment", "10.0.0.0/8", "tgw:tgw-1")


def test_r12_a_private_nat_gateway_leads_to_other_networks_with_its_own_address():
    """You can use a private NAT gateway to connect to other VPCs."""
    base = natted()
    assert ask(base, "10.1.0.9", "blue/app", "443") == "ALLOW"
    base.group("blue/only", "app", "in all 10.1.250.0/28")
    assert ask(base, "10.1.0.9", "blue/only", "443") == "ALLOW"
    base.group("blue/none", "app", "in all 10.1.0.0/24")
    assert ask(base, "10.1.0.9", "blue/none", "443") == "DENY"


def test_r12_of_several_addresses_aws_takes_any():
    pair = [{"PrivateIp": "10.1.250.5"}, {"PrivateIp": "10.1.250.6", "Status": "succeeded"}]
    base = natted(NatGatewayAddresses=pair).group("blue/one", "app", "in all 10.1.250.5/32")
    assert ask(base, "10.1.0.9", "blue/app", "443") == "ALLOW"
    assert ask(base, "10.1.0.9", "blue/one", "443") == "UNDETERMINED"
    pair[1]["Status"] = "failed"
    assert ask(base, "10.1.0.9", "blue/one", "443") == "ALLOW"


def test_r12_a_private_nat_gateway_leads_on_premises():
    base = NetworkBuilder().vpc("v", "10.0.0.0/16").acl("v/t", *open_acl())
    base.subnet("v/app/a", "10.0.1.0/24", acl="v/t").subnet("v/nat/a", "10.0.2.0/24", acl="v/t")
    base.group("v/app", "app", *OPEN).nat("v/nat/a", "v/nat/a", public=False)
    vpn(private_gateway(base, "v")).route("v/app", "192.168.0.0/16", "nat:v/nat/a")
    base.route("v/nat", "192.168.0.0/16", "vgw:vgw-1", origin="EnableVgwRoutePropagation")
    assert ask(base, "v/app", "192.168.7.7", "443") == "ALLOW"
    hops = shown(told(base, "v/app", "192.168.7.7", "443")).back
    assert "nat-gateway" in [hop.kind for hop in hops]


def six(*, destination: str = "64:ff9b::/96") -> NetworkBuilder:
    base = NetworkBuilder().vpc("v", "10.0.0.0/16", ipv6=True).internet_gateway("v")
    base.acl("v/t", *open_acl()).acl("v/public", *open_acl())
    base.subnet("v/t/a", "10.0.1.0/24", acl="v/t", ipv6=1).group("v/t", "t", *OPEN6)
    base.subnet("v/public/a", "10.0.2.0/24", acl="v/public").route("v/public", ALL, "igw:v")
    return base.nat("v/nat/a", "v/public/a").route("v/t", destination, "nat:v/nat/a")


def test_r13_a_nat_gateway_translates_64_ff9b_to_ipv4():
    """NAT64 is automatically available on NAT gateways for 64:ff9b::/96."""
    assert ask(six(), "v/t", "64:ff9b::808:808", "443") == "ALLOW"
    base = six().entry("v/public", "out", 50, "deny", "all", "8.8.0.0/16")
    assert ask(base, "v/t", "64:ff9b::808:808", "443") == "DENY"
    assert ask(base, "v/t", "64:ff9b::909:909", "443") == "ALLOW"
    base = six().entry("v/t", "in", 50, "deny", "all", "64:ff9b::/96")
    assert ask(base, "v/t", "64:ff9b::808:808", "443") == "ONE_WAY"


def test_r13_other_ipv6_through_a_nat_gateway_is_unknown():
    base = six(destination="::/0")
    assert "64:ff9b::/96" in unknowns(base, "v/t", "2600::1", "443")
    assert "64:ff9b::/96" in unknowns(base, "v/t", "64:ff9b::a01:1", "443")  # 10.1.0.1


def regional(*zones: str, table: bool = True) -> NetworkBuilder:
    base = NetworkBuilder().vpc("v", "10.0.0.0/16").internet_gateway("v").acl("v/t", *open_acl())
    base.subnet("v/app/a", "10.0.1.0/24", acl="v/t").group("v/app", "app", *OPEN)
    link = {"VpcId": ref("VPC", "v"), "AvailabilityMode": "regional"}
    items = [{"PublicIp": f"203.0.113.{n}", "AvailabilityZone": z} for n, z in enumerate(zones, 1)]
    seen = {"NatGatewayAddresses": items, "RouteTableId": "v/regional" if table else None}
    base.add("NatGateway", "nat-1", link, observed=seen)
    base.add("RouteTable", "v/regional", {"VpcId": ref("VPC", "v")})
    base.route("v/regional", ALL, "igw:v")
    return base.route("v/app", ALL, "nat:nat-1")


def test_also_a_regional_nat_gateway_has_no_subnet_and_a_table_of_its_own():
    found = told(regional("a"), "v/app", "8.8.8.8", "443")
    assert found.verdict.value == "ALLOW"
    assert [hop.kind for hop in shown(found).forward] == [
        "security-group",
        "network-acl",
        "route-table",
        "nat-gateway",
        "route-table",
        "internet-gateway",
    ]
    base = regional("a")
    del base.nodes["AWS::EC2::Route", "v/regional>0.0.0.0/0"]
    assert codes(base, "v/app", "8.8.8.8", "443") == ["NO_ROUTE_TO_DESTINATION"]
    assert "route table" in unknowns(regional("a", table=False), "v/app", "8.8.8.8", "443")


@pytest.mark.parametrize(("zone", "verdict"), [("a", "ALLOW"), ("b", "DENY")])
def test_also_a_regional_nat_gateway_stands_in_the_zones_of_its_addresses(zone, verdict):
    """The regional NAT gateway is not registered in the zone where the traffic originates."""
    assert ask(regional(zone), "v/app", "8.8.8.8", "443") == verdict
    if verdict == "DENY":
        assert codes(regional(zone), "v/app", "8.8.8.8", "443") == [
            "REGIONAL_NGW_ROUTE_AZ_RESTRICTION"
        ]


def test_r11_what_comes_out_of_another_vpcs_subnet_has_no_public_address_at_this_gateway():
    base = internet_vpc().vpc("w", "10.9.0.0/16").subnet("w/t/a", "10.9.1.0/24", public=True)
    base.acl("w/t", *open_acl()).subnet("w/t/a", "10.9.1.0/24", acl="w/t", public=True)
    base.group("w/t", "t", *OPEN).route("w/t", ALL, "tgw:tgw-1").add("TransitGateway", "tgw-1")
    base.attach("v", ["v/public/a"], table="shared").attach("w", ["w/t/a"], table="shared")
    base.transit_route("shared", ALL, "v").propagate("w", "shared")
    assert codes(base, "w/t", "8.8.8.8", "443") == ["IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS"]
