"""Certificates of blueprints, written and checked, for tests."""

from functools import cache
from pathlib import Path

from ringwall.app.proving import expectations
from ringwall.app.workspace import Wanted, blueprint_of
from ringwall.model.expectation import Expectation
from ringwall.model.graph import ResourceGraph
from ringwall.reach.engine import Engine
from ringwall.reach.expectations import check as judge
from ringwall.verify.certificate import Proof
from ringwall.verify.checking import Answer, Checked, check
from ringwall.verify.closing import close
from ringwall.verify.gaps import Gaps
from ringwall.verify.network import Network

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@cache
def example(name: str) -> Wanted:
    """Read an example's blueprint."""
    path = EXAMPLES / f"{name}.yaml"
    return blueprint_of(path.read_text(), path.name)


def claims(name: str, *, reachable: bool) -> list[Expectation]:
    """Return the expectations of an example of one kind."""
    return [claim for claim in expectations(example(name)) if claim.reachable is reachable]


def proof_of(name: str, claim: str) -> Proof:
    """Return the proof of an expectation of an example."""
    wanted = example(name)
    network = Network(wanted.graph)
    asked = next(each for each in expectations(wanted) if each.name == claim)
    return close(network, Gaps(network), asked, wanted.blueprint.networks)


def checked(graph: ResourceGraph, proof: Proof, name: str = "fortress") -> Checked:
    """Check a proof against a graph, with the names of an example's blueprint."""
    network = Network(graph)
    return check(network, Gaps(network), proof, example(name).blueprint.networks)


def holds(graph: ResourceGraph, claim: Expectation, name: str = "fortress") -> bool:
    """Tell whether the engine proves a claim about a graph."""
    return judge(Engine(graph, example(name).blueprint.networks), [claim])[0].ok


ACCEPTED, REFUSED, UNKNOWN = Answer.ACCEPTED, Answer.REFUSED, Answer.UNKNOWN
