"""The routing rules of AWS's guides, one line a packet, both sides of each edge."""

import pytest

from ringwall.trace.addresses import host
from ringwall.trace.elements import Route, Target
from ringwall.trace.routing import lookup
from tests.builders import ALL, NetworkBuilder, open_acl, ref, two_subnets
from tests.trace.asking import ask, codes, network, shown, told, unknowns

OPEN = ("in all 0.0.0.0/0", "out all 0.0.0.0/0")
OPEN6 = (*OPEN, "in all ::/0", "out all ::/0")


def internet_vpc() -> NetworkBuilder:
    """A public and a private tier in two zones, a NAT gateway in each, everything else open."""
    builder = NetworkBuilder().vpc("v", "10.0.0.0/16").internet_gateway("v")
    builder.acl("v/public", *open_acl()).acl("v/private", *open_acl())
    for index, zone in enumerate("ab"):
        builder.subnet(f"v/public/{zone}", f"10.0.{index}.0/24", acl="v/public")
        builder.subnet(
            f"v/private/{zone}", f"10.0.1{index}.0/24", acl="v/private", table=f"v/private/{zone}"
        )
        builder.nat(f"v/nat/{zone}", f"v/public/{zone}")
        builder.route(f"v/private/{zone}", ALL, f"nat:v/nat/{zone}")
    builder.route("v/public", ALL, "igw:v")
    return builder.group("v/edge", "public", *OPEN).group("v/app", "private", *OPEN)


def spokes(*, joined: bool = True) -> NetworkBuilder:
    """Two VPCs with an attachment tier each, in one segment that routes to itself."""
    builder = NetworkBuilder()
    for number, vpc in enumerate(("red", "blue"), 1):
        net = f"10.{number}"
        builder.vpc(vpc, f"{net}.0.0/16").acl(f"{vpc}/app", *open_acl())
        builder.acl(f"{vpc}/attachment", *open_acl())
        for index, zone in enumerate("ab"):
            builder.subnet(f"{vpc}/app/{zone}", f"{net}.{index}.0/24", acl=f"{vpc}/app")
            builder.subnet(
                f"{vpc}/attachment/{zone}", f"{net}.25{index}.0/28", acl=f"{vpc}/attachment"
            )
        builder.route(f"{vpc}/app", "10.0.0.0/8", "tgw:tgw-1").group(f"{vpc}/app", "app", *OPEN)
        zones = [f"{vpc}/attachment/{zone}" for zone in "ab"]
        builder.attach(vpc, zones, table="shared")
        if joined:
            builder.propagate(vpc, "shared")
    return builder


def chosen(builder: NetworkBuilder, table: str, destination: str) -> Route:
    found = lookup(network(builder).tables[table], host(destination))
    assert isinstance(found, Route), found
    return found


def kind(builder: NetworkBuilder, table: str, destination: str) -> str:
    leads = chosen(builder, table, destination).target
    assert isinstance(leads, Target), leads
    return leads.kind


def test_r1_a_subnet_without_an_association_uses_the_main_table():
    base = internet_vpc()
    base.subnet("v/lone/a", "10.0.20.0/24", table="").group("v/lone", "lone", *OPEN)
    assert codes(base, "v/lone", "internet", "443") == ["NO_ROUTE_TO_DESTINATION"]
    assert ask(base, "v/lone", "v/app", "443") == "ALLOW"
    base.add(
        "Ringwall::EC2::MainRouteTableAssociation",
        "v",
        {"VpcId": ref("VPC", "v"), "RouteTableId": ref("RouteTable", "v/private/a")},
    )
    assert ask(base, "v/lone", "internet", "443") == "ALLOW"


def test_r1_a_main_table_that_was_not_read_is_unknown():
    builder = NetworkBuilder(observed=True).vpc("v", "10.0.0.0/16").acl("v/t", *open_acl())
    builder.subnet("v/t/a", "10.0.1.0/24", table="", acl="v/t").group("v/t", "t", *OPEN)
    builder.subnet("v/u/a", "10.0.2.0/24", acl="v/t").group("v/u", "u", *OPEN)
    assert "main route table of v" in unknowns(builder, "v/t", "v/u", "443")


