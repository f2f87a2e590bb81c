"""The rules of security groups and network ACLs, one line a packet, both sides of each edge."""

import pytest

from ringwall.model.graph import Unknown
from ringwall.trace.packet import Packet
from tests.builders import ALL, NetworkBuilder, open_acl, ref, two_subnets
from tests.trace.asking import ask, case, codes, judged, network, shown, told, unknowns
from tests.trace.building import in_region
from tests.trace.test_routing_rules import internet_vpc, peered, spokes


def between(
    *, egress: str = "out all 0.0.0.0/0", ingress: str = "in all 0.0.0.0/0"
) -> NetworkBuilder:
    base = NetworkBuilder().vpc("v", "10.0.0.0/16")
    base.acl("v/web", *open_acl()).acl("v/app", *open_acl())
    base.subnet("v/web/a", "10.0.1.0/24", acl="v/web").subnet("v/app/a", "10.0.2.0/24", acl="v/app")
    base.group("v/web", "web", *([egress] if egress else []))
    return base.group("v/app", "app", *([ingress] if ingress else []))


@pytest.mark.parametrize(
    ("rule", "port", "verdict"),
    [
        ("in tcp/80-90 10.0.1.0/24", "79", "DENY"),
        ("in tcp/80-90 10.0.1.0/24", "80", "ALLOW"),
        ("in tcp/80-90 10.0.1.0/24", "90", "ALLOW"),
        ("in tcp/80-90 10.0.1.0/24", "91", "DENY"),
        ("in tcp/80-90 10.0.1.0/24", "80/udp", "DENY"),
        ("in tcp/0-65535 10.0.1.0/24", "0", "ALLOW"),
        ("in tcp/0-65535 10.0.1.0/24", "65535", "ALLOW"),
        ("in tcp/80 10.0.0.0/24", "80", "DENY"),
        ("in tcp/80 10.0.2.0/23", "80", "DENY"),
        ("in tcp/80 10.0.0.0/23", "80", "ALLOW"),
    ],
)
def test_f1_only_what_a_rule_admits_comes_in(rule, port, verdict):
    assert ask(between(ingress=rule), "v/web", "v/app", port) == verdict


def test_f1_without_egress_rules_nothing_goes_out():
    assert codes(between(egress=""), "v/web", "v/app", "80") == ["ENI_SG_RULES_MISMATCH"]
    assert ask(between(), "v/web", "v/app", "80") == "ALLOW"


def test_f1_the_rules_of_all_groups_of_an_interface_are_taken_together():
    base = between(ingress="in tcp/80 10.0.1.0/24").group("v/more", "", "in tcp/81 10.0.1.0/24")
    name = "eni-0123456789abcdef0"
    base.interface(name, "v/app/a", "10.0.2.77", "v/app", "v/more")
    assert ask(base, "v/web", name, "80") == ask(base, "v/web", name, "81") == "ALLOW"
    assert ask(base, "v/web", name, "82") == "DENY"


def test_f1_a_group_that_is_not_in_the_input_is_unknown():
    base = between()
    name = "eni-0123456789abcdef0"
    base.interface(name, "v/app/a", "10.0.2.77", "sg-0123456789abcdef0")
    assert "security group sg-0123456789abcdef0" in unknowns(base, "v/web", name, "80")


def test_f2_a_reply_passes_whatever_the_other_directions_rules_are():
    base = between(egress="out tcp/80 10.0.2.0/24", ingress="in tcp/80 10.0.1.0/24")
    assert ask(base, "v/web", "v/app", "80") == "ALLOW"


def test_f2_an_acl_stops_replies_all_the_same():
    base = between().entry("v/app", "out", 50, "deny", "all", "10.0.1.0/24")
    assert ask(base, "v/web", "v/app", "80") == "ONE_WAY"


def test_f3_a_reference_matches_members_by_their_private_address():
    assert ask(two_subnets(), "v/web", "v/app", "8080") == "ALLOW"
    base = two_subnets().group("v/other", "web", "out all 0.0.0.0/0")
    assert ask(base, "v/other", "v/app", "8080") == "DENY"


def test_f3_a_reference_does_not_match_through_nat():
    base = internet_vpc().group("v/target", "public", "in tcp/80 group:v/app")
    assert ask(base, "v/app", "v/target", "80") == "ALLOW"
    for zone in "ab":  # the way to the other tier leads through the NAT gateway
        base.route(f"v/private/{zone}", "10.0.0.0/24", f"nat:v/nat/{zone}")
        base.route(f"v/private/{zone}", "10.0.1.0/24", f"nat:v/nat/{zone}")
    assert ask(base, "v/app", "v/target", "80") == "DENY"


