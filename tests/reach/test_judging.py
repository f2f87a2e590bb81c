"""What a judgement over many ends costs, counted in work and not in seconds."""

from collections.abc import Iterable
from random import Random

import pytest

from ringwall.app.proving import expectations
from ringwall.model.expectation import Expectation
from ringwall.model.ports import PortSpec
from ringwall.reach.engine import Engine
from ringwall.reach.expectations import check
from ringwall.reach.filters import rule_keys
from ringwall.reach.packets import PacketClasses
from tests.networks.drawing import draw
from tests.networks.questions import questions
from tests.verify.campaign import claim_of
from tests.verify.claims import example

Classes = dict[int, tuple[tuple[int, int], ...]]


class Counting(PacketClasses):
    """Packets that count how often a question is put into their classes."""

    asked = 0

    def of_specs(self, specs: Iterable[PortSpec], version: int) -> Classes:
        self.asked += 1
        return super().of_specs(specs, version)


def test_a_question_is_put_into_classes_once_not_for_each_pair():
    wanted = example("forty")
    engine = Engine(wanted.graph, wanted.blueprint.networks)
    engine.filters.packets = Counting(rule_keys(engine.network))
    claims = list(expectations(wanted))[:4]
    found = check(engine, claims)
    assert all(each.judgement.ok for each in found)
    assert sum(each.judgement.pairs for each in found) > 100
    assert engine.filters.packets.asked <= 2 * len(claims)


@pytest.mark.parametrize("seed", range(6))
def test_what_is_read_off_the_planes_is_what_walks_say(seed: int, monkeypatch: pytest.MonkeyPatch):
    graph = draw(seed).graph
    rng, found = Random(seed), []
    names = [
        claim_of(q, rng, reachable=n % 2 == 0) for n, q in enumerate(questions(graph, rng, 60))
    ]
    every = [
        Expectation("all", (vpc.key,), (vpc.key, "internet"), (PortSpec("any"),), reachable=r)
        for vpc in graph.of_type("AWS::EC2::VPC")
        for r in (True, False)
    ]
    for many in (0, 1_000_000):
        monkeypatch.setattr("ringwall.reach.judge.MANY", many)
        found.append([each.to_dict() for each in check(Engine(graph), [*names, *every])])
    assert found[0] == found[1]
