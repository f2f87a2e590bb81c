"""Expectations, a blueprint's or those of a file of their own, judged on a network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ringwall.app.sources import Source
from ringwall.app.workspace import Wanted
from ringwall.blueprint import load_expectations, syntax
from ringwall.errors import InputError
from ringwall.model.expectation import Expectation
from ringwall.model.graph import Origin, ResourceGraph
from ringwall.model.origins import with_origins
from ringwall.reach.engine import Engine
from ringwall.reach.expectations import Result, check
from ringwall.shell.files import read_text


@dataclass(frozen=True, slots=True)
class Proof:
    """The judgement of every expectation, in the order of the blueprint."""

    results: tuple[Result, ...]
    assumed: tuple[str, ...] = ()  # types that were not read, of which the asker says there is none

    @property
    def ok(self) -> bool:
        """Tell whether every expectation holds."""
        return all(result.ok for result in self.results)

    @property
    def failing(self) -> tuple[Result, ...]:
        """Return the expectations that do not hold."""
        return tuple(result for result in self.results if not result.ok)

    @property
    def is_undecided(self) -> bool:
        """Tell whether nothing is proven wrong, but something is not proven either."""
        return bool(self.failing) and all(result.is_undecided for result in self.failing)

    def to_dict(self) -> dict[str, Any]:
        """Return the document of `ringwall check`."""
        return {
            "schema": "ringwall/check/1",
            "ok": self.ok,
            "expectations": [result.to_dict() for result in self.results],
            "assumed_absent": list(self.assumed),
        }


def expectations(wanted: Wanted) -> list[Expectation]:
    """Return the blueprint's expectations with their places."""
    return _placed(wanted.blueprint.expect, wanted.blueprint.origins)


def _placed(
    asked_for: Sequence[syntax.Expectation], origins: Mapping[syntax.Path, Origin]
) -> list[Expectation]:
    return [
        Expectation(
            name=asked.name,
            sources=tuple(asked.sources),
            destinations=tuple(asked.destinations),
            ports=tuple(asked.ports),
            reachable=asked.reachable,
            why=asked.why,
            origin=origins.get(("expect", number)),
        )
        for number, asked in enumerate(asked_for)
    ]


def prove_network(source: Source, file: str) -> Proof:
    """Judge the expectations of a network's blueprint, and those of `file` unless it is "".

    Raises InputError if there is none, BlueprintError for faults of the file, QuestionError.
    """
    asked, names = expected_of(source, file)
    if not asked:
        msg = f"{source.name}: there is no expectation to judge"
        raise InputError(msg, hint="write some under `expect:`, or name a file: --expect FILE")
    return Proof(tuple(check(Engine(source.graph, names), asked)), source.graph.assumed)


def expected_of(source: Source, file: str) -> tuple[list[Expectation], dict[str, Any]]:
    """Return the expectations of a network's blueprint and of `file`, with names of addresses.

    Raises BlueprintError for faults of the file, InputError.
    """
    asked = expectations(source.wanted) if source.wanted is not None else []
    names = dict(source.networks or {})
    if file:
        found, origins = load_expectations(read_text(file), file)
        asked += _placed(found.expect, origins)
        names |= found.networks
    return asked, names


def prove(wanted: Wanted, graph: ResourceGraph, allowed: Sequence[str] = ()) -> Proof:
    """Judge the expectations on a graph, wanted or read back; those in `allowed` are left out."""
    asked = [expectation for expectation in expectations(wanted) if expectation.name not in allowed]
    engine = Engine(with_origins(graph, wanted.graph), wanted.blueprint.networks)
    return Proof(tuple(check(engine, asked)))
