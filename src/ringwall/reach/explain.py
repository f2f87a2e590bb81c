"""A question about one source, destination and port → an Explanation.

Rule: of several pairs and classes the verdict is that of the one that reaches most, so that DENY is
said only of what is denied everywhere; `mixed` counts the verdicts where they differ.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ringwall.model.graph import Unknown
from ringwall.model.ports import PortSpec
from ringwall.reach.answers import Case, Remedy, Told, told_document, unknown_documents
from ringwall.reach.coverage import Coverage, coverage
from ringwall.reach.end import End
from ringwall.reach.engine import Engine
from ringwall.reach.judge import survey
from ringwall.reach.network import Network
from ringwall.reach.telling import tell
from ringwall.reach.verdicts import ORDER, Verdict

SCHEMA = "ringwall/explain/1"


@dataclass(frozen=True, slots=True)
class Explanation:
    """The verdict about a question, with the packet that shows it, followed there and back."""

    source: str
    destination: str
    port: str
    verdict: Verdict
    told: Told | None = None
    case: Case | None = None
    mixed: Mapping[str, int] = field(default_factory=dict)
    unknowns: tuple[Unknown, ...] = ()
    notes: tuple[str, ...] = ()
    coverage: Coverage | None = None
    remedies: tuple[Remedy, ...] = ()

    def __repr__(self) -> str:
        asked = f"{self.source} -> {self.destination} {self.port}"
        return f"<Explanation {self.verdict.value} {asked}>"

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document `ringwall/explain/1`."""
        document: dict[str, Any] = {
            "schema": SCHEMA,
            "from": self.source,
            "to": self.destination,
            "port": self.port,
            "verdict": self.verdict.value,
        }
        if self.case is not None and self.case.client_ports is not None:
            document["ports"] = self.case.client_ranges()
        if len(self.mixed) > 1:
            document["mixed"] = dict(self.mixed)
        document |= told_document(self.told)
        document["unknown"] = unknown_documents(self.unknowns)
        document["notes"] = list(self.notes)
        if self.coverage is not None:
            document["coverage"] = self.coverage.to_dict()
        document["remedies"] = [remedy.to_dict() for remedy in self.remedies]
        return document


def explain(engine: Engine, source: str, destination: str, port: PortSpec) -> Explanation:
    """Explain whether a source reaches a destination; raises QuestionError for what is no name."""
    sources, destinations = (engine.ends.named(name) for name in (source, destination))
    named = (source, destination, str(port))
    if isinstance(sources, Unknown) or isinstance(destinations, Unknown):
        missing = tuple(end for end in (sources, destinations) if isinstance(end, Unknown))
        return Explanation(*named, Verdict.UNKNOWN, unknowns=missing)
    found = list(survey(engine, sources, destinations, [port]))
    if not found:
        unknown = Unknown("question", "the two ends share no family of addresses, or are one")
        return Explanation(*named, Verdict.UNKNOWN, unknowns=(unknown,))
    case = min(found, key=lambda c: ORDER.index(c.verdict))
    counted = Counter(c.verdict.value for c in found)
    told = tell(engine, case)
    return Explanation(
        *named,
        case.verdict,
        told,
        case,
        mixed={v.value: counted[v.value] for v in ORDER if counted[v.value]},
        unknowns=tuple(dict.fromkeys((*case.unknowns, *told.unknowns))),
        notes=notes(engine.network, sources, destinations),
        coverage=coverage(engine, told),
    )


def notes(
    network: Network, sources: tuple[End, ...], destinations: tuple[End, ...]
) -> tuple[str, ...]:
    """Return what a proof about these ends leaves open."""
    found = []
    open_to_dns = sorted({end.vpc for end in sources if end.vpc and _asks_resolver(network, end)})
    if open_to_dns:
        # F12: neither network ACLs nor security groups can block DNS requests to the VPC's
        # resolver (VPC guide); only Resolver DNS Firewall filters them.
        found.append(
            f"the resolver's DNS channel stays open in {_listed(open_to_dns)}: no filter can block "
            "it, and no DNS Firewall rule group is associated"
        )
    vpcs = {end.vpc for end in sources}
    public = sorted({d.name for d in destinations if d.subnet and d.public and vpcs - {d.vpc}})
    if public and vpcs != {""}:
        found.append(
            f"public IPv4 addresses of {_listed(public)} are addresses of the internet: ask from "
            "and to internet about them"
        )
    return tuple(found)


def _asks_resolver(network: Network, end: End) -> bool:
    guarded = {
        network.values.key(node.properties.get("VpcId"))
        for node in network.values.of_type("AWS::Route53Resolver::FirewallRuleGroupAssociation")
    }
    has_resolver = network.vpcs[end.vpc].properties.get("EnableDnsSupport", True)
    return bool(has_resolver) and end.vpc not in guarded


def _listed(names: list[str], most: int = 4) -> str:
    """List a few names and count the rest."""
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest
