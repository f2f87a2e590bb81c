"""Who sees a packet, under which addresses, and with which verdict: the tracer's, and no other."""

import json
from collections import defaultdict
from itertools import groupby
from typing import Any

import pytest
from tests.lab.traffic.reading import ends
from tests.lab.traffic.worlds import BEGIN, FORTRESS, World, made

from ringwall.app.workspace import read_blueprint
from ringwall.blueprint import load
from ringwall.blueprint.compile import compile_blueprint
from ringwall.lab.traffic.making import Wish, scene_of
from ringwall.lab.traffic.outside import Outside
from ringwall.lab.traffic.scene import Scene
from ringwall.trace.addresses import Host, host
from ringwall.trace.network import Network
from ringwall.trace.packet import Packet
from ringwall.trace.placements import internet, placements
from ringwall.trace.trace import Trace, Verdict, trace


@pytest.fixture(scope="module")
def scene() -> Scene:
    wanted = read_blueprint(FORTRESS)
    return scene_of(wanted.graph, wanted.blueprint, Wish(seed=1, hours=1, begin=BEGIN))


def _machine(scene: Scene, group: str, index: int = 0) -> Any:
    return [m for m in scene.estate.machines if m.group == group][index]


def _seen(scene: Scene, source: Any, target: Any, port: int, **how: Any) -> list[tuple[str, ...]]:
    """Return each vantage as: role, direction, addresses, packet's addresses, action, path."""
    outside = next((e.address for e in (source, target) if isinstance(e, Outside)), "")
    course = scene.courses.find(source, target, 6, port, **how)
    return [
        (
            str(v.interface.role),
            "egress" if v.egress else "ingress",
            v.source or outside,
            v.destination or outside,
            v.packet_source or outside,
            v.packet_destination or outside,
            v.action,
            str(v.path),
        )
        for v in course.vantages
        if v.leg is None
    ]


def test_a_nat_gateway_shows_its_own_address_as_in_the_guide(scene: Scene) -> None:
    """VPC guide, flow log record examples, "Traffic through a NAT gateway"."""
    web = _machine(scene, "production/web")
    there = scene.world.draw(scene.random("x"))
    zone = web.interface.zone
    nat = scene.estate.nats[f"production/nat/{zone}"].ipv4
    a, b = web.interface.ipv4, there.address
    assert _seen(scene, web, there, 443) == [
        ("instance", "egress", a, b, a, b, "ACCEPT", "1"),
        ("nat-gateway", "ingress", a, nat, a, b, "ACCEPT", "0"),
        ("nat-gateway", "egress", nat, b, nat, b, "ACCEPT", "8"),
        ("nat-gateway", "ingress", b, nat, b, nat, "ACCEPT", "0"),
        ("nat-gateway", "egress", nat, a, b, a, "ACCEPT", "1"),
        ("instance", "ingress", b, a, b, a, "ACCEPT", "0"),
    ]


def test_an_attachments_interface_shows_its_own_address_as_in_the_guide(scene: Scene) -> None:
    """VPC guide, flow log record examples, "Traffic through a transit gateway"."""
    app, directory = _machine(scene, "production/app"), _machine(scene, "hub/directory")
    zone = app.interface.zone
    near = scene.estate.transits[f"production/attachment/{zone}"].ipv4
    far = scene.estate.transits[f"hub/attachment/{zone}"].ipv4
    a, b = app.interface.ipv4, directory.interface.ipv4
    assert _seen(scene, app, directory, 443) == [
        ("instance", "egress", a, b, a, b, "ACCEPT", "1"),
        ("transit-gateway", "ingress", a, near, a, b, "ACCEPT", "0"),
        ("transit-gateway", "egress", far, b, a, b, "ACCEPT", "1"),
        ("instance", "ingress", a, b, a, b, "ACCEPT", "0"),
        ("instance", "egress", b, a, b, a, "ACCEPT", "1"),
        ("transit-gateway", "ingress", b, far, b, a, "ACCEPT", "0"),
        ("transit-gateway", "egress", near, a, b, a, "ACCEPT", "1"),
        ("instance", "ingress", b, a, b, a, "ACCEPT", "0"),
    ]


def test_a_transit_gateway_logs_where_a_packet_comes_in_and_goes_out(scene: Scene) -> None:
    app, directory = _machine(scene, "production/app"), _machine(scene, "hub/directory")
    course = scene.courses.find(app, directory, 6, 443)
    legs = [(v.egress, v.leg) for v in course.vantages if v.leg is not None and not v.reply]
    (near_out, near), (far_out, far) = legs
    assert (near_out, far_out) == (False, True)
    assert (near.attachment, near.pair) == (far.pair, far.attachment)
    assert near.source == far.source
    assert near.source is not None
    assert near.source.vpc == "production"
    assert near.destination is not None
    assert near.destination.vpc == "hub"