def test_f3_a_rule_that_references_a_missing_group_is_unknown():
    base = two_subnets().rule("v/app", "in", "tcp/9090", "group:sg-gone")
    base.rule("v/web", "out", "tcp/9090", "0.0.0.0/0")
    assert "security group sg-gone" in unknowns(base, "v/web", "v/app", "9090")
    assert ask(base, "v/web", "v/app", "8080") == "ALLOW"


def test_f4_a_reference_matches_over_an_active_peering():
    base = peered()
    base.group("blue/only", "app", "in tcp/80 group:red/app")
    assert ask(base, "red/app", "blue/only", "80") == "ALLOW"
    assert ask(base, "blue/app", "blue/only", "80") == "DENY"


@pytest.mark.parametrize(
    ("gateway", "attachment", "verdict"),
    [
        ("enable", "enable", "ALLOW"),
        ("disable", "enable", "DENY"),
        ("enable", "disable", "DENY"),
        ("", "", "DENY"),
    ],
)
def test_f5_a_reference_over_a_transit_gateway_needs_both_switches(gateway, attachment, verdict):
    base = spokes().group("blue/only", "app", "in tcp/80 group:red/app")
    option = "SecurityGroupReferencingSupport"
    base.add("TransitGateway", "tgw-1", {option: gateway} if gateway else {})
    for vpc in ("red", "blue"):
        zones = [f"{vpc}/attachment/{zone}" for zone in "ab"]
        base.attach(vpc, zones, table="shared", **({option: attachment} if attachment else {}))
    assert ask(base, "red/app", "blue/only", "80") == verdict


def test_f5_a_reference_over_a_transit_gateway_works_inbound_alone():
    base = spokes().group("red/only", "app", "out tcp/80 group:blue/app")
    base.add("TransitGateway", "tgw-1", {"SecurityGroupReferencingSupport": "enable"})
    assert ask(base, "red/only", "blue/app", "80") == "DENY"


def test_f5_a_switch_that_is_not_in_the_input_is_unknown():
    base = spokes().group("blue/only", "app", "in tcp/80 group:red/app")
    assert "transit gateway tgw-1" in unknowns(base, "red/app", "blue/only", "80")


def test_f6_a_group_that_references_itself_admits_its_members():
    base = NetworkBuilder().vpc("v", "10.0.0.0/16").subnet("v/t/a", "10.0.1.0/24")
    base.group("v/t", "t", "in tcp/80 group:v/t", "out tcp/80 group:v/t")
    base.group("v/u", "t", "out all 0.0.0.0/0")
    assert ask(base, "v/t", "v/t", "80") == "ALLOW"
    assert ask(base, "v/u", "v/t", "80") == "DENY"


@pytest.mark.parametrize(
    ("rule", "kind", "verdict"),
    [
        ("in icmp/8 10.0.1.0/24", "8/icmp", "ALLOW"),
        ("in icmp/8.0 10.0.1.0/24", "8/icmp", "mixed"),
        ("in icmp/8 10.0.1.0/24", "7/icmp", "DENY"),
        ("in icmp 10.0.1.0/24", "icmp", "ALLOW"),
        ("in tcp/8 10.0.1.0/24", "8/icmp", "DENY"),
    ],
)
def test_f7_for_icmp_the_ports_are_type_and_code(rule, kind, verdict):
    found = told(between(ingress=rule), "v/web", "v/app", kind)
    assert ("mixed" if len(found.mixed) > 1 else found.verdict.value) == verdict


def test_f8_minus_one_is_every_protocol_and_others_have_no_ports():
    assert judged(between(), "v/web", "v/app", "any", reachable=True).ok
    base = between(ingress="in 47 10.0.1.0/24")
    found = told(base, "v/web", "v/app", "any")
    assert found.mixed["ALLOW"] == 1
    assert case(found).atom.packet == Packet(47)


def web_acl(*entries: str) -> NetworkBuilder:
    base = between()
    del base.nodes["AWS::EC2::NetworkAcl", "v/app"]
    kind, prefix = "AWS::EC2::NetworkAclEntry", "v/app:"
    for key in [k for k in base.nodes if k[0] == kind and k[1].startswith(prefix)]:
        del base.nodes[key]
    return base.acl("v/app", *entries)