def test_r2_the_longest_prefix_wins():
    base = internet_vpc().route("v/private/a", "203.0.113.0/24", "igw:v")
    table = network(base).tables["v/private/a"]
    assert str(lookup(table, host("203.0.113.9"))) == "203.0.113.0/24"
    assert str(lookup(table, host("203.0.112.255"))) == "0.0.0.0/0"
    assert str(lookup(table, host("203.0.114.0"))) == "0.0.0.0/0"
    assert str(lookup(table, host("10.0.200.1"))) == "10.0.0.0/16"


def test_r2_a_default_route_of_ipv4_does_not_cover_ipv6():
    table = network(internet_vpc()).tables["v/public"]
    assert str(lookup(table, host("8.8.8.8"))) == "0.0.0.0/0"
    assert lookup(table, host("2600::1")) is None


def test_r3_every_block_of_a_vpc_has_a_local_route():
    base = NetworkBuilder().vpc("v", "10.0.0.0/16").acl("v/t", *open_acl())
    base.subnet("v/t/a", "10.0.1.0/24", acl="v/t").group("v/t", "t", *OPEN)
    base.subnet("v/far/a", "10.9.1.0/24", acl="v/t").group("v/far", "far", *OPEN)
    assert codes(base, "v/t", "v/far", "443") == ["NO_ROUTE_TO_DESTINATION"]
    base.add(
        "VPCCidrBlock", "v/10.9.0.0/16", {"VpcId": ref("VPC", "v"), "CidrBlock": "10.9.0.0/16"}
    )
    assert ask(base, "v/t", "v/far", "443") == "ALLOW"


def test_r3_a_more_specific_route_than_local_is_followed():
    base = two_subnets().route("v/web", "10.0.2.0/24", "eni:eni-1")
    assert "network-interface" in unknowns(base, "v/web", "v/app", "8080")


def test_r4_traffic_inside_a_subnet_meets_no_table_and_no_acl():
    base = NetworkBuilder().vpc("v", "10.0.0.0/16").acl("v/t")  # denies everything
    base.subnet("v/t/a", "10.0.1.0/24", acl="v/t").subnet("v/t/b", "10.0.2.0/24", acl="v/t")
    base.group("v/t", "t", *OPEN)
    found = told(base, "v/t", "v/t", "443")
    assert found.mixed == {"ALLOW": 2, "DENY": 2}
    assert [hop.kind for hop in shown(found).forward] == ["security-group", "security-group"]


def test_r5_a_static_route_beats_a_propagated_one_of_the_same_destination():
    base = internet_vpc()
    base.route("v/public", "203.0.113.0/24", "vgw:vgw-1", origin="EnableVgwRoutePropagation")
    assert kind(base, "v/public", "203.0.113.1") == "virtual-private-gateway"
    base.route("v/public", "203.0.113.0/24", "igw:v", origin="CreateRoute")
    assert kind(base, "v/public", "203.0.113.1") == "internet-gateway"


def test_r5_of_overlapping_routes_the_longest_wins_whatever_its_kind():
    base = internet_vpc()
    base.route("v/public", "203.0.113.0/25", "vgw:vgw-1", origin="EnableVgwRoutePropagation")
    base.route("v/public", "203.0.113.0/24", "igw:v")
    assert kind(base, "v/public", "203.0.113.127") == "virtual-private-gateway"
    assert kind(base, "v/public", "203.0.113.128") == "internet-gateway"


def prefix_lists() -> NetworkBuilder:
    base = internet_vpc()
    base.add("PrefixList", "pl-1", observed={"Cidrs": ["203.0.113.0/24"]})
    base.add("PrefixList", "pl-2", observed={"Cidrs": ["203.0.113.0/25"]})
    return base


def test_r6_a_static_route_beats_an_equal_prefix_list():
    base = prefix_lists().route("v/public", "pl-1", "vgw:vgw-1")
    assert chosen(base, "v/public", "203.0.113.1").origin == "list"
    base.route("v/public", "203.0.113.0/24", "igw:v")
    assert chosen(base, "v/public", "203.0.113.1").origin == "static"


