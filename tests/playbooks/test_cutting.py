"""The fewest denials that cut every way of an address, judged by the tracer after the requests."""

from collections import Counter
from collections.abc import Iterable, Iterator
from random import Random

import pytest

from ringwall.model.graph import ResourceGraph
from ringwall.playbooks.cutting import Cut, cut, outside
from ringwall.reach.blocks import Block, to_block
from ringwall.reach.difference import difference
from ringwall.reach.engine import Engine
from ringwall.trace.judge import Judgement
from tests.builders import ALL, NetworkBuilder, open_acl
from tests.networks.drawing import draw
from tests.networks.features import Feature
from tests.playbooks.applied import done, undone
from tests.playbooks.judged import passing
from tests.playbooks.situations import OFFENDER, OFFENDER6, identified, site

F = Feature


def cut_of(base: NetworkBuilder | ResourceGraph, address: str = OFFENDER, quota: int = 19) -> Cut:
    graph = base.graph() if isinstance(base, NetworkBuilder) else base
    return cut(Engine(graph), to_block(address), quota=quota)


def acls(made: Cut) -> list[str]:
    """The network ACLs that deny, in order."""
    return list(
        dict.fromkeys(
            each.text.split(" at network ACL ")[1].split(" (")[0] for each in made.measures
        )
    )


@pytest.mark.parametrize("address", [OFFENDER, "198.51.100.0/24", OFFENDER6, "2a00:1450::/64"])
def test_after_the_requests_nothing_passes_and_after_the_way_back_all_is_as_before(address: str):
    graph = site().graph()
    assert passing(graph, address)
    made = cut_of(graph, address)
    after = done(graph, made.measures)
    assert passing(after, address) == []
    assert made.is_proven
    back = undone(after, made.measures)
    assert back.nodes == graph.nodes
    assert not difference(graph, back)


def test_each_way_is_cut_where_it_meets_the_first_network_acl_from_outside():
    """What the app calls leaves by the NAT gateway's subnet: its own network ACL stays as it is."""
    made = cut_of(site())
    assert acls(made) == ["v/web", "default v"]
    assert len(made.measures) == 4


def test_ipv6_ways_need_no_ipv4_denials():
    assert acls(cut_of(site(), OFFENDER6)) == ["v/web"]


def test_what_is_open_on_no_way_is_not_denied():
    base = site().acl("v/idle", *open_acl())
    base.subnet("v/idle/a", "10.0.9.0/24", public=True, acl="v/idle").route("v/idle", ALL, "igw:v")
    assert "v/idle" not in acls(cut_of(base))


def test_a_way_that_is_denied_already_costs_nothing():
    base = site().entry("v/web", "in", 50, "deny", "all", "198.51.100.0/24")
    base.entry("v/web", "out", 50, "deny", "all", "198.51.100.0/24")
    assert acls(cut_of(base)) == ["default v"]


def test_where_the_nearest_is_full_the_next_one_on_the_way_denies():
    base = site()
    for number in range(200, 217):
        base.entry("v/web", "out", number, "deny", "all", "192.0.2.1/32")
    made = cut_of(base, quota=18)
    assert acls(made) == ["default v", "v/app"]
    assert not made.is_proven
    told = [str(each) for each in made.still]
    assert all("v/web: it has 18 outgoing entries of IPv4, of 18 that fit" in text for text in told)
    assert all("to v/web" in text for text in told)


def test_an_acl_of_a_subnet_between_is_no_use_before_a_translator():
    """The reply to a NAT gateway bears the offender's address, what it passes on does as well."""
    base = site()
    for way in ("in", "out"):
        base.entry("v/app", way, 1, "allow", "all", "198.51.100.0/24")
    assert acls(cut_of(base)) == ["v/web", "default v"]


def test_a_gateway_endpoint_does_not_hide_the_offender():
    base = site().endpoint("v/s3", tables=["v/app"], cidrs=["54.3.0.0/16"])
    base.rule("v/app", "out", "tcp/443", "pl:v/s3")
    made = cut_of(base)
    assert made.is_proven
    assert passing(done(base.graph(), made.measures), OFFENDER) == []


def test_what_is_not_known_is_told_as_open():
    base = site()
    base.nodes.pop(("AWS::EC2::NetworkAcl", "v/web"))
    made = cut_of(base)
    assert not made.is_proven
    assert {each.is_known for each in made.still} == {False}
    assert all("v/web" in each.why for each in made.still)


