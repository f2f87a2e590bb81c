"""What is added moves nothing: keys stay, and what bears them stays as it was."""

import time

import pytest

from ringwall.blueprint.compile import compile_blueprint
from ringwall.blueprint.loading import load
from ringwall.model.graph import ResourceGraph
from tests.blueprint.compile.blueprints import compiled, example, many

# What holds a set that grows with its members, and what is numbered in order.
_GROWS = {
    "AWS::EC2::NetworkAclEntry",
    "AWS::EC2::TransitGatewayAttachment",
    "AWS::EC2::VPCEndpoint",
    "AWS::Route53::HostedZone",
}

ADDITIONS = {
    "a zone": ("zones: [us-east-1a, us-east-1b]", "zones: [us-east-1a, us-east-1b, us-east-1c]"),
    "a group": (
        "      db: {tier: isolated, description: Databases}\n",
        "      db: {tier: isolated, description: Databases}\n      cache: {tier: isolated}\n",
    ),
    "a tier": (
        "      isolated: {kind: isolated}\n",
        "      isolated: {kind: isolated}\n      data: {kind: isolated}\n",
    ),
    "a VPC": (
        "# Across VPCs.\n",
        "  testing: {<<: *spoke, segment: non-production, cidr: 10.4.0.0/16}\n# Across VPCs.\n",
    ),
    "a flow": (
        "# Across VPCs.\nflows:\n",
        "# Across VPCs.\nflows:\n  - {from: staging/web, to: development/web, ports: [81]}\n",
    ),
}


@pytest.mark.parametrize("what", ADDITIONS)
def test_what_is_there_stays_when_something_is_added(what: str) -> None:
    old, new = ADDITIONS[what]
    text = example("fortress")
    assert old in text
    before, after = compiled(text), compiled(text.replace(old, new))
    gone = {
        f"{kind} {key}" for kind, key in set(before.nodes) - set(after.nodes) if kind not in _GROWS
    }
    assert gone == set()
    assert len(after) > len(before)
    changed = [
        str(node)
        for node in before
        if node.type not in _GROWS and after[node.ref].properties != node.properties
    ]
    assert changed == []


def test_two_hundred_vpcs_are_compiled_within_five_seconds_of_cpu() -> None:
    bp = load(many(200), "blueprint.yaml")
    start = time.process_time()
    graph: ResourceGraph = compile_blueprint(bp)
    assert time.process_time() - start < 5
    assert len(graph.of_type("AWS::EC2::VPC")) == 200
    assert len(graph.of_type("AWS::EC2::Subnet")) == 200 * 4 * 3
