"""Quarantine on random networks, judged by the tracer after the requests alone."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from random import Random

import pytest

from ringwall.playbooks import registry
from ringwall.playbooks.playbook import Proposal
from ringwall.playbooks.records import Party
from ringwall.reach.difference import difference
from tests.networks.drawing import draw
from tests.networks.features import Feature
from tests.playbooks.applied import done, undone
from tests.playbooks.judged import passing_interface
from tests.playbooks.situations import identified, incident, situation

F = Feature
PLAYBOOK = registry()["isolate-instance"]


def judged(seed: int, features: Iterable[Feature]) -> Iterator[tuple[str, list[str]]]:
    """Isolate two interfaces of a drawn network, each by itself; yield what became of it."""
    graph = identified(draw(seed, features, without=[F.MISSING]).graph)
    about, rng = situation(graph), Random(seed)
    plain = [
        node
        for node in graph.of_type("AWS::EC2::NetworkInterface")
        if node.observed.get("InterfaceType") == "interface"
    ]
    for node in rng.sample(plain, min(2, len(plain))):
        seen = incident(Party("interface", name=node.physical_id))
        said = {"Reservations": [{"Instances": [{"InstanceId": "i-0"}]}]}
        answers = {request.key: said for request in PLAYBOOK.reads(seen, about)}
        found = PLAYBOOK.propose(seen, replace(about, answers=answers))
        assert isinstance(found, Proposal), found
        after = done(graph, found.measures)
        wrong = []
        if not found.doubts:
            for interface in found.facts["interfaces"]:
                passes = passing_interface(after, interface)
                wrong += [f"passes: {each.case} {each.unknowns}" for each in passes]
        back = undone(after, found.measures)
        made = [address for address in back.nodes if address not in graph.nodes]
        if difference(graph, back.without(made)):
            wrong.append("it is not as before")
        kind = "not known" if found.doubts else "isolated"
        yield kind, [f"seed {seed}, {node.key}: {each}" for each in wrong]


@pytest.mark.parametrize(
    "features",
    [
        (F.INTERFACES, F.PUBLIC_ADDRESSES, F.SEVERAL_GROUPS),
        (F.INTERFACES, F.DUAL_STACK, F.SELF_REFERENCES, F.GROUP_REFERENCES),
        (F.INTERFACES, F.TRANSIT, F.NAT),
    ],
)
def test_what_is_isolated_is_so_by_the_tracer(features: tuple[Feature, ...]):
    found = Counter[str]()
    for seed in range(2):
        for kind, wrong in judged(seed, features):
            assert wrong == []
            found[kind] += 1
    assert found["isolated"], found


@pytest.mark.campaign
def test_what_is_isolated_is_so_by_the_tracer_on_many_networks():
    found = Counter[str]()
    for seed in range(30_000, 30_200):
        for kind, wrong in judged(seed, (F.INTERFACES, *Random(seed).sample(list(F), 6))):
            assert wrong == []
            found[kind] += 1
    assert found["isolated"] > 50, found
