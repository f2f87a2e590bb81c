"""Expectations and a network → one result each: held or not, with what was judged and shown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ringwall.model.graph import Origin, Unknown
from ringwall.model.ports import PortSpec
from ringwall.trace.ends import Placement
from ringwall.trace.explain import notes, ranges, source_document, trace_document
from ringwall.trace.judge import Judgement, judge
from ringwall.trace.network import Network
from ringwall.trace.placements import Networks, placements
from ringwall.trace.trace import Verdict


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must, or must not, be reachable; every source and destination of the lists is meant."""

    name: str
    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    ports: tuple[PortSpec, ...]
    reachable: bool
    why: str = ""
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an expectation."""

    expectation: Expectation
    judgement: Judgement
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Tell whether it holds."""
        return self.judgement.ok

    @property
    def is_undecided(self) -> bool:
        """Tell whether nothing definite breaks it and nothing proves it."""
        return not self.ok and self.judgement.verdict in {Verdict.UNKNOWN, Verdict.UNDETERMINED}

    def to_dict(self) -> dict[str, Any]:
        """Return its entry of the document `ringwall/check/1`; hops where it does not hold."""
        asked, found = self.expectation, self.judgement
        document: dict[str, Any] = {
            "name": asked.name,
            "ok": found.ok,
            "verdict": found.verdict.value,
            "reachable": asked.reachable,
            "from": list(asked.sources),
            "to": list(asked.destinations),
            "ports": [str(port) for port in asked.ports],
            "why": asked.why,
            "source": source_document(asked.origin),
            "atoms": found.atoms,
            "pairs": found.pairs,
            "failing": found.failing,
            "unknown": [{"what": u.what, "why": u.why} for u in found.unknowns],
            "notes": list(self.notes),
        }
        if found.case is not None and found.case.client_ports is not None:
            document["client_ports"] = ranges(found.case)
        if not found.ok:
            document |= trace_document(found.trace, found.case)
            document["hops"] = document["forward"]["hops"]
        elif found.trace is not None:
            document["witness"] = trace_document(found.trace, found.case)["witness"]
        return document


def check(
    network: Network,
    expectations: Iterable[Expectation],
    *,
    networks: Networks | None = None,
) -> list[Result]:
    """Judge every expectation; raises QuestionError for what is no name."""
    return [_check(network, expectation, networks) for expectation in expectations]


def _check(network: Network, expectation: Expectation, networks: Networks | None) -> Result:
    sources = _ends(network, expectation.sources, networks)
    destinations = _ends(network, expectation.destinations, networks)
    judgement = judge(
        network,
        sources,
        destinations,
        ports=expectation.ports,
        reachable=expectation.reachable,
    )
    said: tuple[str, ...] = ()
    if isinstance(sources, tuple) and isinstance(destinations, tuple):
        said = () if expectation.reachable else notes(network, sources, destinations)
    return Result(expectation, judgement, said)


def _ends(
    network: Network, names: Sequence[str], networks: Networks | None
) -> tuple[Placement, ...] | Unknown:
    found: dict[Placement, None] = {}
    for name in names:
        part = placements(network, name, networks)
        if isinstance(part, Unknown):
            return part
        found |= dict.fromkeys(part)
    return tuple(found)
