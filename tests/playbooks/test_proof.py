"""What a response breaks: expectations that held, with a counterexample for each."""

import pytest

from ringwall.playbooks.cutting import cut
from ringwall.playbooks.proof import Broken, broken
from ringwall.reach.blocks import to_block
from ringwall.reach.engine import Engine
from ringwall.reach.what_if import engine_after
from tests.playbooks.situations import OFFENDER, OFFENDER6, expectation, site

ENGINE = Engine(site().graph())


def after_cut(address: str, *texts: str, reachable: bool = True) -> tuple[Broken, ...]:
    block = to_block(address)
    made = cut(ENGINE, block, quota=19)
    expected = [expectation(text, reachable=reachable) for text in texts]
    return broken(ENGINE, made.engine, expected, (block,))


@pytest.mark.parametrize("address", [OFFENDER, OFFENDER6, "198.51.100.0/24"])
def test_everybody_else_still_reaches_what_the_offender_does_not(address: str):
    assert after_cut(address, "internet -> v/web : 443", "v/web -> v/app : 8080") == ()


def test_whoever_is_nobody_but_the_offender_is_cut_off_with_a_counterexample():
    [found] = after_cut(OFFENDER, "198.51.100.7/32 -> v/web : 443")
    assert found.name == "198.51.100.7/32 -> v/web : 443"
    assert found.is_known
    assert found.example.startswith("198.51.100.7/32 to v/web in a")
    assert found.example.endswith("is DENY")
    assert str(found).startswith("'198.51.100.7/32 -> v/web : 443' would break: 198.51.100.7/32")


def test_of_a_partner_with_more_addresses_the_others_count():
    assert after_cut(OFFENDER, "198.51.100.0/24 -> v/web : 443") == ()


def test_who_is_blocked_though_a_part_of_them_is_the_offender_is_broken():
    """An IPv4 block is cut; the expectation is about another one, which a wider cut hits too."""
    made = cut(ENGINE, to_block("198.51.100.0/24"), quota=19)
    expected = [expectation("198.51.100.9/32 -> v/web : 443")]
    [found] = broken(ENGINE, made.engine, expected, (to_block(OFFENDER),))
    assert found.example.startswith("198.51.100.9/32 to v/web")


def test_what_is_called_from_inside_breaks_where_the_offender_is_all_there_is():
    [found] = after_cut(OFFENDER, "v/app -> 198.51.100.7/32 : 443")
    assert "v/app in a to 198.51.100.7/32" in found.example


def test_what_did_not_hold_before_is_no_fault():
    assert after_cut(OFFENDER, "internet -> v/web : 22", "198.51.100.7/32 -> v/web : 22") == ()


def test_a_name_that_nothing_bears_is_no_fault():
    assert after_cut(OFFENDER, "v/nothing -> v/web : 22") == ()


def test_what_must_not_reach_the_offender_or_be_reached_cannot_break_by_a_denial():
    texts = ("198.51.100.7/32 -> v/app : 8080", "v/web -> 198.51.100.7/32 : 25")
    assert after_cut(OFFENDER, *texts, reachable=False) == ()


def test_what_must_not_reach_is_broken_by_what_opens():
    [rule] = [n for n in site().group("v/x").rule("v/app", "in", "tcp/22", "0.0.0.0/0").graph()
              if n.key == "v/app:in:tcp/22:0.0.0.0/0"]  # fmt: skip
    [out] = [n for n in site().rule("v/web", "out", "tcp/22", "0.0.0.0/0").graph()
             if n.key == "v/web:out:tcp/22:0.0.0.0/0"]  # fmt: skip
    after = engine_after(ENGINE, [rule, out])
    [found] = broken(ENGINE, after, [expectation("v/web -> v/app : 22", reachable=False)])
    assert found.example.endswith("is ALLOW")


def test_what_is_not_known_any_more_is_told_as_such():
    after = engine_after(ENGINE, [("AWS::EC2::NetworkAcl", "v/web")])
    [found] = broken(ENGINE, after, [expectation("internet -> v/web : 443")])
    assert not found.is_known
