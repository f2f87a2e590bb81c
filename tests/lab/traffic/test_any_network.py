"""Drawn networks of every feature: what is logged of a packet is what the tracer says of it."""

from pathlib import Path
from random import Random

import pytest
from tests.lab.traffic.reading import records
from tests.lab.traffic.worlds import BEGIN
from tests.networks.drawing import draw

from ringwall.lab.traffic.attacks import order_of
from ringwall.lab.traffic.courses import Course, End
from ringwall.lab.traffic.interfaces import Machine, Role
from ringwall.lab.traffic.making import Wish, make, scene_of
from ringwall.lab.traffic.outside import Outside
from ringwall.lab.traffic.scene import Scene
from ringwall.trace.addresses import Host, addresses_of, host
from ringwall.trace.packet import Packet
from ringwall.trace.trace import Verdict, trace

PORTS = (22, 53, 80, 443, 1_024, 3_306, 8_080, 50_000)


def _scene(seed: int) -> Scene:
    return scene_of(draw(seed).graph, None, Wish(seed=seed, hours=1, begin=BEGIN))


def _host(end: End, version: int) -> Host | None:
    if isinstance(end, Outside):
        return end.host if end.host.version == version else None
    text = end.interface.address(version)
    return host(text) if text else None


@pytest.mark.parametrize("seeds", [range(n, n + 10) for n in range(0, 60, 10)], ids=str)
def test_a_course_is_what_the_tracer_says(seeds: range) -> None:
    asked = compared = 0
    for seed in seeds:
        scene = _scene(seed)
        rng = Random(seed)
        strangers: list[End] = [scene.world.draw(rng) for _ in range(2)]
        if scene.world.has_ipv6:
            strangers.append(scene.world.draw(rng, 6))
        ends: list[End] = [*scene.estate.machines, *strangers]
        for _ in range(60):
            source, target = rng.choice(ends), rng.choice(ends)
            version, port = rng.choice((4, 6)), rng.choice(PORTS)
            sender, receiver = _host(source, version), _host(target, version)
            inside = isinstance(source, Machine) or isinstance(target, Machine)
            if source == target or sender is None or receiver is None or not inside:
                continue
            protocol = rng.choice((6, 17))
            course = scene.courses.find(source, target, protocol, port, version=version)
            packet = Packet(protocol, port, 0, 49_152)
            found = trace(
                scene.estate.network,
                packet,
                source.placement,
                target.placement,
                sender=sender,
                receiver=receiver,
            )
            asked += 1
            undecided = {Verdict.UNKNOWN, Verdict.UNDETERMINED}
            if found.verdict in undecided:
                assert (course.verdict, course.vantages) == (Verdict.UNKNOWN, ())
                continue
            if course.verdict is Verdict.UNKNOWN:
                assert any("through an appliance" in what for what in scene.courses.left_out)
                continue
            assert course.verdict is found.verdict
            compared += 1
            _hold(course, source, target)
    assert asked > 150
    assert compared > asked / 2


def _hold(course: Course, source: End, target: End) -> None:
    """Check that what is logged fits the verdict."""
    forward = [v for v in course.vantages if not v.reply]
    back = [v for v in course.vantages if v.reply]
    rejected = [v for v in course.vantages if v.action == "REJECT"]
    # A rejected packet goes nowhere, so nobody sees it afterwards.
    assert rejected in ([], [forward[-1]] if forward else [], [back[-1]] if back else [])
    if isinstance(source, Machine):
        assert (forward[0].interface, forward[0].egress) == (source.interface, True)
    match course.verdict:
        case Verdict.ALLOW | Verdict.PARTIAL:
            assert not rejected
            if isinstance(target, Machine):
                assert (forward[-1].interface, forward[-1].egress) == (target.interface, False)
                assert (back[0].interface, back[0].egress) == (target.interface, True)
            if isinstance(source, Machine):
                assert (back[-1].interface, back[-1].egress) == (source.interface, False)
        case Verdict.ONE_WAY:
            assert all(v.action == "ACCEPT" for v in forward)
            if isinstance(source, Machine) and back:
                got = (back[-1].interface, back[-1].egress) == (source.interface, False)
                assert not got or back[-1].action == "REJECT"
        case _ if isinstance(target, Machine) and target.role is not Role.INSTANCE:
            pass  # it may arrive, and come no further behind the load balancer
        case _:
            assert not back
            if isinstance(target, Machine) and forward and not forward[-1].egress:
                arrived = forward[-1].interface == target.interface
                assert not arrived or forward[-1].action == "REJECT"


@pytest.mark.parametrize("seed", [3, 14, 37, 41])
def test_an_hour_of_any_network_is_whole(seed: int, tmp_path: Path) -> None:
    scene = _scene(seed)
    wish = Wish(seed=seed, hours=1, begin=BEGIN, attacks=(order_of("horizontal-scan:easy", 0),))
    truth = make(scene, wish, tmp_path, network="drawn").to_dict()
    found = list(records(tmp_path / "vpc"))
    assert len(found) == truth["lines"]["flow"]
    assert truth["attacks"][0]["records"]["flow"] > 100
    counted = sum(b["records"]["flow"] for b in (*truth["benign"], *truth["attacks"]))
    assert counted == sum(r["log-status"] == "OK" for r in found)


def test_interfaces_that_were_reported_are_there_as_reported() -> None:
    checked = 0
    for seed in range(40):
        scene = _scene(seed)
        network = scene.estate.network
        there = {each.ipv4: each for each in scene.estate.interfaces}
        for node in network.graph.of_type("AWS::EC2::NetworkInterface"):
            subnet = network.subnets.get(network.values.key(node.properties.get("SubnetId")))
            address = next(
                (a for a in addresses_of(node.observed) if "." in a and "/" not in a), ""
            )
            if subnet is None or not address:
                continue
            if node.observed.get("InterfaceType", "interface") != "interface":
                continue
            checked += 1
            assert there[address].subnet == subnet.key
            assert there[address].id == (node.physical_id or there[address].id)
    assert checked > 20


def test_no_two_interfaces_have_one_address() -> None:
    for seed in range(40):
        found = [i for i in _scene(seed).estate.interfaces if i.ipv4]
        assert len({(i.vpc, i.ipv4) for i in found}) == len(found), seed
