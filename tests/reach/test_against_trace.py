"""The engine against the tracer: the same verdict, client ports and deciding hop everywhere.

A short run is among the tests; `make campaign` asks a million packets over three hundred networks,
in parts that several workers share. `RINGWALL_CAMPAIGN=networks,questions` sets another size.
"""

import os
import sys
from itertools import islice

import pytest

from ringwall.model.graph import ResourceGraph, Unknown
from ringwall.model.ports import parse_ports
from ringwall.reach.end import End
from ringwall.reach.engine import Engine
from ringwall.reach.verdicts import Verdict
from ringwall.reach.ways import Site
from tests.networks.drawing import draw
from tests.networks.features import Feature
from tests.networks.questions import Question
from tests.reach.campaign import Ask, Difference, MakeEngine, Tally, reproduction, run, shrink
from tests.reach.engines import make_engine, make_engine_of_classes
from tests.reach.oracle import Answer, Oracle
from tests.reach.rows import ROWS

NETWORKS, QUESTIONS = map(int, os.environ.get("RINGWALL_CAMPAIGN", "300,3400").split(","))
SHOWN = 3  # differences that are made small and printed
ENOUGH = 1_000  # answers of a million that each row decides
PARTS = 4


@pytest.fixture(scope="module")
def short() -> Tally:
    """What the tracer says of a few questions about many networks."""
    return run(range(150), 40)[0]


def test_at_least_three_of_ten_answers_are_allow(short: Tally) -> None:
    assert short.share("ALLOW") >= 0.3, "\n".join(short.lines())


def test_at_least_one_of_twenty_answers_is_partial(short: Tally) -> None:
    assert short.share("PARTIAL") >= 0.05, "\n".join(short.lines())


def test_every_verdict_is_given(short: Tally) -> None:
    assert set(short.verdicts) == {
        "ALLOW", "DENY", "PARTIAL", "ONE_WAY", "UNKNOWN", "UNDETERMINED",
    }  # fmt: skip


def test_the_tracer_has_an_end_for_nearly_every_question(short: Tally) -> None:
    assert short.without_end <= short.asked / 100


def test_the_engine_agrees_with_the_tracer_on_a_few_networks() -> None:
    _, differences = run(range(40), 40, make_engine)
    _refuse(differences)


def test_what_is_said_of_a_class_of_addresses_holds_for_each_of_them() -> None:
    _, differences = run(range(60), 40, make_engine_of_classes)
    assert not differences, "\n".join(map(str, differences[:SHOWN]))


def test_what_is_said_of_a_class_holds_for_the_address_of_an_interface_that_routes() -> None:
    """What is sent to a router's own address is delivered, what is sent past it goes through it."""
    _, differences = run([75], 60, make_engine_of_classes)
    _refuse(differences, make_engine_of_classes)


def test_an_address_of_a_router_is_somebody_elses_in_another_vpc() -> None:
    """Blocks overlap: a route leads to the interface whose own address the goal has, elsewhere."""
    _, differences = run([9_084], 60, make_engine)
    _refuse(differences)


@pytest.mark.parametrize("feature", list(Feature))
def test_the_engine_agrees_with_the_tracer_about_each_feature(feature: Feature) -> None:
    _, differences = run(range(3), 40, make_engine, features=[feature])
    _refuse(differences, features=[feature])


@pytest.mark.campaign
@pytest.mark.parametrize("part", range(PARTS))
def test_the_engine_agrees_with_the_tracer_on_a_million_packets(
    part: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each part is of networks with every feature in turn, so that its shares are the whole's."""
    seeds = range(1_000, 1_000 + NETWORKS)[part::PARTS]
    tally, differences = run(seeds, QUESTIONS, make_engine)
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(tally.lines()) + "\n")
    _refuse(differences)
    assert tally.share("ALLOW") >= 0.3
    assert tally.share("PARTIAL") >= 0.05
    enough = ENOUGH * tally.asked / 1_000_000
    few = {row: tally.rows[row] for row in ROWS if tally.rows[row] < enough}
    assert not few, "rows that decide too little"


def test_a_difference_is_found_and_made_small() -> None:
    """An engine that overlooks one row is caught, with a network of a few nodes that shows it."""
    _, differences = run(range(6), 40, _forgets_acls, features=[Feature.ACLS])
    assert differences
    graph, small = shrink(differences[0], _forgets_acls, features=[Feature.ACLS])
    assert len(graph) < len(draw(small.seed, [Feature.ACLS]).graph) / 4
    text = reproduction(graph, small)
    assert "NetworkAcl" in text
    assert "tracer:" in text


def _forgets_acls(graph: ResourceGraph) -> Ask:
    """Make an engine that is the tracer, but for network ACLs."""
    kind = "AWS::EC2::SubnetNetworkAclAssociation"
    oracle = Oracle(graph.without(address for address in graph.nodes if address[0] == kind))

    def ask(question: Question) -> Answer | None:
        told = oracle.ask(question)
        return told.answer if told else None

    return ask


def _refuse(
    differences: list[Difference],
    make: MakeEngine = make_engine,
    *,
    features: list[Feature] | None = None,
) -> None:
    """Fail with the first differences, each with the smallest network that shows it."""
    shown = [
        reproduction(*shrink(each, make, features=features)) for each in islice(differences, SHOWN)
    ]
    assert not differences, f"{len(differences)} differences\n" + "\n\n".join(shown)


def test_replies_to_a_translator_come_by_one_entrance_each() -> None:
    """Of the lines by which on-premises networks answer, the one that reaches most counts."""
    engine = Engine(draw(1_141).graph)
    source = next(s for s in engine.ends.sites(_end(engine, "v2/g-app-0")) if s.spot.version == 4)
    target = next(s for s in engine.ends.sites(engine.ends.outside) if _is(s, "192.168.64.0"))
    homes = [home for _, homes in engine.ways(source, target) for home in homes]
    assert {home.entrance for home in homes} == {"v2/vgw dx-v2/vgw", "v2/vgw v2/vgw"}
    pair = engine.pair(source, target)
    asked = engine.filters.packets.of_specs([parse_ports("5432")], 4)
    (index,) = asked
    assert engine.verdicts.verdict(pair.forward, pair.back, index)[0] is Verdict.ALLOW


def _end(engine: Engine, name: str) -> End:
    found = engine.ends.named(name)
    assert not isinstance(found, Unknown)
    return found[0]


def _is(site: Site, address: str) -> bool:
    return str(site.spot) == address
