"""Interfaces as targets, ingress routing, routes inside a VPC: F21, R14-R16, R3."""

import pytest

from tests.builders import ALL, NetworkBuilder, open_acl, ref
from tests.trace.asking import ask, codes, judged, shown, told, unknowns
from tests.trace.building import appliance, gateway_table
from tests.trace.test_routing_rules import OPEN, internet_vpc


def inspected(**options) -> NetworkBuilder:
    """v/web reaches v/app by an interface in v/fw, and back."""
    base = NetworkBuilder().vpc("v", "10.0.0.0/16")
    for number, tier in enumerate(("web", "app", "fw"), 1):
        base.acl(f"v/{tier}", *open_acl())
        base.subnet(f"v/{tier}/a", f"10.0.{number}.0/24", acl=f"v/{tier}")
    base.group("v/web", "web", *OPEN).group("v/app", "app", *OPEN).group("v/fw", "", *OPEN)
    base.route("v/web", "10.0.2.0/24", "eni:eni-1").route("v/app", "10.0.1.0/24", "eni:eni-1")
    return appliance(base, "eni-1", "v/fw/a", "10.0.3.9", "v/fw", **options)


def kinds(base: NetworkBuilder, *question: str) -> list[str]:
    return [hop.kind for hop in shown(told(base, *question)).forward]


def test_r14_an_interface_forwards_what_its_tag_says():
    """You must disable source/destination checks if the instance runs routing services."""
    assert ask(inspected(), "v/web", "v/app", "443") == "ALLOW"
    assert kinds(inspected(), "v/web", "v/app", "443") == [
        "security-group",
        "network-acl",
        "route-table",
        "network-acl",
        "network-interface",
        "security-group",
        "appliance",
        "security-group",
        "network-acl",
        "route-table",
        "network-acl",
        "security-group",
    ]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"checks": True}, "ENI_SOURCE_DEST_CHECK_RESTRICTION"),
        ({"checks": None}, "ENI_SOURCE_DEST_CHECK_RESTRICTION"),
        ({"state": "stopped"}, "BAD_STATE"),
    ],
)
def test_r14_it_must_run_and_take_packets_of_others(options, code):
    """Each EC2 instance performs source/destination checks by default."""
    assert codes(inspected(**options), "v/web", "v/app", "443") == [code] * 2  # and back


def test_r14_it_must_be_attached():
    base = inspected()
    node = base.nodes["AWS::EC2::NetworkInterface", "eni-1"]
    seen = {**node.observed, "Attachment": {}, "Status": "available"}
    base.add("NetworkInterface", "eni-1", node.properties, observed=seen, tags=node.tags)
    assert codes(base, "v/web", "v/app", "443") == ["BAD_STATE"] * 2


def test_r14_what_an_appliance_does_is_unknown_unless_it_is_said():
    assert "appliance eni-1" in unknowns(inspected(does=""), "v/web", "v/app", "443")
    # A definite drop on the way to it counts all the same.
    base = inspected(does="").entry("v/fw", "in", 50, "deny", "all", "10.0.1.0/24")
    assert codes(base, "v/web", "v/app", "443") == ["SUBNET_ACL_RESTRICTION"]


def test_r14_an_instance_stands_for_its_first_interface():
    base = inspected()
    for table, cidr in (("v/web", "10.0.2.0/24"), ("v/app", "10.0.1.0/24")):
        leads = {"RouteTableId": ref("RouteTable", table), "DestinationCidrBlock": cidr}
        base.add("Route", f"{table}>{cidr}", {**leads, "InstanceId": ref("Instance", "i-eni-1")})
    assert ask(base, "v/web", "v/app", "443") == "ALLOW"
    assert judged(base, "v/web", "v/app", "443", reachable=True).ok


def test_r14_its_groups_are_asked_both_ways():
    base = inspected().group("v/fw", "")
    assert ask(base, "v/web", "v/app", "443") == "ALLOW"  # the rules are still there
    base = inspected()
    for key in [k for k in base.nodes if k[1].startswith("v/fw:") and "SecurityGroup" in k[0]]:
        del base.nodes[key]
    assert codes(base, "v/web", "v/app", "443") == ["ENI_SG_RULES_MISMATCH"] * 2


def test_r14_a_reply_passes_the_groups_of_an_interface_that_knows_the_connection():
    base = inspected()
    for key in [k for k in base.nodes if k[1].startswith("v/fw:") and "SecurityGroup" in k[0]]:
        del base.nodes[key]
    base.rule("v/fw", "in", "tcp/443", "10.0.1.0/24").rule("v/fw", "out", "tcp/443", "10.0.2.0/24")
    assert ask(base, "v/web", "v/app", "443") == "ALLOW"
    # Without the way there through it, the interface knows nothing of the reply.
    del base.nodes["AWS::EC2::Route", "v/web>10.0.2.0/24"]
    assert ask(base, "v/web", "v/app", "443") == "ONE_WAY"


def test_f3_references_match_nothing_behind_a_middlebox():
    """If you reference the security group of the other instance, this does not allow traffic."""
    base = inspected().group("v/one", "web", "out all group:v/app")
    assert codes(base, "v/one", "v/app", "443") == ["ENI_SG_RULES_MISMATCH"]
    base = inspected().group("v/only", "app", "in all group:v/web")
    assert codes(base, "v/web", "v/only", "443") == ["ENI_SG_RULES_MISMATCH"]


def nat_instance(**options) -> NetworkBuilder:
    base = NetworkBuilder().vpc("v", "10.0.0.0/16").internet_gateway("v")
    for number, tier in enumerate(("app", "public"), 1):
        base.acl(f"v/{tier}", *open_acl()).subnet(
            f"v/{tier}/a", f"10.0.{number}.0/24", acl=f"v/{tier}"
        )
    base.group("v/app", "app", *OPEN).group("v/nat", "", *OPEN)
    base.route("v/app", ALL, "eni:eni-1").route("v/public", ALL, "igw:v")
    given = {"does": "translates", "public": "203.0.113.5"} | options
    return appliance(base, "eni-1", "v/public/a", "10.0.2.9", "v/nat", **given)


def test_r15_a_nat_instance_rewrites_the_source():
    """The NAT instance sends the traffic to the internet with its own address."""
    assert ask(nat_instance(), "v/app", "8.8.8.8", "443") == "ALLOW"
    assert codes(nat_instance(public=""), "v/app", "8.8.8.8", "443") == [
        "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS"
    ]
    # What is forwarded unchanged has no public address at the gateway.
    assert codes(nat_instance(does="forwards"), "v/app", "8.8.8.8", "443") == [
        "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS"
    ]


def test_r15_its_groups_admit_the_clients_and_let_out_to_the_internet():
    base = nat_instance()
    for key in [k for k in base.nodes if k[1].startswith("v/nat:")]:
        del base.nodes[key]
    base.rule("v/nat", "in", "tcp/443", "10.0.1.0/24").rule("v/nat", "out", "tcp/443", ALL)
    assert ask(base, "v/app", "8.8.8.8", "443") == "ALLOW"
    assert codes(base, "v/app", "8.8.8.8", "80") == ["ENI_SG_RULES_MISMATCH"] * 2


def test_r15_replies_come_back_to_its_ports_and_by_its_table():
    base = nat_instance().entry("v/public", "in", 50, "deny", "all", "8.8.8.8/32")
    assert ask(base, "v/app", "8.8.8.8", "443") == "ONE_WAY"
    base = nat_instance().entry("v/public", "out", 50, "deny", "all", "10.0.1.0/24")
    assert ask(base, "v/app", "8.8.8.8", "443") == "ONE_WAY"


def test_f21_an_interface_sends_from_its_own_addresses_alone():
    """The instance must be the source or destination of any traffic it sends or receives."""
    assert (
        codes(inspected(checks=True), "v/web", "v/app", "443")
        == ["ENI_SOURCE_DEST_CHECK_RESTRICTION"] * 2
    )
    # To its own address it is an ordinary destination, check or not.
    base = inspected(checks=True).route("v/web", "10.0.3.0/24", "eni:eni-1")
    assert ask(base, "v/web", "10.0.3.9", "443") == "ALLOW"


def test_r3_a_longer_route_than_local_needs_a_whole_subnet():
    """The destination must match the entire CIDR block of a subnet in your VPC."""
    base = inspected().route("v/web", "10.0.2.128/25", "eni:eni-1")
    assert "10.0.2.128/25" in unknowns(base, "v/web", "10.0.2.200", "443")
    base = inspected().route("v/web", "10.0.2.0/24", "tgw:tgw-1")
    assert "10.0.2.0/24" in unknowns(base, "v/web", "v/app", "443")


def test_r3_the_target_of_the_local_route_can_be_replaced():
    """You can replace the target of the local route with a network interface or an endpoint."""
    base = inspected()
    del base.nodes["AWS::EC2::Route", "v/web>10.0.2.0/24"]
    del base.nodes["AWS::EC2::Route", "v/app>10.0.1.0/24"]
    base.route("v/web", "10.0.0.0/16", "eni:eni-1").route("v/app", "10.0.0.0/16", "eni:eni-1")
    assert ask(base, "v/web", "v/app", "443") == "ALLOW"
    assert "appliance" in kinds(base, "v/web", "v/app", "443")


def test_r5_the_local_route_beats_longer_propagated_ones():
    """The local route is most preferred even if the propagated routes are more specific."""
    base = inspected()
    base.route("v/web", "10.0.2.0/25", "vgw:vgw-1", origin="EnableVgwRoutePropagation")
    del base.nodes["AWS::EC2::Route", "v/web>10.0.2.0/24"]
    assert ask(base, "v/web", "10.0.2.9", "443") == "ALLOW"