def test_a_node_of_a_load_balancer_logs_its_private_address(scene: Scene) -> None:
    node = _machine(scene, "production/alb")
    there = scene.world.draw(scene.random("x"))
    a, b = there.address, node.interface.ipv4
    assert _seen(scene, there, node, 443) == [
        ("load-balancer", "ingress", a, b, a, b, "ACCEPT", "0"),
        ("load-balancer", "egress", b, a, b, a, "ACCEPT", "8"),
    ]
    assert _seen(scene, there, node, 22) == [
        ("load-balancer", "ingress", a, b, a, b, "REJECT", "0")
    ]


def test_a_gateway_endpoint_is_path_seven(scene: Scene) -> None:
    app = _machine(scene, "production/app")
    bucket = scene.world.of_service(scene.random("x"), "S3", "s3")
    assert [each[-1] for each in _seen(scene, app, bucket, 443)] == ["7", "0"]


def test_what_the_senders_group_stops_is_rejected_where_it_leaves(scene: Scene) -> None:
    web, db = _machine(scene, "production/web"), _machine(scene, "production/db")
    a, b = web.interface.ipv4, db.interface.ipv4
    assert _seen(scene, web, db, 3306) == [("instance", "egress", a, b, a, b, "REJECT", "1")]


def test_nobody_logs_at_an_address_that_nobody_has(scene: Scene) -> None:
    app = _machine(scene, "production/app")
    used = {i.ipv4 for i in scene.estate.interfaces}
    free = next(f"10.0.16.{n}" for n in range(10, 250) if f"10.0.16.{n}" not in used)
    roles = [each[0] for each in _seen(scene, app, scene.world.at(free), 443, vacant=True)]
    assert roles == ["instance", "transit-gateway", "transit-gateway"]


BLOCKED = """
name: blocked
region: us-east-1
zones: [us-east-1a]
account_settings: {owned: true, block_public_access: block-ingress}
vpcs:
  main:
    tiers: {public: {kind: public}}
    groups: {web: {tier: public}}
    flows: [{from: internet, to: web, ports: [443]}]
"""


def test_what_block_public_access_stops_says_so() -> None:
    """VPC guide, flow log records: reject-reason is BPA."""
    blueprint = load(BLOCKED, "blocked.yaml")
    wish = Wish(seed=1, hours=1, begin=BEGIN)
    scene = scene_of(compile_blueprint(blueprint), blueprint, wish)
    there = scene.world.draw(scene.random("x"))
    course = scene.courses.find(there, _machine(scene, "main/web"), 6, 443)
    seen = [(v.egress, v.action, v.reason) for v in course.vantages]
    assert seen == [(False, "REJECT", "BPA")]


class Judge:
    """Asks the tracer about two addresses of records, each time anew, with the record's ports."""

    def __init__(self, world: World, file: str) -> None:
        self.network = Network(read_blueprint(file).graph)
        text = (world.folder / "interfaces.json").read_text()
        self.groups = {}
        for each in json.loads(text)["NetworkInterfaces"]:
            tags = {t["Key"]: t["Value"] for t in each["TagSet"]}
            for address in (each["PrivateIpAddress"], *_v6(each)):
                if address and tags["ringwall:group"]:
                    self.groups[address] = tags["ringwall:group"]

    def trace(self, source: str, target: str, packet: Packet) -> Trace | None:
        """Return the tracer's answer, None where it is about an address of neither kind."""
        a, b = self._end(source), self._end(target)
        if a is None or b is None or (a[1] == b[1] and a[0].name == "internet"):
            return None
        return trace(self.network, packet, a[0], b[0], sender=a[1], receiver=b[1])

    def _end(self, address: str) -> tuple[Any, Host] | None:
        there = host(address)
        if address not in self.groups:
            everyone = internet(self.network)
            return (everyone, there) if any(there in b for b in everyone.blocks) else None
        found = placements(self.network, self.groups[address])
        assert isinstance(found, tuple)
        return next((p, there) for p in found if any(there in b for b in p.blocks))


def _v6(interface: dict[str, Any]) -> list[str]:
    return [each["Ipv6Address"] for each in interface["Ipv6Addresses"]]


