"""DNS Firewall: names, domains, and rules that change places."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ringwall.model.graph import Node, Ref
from ringwall.resources import resource_type
from ringwall.resources.firewall_rule_group import DOMAIN_LIST, TYPE
from ringwall.resources.resolver import LONGEST, may_be_ours, resolver_name
from tests.resources.connectivity import node

NAMES = st.text("abcdefghij-/", min_size=1, max_size=90)
RULES = st.dictionaries(
    st.sampled_from("abcdef"),
    st.tuples(st.integers(1, 8), st.sampled_from(["ALLOW", "ALERT"])),
    max_size=6,
).filter(lambda rules: len({priority for priority, _ in rules.values()}) == len(rules))


@given(NAMES, NAMES)
def test_a_name_fits_the_resolver_and_is_known_as_maybe_ours(deployment: str, key: str) -> None:
    """Name: at most 64 characters of letters, digits, hyphens (Route 53 Resolver API reference)."""
    deployment = deployment.strip("/-").replace("/", "-") or "a"
    name = resolver_name(deployment, key)
    assert len(name) <= LONGEST
    assert all(c.isalnum() or c == "-" for c in name)
    if len(deployment) <= 32:  # the longest name of a blueprint
        assert may_be_ours({"Name": name}, deployment)


def test_long_names_that_begin_alike_stay_apart() -> None:
    long = "x" * 80
    assert resolver_name("fortress", long + "a") != resolver_name("fortress", long + "b")


def group(rules: dict[str, tuple[int, str]]) -> Node:
    listed = [
        {"Priority": p, "Action": a, "FirewallDomainListId": Ref(DOMAIN_LIST, k), "Name": k}
        for k, (p, a) in rules.items()
    ]
    return node(TYPE, "dns", Name="f-dns", FirewallRules=listed)


@given(RULES, RULES)
def test_no_two_rules_ever_have_one_priority(
    old: dict[str, tuple[int, str]], new: dict[str, tuple[int, str]]
) -> None:
    """AWS refuses a second rule of the same priority in a group."""
    before, after = group(old), group(new)
    state: dict[Ref, dict[str, Any]] = {
        rule["FirewallDomainListId"]: dict(rule) for rule in before.properties["FirewallRules"]
    }
    changed = frozenset({"FirewallRules"})
    for call in resource_type(TYPE).update(before, after, changed):
        rule = dict(call.request)
        del rule["FirewallRuleGroupId"]
        rule.pop("CreatorRequestId", None)
        identity = rule["FirewallDomainListId"]
        match call.operation:
            case "delete_firewall_rule":
                del state[identity]
            case "update_firewall_rule":
                assert identity in state
                state[identity] = rule
            case "create_firewall_rule":
                assert identity not in state
                state[identity] = rule
            case other:
                raise AssertionError(other)
        priorities = [one["Priority"] for one in state.values()]
        assert len(set(priorities)) == len(priorities), call
    ordered = sorted(state.values(), key=lambda rule: int(rule["Priority"]))
    assert ordered == after.properties["FirewallRules"]


def test_a_long_list_goes_in_parts() -> None:
    domains = [f"d{n:05}.example" for n in range(2001)]
    wanted = node("AWS::Route53Resolver::FirewallDomainList", "x", Name="f-x", Domains=domains)
    made, *parts = resource_type(wanted.type).create(wanted)
    assert "Domains" not in made.request
    assert [len(part.request["Domains"]) for part in parts] == [1000, 1000, 1]


def test_domains_are_compared_in_lower_case_without_the_last_dot() -> None:
    wanted = node(
        "AWS::Route53Resolver::FirewallDomainList",
        "x",
        Name="f-x",
        Domains=["B.example.", "*.a.example", "b.example"],
    )
    assert wanted.properties["Domains"] == ["*.a.example", "b.example"]
