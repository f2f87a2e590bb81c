"""What `ringwall explain` prints, for each kind of verdict."""

import pytest

from ringwall.trace.explain import render_text
from tests.builders import ALL, NetworkBuilder, two_subnets
from tests.golden.golden import golden
from tests.trace.asking import told
from tests.trace.test_routing_rules import internet_vpc, spokes


def partial() -> NetworkBuilder:
    return two_subnets().entry("v/app", "out", 50, "deny", "tcp/1024-2047", ALL)


def one_way() -> NetworkBuilder:
    return two_subnets().entry("v/app", "out", 50, "deny", "all", ALL)


def unknown() -> NetworkBuilder:
    return internet_vpc().route("v/public", "203.0.113.0/24", "eni:eni-1")


def unplaced() -> NetworkBuilder:
    return two_subnets().group("v/gone")


QUESTIONS = {
    "allow": (two_subnets, "v/web", "v/app", "8080"),
    "allow-through-nat": (internet_vpc, "v/app", "internet", "443"),
    "allow-across-transit-gateway": (spokes, "red/app", "blue/app", "443"),
    "partial": (partial, "v/web", "v/app", "8080"),
    "one-way": (one_way, "v/web", "v/app", "8080"),
    "deny-all-blockers": (two_subnets, "v/app", "internet", "443"),
    "unknown": (unknown, "v/edge", "203.0.113.9", "443"),
    "name-without-a-place": (unplaced, "v/gone", "v/app", "443"),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_an_explanation_reads_as_its_golden_file(name):
    build, source, destination, port = QUESTIONS[name]
    text = render_text(told(build(), source, destination, port), 110)
    golden(f"explanations/{name}.txt", text)
