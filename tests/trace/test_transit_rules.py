"""Transit gateways beyond one Region, prefix lists, equal routes: R18, R21, R23, F4, F5, R29."""

from typing import Any

import pytest

from tests.builders import NetworkBuilder, open_acl, ref
from tests.trace.asking import ask, codes, judged, shown, told, unknowns
from tests.trace.building import associate, attach_other, in_region
from tests.trace.test_routing_rules import OPEN, peered, spokes


def two_regions(*, back: bool = True, twins: bool = False) -> NetworkBuilder:
    """red at tgw-1 in one Region, blue at tgw-2 in another, a peering between the two."""
    base = NetworkBuilder()
    for number, vpc in enumerate(("red", "blue"), 1):
        gateway, table = f"tgw-{number}", f"{vpc}-table"
        base.add("TransitGateway", gateway)
        base.vpc(vpc, f"10.{number}.0.0/16").acl(f"{vpc}/app", *open_acl())
        base.subnet(f"{vpc}/app/a", f"10.{number}.1.0/24", acl=f"{vpc}/app")
        base.group(f"{vpc}/app", "app", *OPEN).route(f"{vpc}/app", "10.0.0.0/8", f"tgw:{gateway}")
        base.transit_table(table, gateway)
        base.attach(vpc, [f"{vpc}/app/a"], table=table, gateway=gateway).propagate(vpc, table)
    in_region(base, "blue", "eu-west-1")
    sides = {
        "RequesterTgwInfo": {"TransitGatewayId": "tgw-1"},
        "AccepterTgwInfo": {"TransitGatewayId": "tgw-2", "Region": "eu-west-1"},
    }
    seen: dict[str, Any] = {} if twins else sides
    attach_other(
        base, "peer", "peering", resource="tgw-2", table="red-table", gateway="tgw-1", **seen
    )
    there = "peer"
    if twins:
        there = "peer-2"
        attach_other(base, there, "peering", resource="tgw-1", table=None, gateway="tgw-2")
    associate(base, there, "blue-table", "tgw-2")
    base.transit_route("red-table", "10.2.0.0/16", "peer")
    if back:
        base.transit_route("blue-table", "10.1.0.0/16", there)
    return base


@pytest.mark.parametrize("twins", [False, True])
def test_r21_a_peering_of_gateways_carries_static_routes_both_ways(twins):
    """The arriving packet is looked up in the table associated with the peering attachment."""
    base = two_regions(twins=twins)
    assert ask(base, "red/app", "blue/app", "443") == "ALLOW"
    kinds = [hop.kind for hop in shown(told(base, "red/app", "blue/app", "443")).forward]
    at = kinds.index("transit-gateway-peering")
    assert kinds[at - 1 : at + 3] == [
        "transit-gateway-route-table",
        "transit-gateway-peering",
        "transit-gateway-route-table",
        "attachment",
    ]


def test_r21_forward_may_work_while_the_return_does_not():
    assert ask(two_regions(back=False), "red/app", "blue/app", "443") == "ONE_WAY"


def test_r21_the_far_table_is_that_of_the_peering_attachment():
    base = two_regions()
    del base.nodes["AWS::EC2::TransitGatewayRouteTableAssociation", "peer@blue-table"]
    assert codes(base, "red/app", "blue/app", "443") == ["TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION"]
    associate(base.transit_table("other", "tgw-2"), "peer", "other", "tgw-2")
    assert codes(base, "red/app", "blue/app", "443") == ["TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT"]


def test_r21_a_peering_does_not_work_before_it_is_accepted():
    base = two_regions()
    node = base.nodes["AWS::EC2::TransitGatewayAttachment", "peer"]
    seen = {**node.observed, "State": "pendingAcceptance"}
    base.add("TransitGatewayAttachment", "peer", node.properties, observed=seen)
    assert "pendingAcceptance" in unknowns(base, "red/app", "blue/app", "443")


def test_r21_a_gateway_that_is_not_in_the_input_is_unknown():
    base = spokes().add("TransitGateway", "tgw-1")
    attach_other(base, "peer", "peering", resource="tgw-9", table="shared")
    base.transit_route("shared", "172.16.0.0/12", "peer")
    base.route("red/app", "172.16.0.0/12", "tgw:tgw-1")
    assert "transit gateway tgw-9" in unknowns(base, "red/app", "172.16.0.1", "443")


def test_f5_references_match_nothing_behind_a_peering_of_gateways():
    base = two_regions().group("blue/only", "app", "in all group:red/app")
    for gateway in ("tgw-1", "tgw-2"):
        base.add("TransitGateway", gateway, {"SecurityGroupReferencingSupport": "enable"})
    assert ask(base, "red/app", "blue/only", "443") == "DENY"


@pytest.mark.parametrize(("region", "verdict"), [("us-east-1", "ALLOW"), ("eu-west-1", "DENY")])
def test_f4_references_over_a_peering_need_one_region(region, verdict):
    """You can't reference the security group of a peer VPC across Regions."""
    base = peered().group("blue/only", "app", "in tcp/80 group:red/app")
    base.group("red/one", "app", "out tcp/81 group:blue/app")
    in_region(base, "blue", region)
    assert ask(base, "red/app", "blue/only", "80") == verdict
    assert ask(base, "red/one", "blue/app", "81") == verdict
    assert ask(base, "red/app", "blue/app", "80") == "ALLOW"