def test_r6_a_prefix_list_beats_an_equal_propagated_route():
    base = prefix_lists().route("v/public", "pl-1", "igw:v")
    base.route("v/public", "203.0.113.0/24", "vgw:vgw-1", origin="EnableVgwRoutePropagation")
    assert chosen(base, "v/public", "203.0.113.1").origin == "list"


def test_r6_overlapping_prefix_lists_with_different_targets_are_undetermined():
    base = prefix_lists().route("v/public", "pl-1", "igw:v").route("v/public", "pl-2", "vgw:vgw-1")
    assert ask(base, "v/edge", "203.0.113.1", "443") == "UNDETERMINED"
    assert ask(base, "v/edge", "203.0.113.200", "443") == "ALLOW"
    base = prefix_lists().route("v/public", "pl-1", "igw:v").route("v/public", "pl-2", "igw:v")
    assert ask(base, "v/edge", "203.0.113.1", "443") == "ALLOW"


def test_r6_a_prefix_list_that_was_not_read_is_unknown():
    base = internet_vpc().route("v/public", "pl-9", "vgw:vgw-1")
    assert "prefix list pl-9" in unknowns(base, "v/edge", "8.8.8.8", "443")
    assert ask(base, "v/edge", "v/app", "443") == "ALLOW"


def test_r7_a_blackhole_drops_and_still_wins():
    base = internet_vpc().route("v/public", "203.0.113.0/24", "eni:eni-1", state="blackhole")
    assert codes(base, "v/edge", "203.0.113.7", "443") == ["BAD_STATE_ROUTE"]
    assert ask(base, "v/edge", "203.0.114.0", "443") == "ALLOW"


@pytest.mark.parametrize("address", ["169.254.168.0", "169.254.171.255"])
def test_r8_reserved_addresses_are_never_forwarded(address):
    assert codes(internet_vpc(), "v/edge", address, "443") == ["RINGWALL_RESERVED_ADDRESS"]


def test_r8_addresses_beside_the_reserved_ones_are_routed():
    assert codes(internet_vpc(), "v/edge", "169.254.172.0", "443") == [
        "IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS"
    ]


def test_r9_a_gateway_drops_what_has_no_public_address():
    base = internet_vpc().interface("eni-1", "v/public/a", "10.0.0.77", "v/edge")
    assert ask(base, "10.0.0.76", "8.8.8.8", "443") == "ALLOW"
    base.add("Instance", "i-1")
    lone = internet_vpc().interface("eni-0123456789abcdef0", "v/public/a", "10.0.0.77", "v/edge")
    assert codes(lone, "eni-0123456789abcdef0", "8.8.8.8", "443") == [
        "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS"
    ]


def test_r9_filters_behind_the_gateway_see_the_private_address():
    base = internet_vpc()
    assert ask(base, "internet", "v/edge", "443") == "ALLOW"
    assert codes(base, "internet", "v/app", "443")[0] == "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS"
    kinds = [hop.kind for hop in shown(told(base, "8.8.8.8", "v/edge", "443")).forward]
    assert kinds == ["internet-gateway", "network-acl", "security-group"]


def test_r9_private_and_shared_destinations_are_dropped_at_the_gateway():
    base = internet_vpc()
    assert codes(base, "v/edge", "192.168.1.1", "443") == [
        "IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS"
    ]
    assert codes(base, "v/edge", "100.64.0.1", "443") == [
        "IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS"
    ]


def test_r9_without_a_gateway_nothing_comes_in():
    assert codes(two_subnets(), "internet", "v/web", "443") == ["RINGWALL_NO_GATEWAY_TO_INTERNET"]


def dual_stack() -> NetworkBuilder:
    base = NetworkBuilder().vpc("v", "10.0.0.0/16", ipv6=True).internet_gateway("v")
    base.acl("v/t", *open_acl())
    base.subnet("v/t/a", "10.0.1.0/24", acl="v/t", ipv6=1).group("v/t", "t", *OPEN6)
    base.add("EgressOnlyInternetGateway", "v", {"VpcId": ref("VPC", "v")})
    return base


