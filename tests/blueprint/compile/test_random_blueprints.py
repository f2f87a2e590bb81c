"""Whatever a blueprint says: its flows work, and nothing else does, as the tracer sees it."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
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


class _Meant:
    """What a blueprint's flows let through, rule by rule.

    Between VPCs a rule names the addresses of the far tier, and "internet" is every address: what
    one flow lets out and another lets in is let through, although neither names both ends.
    """

    def __init__(self, bp: Blueprint, flows: list[Any]) -> None:
        self._flows = [(f["from"], f["to"], port) for f in flows for port in f["ports"]]
        self._tier = {
            f"{name}/{group}": (name, text.tier)
            for name, vpc in bp.vpcs.items()
            for group, text in vpc.groups.items()
        }
        self.ends = [*self._tier, "internet"]

    def positive(self) -> list[tuple[str, str, str]]:
        return [flow for flow in self._flows if flow[2] != "any"]

    def _names(self, named: str, meant: str, seen_from: str) -> bool:
        if named in {meant, "internet"}:
            return True
        if meant == "internet" or seen_from == "internet":
            return False
        across = self._tier[named][0] != self._tier[seen_from][0]
        return across and self._tier[named] == self._tier[meant]

    def lets_through(self, source: str, target: str, port: str) -> bool:
        asked = [(a, b) for a, b, ports in self._flows if _holds(ports, port)]
        out = source == "internet" or any(
            a == source and self._names(b, target, source) for a, b in asked
        )
        into = target == "internet" or any(
            b == target and self._names(a, source, target) for a, b in asked
        )
        return out and into


# Without shrinking: every step of it is a proof over all pairs.
@pytest.mark.property
@settings(
    max_examples=40,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)
@given(blueprints())
def test_every_flow_works_and_nothing_else(document: dict[str, Any]) -> None:
    bp = _loaded(document)
    network = Network(compile_blueprint(bp))
    meant = _Meant(bp, document["flows"])
    asked = [
        Expectation(f"{s} -> {d} {p}", (s,), (d,), (parse_ports(p),), reachable=True)
        for s, d, p in meant.positive()
    ]
    asked += [
        Expectation(f"not {s} -> {d} {p}", (s,), (d,), (parse_ports(p),), reachable=False)
        for s in meant.ends
        for d in meant.ends
        for p in ASKED
        if s != d and not meant.lets_through(s, d, p)
    ]
    failing = [
        f"{result.expectation.name}: {result.judgement.verdict.value}"
        for result in check(network, asked)
        if not result.ok
    ]
    assert failing == [], json.dumps(document)