@pytest.mark.parametrize("kind", ["connect", "vpn-concentrator", "network-function", "client-vpn"])
def test_attachments_without_a_model_are_unknown_by_name(kind):
    base = spokes().add("TransitGateway", "tgw-1")
    attach_other(base, "odd", kind, resource="x", table="shared")
    base.transit_route("shared", "172.16.0.0/12", "odd").route(
        "red/app", "172.16.0.0/12", "tgw:tgw-1"
    )
    assert f"attachments of type {kind!r}" in unknowns(base, "red/app", "172.16.0.1", "443")
    assert f"attachments of type {kind!r}" in unknowns(base, "192.168.0.1", "red/app", "443")


def listed(*cidrs: str, table: str = "shared", to: str = "blue") -> NetworkBuilder:
    base = spokes(joined=False).propagate("red", "shared")
    if cidrs:
        base.add("PrefixList", "pl-1", observed={"Cidrs": list(cidrs)})
    link = {
        "TransitGatewayRouteTableId": ref("TransitGatewayRouteTable", table),
        "PrefixListId": ref("PrefixList", "pl-1"),
        "TransitGatewayAttachmentId": ref("TransitGatewayAttachment", to),
    }
    return base.add("Ringwall::EC2::TransitGatewayPrefixListReference", f"{table}>pl-1", link)


def test_r18_a_prefix_list_of_a_transit_table_is_a_route_to_each_of_its_blocks():
    assert ask(listed("10.2.0.0/16"), "red/app", "blue/app", "443") == "ALLOW"
    assert ask(listed("10.3.0.0/16"), "red/app", "blue/app", "443") == "DENY"
    assert "prefix list pl-1" in unknowns(listed(), "red/app", "blue/app", "443")


def test_r18_a_static_route_beats_an_equal_list_and_a_list_a_propagated_route():
    """Static routes, then prefix list referenced routes, then VPC-propagated routes."""
    base = listed("10.2.0.0/16").transit_route("shared", "10.2.0.0/16")
    assert codes(base, "red/app", "blue/app", "443") == ["TGW_RTB_BAD_STATE_ROUTE"]
    base = listed("10.2.0.0/16", to="red").propagate("blue", "shared")
    assert ask(base, "red/app", "blue/app", "443") == "DENY"


def reported(*kinds: str) -> NetworkBuilder:
    base = spokes(joined=False).add("TransitGateway", "tgw-1")
    items = []
    for kind in kinds:
        key = "blue" if kind == "vpc" else f"by-{kind}"
        if kind != "vpc":
            attach_other(base, key, kind, resource=key, table="shared")
        items.append(
            {
                "DestinationCidrBlock": "10.2.0.0/16",
                "State": "active",
                "TransitGatewayAttachments": [{"TransitGatewayAttachmentId": key}],
            }
        )
    back = {"DestinationCidrBlock": "10.1.0.0/16", "TransitGatewayAttachmentId": "red"}
    table = {"TransitGatewayId": ref("TransitGateway", "tgw-1")}
    seen = {"PropagatedRoutes": [*items, back]}
    return base.add("TransitGatewayRouteTable", "shared", table, observed=seen)


def test_r18_equal_propagated_routes_go_by_the_kind_of_attachment():
    """VPC-propagated before Direct Connect gateway, Connect and VPN ones."""
    base = reported("vpn", "connect", "direct-connect-gateway", "vpc")
    assert ask(base, "red/app", "blue/app", "443") == "ALLOW"
    base = reported("vpn", "connect", "direct-connect-gateway")
    assert "attachment by-direct-connect-gateway" in unknowns(base, "red/app", "blue/app", "443")
    assert "attachment by-connect" in unknowns(
        reported("vpn", "connect"), "red/app", "blue/app", "443"
    )


def test_r23_with_appliance_mode_the_reply_keeps_the_zone():
    """Appliance mode keeps a flow in one zone for its lifetime."""
    base = spokes()
    zones = [f"blue/attachment/{zone}" for zone in "ab"]
    base.attach("blue", zones, table="shared", ApplianceModeSupport="enable")
    ways = told(base, "10.1.0.9", "10.2.0.9", "443")
    assert ways.verdict.value == "ALLOW"


def test_r29_groups_of_a_participant_stand_in_the_owners_subnets():
    """Participants manage their own security groups; route tables and ACLs are the owner's."""
    base = NetworkBuilder().vpc("v", "10.0.0.0/16").acl("v/t", *open_acl())
    base.subnet("v/t/a", "10.0.1.0/24", acl="v/t").subnet("v/u/a", "10.0.2.0/24", acl="v/t")
    base.group("v/u", "u", *OPEN).group("sg-0123456789abcdef0", "", "in tcp/443 group:v/u")
    base.interface("eni-0123456789abcdef0", "v/t/a", "10.0.1.9", "sg-0123456789abcdef0")
    in_region(base, "sg-0", "us-east-1", account="444455556666")
    in_region(base, "eni-0", "us-east-1", account="444455556666")
    assert ask(base, "v/u", "eni-0123456789abcdef0", "443") == "ALLOW"
    assert ask(base, "v/u", "eni-0123456789abcdef0", "80") == "DENY"
    base.entry("v/t", "in", 50, "deny", "all", "10.0.2.0/24")
    assert ask(base, "v/u", "eni-0123456789abcdef0", "443") == "DENY"


def test_r29_what_a_participant_cannot_see_is_unknown():
    base = NetworkBuilder(observed=True).vpc("v", "10.0.0.0/16")
    base.subnet("v/t/a", "10.0.1.0/24", table="").subnet("v/u/a", "10.0.2.0/24", table="")
    base.group("v/u", "u", *OPEN).group("v/t", "t", *OPEN)
    assert "not in the input" in unknowns(base, "v/u", "v/t", "443")
    assert not judged(base, "v/u", "v/t", "443", reachable=False).ok
