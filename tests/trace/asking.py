"""Questions in one line: `ask(network, "v/web", "v/app", "8080")` → the verdict of all atoms."""

from ringwall.model.graph import Unknown
from ringwall.model.ports import parse_ports
from ringwall.reach.engine import Engine
from ringwall.reach.explain import explain as explain_by_engine
from ringwall.reach.judge import judge as judge_by_engine
from ringwall.trace.explain import Explanation, explain
from ringwall.trace.judge import Case, Judgement, judge
from ringwall.trace.network import Network
from ringwall.trace.placements import Networks, Placement, placements
from ringwall.trace.trace import Trace
from tests.builders import NetworkBuilder


def network(builder: NetworkBuilder) -> Network:
    return Network(builder.graph())


def told(builder: NetworkBuilder, source: str, destination: str, port: str) -> Explanation:
    """Return what the tracer tells; the engine has to come to the same verdicts."""
    graph, ports = builder.graph(), parse_ports(port)
    found = explain(Network(graph), source, destination, ports)
    engine = explain_by_engine(Engine(graph), source, destination, ports)
    expected = (found.verdict.value, set(found.mixed))
    assert (engine.verdict.value, set(engine.mixed)) == expected
    return found


def shown(found: Explanation | Judgement) -> Trace:
    """Return the trace that an answer shows."""
    assert found.trace is not None
    return found.trace


def case(found: Explanation | Judgement) -> Case:
    """Return the case that an answer shows."""
    assert found.case is not None
    return found.case


def placed(
    builder: NetworkBuilder | Network, name: str, networks: Networks | None = None
) -> tuple[Placement, ...]:
    here = builder if isinstance(builder, Network) else network(builder)
    found = placements(here, name, networks)
    assert not isinstance(found, Unknown), found
    return found


def ask(builder: NetworkBuilder, source: str, destination: str, port: str) -> str:
    """Return the verdict."""
    return told(builder, source, destination, port).verdict.value


def codes(builder: NetworkBuilder, source: str, destination: str, port: str) -> list[str]:
    found = shown(told(builder, source, destination, port))
    return [blocker.code for blocker in found.blockers]


def unknowns(builder: NetworkBuilder, source: str, destination: str, port: str) -> str:
    found = told(builder, source, destination, port)
    assert found.verdict.value == "UNKNOWN", found.verdict
    return "; ".join(str(unknown) for unknown in found.unknowns)


def judged(
    builder: NetworkBuilder, source: str, destination: str, *ports: str, reachable: bool
) -> Judgement:
    """Return the tracer's judgement; the engine has to come to the same."""
    here, engine = network(builder), Engine(builder.graph())
    specs = [parse_ports(port) for port in ports]
    ends = (engine.ends.named(source), engine.ends.named(destination))
    other = judge_by_engine(engine, *ends, ports=specs, reachable=reachable)
    places = (placements(here, source), placements(here, destination))
    found = judge(here, *places, ports=specs, reachable=reachable)
    assert (other.verdict.value, other.ok) == (found.verdict.value, found.ok)
    return found


def is_unknown(value: object) -> bool:
    return isinstance(value, Unknown)
