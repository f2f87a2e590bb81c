"""Questions in one line: `ask(network, "v/web", "v/app", "8080")` → the verdict of all atoms."""

from ringwall.model.graph import Unknown
from ringwall.model.ports import parse_ports
from ringwall.trace.explain import Explanation, explain
from ringwall.trace.judge import Judgement, judge
from ringwall.trace.network import Network
from ringwall.trace.placements import placements
from tests.builders import NetworkBuilder


def network(builder: NetworkBuilder) -> Network:
    return Network(builder.graph())


def told(builder: NetworkBuilder, source: str, destination: str, port: str) -> Explanation:
    return explain(network(builder), source, destination, parse_ports(port))


def ask(builder: NetworkBuilder, source: str, destination: str, port: str) -> str:
    """Return the verdict, with the blockers' codes of a DENY or ONE_WAY."""
    found = told(builder, source, destination, port)
    return found.verdict.value


def codes(builder: NetworkBuilder, source: str, destination: str, port: str) -> list[str]:
    found = told(builder, source, destination, port)
    assert found.trace is not None
    return [blocker.code for blocker in found.trace.blockers]


def unknowns(builder: NetworkBuilder, source: str, destination: str, port: str) -> str:
    found = told(builder, source, destination, port)
    assert found.verdict.value == "UNKNOWN", found.verdict
    return "; ".join(str(unknown) for unknown in found.unknowns)


def judged(
    builder: NetworkBuilder, source: str, destination: str, *ports: str, reachable: bool
) -> Judgement:
    here = network(builder)
    return judge(
        here,
        placements(here, source),
        placements(here, destination),
        ports=[parse_ports(port) for port in ports],
        reachable=reachable,
    )


def is_unknown(value: object) -> bool:
    return isinstance(value, Unknown)
