"""What is said after an undo is so, judged by the engine: for the offender, and for anybody."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from ringwall.app.responding.acts import action_of, measures_of
from ringwall.model.graph import Node, ResourceGraph
from ringwall.playbooks import registry
from ringwall.playbooks.playbook import Proposal
from ringwall.playbooks.records import Action, ActionState, Incident
from ringwall.playbooks.touched import MOST, brought, recorded, stands
from ringwall.playbooks.undone import Undone, compared
from ringwall.reach.difference import difference
from tests.builders import NetworkBuilder
from tests.networks.drawing import draw
from tests.networks.features import Feature
from tests.playbooks.applied import done, undone
from tests.playbooks.asked import ASKED, answered, proposed
from tests.playbooks.situations import (
    OFFENDER,
    behind,
    identified,
    incident,
    site,
    situation,
    sources,
)

ENTRY, RULE = "AWS::EC2::NetworkAclEntry", "AWS::EC2::SecurityGroupIngress"
EVERYBODY = "nothing that packets meet differs: everybody reaches what they did"


def acted(graph: ResourceGraph, address: str = OFFENDER, about: Incident | None = None) -> Action:
    """The action that denies an address, with what was there before it."""
    seen, playbook = situation(graph, now=1000), registry()["block-source"]
    asked_of = about or incident(*sources(address))
    found = playbook.propose(asked_of, seen)
    assert isinstance(found, Proposal), found
    action = action_of(asked_of, playbook, found, seen)
    before = recorded(seen.engine.network.values, action.targets)
    facts = {**action.facts, **before}
    return replace(action, state=ActionState.IN_FORCE, facts=facts)


def found(action: Action, graph: ResourceGraph, *others: Action) -> Undone:
    seen = situation(graph)
    ways = registry()[action.playbook].state(list(action.facts["before"]), seen)
    return compared(action, seen, ways, others)


def entry(base: NetworkBuilder, number: int, block: str, acl: str = "v/web") -> NetworkBuilder:
    return base.entry(acl, "in", number, "deny", "all", block)


def test_after_the_way_back_everything_is_compared_and_as_before():
    graph = site().graph()
    action = acted(graph)
    back = undone(done(graph, measures_of(action)), measures_of(action))
    said = found(action, back)
    assert said.as_before is True
    ways = "198.51.100.7/32 to v/web, v/app to 198.51.100.7/32, 198.51.100.7/32 to v/old"
    acl = graph["AWS::EC2::NetworkAcl", "v/web"].physical_id
    default = graph["Ringwall::EC2::DefaultNetworkAcl", "v"].physical_id
    assert list(said.same) == [
        f"network ACL v/web ({acl}), as before: 4 entries",
        f"network ACL v ({default}), as before: 8 entries",
        f"198.51.100.7/32, as before: {ways}",
        EVERYBODY,
    ]
    assert (said.differs, said.beside, said.open) == ((), (), ())


def test_what_was_not_taken_back_is_not_as_before():
    graph = site().graph()
    action = acted(graph)
    said = found(action, done(graph, measures_of(action)))
    assert said.as_before is False
    assert len(said.left) == 4
    assert all("deny all" in text and "which it had not" in text for text in said.left)
    assert any(text.startswith(f"{OFFENDER}/32 was: ") for text in said.differs)
    assert EVERYBODY not in said.same


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            lambda base: entry(base, 40, "192.0.2.0/24"),
            "has incoming entry 40 deny all from 192.0.2.0/24, which it had not",
        ),
        (
            lambda base: base.nodes.pop((ENTRY, "v/web:ingress:100")) and base,
            "has no incoming entry 100 allow all from 0.0.0.0/0, which it had",
        ),
    ],
)
def test_what_somebody_changed_where_it_was_touched_is_named(change: Any, told: str):
    """Others than the offender pass there, too: its ways alone would not show it."""
    graph = site().graph()
    said = found(acted(graph), change(site()).graph())
    assert said.as_before is False
    assert any(told in text for text in said.differs), said


def test_what_changed_elsewhere_is_named_as_not_compared():
    graph = site().graph()
    said = found(acted(graph), site().rule("v/app", "in", "tcp/22", "10.0.0.0/16").graph())
    assert said.as_before is True
    assert said.open == (f"not compared: what else passes by what has changed since: {RULE}",)
    assert EVERYBODY not in said.same


def test_a_way_that_somebody_else_closed_is_not_as_before():
    graph = site().graph()
    base = site()
    [rule] = [key for key in base.nodes if key[0] == RULE and key[1].startswith("v/old")]
    base.nodes.pop(rule)
    said = found(acted(graph), base.graph())
    assert said.as_before is False
    assert any("v/old" in text for text in said.differs)


def test_what_another_incident_did_meanwhile_stands_beside_it():
    graph = site().graph()
    first = acted(graph)
    both = done(graph, measures_of(first))
    other = incident(*sources("198.51.100.99"))
    second = acted(both, about=replace(other, id="9-1"))
    every = done(both, measures_of(second))
    second = replace(second, changed=first.made + 1)
    said = found(first, undone(every, measures_of(first)), second)
    assert (said.as_before, said.differs) == (True, ())
    [beside] = said.beside
    assert beside.startswith("by incident 9-1 meanwhile: network ACL v")
    assert "deny all" in beside
    over = replace(first, state=ActionState.UNDONE, changed=second.made + 1, incident="0-1")
    last = found(second, undone(undone(every, measures_of(first)), measures_of(second)), over)
    assert (last.as_before, last.differs) == (True, ())
    assert "has no more incoming entry 1 deny all from 198.51.100.7/32" in last.beside[0]


def test_what_another_incident_has_nothing_to_do_with_is_not_put_down_to_it():
    graph = site().graph()
    first = acted(graph)
    other = replace(acted(graph, "198.51.100.99"), incident="9-1", changed=first.made + 1)
    said = found(first, entry(site(), 40, "192.0.2.0/24").graph(), other)
    assert said.as_before is False
    assert said.beside == ()


def test_what_is_gone_is_named():
    graph = site().graph()
    action = acted(graph)
    gone = graph.without([("AWS::EC2::NetworkAcl", "v/web")])
    said = found(action, gone)
    assert said.as_before is False
    assert any(text.endswith("is there no more") for text in said.differs)


def test_very_many_items_are_compared_without_their_names():
    base = behind()
    node = base.nodes["AWS::WAFv2::IPSet", "bad"]
    listed = [f"203.0.{n // 250}.{n % 250}/32" for n in range(MOST + 50)]

    def having(addresses: list[str]) -> ResourceGraph:
        other = behind()
        properties = {**node.properties, "Addresses": addresses}
        other.nodes[node.type, node.key] = replace(
            other.nodes[node.type, node.key], properties=properties
        )
        return other.graph()

    graph = having(listed)
    action = acted(graph)
    [kept] = action.facts["touched"].values()
    assert "items" not in kept
    assert found(action, graph).as_before is True
    changed = found(action, having(listed[1:]))
    assert changed.as_before is False
    assert changed.differs[0].endswith("held 250 addresses and holds 249 addresses")
    other = replace(action, id="o", incident="9-1", changed=action.made)
    assert "incident 9-1 has changed it, too" in found(action, having(listed[1:]), other).open[0]


def test_what_nobody_recorded_is_not_said_to_be_as_before():
    graph = site().graph()
    action = acted(graph)
    bare = {n: v for n, v in action.facts.items() if n not in {"touched", "elsewhere"}}
    said = found(replace(action, facts=bare), graph)
    assert "not compared: the rest of the network, which was not recorded before" in said.open
    assert sum(text.startswith("not compared, taken back by AWS's word") for text in said.open) == 4
    nothing = found(replace(action, facts={**bare, "before": {}}), graph)
    assert nothing.as_before is None


@pytest.mark.parametrize("name", sorted(ASKED))
def test_an_item_that_comes_or_goes_is_one_of_a_request(name: str):
    for base, about in ASKED[name]:
        seen, _ = answered(registry()[name], base, about)
        made = proposed(registry()[name], base, about)
        before = stands(seen.engine.network.values, made.targets)
        graph = done(base.graph(), made.measures)
        after = stands(situation(graph).engine.network.values, made.targets)
        for target, stand in after.items():
            if stand.noun not in {"entry", "rule", "target"}:  # what `done` carries out
                continue
            own = [each for each in made.measures if each.target == target]
            had, has = set(before[target].items or ()), set(stand.items or ())
            assert had != has, target
            assert has - had <= brought(r for each in own for r in each.do)
            assert had - has <= brought(r for each in own for r in each.undo)


def mutations(graph: ResourceGraph, rng: Random) -> Iterator[ResourceGraph]:
    """Networks that differ from one in a node that somebody took away, or in an entry."""
    kinds = (ENTRY, RULE, "AWS::EC2::Route", "AWS::EC2::SecurityGroupEgress")
    nodes = [node for kind in kinds for node in graph.of_type(kind)]
    for node in rng.sample(nodes, min(6, len(nodes))):
        yield graph.without([(node.type, node.key)])
    entries = graph.of_type(ENTRY)
    for node in rng.sample(entries, min(2, len(entries))):
        yield graph.with_nodes([_turned(node)])


def _turned(node: Node) -> Node:
    action = "deny" if node.properties["RuleAction"] == "allow" else "allow"
    return replace(node, properties={**node.properties, "RuleAction": action})


def judged(seed: int) -> Iterator[str]:
    """Yield what was said of each mutation; whoever reaches something else must be told of."""
    graph = identified(draw(seed, [Feature.INTERNET, Feature.ACLS, Feature.NAT]).graph)
    seen, playbook = situation(graph, now=1000), registry()["block-source"]
    about = incident(*sources("8.8.8.8"))
    made = playbook.propose(about, seen)
    if not isinstance(made, Proposal):
        return
    action = action_of(about, playbook, made, seen)
    before = recorded(seen.engine.network.values, action.targets)
    action = replace(action, facts={**action.facts, **before})
    back = undone(done(graph, made.measures), made.measures)
    assert found(action, back).same[-1] == EVERYBODY
    for other in mutations(back, Random(seed)):
        said = found(action, other)
        is_same = said.same[-1:] == (EVERYBODY,)
        assert not (is_same and difference(graph, other)), said
        assert is_same is (not said.differs and not said.left and not said.open)
        yield "as before" if is_same else "not compared" if said.as_before else "differs"


@pytest.mark.parametrize("seed", range(4))
def test_whoever_reaches_something_else_afterwards_is_never_passed_over(seed: int):
    assert list(judged(seed)) != [] or seed


@pytest.mark.campaign
def test_whoever_reaches_something_else_is_never_passed_over_on_many_networks():
    told = Counter(said for seed in range(300) for said in judged(seed))
    assert min(told["differs"], told["not compared"]) > 50, told