def test_f9_the_lowest_number_that_matches_decides():
    base = web_acl(
        "in 100 allow all 0.0.0.0/0", "in 90 deny tcp/80 10.0.1.0/24", "out 1 allow all 0.0.0.0/0"
    )
    assert ask(base, "v/web", "v/app", "80") == "DENY"
    assert ask(base, "v/web", "v/app", "81") == "ALLOW"
    base = web_acl(
        "in 100 allow all 0.0.0.0/0", "in 110 deny tcp/80 10.0.1.0/24", "out 1 allow all 0.0.0.0/0"
    )
    assert ask(base, "v/web", "v/app", "80") == "ALLOW"


def test_f9_a_custom_acl_denies_what_it_does_not_allow():
    assert codes(web_acl(), "v/web", "v/app", "80") == ["SUBNET_ACL_RESTRICTION"] * 2
    hop = shown(told(web_acl(), "v/web", "v/app", "80")).forward[3]
    assert (hop.rule, hop.kind) == ("*", "network-acl")


def test_f9_the_default_acl_allows_all():
    base = between()
    for vpc in ("web", "app"):
        del base.nodes["AWS::EC2::SubnetNetworkAclAssociation", f"v/{vpc}/a"]
    assert ask(base, "v/web", "v/app", "80") == "ALLOW"


def test_f9_an_acl_that_was_not_read_is_unknown():
    base = NetworkBuilder(observed=True).vpc("v", "10.0.0.0/16")
    base.subnet("v/web/a", "10.0.1.0/24").subnet("v/app/a", "10.0.2.0/24")
    base.group("v/web", "web", "out all 0.0.0.0/0").group("v/app", "app", "in all 0.0.0.0/0")
    assert "network ACL of a subnet of v" in unknowns(base, "v/web", "v/app", "80")


def test_f9_replies_need_a_rule_of_their_own_for_the_clients_ports():
    base = web_acl("in 100 allow tcp/80 0.0.0.0/0")
    assert ask(base, "v/web", "v/app", "80") == "ONE_WAY"
    base = web_acl("in 100 allow tcp/80 0.0.0.0/0", "out 100 allow tcp/1024-65535 0.0.0.0/0")
    assert ask(base, "v/web", "v/app", "80") == "ALLOW"


@pytest.mark.parametrize(
    ("ports", "verdict", "named"),
    [
        ("1024-65535", "ALLOW", None),
        ("1023-65535", "ALLOW", None),
        ("1025-65535", "PARTIAL", ["1025-65535"]),
        ("1024-65534", "PARTIAL", ["1024-65534"]),
        ("32768-60999", "PARTIAL", ["32768-60999"]),
        ("443", "PARTIAL", ["443"]),
    ],
)
def test_f10_partial_names_the_exact_client_ports(ports, verdict, named):
    base = web_acl("in 100 allow tcp/80 0.0.0.0/0", f"out 100 allow tcp/{ports} 0.0.0.0/0")
    found = told(base, "v/web", "v/app", "80")
    assert found.verdict.value == verdict
    assert found.to_dict().get("ports") == named
    assert judged(base, "v/web", "v/app", "80", reachable=True).ok == (verdict == "ALLOW")


def test_f10_partial_shows_a_packet_that_is_blocked():
    base = web_acl("in 100 allow tcp/80 0.0.0.0/0", "out 100 allow tcp/32768-60999 0.0.0.0/0")
    trace = shown(told(base, "v/web", "v/app", "80"))
    assert trace.packet.source_port == 1024
    assert [b.direction for b in trace.blockers] == ["return"]


@pytest.mark.parametrize(
    ("acl", "way", "source", "destination", "verdict"),
    [
        # From the instance to the gateway the inbound rules of the attachment subnet are asked,
        ("red/attachment", "in", "10.1.0.9", "10.2.0.9", "DENY"),
        # the outbound ones are not, but they are for the reply, which goes the other way.
        ("red/attachment", "out", "10.1.0.9", "10.2.0.9", "ONE_WAY"),
        ("blue/attachment", "out", "10.1.0.9", "10.2.0.9", "DENY"),
        ("blue/attachment", "in", "10.1.0.9", "10.2.0.9", "ONE_WAY"),
    ],
)
def test_f11_which_rules_of_an_attachment_subnet_are_asked(acl, way, source, destination, verdict):
    base = spokes().entry(acl, way, 50, "deny", "all", "10.0.0.0/8")
    assert ask(base, source, destination, "443") == verdict