def test_r10_an_egress_only_gateway_lets_ipv6_out_and_nothing_in():
    base = dual_stack().route("v/t", "::/0", "eigw:v")
    assert ask(base, "v/t", "2600::1", "443") == "ALLOW"
    # What comes in by the internet gateway arrives, but no reply goes back through the other one.
    assert ask(base, "2600::1", "v/t", "443") == "ONE_WAY"
    base = dual_stack().route("v/t", "::/0", "igw:v")
    assert ask(base, "2600::1", "v/t", "443") == "ALLOW"


def test_r10_the_acl_of_the_subnet_applies():
    base = dual_stack().route("v/t", "::/0", "eigw:v").entry("v/t", "in", 50, "deny", "all", "::/0")
    assert ask(base, "v/t", "2600::1", "443") == "ONE_WAY"


@pytest.mark.parametrize(
    ("port", "verdict"), [("443", "ALLOW"), ("53/udp", "ALLOW"), ("8/icmp", "ALLOW")]
)
def test_r11_a_nat_gateway_passes_tcp_udp_and_icmp(port, verdict):
    assert ask(internet_vpc(), "v/app", "8.8.8.8", port) == verdict


def test_r11_a_nat_gateway_passes_no_other_protocol():
    found = told(internet_vpc(), "v/app", "8.8.8.8", "any")
    assert found.mixed["DENY"] == 2  # one of each zone


def test_r11_the_acl_of_the_nat_subnet_applies_both_times():
    for entry in (
        ("in", 50, "deny", "tcp/443", "10.0.0.0/16"),
        ("out", 50, "deny", "tcp/443", ALL),
    ):
        assert ask(internet_vpc().entry("v/public", *entry), "v/app", "8.8.8.8", "443") == "DENY"
    for entry in (
        ("in", 50, "deny", "all", "8.8.8.8/32"),
        ("out", 50, "deny", "tcp/0-65535", "10.0.0.0/16"),
    ):
        assert ask(internet_vpc().entry("v/public", *entry), "v/app", "8.8.8.8", "443") == "ONE_WAY"


def test_r11_replies_must_pass_on_every_port_that_a_nat_gateway_may_choose():
    base = internet_vpc().entry("v/public", "in", 50, "deny", "tcp/2000-3000", "8.8.8.8/32")
    assert ask(base, "v/app", "8.8.8.8", "443") == "UNDETERMINED"
    base = internet_vpc().entry("v/public", "in", 50, "deny", "tcp/0-1023", "8.8.8.8/32")
    assert ask(base, "v/app", "8.8.8.8", "443") == "ALLOW"


def test_r11_a_gateway_that_is_not_available_drops():
    base = internet_vpc().nat("v/nat/a", "v/public/a", state="failed")
    found = told(base, "v/app", "8.8.8.8", "443")
    assert found.mixed == {"ALLOW": 1, "DENY": 1}


def test_r12_an_internet_gateway_drops_what_a_private_nat_gateway_sends():
    base = internet_vpc()
    for zone in "ab":
        base.nat(f"v/nat/{zone}", f"v/public/{zone}", public=False)
    assert codes(base, "v/app", "8.8.8.8", "443") == ["IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS"]


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("eni:eni-1", "network-interface"),  # R14, R15
        ("gwlbe:vpce-1", "gateway-load-balancer-endpoint"),  # R28
        ("vgw:vgw-1", "virtual-private-gateway"),  # R24
    ],
)
def test_r14_r15_r24_r28_targets_without_a_model_are_unknown_by_name(target, name):
    base = internet_vpc().route("v/public", "203.0.113.0/24", target)
    assert name in unknowns(base, "v/edge", "203.0.113.1", "443")


