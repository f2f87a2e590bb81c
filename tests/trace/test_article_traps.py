"""The network traps of "Building Secure Network Infrastructure on AWS": what it built, seen."""

from ringwall.trace.trace import Verdict
from tests.builders import ALL, NetworkBuilder
from tests.trace.asking import ask, codes, judged, shown, told
from tests.trace.test_routing_rules import spokes

OPEN = ("in all 0.0.0.0/0", "out all 0.0.0.0/0")


def test_trap_1_tables_that_are_associated_but_never_propagated_to_connect_nothing():
    base = spokes(joined=False)
    assert codes(base, "red/app", "blue/app", "443") == ["TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT"]
    assert not judged(base, "red", "blue", "443", reachable=True).ok


def test_trap_1_subnet_tables_without_a_route_to_the_gateway_connect_nothing():
    base = spokes()
    for vpc in ("red", "blue"):
        del base.nodes["AWS::EC2::Route", f"{vpc}/app>10.0.0.0/8"]
    assert codes(base, "red/app", "blue/app", "443") == ["NO_ROUTE_TO_DESTINATION"]


def test_trap_1_a_network_that_connects_nothing_passes_every_must_not():
    base = spokes(joined=False)
    assert judged(base, "red", "blue", "any", reachable=False).ok
    assert not judged(base, "red", "blue", "any", reachable=True).ok


def test_trap_2_the_hub_in_the_table_of_the_spokes_is_not_reached_through_its_own():
    """Only an association says in which table a packet is looked up."""
    base = spokes(joined=False)  # both attachments are associated with `shared`
    base.propagate("red", "shared-services").propagate("blue", "shared-services")
    assert not judged(base, "red", "blue", "443", reachable=True).ok
    base.attach("red", ["red/attachment/a", "red/attachment/b"], table="shared-services")
    assert ask(base, "red/app", "blue/app", "443") == "ONE_WAY"


def private_tier(*entries: str) -> NetworkBuilder:
    base = NetworkBuilder().vpc("v", "10.0.0.0/16").acl("v/private", *entries)
    base.acl("v/public", f"in 100 allow all {ALL}", f"out 100 allow all {ALL}")
    base.subnet("v/public/a", "10.0.1.0/24", acl="v/public").group("v/alb", "public", *OPEN)
    base.subnet("v/private/a", "10.0.2.0/24", acl="v/private")
    return base.group("v/app", "private", *OPEN)


def test_trap_4_a_private_acl_without_egress_rules_lets_no_reply_out():
    base = private_tier("in 100 allow all 10.0.0.0/16")
    assert ask(base, "v/alb", "v/app", "8080") == "ONE_WAY"
    assert ask(base, "v/app", "v/alb", "443") == "DENY"
    base = private_tier("in 100 allow all 10.0.0.0/16", "out 100 allow tcp/1024-65535 10.0.0.0/16")
    assert ask(base, "v/alb", "v/app", "8080") == "ALLOW"


def test_trap_5_ephemeral_ports_from_anywhere_open_databases_to_the_groups_alone():
    base = NetworkBuilder().vpc("v", "10.0.0.0/16").internet_gateway("v")
    base.acl(
        "v/public",
        f"in 100 allow tcp/443 {ALL}",
        f"in 110 allow tcp/1024-65535 {ALL}",
        f"out 100 allow all {ALL}",
    )
    base.subnet("v/public/a", "10.0.1.0/24", acl="v/public").route("v/public", ALL, "igw:v")
    base.group("v/alb", "public", "in all 0.0.0.0/0")
    for port in ("3306", "5432", "6379", "8080", "3389"):
        assert ask(base, "internet", "v/alb", port) == "ALLOW"
    assert ask(base, "internet", "v/alb", "22") == "DENY"
    base.group("v/closed", "public", "in tcp/443 0.0.0.0/0")
    found = told(base, "internet", "v/closed", "3306")
    assert [b.code for b in shown(found).blockers] == ["ENI_SG_RULES_MISMATCH"]


def test_trap_6_open_egress_leaves_isolation_to_routes_alone_and_dns_open():
    base = private_tier(f"in 100 allow all {ALL}", f"out 100 allow all {ALL}")
    found = told(base, "v/app", "internet", "443")
    assert found.verdict is Verdict.DENY
    assert [b.code for b in shown(found).blockers] == ["NO_ROUTE_TO_DESTINATION"]
    assert "DNS channel" in found.notes[0]


def test_trap_10_traffic_inside_a_subnet_never_meets_the_acl_that_blocks_it():
    base = private_tier("in 50 deny all 10.0.2.9/32", f"in 100 allow all {ALL}")
    assert ask(base, "10.0.2.9", "10.0.2.77", "443") == "ALLOW"
