"""What checks read off whole rows and columns, against the same pairs walked one at a time."""

from collections.abc import Iterator

import numpy as np
import pytest

from ringwall.audits import audit
from ringwall.audits.one_way import UNANSWERED, unanswered
from ringwall.audits.rw203_rules_that_no_path_uses import judge
from ringwall.reach.answers import Case
from ringwall.reach.elements import Group
from ringwall.reach.engine import Engine
from ringwall.reach.levels import PASS_ALL, Outcome
from ringwall.reach.relations import Board
from ringwall.reach.walk import Walker
from ringwall.reach.ways import AskGroups, Site, Way
from tests.networks.drawing import draw
from tests.verify.claims import example

SEEDS = (2, 11, 19, 20, 29, 47, 57, 83, 98)  # findings of every kind, and quick

Named = tuple[str, str, str, str]  # the two ends, the packets and the verdict


def named(case: Case) -> Named:
    return str(case.source), str(case.destination), case.packets, case.verdict.value


def told(engine: Engine) -> list[Named]:
    return [named(each.case) for each in unanswered(Board(engine))]


def walked(engine: Engine) -> Iterator[Named]:
    """Yield the first packet without an answer of each two names and verdict, pair by pair."""
    ends, board, seen = [*engine.ends.everything(), engine.ends.internet], Board(engine), set()
    couples = [(a, b) for a in ends for b in ends if a.subnet is not None or b.subnet is not None]
    for couple in couples:
        for pair in engine.pairs(*couple):
            row = board.codes(board.kind(pair))
            for code in UNANSWERED:
                key = (*map(engine.ends.label, couple), code)
                if code in row and key not in seen:
                    seen.add(key)
                    yield named(engine.case(couple, pair, int(np.argmax(row == code)), ()))


def unused(engine: Engine) -> set[str]:
    """Return the rules that admit nothing of what gets as far as their group, source by source."""
    groups = [
        group
        for group in engine.network.groups.values()
        if any(True for _ in engine.ends.of_group(group))
    ]
    if engine.gaps.unread:
        return set()
    return {
        rule.node.key
        for group in groups
        if not group.is_default and not engine.gaps.of(group.vpc)
        for rule, is_used in zip(group.ingress, uses(engine, group), strict=True)
        if rule.node is not None and not is_used
    }


def uses(engine: Engine, group: Group) -> list[bool]:
    ends = [*engine.ends.everything(), engine.ends.internet, engine.ends.outside]
    sources = {site for end in ends for site in engine.ends.sites(end)}
    targets = {site for end in engine.ends.of_group(group) for site in engine.ends.sites(end)}
    filters, found = engine.filters, [False] * len(group.ingress)
    for way in (way for target in targets for way in arriving(engine, sources, target)):
        last = way.steps[-1].ask
        assert isinstance(last, AskGroups)
        level = PASS_ALL
        for step in way.steps[:-1]:
            level = filters.levels.meet(level, step.level)
        passes = filters.levels.row(level) != Outcome.DROP
        for number, rule in enumerate(group.ingress):
            mask = filters.packets.mask(rule.protocol, rule.low, rule.high)
            if (passes & mask).any() and filters.admits(rule, last.remote, egress=False):
                found[number] = True
    return found


def arriving(engine: Engine, sources: set[Site], target: Site) -> Iterator[Way]:
    for source in sources:
        if source.spot.version == target.spot.version:
            for way in engine.walker.forward(source, target, ("", "")):
                if way.delivered and way.steps and isinstance(way.steps[-1].ask, AskGroups):
                    yield way


@pytest.mark.parametrize("seed", SEEDS)
def test_packets_without_an_answer_are_those_of_every_pair(seed: int):
    graph = draw(seed).graph
    assert told(Engine(graph)) == list(walked(Engine(graph)))


@pytest.mark.parametrize("seed", SEEDS)
def test_rules_that_no_path_uses_are_those_that_no_walk_uses(seed: int):
    graph = draw(seed).graph
    assert {each.key for each in judge(Board(Engine(graph)))} == unused(Engine(graph))


def test_the_networks_show_both_faults():
    graphs = [draw(seed).graph for seed in SEEDS]
    assert sum(len(told(Engine(graph))) for graph in graphs) > 50
    assert sum(len(unused(Engine(graph))) for graph in graphs) > 10


class Counting(Walker):
    """Walks, and counts the walks."""

    walks = 0

    def forward(self, source: Site, destination: Site, names: tuple[str, str]) -> list[Way]:
        self.walks += 1
        return super().forward(source, destination, names)


def test_an_audit_of_a_large_blueprint_walks_few_pairs():
    """Ends inside are asked by rows and columns; what is left is the internet, and NAT's ways."""
    engine = Engine(example("forty").graph)
    engine.walker = Counting(engine.ground)
    audit(Board(engine))
    ends = len(list(engine.ends.everything()))
    assert ends > 200
    assert engine.walker.walks < 20 * ends