def guarded(*, public: str = "203.0.113.9", back: bool = True) -> NetworkBuilder:
    """The internet reaches v/edge by an interface in v/fw, which the gateway's table names."""
    base = NetworkBuilder().vpc("v", "10.0.0.0/16").internet_gateway("v")
    for number, tier in enumerate(("edge", "fw"), 1):
        base.acl(f"v/{tier}", *open_acl()).subnet(
            f"v/{tier}/a", f"10.0.{number}.0/24", acl=f"v/{tier}", public=True
        )
    base.group("v/edge", "edge", *OPEN).group("v/fw", "", *OPEN)
    appliance(base, "eni-1", "v/fw/a", "10.0.2.9", "v/fw", public=public)
    base.route("v/fw", ALL, "igw:v").route("v/edge", ALL, "eni:eni-1" if back else "igw:v")
    gateway_table(base, "v/ingress", "v")
    return base.route("v/ingress", "10.0.1.0/24", "eni:eni-1")


def test_r16_a_gateways_table_leads_inbound_traffic_through_an_appliance():
    """You can route traffic entering the VPC through a gateway to an appliance's interface."""
    assert ask(guarded(), "8.8.8.8", "v/edge", "443") == "ALLOW"
    assert kinds(guarded(), "8.8.8.8", "v/edge", "443")[:5] == [
        "internet-gateway",
        "route-table",
        "network-acl",
        "network-interface",
        "security-group",
    ]
    assert ask(guarded(), "v/edge", "8.8.8.8", "443") == "ALLOW"


def test_r16_the_appliance_needs_a_public_address():
    assert codes(guarded(public=""), "8.8.8.8", "v/edge", "443") == ["INGRESS_RTB_NO_PUBLIC_IP"]


def test_r16_the_way_back_must_pass_the_same_appliance():
    """Subnets whose traffic is redirected can't use a direct route to the internet gateway."""
    assert ask(guarded(back=False), "8.8.8.8", "v/edge", "443") == "ONE_WAY"
    assert codes(guarded(back=False), "v/edge", "8.8.8.8", "443") == [
        "INGRESS_RTB_TRAFFIC_REDIRECTION"
    ]


def test_r16_local_routes_alone_change_nothing():
    base = guarded(back=False)
    del base.nodes["AWS::EC2::Route", "v/ingress>10.0.1.0/24"]
    assert ask(base, "8.8.8.8", "v/edge", "443") == "ALLOW"


def test_r16_a_table_that_is_not_in_the_input_is_unknown():
    base = guarded()
    del base.nodes["AWS::EC2::RouteTable", "v/ingress"]
    assert "route table v/ingress" in unknowns(base, "8.8.8.8", "v/edge", "443")


def test_r16_other_targets_and_lists_are_unknown():
    base = guarded().add("PrefixList", "pl-1", observed={"Cidrs": ["10.0.1.0/24"]})
    del base.nodes["AWS::EC2::Route", "v/ingress>10.0.1.0/24"]
    base.route("v/ingress", "pl-1", "eni:eni-1")
    assert "route" in unknowns(base, "8.8.8.8", "v/edge", "443")


def test_r16_block_public_access_and_the_acl_of_a_central_nat_come_first():
    base = internet_vpc()
    gateway_table(base, "v/ingress", "v").route("v/ingress", "10.0.0.0/24", "eni:eni-1")
    base.group("v/fw", "", *OPEN).subnet("v/fw/a", "10.0.99.0/24", acl="v/public")
    appliance(base, "eni-1", "v/fw/a", "10.0.99.9", "v/fw", public="203.0.113.9")
    # The NAT gateway's subnet is guarded: its replies come by the appliance, its own way out not.
    assert codes(base, "10.0.10.9", "8.8.8.8", "443") == ["INGRESS_RTB_TRAFFIC_REDIRECTION"]
    base.route("v/fw", ALL, "igw:v").route("v/public", ALL, "eni:eni-1")
    assert ask(base, "10.0.10.9", "8.8.8.8", "443") == "ALLOW"


def test_f21_secondary_addresses_and_prefixes_are_an_interfaces_own():
    """A prefix that is assigned to a network interface belongs to it."""
    base = inspected(checks=True).route("v/web", "10.0.3.0/24", "eni:eni-1")
    node = base.nodes["AWS::EC2::NetworkInterface", "eni-1"]
    seen = {**node.observed, "Ipv4Prefixes": [{"Ipv4Prefix": "10.0.3.64/28"}]}
    base.add("NetworkInterface", "eni-1", node.properties, observed=seen, tags=node.tags)
    assert ask(base, "v/web", "10.0.3.70", "443") == "ALLOW"
