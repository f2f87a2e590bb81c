"""Numbers and quotas of network ACL entries, and the requests that deny an address."""

from typing import Any

import pytest

from ringwall.model.graph import Node
from ringwall.playbooks.entries import NoRoomError, denied, number_for
from ringwall.playbooks.measures import Request
from ringwall.reach.blocks import to_block
from ringwall.reach.elements import Acl
from ringwall.reach.engine import Engine
from ringwall.reach.network import Network
from tests.builders import ALL, NetworkBuilder, open_acl
from tests.playbooks.applied import done, undone
from tests.playbooks.situations import site

FOUR, SIX = to_block("198.51.100.7"), to_block("2a00:1450::7")


def network(*entries: str) -> Network:
    base = NetworkBuilder(observed=True).vpc("v", "10.0.0.0/16").acl("v/web", *entries)
    return Engine(base.subnet("v/web/a", "10.0.1.0/24", acl="v/web").graph()).network


def acl(*entries: str) -> Acl:
    return network(*entries).acls["v/web"]


def denials(way: str, *numbers: int, cidr: str = "192.0.2.1/32") -> list[str]:
    return [f"{way} {number} deny all {cidr}" for number in numbers]


def test_the_lowest_free_number_is_taken():
    assert number_for(acl(*open_acl()), FOUR, egress=False) == 1
    taken = acl(*open_acl(), *denials("in", 1, 2, 4))
    assert number_for(taken, FOUR, egress=False) == 3


def test_a_number_of_one_direction_is_free_in_the_other():
    taken = acl(*open_acl(), *denials("in", 1))
    assert number_for(taken, FOUR, egress=False) == 2
    assert number_for(taken, FOUR, egress=True) == 1


def test_ipv4_and_ipv6_share_the_numbers_of_a_direction():
    taken = acl(*open_acl(), *denials("in", 1, cidr="2001:db8::1/128"))
    assert number_for(taken, FOUR, egress=False) == 2
    assert number_for(taken, SIX, egress=False) == 2


def test_a_denial_stands_before_every_allow_that_overlaps():
    """First match wins: "rules are evaluated starting with the lowest numbered rule"."""
    early = acl(*open_acl(), "in 3 allow tcp/443 198.51.0.0/16", *denials("in", 1))
    assert number_for(early, FOUR, egress=False) == 2
    full = acl(*open_acl(), "in 3 allow tcp/443 198.51.0.0/16", *denials("in", 1, 2))
    with pytest.raises(NoRoomError, match="no number from 1 to 99 is free before incoming entry 3"):
        number_for(full, FOUR, egress=False)


@pytest.mark.parametrize("other", ["192.0.2.0/24", "::/0"])
def test_an_allow_that_does_not_overlap_is_no_obstacle(other: str):
    found = acl(f"in 1 allow all {other}", f"in 100 allow all {ALL}")
    assert number_for(found, FOUR, egress=False) == 2


def test_an_allow_of_number_0_leaves_no_number():
    with pytest.raises(NoRoomError):
        number_for(acl(f"in 0 allow all {ALL}"), FOUR, egress=False)


def test_the_last_of_our_numbers_is_99():
    used = acl(*denials("in", *range(1, 99)), f"in 100 allow all {ALL}")
    assert number_for(used, FOUR, egress=False, quota=200) == 99
    used = acl(*denials("in", *range(1, 100)), f"in 100 allow all {ALL}")
    with pytest.raises(NoRoomError, match="no number from 1 to 99"):
        number_for(used, FOUR, egress=False, quota=200)


@pytest.mark.parametrize(("used", "fits"), [(18, True), (19, False)])
def test_the_quota_is_19_a_direction_and_family(used: int, fits: bool):
    """20 is AWS's default, and its own last denial may count."""
    full = acl(*denials("in", *range(200, 200 + used)))
    if fits:
        assert number_for(full, FOUR, egress=False) == 1
    else:
        why = "it has 19 incoming entries of IPv4, of 19 that fit"
        with pytest.raises(NoRoomError, match=why):
            number_for(full, FOUR, egress=False)
    assert number_for(full, FOUR, egress=True) == 1
    assert number_for(full, SIX, egress=False) == 1


def test_the_denials_of_awss_own_do_not_count():
    full = acl(*denials("in", *range(200, 218)), f"in 32767 deny all {ALL}")
    assert number_for(full, FOUR, egress=False) == 1


def test_an_entry_of_unknown_addresses_counts_in_both_families():
    base = NetworkBuilder(observed=True).vpc("v", "10.0.0.0/16").acl("v/web")
    base.add("NetworkAclEntry", "v/web:ingress:1", {
        "NetworkAclId": base.nodes["AWS::EC2::NetworkAcl", "v/web"].ref, "Egress": False,
        "RuleNumber": 1, "Protocol": -1, "RuleAction": "allow",
    })  # fmt: skip
    found = Engine(base.graph()).network.acls["v/web"]
    for block in (FOUR, SIX):
        with pytest.raises(NoRoomError, match="before incoming entry 1"):
            number_for(found, block, egress=False)


@pytest.mark.parametrize(
    ("block", "field", "cidr"),
    [
        ("198.51.100.7", "CidrBlock", "198.51.100.7/32"),
        ("198.51.100.9/24", "CidrBlock", "198.51.100.0/24"),
        ("2A00:1450::0007", "Ipv6CidrBlock", "2a00:1450::7/128"),
        ("2a00:1450:0:1::7/64", "Ipv6CidrBlock", "2a00:1450:0:1::/64"),
    ],
)
def test_a_block_is_denied_in_both_directions_in_its_family_and_canonical(
    block: str, field: str, cidr: str
):
    found = denied(acl(*open_acl()), to_block(block), {})
    asked = [dict(request.request) for measure in found for request in measure.do]
    common: dict[str, Any] = {"Protocol": "-1", "RuleAction": "deny", field: cidr}
    assert asked == [
        {"NetworkAclId": "networkacl-00000003", "Egress": egress, "RuleNumber": 1} | common
        for egress in (False, True)
    ]


def test_the_way_back_names_the_entry_and_forgives_that_it_is_gone():
    [first, _] = denied(acl(*open_acl()), FOUR, {})
    gone = ("InvalidNetworkAclEntry.NotFound", "InvalidNetworkAclID.NotFound")
    at = {"NetworkAclId": "networkacl-00000003", "Egress": False, "RuleNumber": 1}
    assert first.undo == (Request("ec2", "delete_network_acl_entry", at, gone),)
    assert first.target == "networkacl-00000003"


def test_a_network_acl_whose_id_is_not_known_takes_no_entry():
    base = NetworkBuilder().vpc("v", "10.0.0.0/16").acl("v/web", *open_acl())
    wanted = Engine(base.graph()).network
    with pytest.raises(NoRoomError, match="its id is not known"):
        denied(wanted.acls["v/web"], FOUR, {})


def test_a_default_network_acl_keeps_its_own_entries():
    graph = site().graph()
    found = Engine(graph).network
    measures = denied(found.acls["default v"], FOUR, {})
    [node] = measures[-1].nodes
    assert isinstance(node, Node)
    assert [(e["Egress"], e["RuleNumber"]) for e in node.properties["Entries"]] == [
        (False, 100), (False, 101), (False, 32_767), (False, 32_768),
        (True, 100), (True, 101), (True, 32_767), (True, 32_768),
        (False, 1), (True, 1),
    ]  # fmt: skip
    after = done(graph, measures)
    assert len(after.nodes["Ringwall::EC2::DefaultNetworkAcl", "v"].properties["Entries"]) == 10
    assert undone(after, measures).nodes == graph.nodes