def peered(status: str = "active") -> NetworkBuilder:
    base = NetworkBuilder()
    for number, vpc in enumerate(("red", "blue"), 1):
        base.vpc(vpc, f"10.{number}.0.0/16").acl(f"{vpc}/app", *open_acl())
        base.subnet(f"{vpc}/app/a", f"10.{number}.1.0/24", acl=f"{vpc}/app")
        base.group(f"{vpc}/app", "app", *OPEN).route(f"{vpc}/app", "10.0.0.0/8", "pcx:pcx-1")
    ends = {"VpcId": ref("VPC", "red"), "PeerVpcId": ref("VPC", "blue")}
    return base.add("VPCPeeringConnection", "pcx-1", ends, observed={"Status": {"Code": status}})


def test_r17_a_peering_joins_two_vpcs_while_it_is_active():
    assert ask(peered(), "red/app", "blue/app", "443") == "ALLOW"
    assert codes(peered("deleted"), "red/app", "blue/app", "443") == ["BAD_STATE"]


def test_r17_both_sides_need_a_route():
    base = peered()
    del base.nodes["AWS::EC2::Route", "blue/app>10.0.0.0/8"]
    assert ask(base, "red/app", "blue/app", "443") == "ONE_WAY"


def test_r17_there_is_no_transit_and_no_use_of_the_peers_gateways():
    base = peered().internet_gateway("blue").route("red/app", ALL, "pcx:pcx-1")
    base.route("blue/app", ALL, "igw:blue")
    assert codes(base, "red/app", "8.8.8.8", "443") == ["RINGWALL_PEERING_NOT_TRANSITIVE"]


def test_r18_attachment_table_longest_prefix_attachment():
    assert ask(spokes(), "red/app", "blue/app", "443") == "ALLOW"
    assert codes(spokes(joined=False), "red/app", "blue/app", "443") == [
        "TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT"
    ]


def test_r18_without_an_association_nothing_is_forwarded():
    base = spokes()
    del base.nodes["AWS::EC2::TransitGatewayRouteTableAssociation", "red"]
    assert codes(base, "red/app", "blue/app", "443") == ["TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION"]
    assert ask(base, "blue/app", "red/app", "443") == "ONE_WAY"


def test_r18_the_table_is_that_of_the_association_not_of_the_propagation():
    base = spokes(joined=False).propagate("red", "other").propagate("blue", "other")
    assert codes(base, "red/app", "blue/app", "443") == ["TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT"]


def test_r18_a_static_route_beats_a_propagated_one_and_a_longer_one_both():
    base = spokes().transit_route("shared", "10.2.0.0/16")
    assert codes(base, "red/app", "blue/app", "443") == ["TGW_RTB_BAD_STATE_ROUTE"]
    base = spokes().transit_route("shared", "10.0.0.0/8")
    assert ask(base, "red/app", "blue/app", "443") == "ALLOW"
    base = spokes().transit_route("shared", "10.2.1.0/24")
    assert told(base, "red/app", "blue/app", "443").mixed == {"ALLOW": 2, "DENY": 2}


def test_r18_a_cut_list_of_routes_is_unknown():
    base = spokes()
    base.add(
        "TransitGatewayRouteTable",
        "shared",
        {"TransitGatewayId": ref("TransitGateway", "tgw-1")},
        observed={"AdditionalRoutesAvailable": True},
    )
    assert "AdditionalRoutesAvailable" in unknowns(base, "red/app", "blue/app", "443")


def test_r18_reported_routes_count_before_promised_ones():
    base = spokes(joined=False)
    route = {
        "DestinationCidrBlock": "10.2.0.0/16",
        "State": "active",
        "TransitGatewayAttachments": [{"TransitGatewayAttachmentId": "blue"}],
    }
    table = {"TransitGatewayId": ref("TransitGateway", "tgw-1")}
    base.add("TransitGatewayRouteTable", "shared", table, observed={"PropagatedRoutes": [route]})
    assert ask(base, "red/app", "blue/app", "443") == "ONE_WAY"  # none leads back
    base = spokes()
    base.add("TransitGatewayRouteTable", "shared", table, observed={"PropagatedRoutes": []})
    assert ask(base, "red/app", "blue/app", "443") == "DENY"


