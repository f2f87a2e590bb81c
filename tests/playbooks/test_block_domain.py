"""block-domain: what the VPCs' rules make of a domain, and what is never blocked."""

from typing import Any

import pytest

from ringwall.playbooks import answering, registry
from ringwall.playbooks.playbook import Proposal, Refusal
from ringwall.playbooks.records import Action, ActionState, Party
from tests.builders import NetworkBuilder
from tests.playbooks.situations import R53, incident, resolved, situation

PLAYBOOK = registry()["block-domain"]


def asked(base: NetworkBuilder, *names: str, **more: Any) -> Proposal | Refusal:
    parties = [Party("domain", name=name) for name in names]
    return PLAYBOOK.propose(incident(*parties, kind="RW530"), situation(base, **more))


def proposed(base: NetworkBuilder, *names: str) -> Proposal:
    found = asked(base, *names)
    assert isinstance(found, Proposal), found
    return found


def refused(base: NetworkBuilder, *names: str) -> str:
    found = asked(base, *names)
    assert isinstance(found, Refusal), found
    return found.why


def test_a_domain_and_all_below_it_go_into_the_list_that_is_blocked():
    found = proposed(resolved(), "Evil.Example.")
    [measure] = found.measures
    own = resolved().nodes[f"{R53}FirewallDomainList", "bad"].physical_id
    [do], [undo] = measure.do, measure.undo
    both = ["evil.example", "*.evil.example"]
    base = {"FirewallDomainListId": own, "Domains": both}
    assert (do.operation, do.request) == ("update_firewall_domains", base | {"Operation": "ADD"})
    assert undo.request == base | {"Operation": "REMOVE"}
    assert found.doubts == ()
    assert found.proven[0] == "the first rule that names it is a BLOCK in VPCs v, w"
    assert found.seconds == 7 * 24 * 3600


def test_a_vpc_that_is_not_associated_is_told():
    found = proposed(resolved(vpcs="v"), "evil.example")
    assert found.doubts == (
        "evil.example is not blocked in VPC w: no DNS Firewall is associated with it",
    )


@pytest.mark.parametrize(
    ("rules", "lists", "why"),
    [
        ((("w", "ALERT"), ("bad", "BLOCK")), {"w": ["*.example"]}, "'w-alert' lets it pass before"),
        ((("aws", "ALERT"), ("bad", "BLOCK")), {"aws": []}, "asks a list of AWS's before"),
    ],
)
def test_a_rule_before_that_lets_it_pass_is_told(
    rules: tuple[tuple[str, str], ...], lists: dict[str, list[str]], why: str
):
    assert why in proposed(resolved(*rules, lists=lists), "evil.example").doubts[0]


def test_a_rule_behind_does_not_matter():
    rules = (("bad", "BLOCK"), ("w", "ALERT"))
    assert proposed(resolved(*rules, lists={"w": ["*.example"]}), "evil.example").doubts == ()


def test_a_rule_of_awss_before_that_blocks_does_not_matter():
    assert (
        proposed(
            resolved(("aws", "BLOCK"), ("bad", "BLOCK"), lists={"aws": []}), "evil.example"
        ).doubts
        == ()
    )


@pytest.mark.parametrize(
    ("domain", "why"),
    [
        ("example", "everybody registers"),
        ("co.uk", "everybody registers"),
        ("amazonaws.com", "AWS's own"),
        ("s3.us-east-1.amazonaws.com", "AWS's own"),
        ("partner.example", "would cut api.partner.example, which rule 'ok-allow' allows"),
        ("api.partner.example", "which rule 'ok-allow' allows"),
        ("deep.wild.example", r"would cut *.wild.example"),
        ("corp.internal", "hosted zone corp.internal"),
        ("db.corp.internal", "hosted zone corp.internal"),
    ],
)
def test_what_is_allowed_or_ours_or_awss_is_never_blocked(domain: str, why: str):
    lists = {"ok": ["api.partner.example", "*.wild.example"]}
    base = resolved(("ok", "ALLOW"), ("bad", "BLOCK"), lists=lists)
    base.add("AWS::Route53::HostedZone", "z", {"Name": "corp.internal."})
    assert why in refused(base, domain)


@pytest.mark.parametrize(
    "domain", ["evil.s3.us-east-1.amazonaws.com", "partner.example.evil.example", "bbc.co.uk"]
)
def test_what_only_looks_like_it_may_be_blocked(domain: str):
    base = resolved(("ok", "ALLOW"), ("bad", "BLOCK"), lists={"ok": ["api.partner.example"]})
    assert proposed(base, domain).measures


def test_what_is_listed_already_needs_nothing():
    base = resolved(lists={"bad": ["evil.example", "*.evil.example"]})
    assert "there is no need" in refused(base, "evil.example")


def test_without_a_list_of_ours_that_is_said():
    assert "no rule of a DNS Firewall" in refused(resolved(("bad", "ALERT")), "evil.example")


@pytest.mark.parametrize(
    ("names", "why"),
    [((), "names no domain"), (("evil_.-",), "is no domain"), (("a b.c",), "is no domain")],
)
def test_what_is_no_domain_is_refused(names: tuple[str, ...], why: str):
    assert why in refused(resolved(), *names)


def test_what_stands_no_longer_is_told():
    found = proposed(resolved(), "evil.example")
    action = Action("a", "i", PLAYBOOK.id, ActionState.IN_FORCE, (), (), 0, 1, 1, found.facts)
    there = situation(resolved(lists={"bad": ["evil.example", "*.evil.example"]}))
    assert PLAYBOOK.lacks(action, there) == ()
    assert len(PLAYBOOK.lacks(action, situation(resolved()))) == 2
    about = found.about
    assert PLAYBOOK.state(about, there) == {"domain evil.example": ["v", "w"]}
    assert PLAYBOOK.state(about, situation(resolved())) == {"domain evil.example": []}


@pytest.mark.parametrize(
    "kind",
    [
        "RW530",
        "CryptoCurrency:EC2/BitcoinTool.B!DNS",
        "Impact:EC2/SuspiciousDomainRequest.Reputation",
    ],
)
def test_it_answers_domains(kind: str):
    assert PLAYBOOK in answering(kind)