def shared_subnet() -> NetworkBuilder:
    """Instances live in the attachment subnets themselves."""
    base = spokes()
    for vpc in ("red", "blue"):
        base.route(f"{vpc}/attachment", "10.0.0.0/8", "tgw:tgw-1")
    return base.group("red/in", "attachment", "in all 0.0.0.0/0", "out all 0.0.0.0/0")


@pytest.mark.parametrize(
    ("way", "out", "back"),
    [("out", "DENY", "ONE_WAY"), ("in", "DENY", "ONE_WAY")],
)
def test_f11_in_the_attachment_subnet_itself_only_what_goes_out_is_asked(way, out, back):
    base = shared_subnet()
    assert ask(base, "red/in", "blue/app", "443") == "ALLOW"
    base.entry("red/attachment", way, 50, "deny", "all", "10.0.0.0/8")
    assert ask(base, "red/in", "blue/app", "443") == out
    # What comes from the gateway meets no rule there; its reply does.
    assert ask(base, "blue/app", "red/in", "443") == back


def test_f12_a_proof_says_that_the_resolver_stays_open():
    base = between(egress="")
    assert "DNS channel stays open in v" in told(base, "v/web", "v/app", "80").notes[0]
    base.add("AWS::Route53Resolver::FirewallRuleGroupAssociation", "v", {"VpcId": ref("VPC", "v")})
    assert told(base, "v/web", "v/app", "80").notes == ()


def test_f13_host_bits_of_a_block_are_dropped():
    base = web_acl("in 100 allow tcp/80 10.0.1.18/24", "out 100 allow all 0.0.0.0/0")
    assert ask(base, "10.0.1.200", "v/app", "80") == "ALLOW"


@pytest.mark.parametrize(
    ("mode", "excluded", "inward", "nat"),
    [
        ("off", "", "ALLOW", "ALLOW"),
        ("block-bidirectional", "", "DENY", "DENY"),
        ("block-bidirectional", "allow-egress", "DENY", "ALLOW"),
        ("block-bidirectional", "allow-bidirectional", "ALLOW", "ALLOW"),
        ("block-ingress", "", "DENY", "ALLOW"),
        ("block-ingress", "allow-bidirectional", "ALLOW", "ALLOW"),
    ],
)
def test_f17_block_public_access(mode, excluded, inward, nat):
    base = internet_vpc()
    base.add("VPCBlockPublicAccessOptions", "account", {"InternetGatewayBlockMode": mode})
    if excluded:
        link = {"VpcId": ref("VPC", "v"), "InternetGatewayExclusionMode": excluded}
        base.add("VPCBlockPublicAccessExclusion", "v", link)
    assert ask(base, "internet", "v/edge", "443") == inward
    assert ask(base, "v/app", "8.8.8.8", "443") == nat


def test_f18_a_path_beside_the_route_tables_forbids_a_proof():
    """A client's and a target's groups have to admit Lattice's addresses (Lattice guide)."""

    def closed(egress: str = "out all 0.0.0.0/0") -> NetworkBuilder:
        base = between(egress=egress, ingress="in tcp/80-90 0.0.0.0/0")
        base.entry("v/app", "in", 1, "deny", "all", "10.0.1.0/24")
        return base

    assert judged(closed(), "v/web", "v/app", "80", reachable=False).ok
    link = {"VpcIdentifier": ref("VPC", "v")}
    kind = "AWS::VpcLattice::ServiceNetworkVpcAssociation"
    found = judged(closed().add(kind, "lattice", link), "v/web", "v/app", "80", reachable=False)
    assert (found.verdict.value, found.ok) == ("UNKNOWN", False)
    assert "Lattice" in str(found.unknowns[0])
    # A port that the target admits from nowhere, and a client that may call nothing of Lattice's.
    assert judged(closed().add(kind, "l", link), "v/web", "v/app", "443", reachable=False).ok
    only = closed("out all 10.0.0.0/8").add(kind, "l", link)
    assert judged(only, "v/web", "v/app", "80", reachable=False).ok
    # A client whose groups keep it from the target may call Lattice all the same.
    beside = closed("out tcp/443 169.254.171.0/24").add(kind, "l", link)
    assert not judged(beside, "v/web", "v/app", "80", reachable=False).ok


def test_f17_block_public_access_is_an_accounts_and_a_regions():
    """The mode is set for an account in a Region."""
    base = internet_vpc()
    base.add(
        "VPCBlockPublicAccessOptions", "b", {"InternetGatewayBlockMode": "block-bidirectional"}
    )
    in_region(base, "b", "eu-west-1")
    assert ask(base, "internet", "v/edge", "443") == "ALLOW"


