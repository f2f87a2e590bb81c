"""Whatever a blueprint says: its flows work, and nothing else does, as the tracer sees it."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringwall.blueprint.compile import compile_blueprint
from ringwall.blueprint.loading import load
from ringwall.blueprint.syntax import Blueprint
from ringwall.errors import BlueprintError
from ringwall.model.ports import parse_ports
from ringwall.trace.expectations import Expectation, check
from ringwall.trace.network import Network

ZONES = ["us-east-1a", "us-east-1b"]
PORTS = ["22", "443", "8000-8080", "53/udp", "8/icmp", "any"]
ASKED = ["22", "443", "53/udp", "8/icmp"]


def _holds(wide: str, narrow: str) -> bool:
    outer, inner = parse_ports(wide), parse_ports(narrow)
    if outer.protocol == "any":
        return True
    return outer.protocol == inner.protocol and outer.low <= inner.low and inner.high <= outer.high


@st.composite
def blueprints(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a blueprint of one to three VPCs, of which some may be attached and some not."""
    count = draw(st.integers(1, 3))
    segments = ["red", "blue"]
    joined = draw(st.booleans())
    inner = draw(st.booleans())
    routes = {
        name: [
            other for other in segments if (other != name and joined) or (other == name and inner)
        ]
        for name in segments
    }
    vpcs: dict[str, Any] = {}
    groups: list[str] = []
    for number in range(count):
        name = f"v{number}"
        tiers = {"public": {"kind": "public"}, "private": {"kind": "private"}}
        if draw(st.booleans()):
            tiers["isolated"] = {"kind": "isolated"}
        own = {f"g{i}": {"tier": draw(st.sampled_from(sorted(tiers)))} for i in range(3)}
        groups += [f"{name}/{group}" for group in own]
        vpcs[name] = {
            "segment": draw(st.sampled_from(segments)),
            "nat": draw(st.sampled_from(["none", "one", "one-per-zone", "central"])),
            "tiers": tiers,
            "groups": own,
        }
        if draw(st.booleans()):
            vpcs[name]["endpoints"] = {"gateway": ["s3"]}
    ends = [*groups, "internet"]
    flows = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "from": st.sampled_from(ends),
                    "to": st.sampled_from(ends),
                    "ports": st.lists(st.sampled_from(PORTS), min_size=1, max_size=2, unique=True),
                }
            ),
            min_size=1,
            max_size=6,
        )
    )
    return {
        "name": "drawn",
        "region": "us-east-1",
        "zones": ZONES[: draw(st.integers(1, 2))],
        "addresses": {"ipv6": draw(st.sampled_from(["none", "amazon"]))},
        "transit_gateway": {"segments": {n: {"routes_to": r} for n, r in routes.items()}},
        "vpcs": vpcs,
        "flows": flows,
    }


def _loaded(document: dict[str, Any]) -> Blueprint:
    """Load what is left of a blueprint after what nothing can carry."""
    if _fails({**document, "flows": []}):  # central NAT without a hub, or with two
        for vpc in document["vpcs"].values():
            vpc["nat"] = vpc["nat"].replace("central", "one")
    document["flows"] = [
        flow for flow in document["flows"] if not _fails({**document, "flows": [flow]})
    ]
    return load(json.dumps(document), "drawn.yaml")


def _fails(document: dict[str, Any]) -> bool:
    try:
        load(json.dumps(document), "drawn.yaml")
    except BlueprintError:
        return True
    return False


@pytest.mark.property
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(blueprints())
def test_every_flow_works_and_nothing_else(document: dict[str, Any]) -> None:
    bp = _loaded(document)
    network = Network(compile_blueprint(bp))
    flows = [(f["from"], f["to"], port) for f in document["flows"] for port in f["ports"]]
    ends = [*(f"{v}/{g}" for v, vpc in bp.vpcs.items() for g in vpc.groups), "internet"]
    asked = [
        Expectation(f"{s} -> {d} {p}", (s,), (d,), (parse_ports(p),), reachable=True)
        for s, d, p in flows
        if p != "any"
    ]
    asked += [
        Expectation(f"not {s} -> {d} {port}", (s,), (d,), (parse_ports(port),), reachable=False)
        for s in ends
        for d in ends
        for port in ASKED
        if s != d and not any(a == s and b == d and _holds(p, port) for a, b, p in flows)
    ]
    results = check(network, asked)
    failing = [
        f"{r.expectation.name}: {r.judgement.verdict.value} {[str(u) for u in r.judgement.unknowns]}"
        for r in results
        if not r.ok
    ]
    assert failing == []
