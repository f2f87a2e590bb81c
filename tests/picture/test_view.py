"""What a map shows is what the engine says, pair by pair."""

from collections import defaultdict
from dataclasses import replace

import pytest

from ringwall.errors import QuestionError
from ringwall.model.graph import Node, Unknown
from ringwall.model.ports import ANY
from ringwall.picture.boxes import NOT_DRAWN, Boxes
from ringwall.picture.facts import Facts
from ringwall.picture.flows import Flows
from ringwall.picture.page import selection_parties
from ringwall.picture.reachable import Reachable
from ringwall.picture.scene import Fault, FlowKind, LaneKind
from ringwall.picture.tiers import lane_of
from ringwall.picture.view import view
from ringwall.reach.blocks import to_block
from ringwall.reach.elements import Lead, Route, RouteTable, Subnet
from ringwall.reach.end import End as ReachEnd
from ringwall.reach.engine import Engine
from ringwall.reach.exposure import who_reaches
from ringwall.reach.relations import Board
from ringwall.reach.verdicts import Verdict
from ringwall.reach.ways import Site
from tests.networks.drawing import draw as draw_network
from tests.picture.scenes import scene, source

# By pair of boxes, and by family and class of packets.
Walked = dict[tuple[int, int], dict[tuple[int, int], set[Verdict]]]


def walked(engine: Engine, boxes: Boxes) -> Walked:
    """Return the verdicts of every pair of boxes, each pair of sites walked by itself."""
    sites: dict[int, dict[Site, list[ReachEnd]]] = defaultdict(dict)
    for end in engine.ends.everything():
        number = boxes.of_end(end, engine.ends.label(end))
        for site in engine.ends.sites(end) if number != NOT_DRAWN else ():
            sites[number].setdefault(site, []).append(end)
    found: Walked = defaultdict(lambda: defaultdict(set))
    for source_box, senders in sites.items():
        for target_box, receivers in sites.items():
            for one, ends in senders.items():
                for two in receivers:
                    alone = len(ends) == 1 and ends[0].interface
                    if one.spot.version != two.spot.version or (one == two and alone):
                        continue
                    pair = engine.pair(one, two)
                    asked = engine.filters.packets.of_specs([ANY], one.spot.version)
                    for index in asked:
                        verdict = engine.verdicts.verdict(pair.forward, pair.back, index)[0]
                        found[source_box, target_box][one.spot.version, index].add(verdict)
    return found


def classes_of(found) -> set[tuple[int, int]]:
    """Return the classes of a flow with their families: both, unless it says which."""
    versions = [v for v in (4, 6) if f"over IPv{v}" in found.flow.ports] or [4, 6]
    return {(version, index) for version in versions for index in found.classes}


def compared(graph) -> int:
    engine = Engine(graph)
    board = Board(engine)
    boxes = Boxes(board)
    flows = Flows(Reachable(board, boxes), Facts(engine, boxes))
    count = 0
    for pair, verdicts in walked(engine, boxes).items():
        drawn = list(flows.inside([pair]))
        shown = {each for found in drawn for each in classes_of(found)} & verdicts.keys()
        sure = {e for f in drawn if not f.flow.doubt for e in classes_of(f)} & verdicts.keys()
        assert shown == {i for i, each in verdicts.items() if each != {Verdict.DENY}}, pair
        assert sure == {i for i, each in verdicts.items() if each == {Verdict.ALLOW}}, pair
        count += len(verdicts)
    return count


@pytest.mark.parametrize("seed", range(8))
def test_flows_between_groups_are_those_that_walks_find(seed):
    assert compared(draw_network(seed).graph)


@pytest.mark.parametrize("name", ["fortress", "messy"])
def test_flows_of_an_example_are_those_that_walks_find(name):
    assert compared(source(name).graph)


@pytest.mark.parametrize("seed", range(6))
def test_what_comes_from_the_internet_is_what_walks_find(seed):
    engine = Engine(draw_network(seed).graph)
    board = Board(engine)
    boxes = Boxes(board)
    flows = Flows(Reachable(board, boxes), Facts(engine, boxes))
    for number, box in enumerate(boxes.all):
        verdicts = defaultdict(set)
        for end in engine.ends.everything():
            if boxes.of_end(end, engine.ends.label(end)) == number:
                for pair in engine.pairs(engine.ends.internet, end):
                    version = pair.source.spot.version
                    for index in engine.filters.packets.of_specs([ANY], version):
                        verdict = engine.verdicts.verdict(pair.forward, pair.back, index)[0]
                        verdicts[version, index].add(verdict)
        drawn = [
            found
            for found in flows.outside([number])
            if found.flow.kind is FlowKind.INTERNET and found.flow.target.group == box.key
        ]
        whole = [f for f in drawn if f.flow.source.name == "internet" and not f.flow.doubt]
        shown = {each for found in drawn for each in classes_of(found)} & verdicts.keys()
        sure = {each for found in whole for each in classes_of(found)} & verdicts.keys()
        assert shown == {i for i, each in verdicts.items() if each != {Verdict.DENY}}, box.key
        assert sure == {i for i, each in verdicts.items() if each == {Verdict.ALLOW}}, box.key