def test_f18_an_association_that_was_never_made_opens_no_way():
    base = between(ingress="in tcp/80 10.0.1.0/24")
    link = {"VpcIdentifier": ref("VPC", "v")}
    kind = "AWS::VpcLattice::ServiceNetworkVpcAssociation"
    base.add(kind, "lattice", link, observed={"Status": "CREATE_FAILED"})
    assert judged(base, "v/web", "v/app", "443", reachable=False).ok


@pytest.mark.parametrize("kind", ["Resource", "ServiceNetwork", "Tunnel"])
def test_also_endpoints_without_a_model_forbid_a_proof(kind):
    base = between(ingress="in tcp/80 10.0.1.0/24")
    base.add("VPCEndpoint", "v/odd", {"VpcId": ref("VPC", "v"), "VpcEndpointType": kind})
    found = judged(base, "v/web", "v/app", "443", reachable=False)
    assert found.verdict.value == "UNKNOWN"
    assert f"endpoints of type {kind!r}" in str(found.unknowns[0])


def test_f20_ipv6_rules_are_separate():
    base = NetworkBuilder().vpc("v", "10.0.0.0/16", ipv6=True).acl("v/t", *open_acl())
    base.subnet("v/web/a", "10.0.1.0/24", acl="v/t", ipv6=1)
    base.subnet("v/app/a", "10.0.2.0/24", acl="v/t", ipv6=2)
    base.group("v/web", "web", "out all 0.0.0.0/0", "out all ::/0")
    base.group("v/app", "app", "in tcp/80 0.0.0.0/0")
    assert told(base, "v/web", "v/app", "80").mixed == {"ALLOW": 1, "DENY": 1}
    assert not judged(base, "v/web", "v/app", "80", reachable=True).ok
    base.rule("v/app", "in", "tcp/80", "::/0")
    assert judged(base, "v/web", "v/app", "80", reachable=True).ok


def test_an_unread_type_forbids_a_proof():
    base = between(ingress="")
    base.unknowns.append(Unknown("AWS::EC2::SecurityGroupIngress", "was refused"))
    assert judged(base, "v/web", "v/app", "443", reachable=False).verdict.value == "UNKNOWN"
    base.unknowns[:] = [Unknown("AWS::Logs::LogGroup", "was refused")]
    assert judged(base, "v/web", "v/app", "443", reachable=False).ok


def test_an_unread_type_forbids_a_proof_that_the_senders_groups_would_give():
    base = between(egress="")
    base.unknowns.append(Unknown("AWS::EC2::SecurityGroupEgress", "was refused"))
    assert not judged(base, "v/web", "v/app", "443", reachable=False).ok


def test_what_lies_beside_takes_nothing_from_what_reaches():
    base = between()
    base.interface("eni-1", "v/web/a", "10.0.1.200", "v/web", kind="network_load_balancer")
    assert judged(base, "v/web", "v/app", "443", reachable=True).ok


def test_a_load_balancer_in_the_vpc_forbids_a_proof():
    base = between(ingress="")
    base.interface("eni-1", "v/web/a", "10.0.1.200", "v/web", kind="network_load_balancer")
    found = judged(base, "v/web", "v/app", "443", reachable=False)
    assert found.verdict.value == "UNKNOWN"


def test_a_prefix_list_that_was_not_read_is_unknown():
    base = between(ingress="in tcp/80 pl:pl-7")
    assert "prefix list pl-7" in unknowns(base, "v/web", "v/app", "80")
    base.add("PrefixList", "pl-7", observed={"Cidrs": ["10.0.1.0/24"]})
    assert ask(base, "v/web", "v/app", "80") == "ALLOW"
    base.add("PrefixList", "pl-7", observed={"Cidrs": ["10.0.3.0/24"]})
    assert ask(base, "v/web", "v/app", "80") == "DENY"


def test_all_blockers_of_a_path_are_named():
    base = between(egress="", ingress="").entry("v/app", "in", 50, "deny", "all", ALL)
    assert codes(base, "v/web", "v/app", "80") == [
        "ENI_SG_RULES_MISMATCH",
        "SUBNET_ACL_RESTRICTION",
        "ENI_SG_RULES_MISMATCH",
    ]


def test_network_reads_every_acl_entry_in_order():
    acls = network(web_acl("in 200 allow all 0.0.0.0/0", "in 100 deny all 0.0.0.0/0")).acls
    assert [entry.number for entry in acls["v/app"].entries] == [100, 200]