def test_r19_a_subnet_reaches_the_gateway_only_from_a_zone_of_the_attachment():
    base = spokes().attach("red", ["red/attachment/a"], table="shared")
    found = told(base, "red/app", "blue/app", "443")
    assert found.mixed == {"ALLOW": 1, "ONE_WAY": 1, "DENY": 2} or found.mixed["DENY"] == 2
    assert "TGW_ROUTE_AZ_RESTRICTION" in codes(base, "10.1.1.9", "10.2.0.9", "443")


def test_r19_a_destination_in_a_zone_without_attachment_is_not_reached():
    base = spokes().attach("blue", ["blue/attachment/a"], table="shared")
    assert codes(base, "10.1.0.9", "10.2.1.9", "443") == ["TGW_ATTACH_VPC_AZ_RESTRICTION"]
    assert ask(base, "10.1.0.9", "10.2.0.9", "443") == "ALLOW"


def test_r19_zones_are_compared_by_id():
    base = spokes()
    for key, node in list(base.nodes.items()):
        if key[0].endswith("::Subnet") and key[1].startswith("red/app"):
            other = "z9" if key[1].endswith("a") else "z8"
            base.add("Subnet", key[1], node.properties, observed={"AvailabilityZoneId": other})
    assert codes(base, "red/app", "blue/app", "443") == ["TGW_ROUTE_AZ_RESTRICTION"]


def test_r20_propagation_installs_every_block_of_the_vpc():
    base = spokes()
    block = {"VpcId": ref("VPC", "blue"), "CidrBlock": "10.22.0.0/16"}
    base.subnet("blue/more/a", "10.22.1.0/24", acl="blue/app").group("blue/more", "more", *OPEN)
    base.route("blue/more", "10.0.0.0/8", "tgw:tgw-1")
    assert ask(base, "red/app", "blue/more", "443") == "DENY"
    base.add("VPCCidrBlock", "blue/10.22.0.0/16", block)
    assert ask(base, "red/app", "blue/more", "443") == "ALLOW"


def test_r20_a_block_that_overlaps_an_attached_one_is_not_propagated():
    base = spokes().vpc("green", "10.2.0.0/17").subnet("green/t/a", "10.2.0.0/24")
    base.attach("green", ["green/t/a"], table="shared").propagate("green", "shared")
    routes = network(base).transit_tables["shared"].routes
    assert [(str(r.destination), r.attachment) for r in routes] == [
        ("10.1.0.0/16", "red"),
        ("10.2.0.0/16", "blue"),
    ]


def test_r21_an_attachment_that_is_no_vpcs_is_unknown():
    base = spokes().transit_route("shared", "172.16.0.0/12", "peering-1")
    base.route("red/app", "172.16.0.0/12", "tgw:tgw-1")
    assert "attachment peering-1" in unknowns(base, "red/app", "172.16.0.1", "443")


def test_r22_the_table_of_the_attachment_subnet_decides():
    base = spokes().route("blue/attachment", "10.2.0.0/24", "eni:eni-1")
    assert "network-interface" in unknowns(base, "10.1.0.9", "10.2.0.9", "443")
    assert ask(base, "10.1.0.9", "10.2.1.9", "443") == "ALLOW"


def test_r22_central_nat_is_found_through_the_attachment_subnet():
    base = spokes().internet_gateway("blue").subnet("blue/public/a", "10.2.100.0/24")
    base.acl("blue/public", *open_acl()).route("blue/public", ALL, "igw:blue")
    base.route("blue/public", "10.0.0.0/8", "tgw:tgw-1").nat("blue/nat/a", "blue/public/a")
    base.route("blue/attachment", ALL, "nat:blue/nat/a").route("red/app", ALL, "tgw:tgw-1")
    assert codes(base, "10.1.0.9", "8.8.8.8", "443") == ["TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT"]
    base.transit_route("shared", ALL, "blue")
    found = told(base, "10.1.0.9", "8.8.8.8", "443")
    assert found.verdict.value == "ALLOW"
    assert "nat-gateway" in [hop.kind for hop in shown(found).back]
    # The gateway's subnet needs the way back to the client.
    del base.nodes["AWS::EC2::Route", "blue/public>10.0.0.0/8"]
    assert ask(base, "10.1.0.9", "8.8.8.8", "443") == "ONE_WAY"


