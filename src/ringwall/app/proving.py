"""Expectations, a blueprint's or those of a file of their own, judged on a network."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ringwall.app.sources import Source
from ringwall.app.workspace import Wanted
from ringwall.blueprint import Blueprint, load_expectations, syntax
from ringwall.blueprint.syntax import ExpectationFile
from ringwall.errors import BlueprintError, InputError, Problem, QuestionError
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


@dataclass(frozen=True, slots=True)
class Asked:
    """What a file expects of a network: a file of its own, or a blueprint's `expect:`."""

    file: str
    text: str
    found: ExpectationFile | Blueprint
    origins: Mapping[syntax.Path, Origin]

    @property
    def blueprint(self) -> str:
        """Return the file if it is a blueprint, else ""."""
        return self.file if isinstance(self.found, Blueprint) else ""


NOTHING = Asked("", "", ExpectationFile(expect=()), {})


def read_expectations(file: str) -> Asked:
    """Read what a file expects, nothing where it is ""; raises BlueprintError, InputError."""
    if not file:
        return NOTHING
    text = read_text(file, hint="write expectations under `expect:` in a YAML file")
    return Asked(file, text, *load_expectations(text, file))


def prove_network(source: Source, asked: Asked) -> Proof:
    """Judge the expectations of a network's blueprint, and those of a file.

    Raises InputError if there is none, BlueprintError with each name of a file of expectations that
    nothing in the network bears. A blueprint's names are its own: one that is not there is unknown.
    """
    expected, names = expected_of(source, asked)
    if not expected:
        msg = f"{source.name}: there is no expectation to judge"
        raise InputError(msg, hint="write some under `expect:`, or name a file: --expect FILE")
    engine = Engine(source.graph, names)
    if not asked.blueprint:
        _refuse_strange_names(engine, asked)
    return Proof(tuple(check(engine, expected)), source.graph.assumed)


def expected_of(source: Source, asked: Asked) -> tuple[list[Expectation], dict[str, Iterable[Any]]]:
    """Return what a network's blueprint and a file expect, each once, with names of addresses."""
    expected = expectations(source.wanted) if source.wanted is not None else []
    names = dict(source.networks or {})
    expected += _placed(asked.found.expect, asked.origins)
    names |= asked.found.networks
    return list(dict.fromkeys(expected)), names


def _refuse_strange_names(engine: Engine, asked: Asked) -> None:
    problems = []
    for number, each in enumerate(asked.found.expect):
        for side, names in (("from", each.sources), ("to", each.destinations)):
            for at, name in enumerate(names):
                try:
                    engine.ends.named(name)
                except QuestionError as error:
                    place = asked.origins["expect", number, side, at]
                    where = (place.line, place.column, place.column + len(name))
                    problems.append(Problem("BP040", error.message, *where, hint=error.hint))
    if problems:
        raise BlueprintError(asked.file, problems, asked.text)


def prove(wanted: Wanted, graph: ResourceGraph, allowed: Sequence[str] = ()) -> Proof:
    """Judge the expectations on a graph, wanted or read back; those in `allowed` are left out."""
    asked = [expectation for expectation in expectations(wanted) if expectation.name not in allowed]
    engine = Engine(with_origins(graph, wanted.graph), wanted.blueprint.networks)
    return Proof(tuple(check(engine, asked)))
