"""What a judgement over many ends costs, counted in work and not in seconds."""

from collections.abc import Iterable

from ringwall.app.proving import expectations
from ringwall.model.ports import PortSpec
from ringwall.reach.engine import Engine
from ringwall.reach.expectations import check
from ringwall.reach.filters import rule_keys
from ringwall.reach.packets import PacketClasses
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
