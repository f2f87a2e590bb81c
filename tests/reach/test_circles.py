"""Routes that lead round through transit gateways: the ways are few, in the engine and the tracer.

AWS chooses a zone at each turn where an attachment is in appliance mode, or where the packet's zone
is not known to it. What comes round unchanged is in a circle, whatever zone it came by.
"""

from collections.abc import Callable
from typing import Any

import pytest

from ringwall.model.graph import Unknown
from ringwall.model.ports import parse_ports
from ringwall.reach.engine import Engine
from ringwall.reach.explain import explain
from ringwall.reach.ways import Site, Way
from ringwall.trace.addresses import Host
from ringwall.trace.network import Network
from ringwall.trace.placements import Placement, placements
from ringwall.trace.trace import find_paths
from tests.builders import NetworkBuilder
from tests.trace.asking import told
from tests.trace.building import associate, attach_other

ZONES = "abcdef"  # as many as a Region has
AWAY = "192.168.0.0/16"
OPEN = ("in all 0.0.0.0/0", "out all 0.0.0.0/0")


def vpcs(names: str, zones: str = ZONES) -> NetworkBuilder:
    """VPCs whose tables lead what is in no VPC to a transit gateway."""
    base = NetworkBuilder().add("TransitGateway", "tgw-1")
    for number, vpc in enumerate(names):
        base.vpc(vpc, f"10.{number}.0.0/16").group(f"{vpc}/t", "t", *OPEN)
        for place, zone in enumerate(zones):
            base.subnet(f"{vpc}/t/{zone}", f"10.{number}.{place}.0/24")
        base.route(f"{vpc}/t", AWAY, "tgw:tgw-1")
    return base


def tier(vpc: str, zones: str = ZONES) -> list[str]:
    return [f"{vpc}/t/{zone}" for zone in zones]


def to_itself() -> NetworkBuilder:
    """What leaves an inspection VPC comes back to it."""
    base = vpcs("ab")
    for vpc in "ab":
        base.attach(vpc, tier(vpc), table="red", ApplianceModeSupport="enable")
    return base.transit_route("red", AWAY, "b")


def between_two() -> NetworkBuilder:
    """Two VPCs behind an inspection VPC lead packets back to it; all are in appliance mode."""
    base = vpcs("abc")
    for vpc, table in zip("abc", ("spokes", "inspected", "spokes"), strict=True):
        base.attach(vpc, tier(vpc), table=table, ApplianceModeSupport="enable")
    return base.transit_route("spokes", AWAY, "b").transit_route("inspected", AWAY, "c")


def without_a_common_zone() -> NetworkBuilder:
    """No attachment has a subnet in the zone from which a packet comes."""
    base = vpcs("abc")
    base.attach("a", tier("a"), table="spokes")
    base.attach("b", tier("b", "abc"), table="inspected").attach(
        "c", tier("c", "def"), table="spokes"
    )
    return base.transit_route("spokes", AWAY, "b").transit_route("inspected", AWAY, "c")


def over_a_peering() -> NetworkBuilder:
    """Two transit gateways that send it to each other; a peering keeps no zone."""
    base = vpcs("a").add("TransitGateway", "tgw-2").vpc("b", "10.1.0.0/16")
    for place, zone in enumerate(ZONES):
        base.subnet(f"b/t/{zone}", f"10.1.{place}.0/24")
    base.route("b/t", AWAY, "tgw:tgw-2")
    for number, vpc in enumerate("ab", 1):
        gateway = f"tgw-{number}"
        base.transit_table(f"from-{vpc}", gateway).transit_table(f"to-{vpc}", gateway)
        base.attach(vpc, tier(vpc), table=f"from-{vpc}", gateway=gateway)
        base.transit_route(f"from-{vpc}", AWAY, "peer").transit_route(f"to-{vpc}", AWAY, vpc)
    sides: dict[str, Any] = {
        "RequesterTgwInfo": {"TransitGatewayId": "tgw-1"},
        "AccepterTgwInfo": {"TransitGatewayId": "tgw-2"},
    }
    attach_other(base, "peer", "peering", resource="tgw-2", table="to-a", **sides)
    return associate(base, "peer", "to-b", "tgw-2")


CIRCLES = (to_itself, between_two, without_a_common_zone, over_a_peering)


def sites(engine: Engine, name: str) -> list[Site]:
    found = engine.ends.named(name)
    assert not isinstance(found, Unknown)
    return [site for end in found for site in engine.ends.sites(end)]


def placed(network: Network, name: str) -> Placement:
    found = placements(network, name)
    assert not isinstance(found, Unknown)
    return found[0]


def is_circle(way: Way) -> bool:
    return not way.delivered and way.steps[-1].code == "RINGWALL_ROUTING_LOOP"


@pytest.mark.timeout(20)
@pytest.mark.parametrize("circle", CIRCLES)
def test_a_circle_through_six_zones_has_few_ways(circle: Callable[[], NetworkBuilder]):
    """At most one for each zone of each VPC on it, where going round in turn had thousands."""
    graph = circle().graph()
    engine = Engine(graph)
    (target,) = sites(engine, "192.168.1.0/24")
    for source in sites(engine, "a/t"):
        ways = [way for way, _ in engine.ways(source, target)]
        assert 0 < len(ways) <= len(ZONES) ** 2
        assert all(map(is_circle, ways))
    network = Network(graph)
    near, far = placed(network, "a/t"), placed(network, "192.168.1.0/24")
    sender, receiver = (Host(4, each.blocks[0].start + 4) for each in (near, far))
    paths = find_paths(network, near, sender, far, receiver)
    assert 0 < len(paths) <= len(ZONES) ** 2


@pytest.mark.timeout(20)
@pytest.mark.parametrize("circle", CIRCLES)
def test_a_circle_is_told_by_engine_and_tracer(circle: Callable[[], NetworkBuilder]):
    base = circle()
    assert told(base, "a/t", "192.168.1.0/24", "443").verdict.value == "DENY"
    found = explain(Engine(base.graph()), "a/t", "192.168.1.0/24", parse_ports("443"))
    assert found.told is not None
    hops = found.told.forward
    assert hops[-1].code == "RINGWALL_ROUTING_LOOP"
    assert "circles" in hops[-1].text


def in_one_zone() -> NetworkBuilder:
    """In zone a the inspection VPC's table leads back to the gateway, in b nowhere."""
    base = NetworkBuilder().add("TransitGateway", "tgw-1")
    for number, vpc in enumerate("abc"):
        base.vpc(vpc, f"10.{number}.0.0/16").group(f"{vpc}/t", "t", *OPEN)
        for place, zone in enumerate("ab"):
            base.subnet(f"{vpc}/t/{zone}", f"10.{number}.{place}.0/24", table=f"{vpc}/{zone}")
        base.attach(vpc, tier(vpc, "ab"), table="red", ApplianceModeSupport="enable")
    for table in ("a/a", "a/b", "b/a"):
        base.route(table, "10.2.0.0/16", "tgw:tgw-1")
    return base.transit_route("red", "10.2.0.0/16", "b")


def test_a_flow_in_appliance_mode_comes_out_where_it_did_before():
    """ "A single network interface [...] for the life of the flow" (appliance scenario)."""
    graph = in_one_zone().graph()
    engine = Engine(graph)
    for source in sites(engine, "a/t"):
        for target in sites(engine, "c/t"):
            exits = [way.via.exits for way, _ in engine.ways(source, target)]
            assert exits == [(("b", "b/t/a"),), (("b", "b/t/b"),)]