def test_r23_without_appliance_mode_a_packet_stays_in_its_zone():
    base = spokes()
    hops = shown(told(base, "10.1.1.9", "10.2.0.9", "443")).forward
    assert "into blue/attachment/b" in [hop.text for hop in hops]


def test_r23_where_aws_chooses_the_zone_both_must_agree():
    base = spokes().attach(
        "blue",
        ["blue/attachment/a", "blue/attachment/b"],
        table="shared",
        ApplianceModeSupport="enable",
    )
    assert ask(base, "red/app", "blue/app", "443") == "ALLOW"
    base.acl("blue/closed").subnet(
        "blue/attachment/b", "10.2.251.0/28", acl="blue/closed", table="blue/attachment"
    )
    assert ask(base, "10.1.0.9", "10.2.0.9", "443") == "UNDETERMINED"


def test_r26_a_gateway_endpoint_serves_the_tables_that_list_it():
    base = internet_vpc().endpoint("v/s3", tables=["v/private/a"])
    found = told(base, "v/app", "aws:s3", "443")
    assert found.verdict.value == "ALLOW"
    ways = {shown(told(base, f"10.0.1{n}.9", "aws:s3", "443")).forward[-1].kind for n in (0, 1)}
    assert ways == {"gateway-endpoint", "internet-gateway"}


def test_r26_the_prefix_list_wins_over_the_default_route():
    base = internet_vpc().endpoint("v/s3", tables=["v/private/a"], cidrs=["52.216.0.0/15"])
    assert (
        shown(told(base, "10.0.10.9", "52.216.0.1", "443")).forward[-1].kind == "gateway-endpoint"
    )
    assert (
        shown(told(base, "10.0.10.9", "52.218.0.0", "443")).forward[-1].kind == "internet-gateway"
    )


def test_r26_a_gateway_endpoint_cannot_be_used_from_another_vpc():
    base = spokes().endpoint("blue/s3", tables=["blue/attachment"], cidrs=["52.216.0.0/15"])
    base.transit_route("shared", ALL, "blue").route("red/app", ALL, "tgw:tgw-1")
    assert codes(base, "red/app", "aws:s3", "443") == ["CANNOT_ROUTE"]


def test_r26_the_group_must_let_out_to_the_list():
    base = internet_vpc().endpoint("v/s3", tables=["v/private/a", "v/private/b"])
    base.group("v/closed", "private").rule("v/closed", "out", "tcp/443", "pl:s3")
    assert ask(base, "v/closed", "aws:s3", "443") == "ALLOW"
    assert ask(base, "v/closed", "aws:s3", "80") == "DENY"
    assert ask(base, "v/closed", "aws:dynamodb", "443") == "UNKNOWN"


def test_r27_an_interface_endpoint_answers_and_starts_nothing():
    base = internet_vpc().group(
        "v/endpoints", "private", "in tcp/443 10.0.0.0/16", "out all 0.0.0.0/0"
    )
    base.endpoint("v/ssm", subnets=["v/private/a"], groups=["v/endpoints"])
    assert ask(base, "v/app", "v/endpoints", "443") == "ALLOW"
    assert ask(base, "v/app", "v/endpoints", "80") == "DENY"
    assert "RINGWALL_NO_INITIATION" in codes(base, "v/endpoints", "v/app", "443")


def test_a_routing_loop_ends():
    base = spokes().transit_route("shared", "172.16.0.0/12", "blue")
    base.route("red/app", "172.16.0.0/12", "tgw:tgw-1")
    base.route("blue/attachment", "172.16.0.0/12", "tgw:tgw-1")
    assert codes(base, "red/app", "172.16.0.1", "443") == ["RINGWALL_ROUTING_LOOP"]