@pytest.fixture(scope="module", params=["fortress", "dual"])
def judged(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, dual_file: str
) -> tuple[World, Judge]:
    """Return a world with much that is rejected, and what judges it."""
    file = FORTRESS if request.param == "fortress" else dual_file
    world = made(
        tmp_path_factory.mktemp("judged"),
        "vertical-scan:easy",
        "vertical-scan:mixed:easy",
        "horizontal-scan:easy:five-ports",
        "brute-force",
        "lateral-movement:easy" if request.param == "fortress" else "lateral-movement",
        network=file,
        hours=2,
        scale=0.2,
        seed=4,
    )
    return world, Judge(world, file)


def test_records_say_accept_and_reject_as_the_tracer_does(judged: tuple[World, Judge]) -> None:
    world, judge = judged
    openings: dict[tuple[Any, ...], set[str]] = defaultdict(set)
    replies: dict[tuple[Any, ...], set[str]] = defaultdict(set)
    for record in world.flow:
        if record["protocol"] != 6 or record["srcaddr"] != ends(record)[0]:
            continue
        if {record["pkt-src-aws-service"], record["pkt-dst-aws-service"]} & {"S3", "DYNAMODB"}:
            continue  # of a prefix list that no file holds
        key = (*ends(record), record["srcport"], record["dstport"])
        flags = record["tcp-flags"]
        if flags & 18 == 2:
            openings[key].add(record["action"])
        elif flags & 18 == 18:
            replies[key].add(record["action"])
    asked = 0
    seen = set()
    for (a, b, sport, dport), actions in sorted(openings.items())[::7]:
        if a not in judge.groups and b not in judge.groups:
            continue  # a NAT gateway's own
        found = judge.trace(a, b, Packet(6, dport, 0, sport))
        if found is None:
            continue
        asked += 1
        verdict = found.verdict
        seen.add(verdict)
        answered = replies.get((b, a, dport, sport), set())
        match verdict:
            case Verdict.ALLOW:
                assert actions == {"ACCEPT"}, (a, b, sport, dport)
                assert answered <= {"ACCEPT"}
            case Verdict.DENY:
                # What a filter stops is rejected; what has no way on is not, and goes nowhere.
                stopped = next(hop.kind for hop in found.forward if hop.verdict == "drop")
                filtered = stopped in {"security-group", "network-acl"}
                assert ("REJECT" in actions) is filtered, (a, b, sport, dport)
                assert not answered
            case _:
                pytest.fail(f"{verdict} of {a} {b} {dport}")
    assert asked > 150
    assert seen == {Verdict.ALLOW, Verdict.DENY}


def test_both_directions_of_what_is_answered_are_logged_alike(fortress: World) -> None:
    """At each interface a connection's two directions have as many packets as sent and answered."""
    wanted = (r for r in fortress.flow if r["protocol"] == 6 and r["action"] == "ACCEPT")
    sums: dict[tuple[Any, ...], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    cut = set()
    for record in wanted:
        a, b = ends(record)
        client = record["dstport"] < record["srcport"]
        key = (
            (a, b, record["srcport"], record["dstport"])
            if client
            else ((b, a, record["dstport"], record["srcport"]))
        )
        way = f"{client}/{record['flow-direction']}"
        sums[key][f"{record['interface-id']}/{way}"] += record["packets"]
        if not BEGIN + 120 < record["start"] <= record["end"] < BEGIN + 6 * 3_600 - 120:
            cut.add(key)  # what was there before, or goes on afterwards
    for key in cut:
        del sums[key]
    lost = {s["interface"] for s in fortress.truth["skipped"]}
    compared = 0
    for counts in sums.values():
        for client, group in groupby(sorted(counts, key=_client), _client):
            names = list(group)
            if any(name.split("/")[0] in lost for name in names) or len(names) < 2:
                continue
            compared += 1
            assert len({counts[name] for name in names}) == 1, (client, counts)
    assert compared > 5_000


def _client(name: str) -> str:
    return name.split("/")[1]


def test_who_is_on_no_way_logs_nothing(fortress: World) -> None:
    """VPC guide, flow log limitations: what flow logs do not record."""
    unlogged = {"169.254.169.254", "169.254.169.123", "169.254.169.253"}
    resolvers = {f"10.{n}.0.2" for n in range(4)}
    routers = {f"10.{n}.0.1" for n in range(4)}
    seen = {address for r in fortress.flow for address in ends(r)}
    assert not seen & (unlogged | resolvers | routers)
    assert not [r for r in fortress.flow if r["protocol"] == 17 and r["dstport"] in {67, 68}]
