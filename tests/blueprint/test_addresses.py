from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringwall.blueprint.addresses import AddressPlan, address_plan, zone_room
from tests.blueprint.texts import loaded, text

ZONES = [f"us-east-1{letter}" for letter in "abcdef"]
KINDS = st.sampled_from(["public", "private", "isolated"])
TIERS = st.lists(KINDS, min_size=1, max_size=6)
VPCS = st.lists(st.tuples(TIERS, st.booleans(), st.booleans()), min_size=1, max_size=6)


def blueprint(vpcs, zones=2, *, prefix=16, ipv6=False):
    lines = [
        "name: test",
        "region: us-east-1",
        f"zones: [{', '.join(ZONES[:zones])}]",
        f"addresses: {{vpc_prefix: {prefix}, ipv6: {'amazon' if ipv6 else 'none'}}}",
        "transit_gateway: {segments: {s: {routes_to: [s]}}}",
        "vpcs:",
    ]
    for index, (tiers, attached, is_given) in enumerate(vpcs):
        lines.append(f"  v{index}:")
        if attached:
            lines.append("    segment: s")
        if is_given:
            lines.append(f"    cidr: 10.{200 + index}.0.0/{prefix}")
        lines.append("    tiers:")
        lines += [f"      t{n}: {{kind: {kind}}}" for n, kind in enumerate(tiers)]
    return loaded("\n".join(lines))


def subnets(plan: AddressPlan) -> dict[str, tuple[str, int | None]]:
    return {s.key: (s.cidr, s.ipv6_index) for vpc in plan.vpcs.values() for s in vpc.subnets}


@pytest.mark.property
@given(VPCS, st.integers(1, 4), st.sampled_from([16, 18, 20, 22]))
@settings(max_examples=60, deadline=None)
def test_nothing_overlaps_and_all_lies_inside(vpcs, zones, prefix):
    plan = address_plan(blueprint(vpcs, zones, prefix=prefix))
    assert plan.misfits == ()
    for vpc_one, vpc_other in combinations(plan.vpcs.values(), 2):
        assert not IPv4Network(vpc_one.cidr).overlaps(IPv4Network(vpc_other.cidr))
    for vpc in plan.vpcs.values():
        for one, other in combinations(vpc.tiers.values(), 2):
            assert not IPv4Network(one.cidr).overlaps(IPv4Network(other.cidr))
        for tier in vpc.tiers.values():
            assert IPv4Network(tier.cidr).subnet_of(IPv4Network(vpc.cidr))
            assert len(tier.subnets) == zones
            for subnet in tier.subnets.values():
                assert IPv4Network(subnet.cidr).subnet_of(IPv4Network(tier.cidr))
                assert 16 <= IPv4Network(subnet.cidr).prefixlen <= 28
            for a, b in combinations(tier.subnets.values(), 2):
                assert not IPv4Network(a.cidr).overlaps(IPv4Network(b.cidr))


@pytest.mark.property
@given(VPCS, st.tuples(TIERS, st.booleans(), st.booleans()), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_an_appended_vpc_moves_nothing(vpcs, more, zones):
    before = subnets(address_plan(blueprint(vpcs, zones, ipv6=True)))
    after = subnets(address_plan(blueprint([*vpcs, more], zones, ipv6=True)))
    assert before.items() <= after.items()


@pytest.mark.property
@given(VPCS, KINDS, st.data())
@settings(max_examples=60, deadline=None)
def test_an_appended_tier_moves_nothing(vpcs, kind, data):
    index = data.draw(st.integers(0, len(vpcs) - 1))
    tiers, attached, is_given = vpcs[index]
    grown = [*vpcs]
    grown[index] = ([*tiers, kind], attached, is_given)
    before = subnets(address_plan(blueprint(vpcs, ipv6=True)))
    assert before.items() <= subnets(address_plan(blueprint(grown, ipv6=True))).items()


@pytest.mark.property
@given(VPCS, st.integers(1, 5), st.sampled_from([16, 18, 20]))
@settings(max_examples=60, deadline=None)
def test_an_appended_zone_moves_nothing(vpcs, zones, prefix):
    before = subnets(address_plan(blueprint(vpcs, zones, prefix=prefix, ipv6=True)))
    after = subnets(address_plan(blueprint(vpcs, zones + 1, prefix=prefix, ipv6=True)))
    assert before.items() <= after.items()


@pytest.mark.property
@given(VPCS, st.data())
@settings(max_examples=40, deadline=None)
def test_joining_a_segment_moves_nothing(vpcs, data):
    index = data.draw(st.integers(0, len(vpcs) - 1))
    tiers, _, is_given = vpcs[index]
    joined = [*vpcs]
    joined[index] = (tiers, True, is_given)
    apart = [*vpcs]
    apart[index] = (tiers, False, is_given)
    before = subnets(address_plan(blueprint(apart)))
    assert before.items() <= subnets(address_plan(blueprint(joined))).items()


@pytest.mark.property
@given(VPCS)
@settings(max_examples=40, deadline=None)
def test_ipv6_indexes_are_unique_in_a_vpc_and_fit_a_56(vpcs):
    plan = address_plan(blueprint(vpcs, 4, ipv6=True))
    for vpc in plan.vpcs.values():
        indexes = [subnet.ipv6_index for subnet in vpc.subnets]
        assert len(set(indexes)) == len(indexes)
        assert all(index is not None and 0 <= index < 256 for index in indexes)


def test_given_blocks_are_honoured_and_allotted_ones_go_round_them():
    bp = loaded(
        text("""\
        vpcs:
          a: {cidr: 10.0.0.0/16, tiers: {x: {kind: public, cidr: 10.0.0.0/20}, y: {kind: public}}}
          b: {tiers: {x: {kind: private, prefix: 18}}}
        """)
    )
    plan = address_plan(bp)
    assert plan.vpcs["a"].tiers["y"].cidr == "10.0.16.0/20"
    assert plan.vpcs["b"].cidr == "10.1.0.0/16"
    assert plan.vpcs["b"].tiers["x"].cidr == "10.1.0.0/18"
    assert plan.owner("10.0.16.5/32") == "a"
    assert plan.owner("10.9.0.0/16") is None


def test_the_attachment_lies_at_the_end_of_its_vpc():
    plan = address_plan(blueprint([(["public"], True, False)]))
    tier = plan.vpcs["v0"].tiers["attachment"]
    assert tier.kind == "attachment"
    assert tier.cidr == "10.0.255.128/25"
    assert [s.cidr for s in tier.subnets.values()] == ["10.0.255.128/28", "10.0.255.144/28"]


@pytest.mark.parametrize(("prefix", "room"), [(16, 8), (24, 8), (25, 8), (26, 4), (27, 2), (28, 1)])
def test_a_block_is_cut_by_its_length_alone(prefix, room):
    assert zone_room(prefix) == room


def test_a_dual_stack_vpc_counts_its_tiers_and_zones():
    plan = address_plan(blueprint([(["public", "private"], True, False)], ipv6=True))
    assert [(s.key, s.ipv6_index) for s in plan.vpcs["v0"].subnets] == [
        ("v0/t0/us-east-1a", 0),
        ("v0/t0/us-east-1b", 1),
        ("v0/t1/us-east-1a", 16),
        ("v0/t1/us-east-1b", 17),
        ("v0/attachment/us-east-1a", 240),
        ("v0/attachment/us-east-1b", 241),
    ]