def flow(found, one: str, two: str):
    return [(f.ports, f.doubt) for f in found.flows if (f.source.name, f.target.name) == (one, two)]


def test_the_fortress_is_shown_as_it_is_meant():
    found = scene("fortress")
    assert [vpc.name for vpc in found.vpcs] == ["hub", "production", "staging", "development"]
    assert flow(found, "internet", "production/alb") == [("tcp/80,443", "")]
    assert flow(found, "production/app", "production/db") == [("tcp/3306", "")]
    assert flow(found, "staging/app", "development/app") == [("tcp/8080", "")]
    assert flow(found, "production/management", "aws:s3") == [("tcp/443", "")]
    assert flow(found, "production/management", "internet") == []
    assert flow(found, "production/app", "staging/app") == []
    assert [each.routes_to for each in found.segments] == [
        ("production", "non-production"),
        ("shared-services",),
        ("shared-services", "non-production"),
    ]
    lanes = {tier.name: tier.kind for vpc in found.vpcs for tier in vpc.tiers}
    assert lanes == {
        "public": LaneKind.PUBLIC,
        "private": LaneKind.PRIVATE,
        "admin": LaneKind.PRIVATE,
        "isolated": LaneKind.ISOLATED,
        "attachment": LaneKind.ATTACHMENT,
    }


def test_interface_endpoints_with_the_same_groups_are_one_box():
    hub = scene("fortress").vpcs[0]
    assert next(g.holds for g in hub.groups if g.name == "endpoints") == ("ec2", "ssm", "kms")


def test_tiers_of_an_unmanaged_network_are_inferred_from_its_routes():
    by_vpc = {vpc.key: {t.kind: t for t in vpc.tiers} for vpc in scene("messy").vpcs}
    assert by_vpc["vpc-0a"].keys() == {LaneKind.PUBLIC, LaneKind.ISOLATED}
    assert by_vpc["vpc-0c"].keys() == {LaneKind.PUBLIC, LaneKind.PRIVATE, LaneKind.UNCLEAR}
    assert by_vpc["vpc-0c"][LaneKind.PRIVATE].why == "0.0.0.0/0 to network-interface eni-nat"
    assert by_vpc["vpc-0c"][LaneKind.UNCLEAR].also == ("app",)
    assert by_vpc["vpc-0d"] == {}


def test_a_messy_account_is_told_as_it_is():
    found = scene("messy")
    badges = {vpc.key: [b.text for b in vpc.badges if b.wrong] for vpc in found.vpcs}
    assert badges["vpc-0b"] == ['overlaps legacy <prod> & "friends"']
    assert badges["vpc-0d"] == ["no subnets"]
    name = 'legacy <prod> & "friends"/rds-public'
    assert flow(found, "internet", name) == [("tcp/3306", "")]
    web = 'legacy <prod> & "friends"/web <front & back>'
    assert flow(found, "203.0.113.0/24", web) == [("tcp/22", "")]
    assert [(link.key, link.state) for link in found.links] == [
        ("pcx-bc", "active"),
        ("pcx-away", "pending-acceptance"),
    ]
    assert any("load balancer" in text for text in found.unknowns)
    assert any("launch-wizard-17" in note for note in found.notes)


def test_interfaces_with_several_groups_are_a_box_of_their_own():
    groups = {g.name: g for g in scene("messy").vpcs[0].groups}
    assert groups["app + rds-public"].interfaces == 1
    assert groups["default"].holds == ("forgotten",)


def test_a_default_group_is_drawn_where_its_interface_stands_and_nowhere_else():
    tiers = {tier.kind: [g.name for g in tier.groups] for tier in scene("messy").vpcs[0].tiers}
    assert "default" in tiers[LaneKind.ISOLATED]
    assert "default" not in tiers[LaneKind.PUBLIC]


def test_more_than_eight_vpcs_are_an_overview_with_twins_grouped():
    found = scene("forty")
    assert found.matrix is not None
    assert {b.vpcs[0]: len(b.vpcs) for b in found.bunches} == {
        "hub": 1,
        "prod-payments": 13,
        "stage-payments": 1,
        "stage-orders": 1,
        "stage-catalog": 11,
        "dev-payments": 1,
        "dev-orders": 1,
        "dev-catalog": 11,
    }
    names = found.matrix.names
    cells = {(names[a], names[b]): c.reached for (a, b), c in found.matrix.cells.items()}
    assert cells["production", "shared"] == 2
    assert cells["staging", "staging"] == 1
    assert ("development", "production") not in cells
    assert ("internet", "shared") not in cells


def test_the_matrix_counts_what_single_questions_find():
    found = scene("forty")
    assert found.matrix is not None
    board = Board(source("forty").engine())
    reached = [
        name
        for name in ("hub/registry", "hub/endpoints")
        if any(row.source.startswith("prod-") for row in who_reaches(board, name).rows)
    ]
    at = found.matrix.names.index("production"), found.matrix.names.index("shared")
    assert found.matrix.cells[at].reached == len(reached)


