"""What an action holds: a plan leaves it alone, and the network is judged without it."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from ringwall.changes.responses import DOMAIN_LIST, ENTRY, INTERFACE, RULES, Effect, Responses
from ringwall.model.graph import ResourceGraph
from ringwall.playbooks import registry
from ringwall.playbooks.effects import effects_of
from ringwall.playbooks.playbook import Proposal
from ringwall.playbooks.records import Action, ActionState
from ringwall.reach.difference import difference
from tests.playbooks.applied import done, undone
from tests.playbooks.asked import ASKED, answered
from tests.playbooks.situations import OFFENDER, situation

CASES = [(name, number) for name, cases in ASKED.items() for number in range(len(cases))]


def acted(found: Proposal, state: ActionState = ActionState.IN_FORCE) -> Action:
    measures = tuple(each.to_dict() for each in found.measures)
    return Action("a", "i-1", found.playbook, state, found.targets, measures, 0, 0, 0)


def case(name: str, number: int) -> tuple[ResourceGraph, ResourceGraph, tuple[Effect, ...]]:
    """Return the network before a playbook acts and after it, and what that holds."""
    base, seen = ASKED[name][number]
    about, _ = answered(registry()[name], base, seen)
    found = registry()[name].propose(seen, about)
    assert isinstance(found, Proposal)
    before = about.engine.network.graph
    return before, done(before, found.measures), effects_of(acted(found))


def planned(graph: ResourceGraph) -> Iterator[tuple[str, str, object]]:
    """What a plan compares and a response may have changed: entries from 100 on, rules, domains."""
    for node in graph:
        is_entry = node.type == ENTRY and node.properties["RuleNumber"] >= 100
        if is_entry or node.type in {*RULES, DOMAIN_LIST}:
            properties = {n: v for n, v in node.properties.items() if n != "Description"}
            yield node.type, node.key, properties


def ordered(graph: ResourceGraph) -> list[tuple[str, str, str]]:
    return sorted((type_, key, str(said)) for type_, key, said in planned(graph))


def quarantine(graph: ResourceGraph) -> set[str]:
    groups = graph.of_type("AWS::EC2::SecurityGroup")
    return {
        node.key for node in groups if node.properties.get("GroupName") == "ringwall-quarantine"
    }


@pytest.mark.parametrize(("name", "number"), CASES)
def test_what_stands_is_neither_removed_nor_given_back(name, number):
    before, after, effects = case(name, number)
    held = Responses(effects, before, after).held()
    others = quarantine(after)
    there = [row for row in ordered(after) if row[1].split(":")[0] not in others]
    assert ordered(held) == there
    assert ordered(before) != there or name != "close-exposure"


@pytest.mark.parametrize(("name", "number"), CASES)
def test_what_is_judged_is_the_network_without_it(name, number):
    before, after, effects = case(name, number)
    lifted = Responses(effects, before, after).lifted()
    assert not difference(before, lifted)
    groups = {n.key: n.properties.get("GroupSet") for n in before.of_type(INTERFACE)}
    assert {n.key: n.properties.get("GroupSet") for n in lifted.of_type(INTERFACE)} == groups


@pytest.mark.parametrize(("name", "number"), CASES)
def test_every_effect_is_seen_where_it_stands_and_missed_where_it_does_not(name, number):
    before, after, effects = case(name, number)
    known, former = (Responses(effects, before, graph) for graph in (after, before))
    assert all(map(known.is_there, effects))
    assert not any(map(former.is_there, effects))


def test_narrow_rules_stand_only_in_the_place_of_a_wider_one_that_is_wanted():
    """They let pass: without the wider rule nobody asked for them, and they go and are judged."""
    before, after, effects = case("block-source", 1)
    narrow = [e for e in effects if e.before]
    assert narrow, "the network ACLs are full"
    wider = {text for effect in narrow for text in effect.before}
    known = Responses(effects, before, before)
    gone = [
        (node.type, node.key)
        for node in before
        if node.type in RULES and known.mark(node)[1] in wider
    ]
    wanted = before.without(gone)
    found = Responses(effects, wanted, after)
    assert ordered(found.held()) == ordered(wanted)
    assert {n.key for n in found.lifted() if n.type in RULES} == {
        n.key for n in after if n.type in RULES
    }


def test_a_rule_that_is_not_wanted_any_more_is_not_put_back():
    before, after, effects = case("close-exposure", 0)
    [taken] = [(e.resource, e.says) for e in effects if not e.made]
    known = Responses(effects, before, before)
    [rule] = [n for n in before if n.type in RULES and known.mark(n) == taken]
    wanted = before.without([(rule.type, rule.key)])
    assert Responses(effects, wanted, after).held() == wanted
    assert (rule.type, rule.key) not in Responses(effects, wanted, after).lifted()


def test_a_domain_that_the_blueprint_comes_to_name_is_its_own():
    _, after, effects = case("block-domain", 0)
    [listed] = after.of_type(DOMAIN_LIST)[:1]
    held = Responses(effects, after, after).held()
    assert held[listed.type, listed.key].properties == listed.properties


def test_an_entry_that_says_something_else_is_not_the_responses():
    before, graph, effects = case("block-source", 0)
    assert all(each.says.endswith(f"{OFFENDER}/32") for each in effects)
    for cidr, action in (("0.0.0.0/0", "deny"), (f"{OFFENDER}/32", "allow")):
        other = {"CidrBlock": cidr, "RuleAction": action}
        said = [
            replace(n, properties={**n.properties, **other})
            for n in graph.of_type(ENTRY)
            if n.properties["RuleNumber"] < 100
        ]
        written = graph.with_nodes(said)
        lifted = Responses(effects, before, written).lifted()
        assert all((n.type, n.key) in lifted for n in said)


@pytest.mark.parametrize(
    ("name", "number"), [("block-source", 0), ("block-source", 1), ("close-exposure", 0)]
)
def test_what_stood_in_what_is_gone_is_taken_back_without_a_complaint(name, number):
    """A network that was destroyed has nothing to give a rule back to, and nothing to take."""
    base, seen = ASKED[name][number]
    found = registry()[name].propose(seen, answered(registry()[name], base, seen)[0])
    assert isinstance(found, Proposal)
    assert undone(ResourceGraph(), found.measures) == ResourceGraph()


def test_an_entry_that_was_taken_away_is_not_given_back_to_an_acl_that_is_gone():
    base, seen = ASKED["close-exposure"][2]
    found = registry()["close-exposure"].propose(seen, situation(base))
    assert isinstance(found, Proposal)
    assert [r.operation for m in found.measures for r in m.undo][:1] == ["create_network_acl_entry"]
    assert undone(ResourceGraph(), found.measures) == ResourceGraph()