def test_an_address_inside_has_no_ends_outside():
    engine = Engine(
        site().interface("eni-1", "v/web/a", "10.0.1.9", "v/web", public="54.0.0.1").graph()
    )
    assert outside(engine, to_block("10.0.1.9")) == ()
    assert outside(engine, to_block("54.0.0.1")) == ()
    assert len(outside(engine, to_block(OFFENDER))) == 1


# What is drawn on the internet, so that rules and routes of the drawn networks speak of it.
DRAWN = ("1.1.1.7", "8.8.8.8", "52.0.0.7", "198.41.0.4", "2a00:1450::7", "2606:4700::/48")


def judged(seed: int, features: Iterable[Feature] | None = None) -> Iterator[tuple[str, list[str]]]:
    """Cut drawn addresses of a drawn network; yield what became of each, and what is wrong."""
    graph = identified(draw(seed, features, without=[F.MISSING]).graph)
    engine, rng = Engine(graph), Random(seed)
    for address in rng.sample(DRAWN, 2):
        block = to_block(address)
        if not outside(engine, block):
            yield "nowhere", []
            continue
        yield _judged(seed, graph, engine, block)


def _judged(seed: int, graph: ResourceGraph, engine: Engine, block: Block) -> tuple[str, list[str]]:
    made = cut(engine, block, quota=19)
    wrong = []
    after = done(graph, made.measures)
    if made.is_proven:
        wrong += [f"passes: {each.case}" for each in passing(after, str(block))]
    wrong += others(graph, after, block) if made.measures else []
    back = undone(after, made.measures)
    if back.nodes != graph.nodes or difference(graph, back):
        wrong.append("it is not as before")
    kind = "cut" if made.measures else "needless" if made.is_proven else "not known"
    if made.measures and not made.is_proven:
        kind = "in part" if any(each.is_known for each in made.still) else "cut, with the unknown"
    return kind, [f"seed {seed}, {block}: {each}" for each in wrong]


def others(before: ResourceGraph, after: ResourceGraph, block: Block) -> Iterator[str]:
    """Yield what a denial does to others: by the engine to anybody, by the tracer to neighbours."""
    for row in difference(before, after).rows:
        packet = row.witness
        ends = {to_block(packet[f"{end}_address"]) for end in ("source", "destination")}
        if row.appears or not any(end.overlaps(block) for end in ends):
            yield f"{row} is of others"
    for address in (block.start - 1, block.end + 1):
        near = str(Block(block.version, address, address, 32 if block.version == 4 else 128))
        seen = [sorted(map(_fared, passing(graph, near))) for graph in (before, after)]
        if seen[0] != seen[1]:
            yield f"{near}: {seen}"


def _fared(found: Judgement) -> tuple[str, ...]:
    """Return a packet that is not denied and how it fares, without the rules on its way."""
    case = found.case
    assert case is not None
    ends = (case.source, case.destination)
    places = (f"{each.name} {each.interface or (each.subnet and each.subnet.key)}" for each in ends)
    return (*places, str(case.atom), case.verdict.value, str(case.client_ports))


@pytest.mark.parametrize("seed", [0, 2, 5, 6])
def test_what_is_told_as_cut_is_cut_by_the_tracer_on_random_networks(seed: int):
    for _, wrong in judged(seed):
        assert wrong == []


@pytest.mark.parametrize(
    "features",
    [
        (F.NAT, F.ACLS),
        (F.NAT, F.GATEWAY_ENDPOINTS, F.LIST_RULES),
        (F.INTERNET, F.DUAL_STACK, F.EGRESS_ONLY, F.ACLS),
        (F.TRANSIT, F.NAT, F.ACLS),
        (F.APPLICATION_BALANCERS, F.INTERNET, F.ACLS),
        (F.NETWORK_BALANCERS, F.PUBLIC_ADDRESSES, F.INTERFACES),
        (F.NAT_INSTANCES, F.INTERNET),
    ],
)
def test_what_is_told_as_cut_is_cut_by_the_tracer_with_each_feature(features: tuple[Feature, ...]):
    found = Counter[str]()
    for seed in range(2):
        for kind, wrong in judged(seed, features):
            assert wrong == []
            found[kind] += 1
    assert found["cut"] + found["cut, with the unknown"], found


@pytest.mark.campaign
@pytest.mark.parametrize("part", range(4))
def test_what_is_told_as_cut_is_cut_by_the_tracer_on_a_thousand_networks(part: int):
    found = Counter[str]()
    for seed in range(20_000, 21_000)[part::4]:
        for kind, wrong in judged(seed):
            assert wrong == []
            found[kind] += 1
    assert found["cut"] > 100, found
