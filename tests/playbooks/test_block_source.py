"""block-source: what it proposes, and what it refuses in words."""

from dataclasses import replace
from typing import Any

import pytest

from ringwall.playbooks import answering, registry
from ringwall.playbooks.playbook import Proposal, Refusal
from ringwall.playbooks.records import Action, ActionState, Incident, Party
from ringwall.reach.blocks import to_block
from ringwall.reach.difference import difference
from tests.builders import NetworkBuilder
from tests.playbooks.applied import done, undone
from tests.playbooks.judged import passing
from tests.playbooks.situations import (
    OFFENDER,
    behind,
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
    assert found.proven[0] == f"before: 3 ways open ({ways})"
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


def test_where_nothing_is_deployed_that_is_said_and_nobody_is_called_harmless():
    about = situation(site())
    about = replace(about, deployment="shop", account="111122223333", region="eu-west-1")
    found = PLAYBOOK.propose(incident(*sources(OFFENDER)), about)
    assert isinstance(found, Refusal)
    assert found.why.startswith("no VPC of deployment shop is in 111122223333 eu-west-1: there is")
    assert (found.needless, found.hint.split(";")[0]) == (False, "`ringwall apply` deploys it")


def full() -> NetworkBuilder:
    """The site where no network ACL on the offender's ways has room for another entry."""
    base = site()
    for way in ("in", "out"):
        for number in range(200, 218):
            base.entry("v/web", way, number, "deny", "all", "192.0.2.1/32")
    return base


def test_where_network_acls_have_room_nothing_else_is_touched():
    found = proposed(OFFENDER)
    assert found.facts["layer"] == "network-acl"
    assert found.facts["layers"] == {
        "web-acl": "v/app in a is no load balancer",
        "network-acl": "they see the address on its ways, and have room",
    }


def test_where_they_are_full_the_rules_of_groups_are_narrowed_around_the_offender():
    found = proposed(OFFENDER, base=full())
    assert found.facts["layer"] == "security-group"
    assert "v/web: it has 19 incoming entries of IPv4" in found.facts["layers"]["network-acl"]
    assert found.doubts == ()
    assert "what groups track lives on" in found.residual[-1]
    graph = full().graph()
    after = done(graph, found.measures)
    assert passing(graph, OFFENDER)
    assert passing(after, OFFENDER) == []
    [narrow] = [m for m in found.measures if m.text.startswith("narrow")]
    assert narrow.text.startswith("narrow ingress tcp/443 from 0.0.0.0/0 of security group")
    assert [r.operation for r in narrow.do] == [
        "authorize_security_group_ingress", "revoke_security_group_ingress",
    ]  # fmt: skip
    back = undone(after, found.measures)
    assert back.nodes.keys() == graph.nodes.keys()
    assert not difference(graph, back)


def test_everybody_else_still_comes_through_the_narrowed_rules():
    rest = expectation("internet -> v/web : 443")
    found = PLAYBOOK.propose(incident(*sources(OFFENDER)), situation(full(), rest))
    assert isinstance(found, Proposal)
    assert found.breaks == ()


def test_where_the_group_has_no_room_either_it_is_put_to_a_person():
    base = full()
    for number in range(30):
        base.rule("v/web", "in", f"tcp/{1000 + number}", "192.0.2.1/32")
    found = proposed(OFFENDER, base=base)
    assert found.facts["layer"] == "network-acl"
    assert "would need 32 rules" in found.facts["layers"]["security-group"]
    assert found.doubts
    assert not found.is_clean


def test_where_nothing_has_room_that_is_said():
    base = full()
    base.nodes.pop(("AWS::EC2::Subnet", "v/old/a"))
    for number in range(30):
        base.rule("v/web", "in", f"tcp/{1000 + number}", "192.0.2.1/32")
    found = refused(incident(*sources(OFFENDER)), base, quota=1)
    assert "no network ACL can deny it" in found.why
    assert "of 1 that fit" in found.why


def test_several_sources_are_denied_at_once():
    found = proposed(OFFENDER, "203.0.113.9", "2a00:1450::7")
    assert found.blocks == ("198.51.100.7/32", "203.0.113.9/32", "2a00:1450::7/128")
    after = done(site().graph(), found.measures)
    for block in found.blocks:
        assert passing(after, block) == []
    assert undone(after, found.measures).nodes == site().graph().nodes


def test_of_several_those_that_may_not_be_denied_are_left_and_told():
    found = proposed(OFFENDER, "10.0.1.9", "169.254.169.254")
    assert found.blocks == ("198.51.100.7/32",)
    assert [text.split(" ")[0] for text in found.facts["left"]] == ["10.0.1.9", "never"]


def test_more_sources_than_fit_become_cidrs_that_hit_nobody_else():
    many = [f"198.51.100.{number}" for number in range(1, 40, 2)]
    found = proposed(*many, quota=6, seen=())
    assert found.doubts == ()
    after = done(site().graph(), found.measures)
    for address in many:
        assert passing(after, address) == []
    assert len(found.blocks) <= 5
    neighbour = "198.51.100.2"
    spared = proposed(*many, quota=6, seen=(to_block(neighbour),))
    after = done(site().graph(), spared.measures)
    assert passing(after, neighbour)


def test_where_nobody_looked_who_else_is_there_nothing_but_offenders_is_denied():
    many = [f"198.51.100.{number}" for number in range(1, 40, 2)]
    found = proposed(*many, quota=6)
    assert found.blocks == tuple(f"{address}/32" for address in many)
    assert found.facts["layer"] == "security-group"


def test_who_comes_through_a_load_balancer_with_a_web_acl_is_denied_there():
    found = proposed(OFFENDER, base=behind())
    assert found.facts["layer"] == "web-acl"
    [measure] = found.measures
    assert measure.text == "put 198.51.100.7/32 into IP set bad"
    assert [r.operation for r in (*measure.do, *measure.undo)] == ["update_ip_set"] * 2
    assert any("still opened" in text for text in found.residual)
    assert any("not proven over packets" in text for text in found.proven)
    action = Action("a", "i", PLAYBOOK.id, ActionState.IN_FORCE, (), (), 0, 1, 1,
                    {**found.facts, "blocks": list(found.blocks)})  # fmt: skip
    assert PLAYBOOK.lacks(action, situation(behind())) == ("198.51.100.7/32 is not in IP set bad",)
    base = behind()
    node = base.nodes["AWS::WAFv2::IPSet", "bad"]
    there = {**node.properties, "Addresses": ["198.51.100.7/32"]}
    base.nodes[node.type, node.key] = replace(node, properties=there)
    assert PLAYBOOK.lacks(action, situation(base)) == ()


def test_what_is_in_the_set_already_is_left_to_whoever_put_it_there():
    base = behind()
    node = base.nodes["AWS::WAFv2::IPSet", "bad"]
    there = {**node.properties, "Addresses": ["198.51.100.7/32"]}
    base.nodes[node.type, node.key] = replace(node, properties=there)
    again = refused(incident(*sources(OFFENDER)), base)
    assert (again.needless, "in the web ACL's IP set already" in again.why) == (True, True)
    both = proposed(OFFENDER, "198.51.100.9", base=base)
    [measure] = both.measures
    assert measure.text == "put 198.51.100.9/32 into IP set bad"
    assert both.blocks == ("198.51.100.9/32",)
    [reading] = [r for each in measure.undo for r in each.readings if r.drop]
    assert reading.drop == ("198.51.100.9/32",)


@pytest.mark.parametrize(
    ("base", "why"),
    [
        (behind(waf=False), "alb has no web ACL"),
        (behind(first={"Name": "vip", "Priority": 0, "Action": {"Allow": {}}, "Statement": {}}),
         "rule 'vip' of the web ACL of alb may let requests pass before"),
        (behind().interface("eni-1", "v/web/a", "10.0.1.9", "v/alb", public="54.0.0.9"),
         "is no load balancer"),
    ],
)  # fmt: skip
def test_where_the_web_acl_does_not_stop_all_of_it_packets_are_cut(base: NetworkBuilder, why: str):
    found = proposed(OFFENDER, base=base)
    assert found.facts["layer"] == "network-acl"
    assert why in found.facts["layers"]["web-acl"]
    assert passing(done(base.graph(), found.measures), OFFENDER) == []


def test_a_web_acl_without_a_set_of_the_family_does_not_stop_it():
    assert proposed(OFFENDER, base=behind(first=None)).facts["layer"] == "web-acl"
    base = behind()
    node = base.nodes["AWS::WAFv2::IPSet", "bad"]
    six = {**node.properties, "IPAddressVersion": "IPV6"}
    base.nodes[node.type, node.key] = replace(node, properties=six)
    found = proposed(OFFENDER, base=base)
    assert "blocks no IP set of IPv4" in found.facts["layers"]["web-acl"]


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