def test_a_selection_among_many_draws_those_it_has_traffic_with():
    found = view(Board(source("forty").engine()), "forty", selection="stage-orders")
    assert found.matrix is None
    assert {vpc.name for vpc in found.vpcs} == {"hub", "stage-orders", "stage-payments"}
    assert any("37 further VPCs" in note for note in found.notes)


def test_a_selection_outside_is_asked_as_it_is():
    found = scene("messy", "203.0.113.7")
    assert "203.0.113.7" in found.selected
    web = 'legacy <prod> & "friends"/web <front & back>'
    assert sorted(flow(found, "203.0.113.7", web)) == [("tcp/22,443", "")]


def test_a_selection_that_is_nothing_is_an_error():
    with pytest.raises(QuestionError, match="nothing called 'production/nothing'"):
        scene("fortress", "production/nothing")


EXPECT = """
expect:
  - {name: no app, from: production/app, to: production/db, ports: [any], reachable: false}
  - {name: apart, from: staging, to: development, ports: [any], reachable: false}
  - {name: web too, from: production/web, to: production/db, ports: [3306], reachable: true}
  - {name: nobody, from: internet, to: "*/alb", ports: [80], reachable: false}
  - {name: idle, from: default production, to: production/db, ports: [80], reachable: false}
"""


@pytest.fixture
def failing(tmp_path):
    path = tmp_path / "expect.yaml"
    path.write_text(EXPECT)
    return scene("fortress", expect=str(path))


def test_expectations_that_do_not_hold_are_numbered_on_the_flows_that_they_are(failing):
    marked = defaultdict(set)
    for each in failing.flows:
        for number in each.violations:
            marked[number].add((each.source.name, each.target.name, each.ports, each.doubt))
    assert failing.status == "19 of 24 expectations hold"
    assert marked[1] == {("production/app", "production/db", "tcp/3306", "")}
    assert marked[2] == {("staging/app", "development/app", "tcp/8080", "")}
    assert marked[3] == {("production/web", "production/db", "tcp/3306", "missing")}
    assert marked[4] == {
        ("internet", f"{vpc}/alb", "tcp/80,443", "")
        for vpc in ("production", "staging", "development")
    }
    assert failing.violations[2].fault is Fault.MISSING
    assert failing.violations[4].fault is Fault.UNDECIDED


def test_a_violation_is_explained_by_its_path_or_its_blockers(failing):
    first, missing = failing.violations[0], failing.violations[2]
    assert any("security-group production/db: ingress tcp/3306" in line for line in first.lines)
    assert any(line.startswith("blocked by production/web") for line in missing.lines)


def subnet_of(*routes: Route) -> Subnet:
    table = RouteTable("t", "v", routes)
    node = Node("AWS::EC2::Subnet", "s", "", "")
    return Subnet("s", "v", "", "z", "z", (), table, Unknown("acl", "-"), False, node)


def route(to: str, kind: str, *, blackhole: bool = False) -> Route:
    return Route(to_block(to), Lead(kind, "x"), "static", blackhole=blackhole)


@pytest.mark.parametrize(
    ("routes", "lane"),
    [
        ([], LaneKind.ISOLATED),
        ([route("10.0.0.0/8", "transit-gateway")], LaneKind.ISOLATED),
        ([route("0.0.0.0/0", "transit-gateway")], LaneKind.PRIVATE),
        ([route("0.0.0.0/0", "nat-gateway")], LaneKind.PRIVATE),
        ([route("0.0.0.0/0", "nat-gateway", blackhole=True)], LaneKind.ISOLATED),
        ([route("0.0.0.0/0", "internet-gateway")], LaneKind.PUBLIC),
        ([route("198.51.100.0/24", "internet-gateway")], LaneKind.PUBLIC),
        ([route("0.0.0.0/0", "internet-gateway", blackhole=True)], LaneKind.ISOLATED),
        ([route("0.0.0.0/0", "gateway-load-balancer-endpoint")], LaneKind.UNCLEAR),
        ([route("0.0.0.0/0", "peering")], LaneKind.UNCLEAR),
        ([route("0.0.0.0/0", "nat-gateway"), route("::/0", "peering")], LaneKind.UNCLEAR),
        (
            [route("0.0.0.0/0", "nat-gateway"), route("::/0", "nat-gateway", blackhole=True)],
            LaneKind.PRIVATE,
        ),
    ],
)
def test_a_lane_is_what_the_routes_make_of_a_subnet(routes, lane):
    assert lane_of(subnet_of(*routes))[0] is lane


def test_a_table_that_was_not_read_makes_no_lane():
    subnet = replace(subnet_of(), table=Unknown("route table t", "not in the input"))
    assert lane_of(subnet) == (LaneKind.UNCLEAR, "route table t: not in the input")


def test_a_selection_in_an_overview_tells_all_that_it_has_traffic_with():
    found = view(Board(source("forty").engine()), "forty", selection="hub/registry")
    assert found.matrix is not None
    reaching = {f.source.name for f in found.flows if f.target.name == "hub/registry"}
    assert len(reaching) == 39
    assert "reaches internet" in selection_parties(found)
