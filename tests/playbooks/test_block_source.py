"""block-source: what it proposes, and what it refuses in words."""

from typing import Any

import pytest

from ringwall.playbooks import answering, registry
from ringwall.playbooks.playbook import Proposal, Refusal
from ringwall.playbooks.records import Incident, Party
from tests.builders import NetworkBuilder
from tests.playbooks.applied import done
from tests.playbooks.judged import passing
from tests.playbooks.situations import (
    OFFENDER,
    expectation,
    incident,
    site,
    situation,
    sources,
)

PLAYBOOK = registry()["block-source"]


def proposed(*addresses: str, base: NetworkBuilder | None = None, **more: Any) -> Proposal:
    found = PLAYBOOK.propose(incident(*sources(*addresses)), situation(base or site(), **more))
    assert isinstance(found, Proposal), found
    return found


def refused(about: Incident, base: NetworkBuilder | None = None, **more: Any) -> Refusal:
    found = PLAYBOOK.propose(about, situation(base or site(), **more))
    assert isinstance(found, Refusal), found
    return found


def test_the_offender_is_denied_both_ways_on_all_of_its_ways_with_proof():
    found = proposed(OFFENDER)
    assert found.title == "deny 198.51.100.7/32 both ways at 2 network ACLs"
    assert found.is_clean
    assert found.reach == 2
    assert found.blocks == ("198.51.100.7/32",)
    assert found.seconds == 24 * 3600
    assert passing(done(site().graph(), found.measures), OFFENDER) == []
    ways = "198.51.100.7/32 to v/web, v/app to 198.51.100.7/32, 198.51.100.7/32 to v/old"
    assert found.proven[0] == f"before: 3 ways were open ({ways})"
    assert found.proven[1].endswith("all are DENY both ways")


def test_it_stands_as_long_as_it_is_told_to():
    assert proposed(OFFENDER, seconds=600).seconds == 600


def test_what_would_break_is_told_with_its_counterexample():
    own = expectation("198.51.100.7/32 -> v/web : 443")
    about = situation(site(), own, expectation("internet -> v/web : 443"))
    found = PLAYBOOK.propose(incident(*sources(OFFENDER)), about)
    assert isinstance(found, Proposal)
    assert [each.name for each in found.breaks] == [own.name]
    assert not found.is_clean
    assert found.proven[2] == "2 expectations: 1 would break"


def test_an_incident_that_names_nobody_is_refused_with_the_way_on():
    found = refused(incident(kind="fortress-suspicious-traffic"))
    assert found.why == "the incident names no source"
    assert "--store" in found.hint


def test_a_destination_is_nobodys_source():
    assert refused(incident(Party("destination", OFFENDER))).why == "the incident names no source"


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("10.0.1.9", "10.0.1.9 is v/web, inside of the network"),
        ("2600::1:0:0:0:9", "inside of the network"),
        ("192.168.9.9", "never blocked: 192.168.9.9/32: 192.168.0.0/16 is private"),
        ("169.254.169.254", "never blocked"),
    ],
)
def test_what_is_ours_or_never_blocked_is_refused(address: str, why: str):
    assert why in refused(incident(*sources(address))).why


def test_what_is_inside_is_isolated_instead():
    assert "isolate-instance" in refused(incident(*sources("10.0.1.9"))).hint


def test_a_public_address_of_ours_is_never_blocked():
    """Behind a NAT gateway or a balancer the log shows the middle box: that would be an outage."""
    base = site().add("EIP", "eip-1", observed={"PublicIp": "54.0.0.3"})
    assert "the Elastic IP" in refused(incident(*sources("54.0.0.3")), base).why


def test_what_people_allow_is_refused_with_their_reason():
    about = incident(*sources(OFFENDER))
    found = refused(about, allowed={"198.51.100.0/24": "the scanner that we pay"})
    assert found.why.endswith("198.51.100.0/24 is the scanner that we pay")


def test_who_reaches_nothing_needs_no_denial():
    base = NetworkBuilder(observed=True).vpc("v", "10.0.0.0/16").subnet("v/app/a", "10.0.1.0/24")
    found = refused(incident(*sources(OFFENDER)), base)
    assert "there is no need" in found.why


def test_where_no_network_acl_has_room_that_is_said():
    base = site()
    for name in [("AWS::EC2::Subnet", "v/old/a")]:
        base.nodes.pop(name)
    found = refused(incident(*sources(OFFENDER)), base, quota=1)
    assert "no network ACL can deny it" in found.why
    assert "of 1 that fit" in found.why


@pytest.mark.parametrize(
    "kind",
    [
        "RW501", "RW505", "RW506", "RW507", "RW540", "RW541", "fortress-Suspicious-Traffic-high",
        "Recon:EC2/Portscan", "UnauthorizedAccess:EC2/SSHBruteForce",
    ],
)  # fmt: skip
def test_it_answers_what_it_is_for(kind: str):
    assert PLAYBOOK.is_for(kind)
    assert PLAYBOOK in answering(kind)


def test_nothing_answers_what_nobody_knows():
    assert answering("UnheardOf:EC2/Thing") == []
