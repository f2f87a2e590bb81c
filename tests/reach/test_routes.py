"""Routes that AWS would not take are UNKNOWN by name in the engine, as in the tracer: R3."""

import pytest

from ringwall.model.ports import parse_ports
from ringwall.reach.engine import Engine
from ringwall.reach.explain import explain
from tests.builders import NetworkBuilder, open_acl
from tests.trace.asking import told

OPEN = ("in all 0.0.0.0/0", "out all 0.0.0.0/0")


def inside(destination: str, target: str) -> NetworkBuilder:
    """Two subnets, and a route of the first inside the block of their VPC."""
    base = NetworkBuilder().vpc("v", "10.0.0.0/16")
    for number, tier in enumerate(("web", "app"), 1):
        base.acl(f"v/{tier}", *open_acl()).group(f"v/{tier}", tier, *OPEN)
        base.subnet(f"v/{tier}/a", f"10.0.{number}.0/24", acl=f"v/{tier}")
    return base.route("v/web", destination, target)


@pytest.mark.parametrize(
    ("destination", "target"),
    [("10.0.2.0/24", "tgw:tgw-1"), ("10.0.2.0/24", "pcx:pcx-1"), ("10.0.2.128/25", "eni:eni-1")],
)
def test_a_route_inside_the_vpc_that_aws_would_not_take_is_unknown(destination: str, target: str):
    graph = inside(destination, target).graph()
    found = explain(Engine(graph), "v/web", "10.0.2.200", parse_ports("443"))
    assert found.verdict.value == "UNKNOWN"
    base = inside(destination, target)
    assert told(base, "v/web", "10.0.2.200", "443").verdict.value == "UNKNOWN"
