"""A blueprint's expectations, judged on any graph of its network."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ringwall.app.workspace import Wanted
from ringwall.model.graph import ResourceGraph
from ringwall.trace.expectations import ExpectationResult, check_expectations
from ringwall.trace.network import Network


@dataclass(frozen=True, slots=True)
class Proof:
    """The judgement of every expectation, in the order of the blueprint."""

    results: tuple[ExpectationResult, ...]

    @property
    def ok(self) -> bool:
        """Tell whether every expectation holds."""
        return all(result.ok for result in self.results)

    @property
    def failing(self) -> tuple[ExpectationResult, ...]:
        """Return the expectations that do not hold."""
        return tuple(result for result in self.results if not result.ok)

    @property
    def undecided(self) -> bool:
        """Tell whether all that fails is unknown: nothing is proven wrong, nothing proven right."""
        return bool(self.failing) and all(r.verdict == "UNKNOWN" for r in self.failing)

    def to_dict(self) -> dict[str, Any]:
        """Return the document of `ringwall check`."""
        return {
            "schema": "ringwall/check/1",
            "ok": self.ok,
            "expectations": [result.to_dict() for result in self.results],
        }


def prove(wanted: Wanted, graph: ResourceGraph, allowed: Sequence[str] = ()) -> Proof:
    """Judge the expectations on a graph, wanted or read back; those in `allowed` are left out."""
    expectations = [e for e in wanted.blueprint.expect if e.name not in set(allowed)]
    network = Network(graph, wanted.blueprint.networks)
    return Proof(tuple(check_expectations(network, expectations, wanted.blueprint)))
