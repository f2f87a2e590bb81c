"""What a compiled graph lets through, judged by the tracer, which knows nothing of blueprints."""

import pytest

from ringwall.blueprint.compile import compile_blueprint
from ringwall.blueprint.loading import load
from ringwall.trace.expectations import Expectation, check
from ringwall.trace.network import Network
from tests.blueprint.compile.blueprints import ALL


@pytest.mark.parametrize("name", ["minimal", "fortress", "central", "dual-stack"])
def test_the_compiled_network_keeps_every_expectation_of_its_blueprint(name: str) -> None:
    bp = load(ALL[name], "blueprint.yaml")
    network = Network(compile_blueprint(bp))
    asked = [
        Expectation(item.name, item.sources, item.destinations, item.ports, item.reachable)
        for item in bp.expect
    ]
    results = check(network, asked, networks=bp.networks)
    assert len(results) > 4
    failing = [f"{r.expectation.name}: {r.judgement.verdict.value}" for r in results if not r.ok]
    assert failing == []
