"""One packet and its reply → a verdict with the hops of both ways and every blocker.

Rules:
- The first packet must pass every hop of its path, the reply every hop of its own.
- A definite drop decides, whatever else on the path is not known; what is not known decides before
  what passes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from ringwall.model.graph import Node, Origin, Unknown
from ringwall.trace.addresses import Host
from ringwall.trace.ends import Placement
from ringwall.trace.filters import Decision, Outcome
from ringwall.trace.network import Network
from ringwall.trace.outcomes import (
    Paths,
    decisions,
    forward_outcome,
    outcome,
    outcome_of_replies,
    return_outcome,
)
from ringwall.trace.packet import Packet, reply
from ringwall.trace.path import Path, Step
from ringwall.trace.public import not_followed
from ringwall.trace.relay import beyond
from ringwall.trace.walk import forward_paths, return_paths


class Verdict(StrEnum):
    """What is said of a question; see docs/concepts/reachability."""

    ALLOW = "ALLOW"
    PARTIAL = "PARTIAL"
    ONE_WAY = "ONE_WAY"
    UNKNOWN = "UNKNOWN"
    UNDETERMINED = "UNDETERMINED"
    DENY = "DENY"


@dataclass(frozen=True, slots=True)
class Hop:
    """One place on a way; `verdict` is pass, drop, unknown or undetermined."""

    number: int
    kind: str
    id: str
    name: str
    verdict: Outcome
    rule: str
    text: str
    origin: Origin | None = None
    code: str = ""
    decisive: bool = False


@dataclass(frozen=True, slots=True)
class Blocker:
    """What stops a packet; `direction` is forward or return."""

    code: str
    resource: str
    rule: str
    text: str
    origin: Origin | None = None
    direction: str = "forward"


@dataclass(frozen=True, slots=True)
class Trace:
    """One packet followed from end to end and back."""

    verdict: Verdict
    packet: Packet
    source: Placement
    destination: Placement
    sender: Host
    receiver: Host
    forward: tuple[Hop, ...]
    back: tuple[Hop, ...]
    blockers: tuple[Blocker, ...]
    unknowns: tuple[Unknown, ...]


def find_paths(
    network: Network,
    source: Placement,
    sender: Host,
    destination: Placement,
    receiver: Host,
    *,
    replies: bool = True,
) -> Paths:
    """Return every way between two addresses, each with the ways back if `replies`."""
    found: list[tuple[Path, tuple[Path, ...]]] = []
    for path in forward_paths(network, source, sender, destination, receiver):
        backs: tuple[Path, ...] = ()
        if replies and path.delivered:
            backs = tuple(return_paths(network, source, sender, destination, receiver, path))
        found.append((path, backs))
    if destination.borne_by:
        return not_followed(tuple(found), destination, receiver)
    return beyond(network, destination, receiver, tuple(found), find_paths)


def verdict_of(forward: Outcome, back: Outcome) -> Verdict:
    """Return the verdict about one packet and its reply."""
    match forward:
        case Outcome.DROP:
            return Verdict.DENY
        case Outcome.UNKNOWN:
            return Verdict.UNKNOWN
        case Outcome.UNDETERMINED:
            return Verdict.UNDETERMINED
        case Outcome.PASS:
            match back:
                case Outcome.PASS:
                    return Verdict.ALLOW
                case Outcome.DROP:
                    return Verdict.ONE_WAY
                case Outcome.UNKNOWN:
                    return Verdict.UNKNOWN
                case Outcome.UNDETERMINED:
                    return Verdict.UNDETERMINED


def trace(
    network: Network,
    packet: Packet,
    source: Placement,
    destination: Placement,
    *,
    sender: Host,
    receiver: Host,
) -> Trace:
    """Follow one packet and its reply."""
    paths = find_paths(network, source, sender, destination, receiver)
    forward = forward_outcome(network, paths, packet)
    back = return_outcome(network, paths, packet)
    verdict = verdict_of(forward, back)
    answer = reply(packet)
    shown, backs = _shown(network, paths, packet, forward, back)
    shown_back: Path | None = None
    if answer is not None and backs:
        ends = [(outcome(network, each, answer), each) for each in backs]
        fitting = [each for end, each in ends if end is back]
        fitting += [each for end, each in ends if end is not Outcome.PASS]
        shown_back = fitting[0] if fitting else backs[0]
    there = tuple(decisions(network, shown, packet))
    home = tuple(decisions(network, shown_back, answer)) if shown_back and answer else ()
    blockers = (*_blockers(there, "forward"), *_blockers(home, "return"))
    unknowns = tuple(
        decision.unknown for _, decision in (*there, *home) if decision.unknown is not None
    )
    decisive = _decisive(verdict, there, home)
    return Trace(
        verdict=verdict,
        packet=packet,
        source=source,
        destination=destination,
        sender=sender,
        receiver=receiver,
        forward=tuple(_hop(n, s, d, s is decisive) for n, (s, d) in enumerate(there, 1)),
        back=tuple(_hop(n, s, d, s is decisive) for n, (s, d) in enumerate(home, 1)),
        blockers=blockers,
        unknowns=unknowns,
    )


def _shown(
    network: Network, paths: Paths, packet: Packet, forward: Outcome, back: Outcome
) -> tuple[Path, tuple[Path, ...]]:
    """Return the path that shows the verdict, of several possible ones."""
    fitting = [each for each in paths if outcome(network, each[0], packet) is forward] or [paths[0]]
    answer = reply(packet)
    if answer is None or forward is not Outcome.PASS:
        return fitting[0]
    return next(
        (each for each in fitting if outcome_of_replies(network, each[1], answer) is back),
        fitting[0],
    )


Decided = tuple[tuple[Step, Decision], ...]


def _decisive(verdict: Verdict, there: Decided, home: Decided) -> Step | None:
    """Return the step that decides: the first that does not pass, else the last rule asked."""
    stopped = [step for step, decision in there if decision.outcome is not Outcome.PASS]
    stopped += [step for step, decision in home if decision.outcome is not Outcome.PASS]
    if verdict is not Verdict.ALLOW:
        return stopped[0] if stopped else None
    asked = [step for step, _ in there if step.filter is not None]
    return asked[-1] if asked else None


def _blockers(steps: Decided, direction: str) -> Iterator[Blocker]:
    for step, decision in steps:
        if decision.outcome is Outcome.DROP:
            yield Blocker(
                code=step.code,
                resource=_id(step),
                rule=decision.rule,
                text=decision.text,
                origin=_origin(step, decision),
                direction=direction,
            )


def _id(step: Step) -> str:
    return (step.node.physical_id or step.node.key) if step.node is not None else step.name


def _origin(step: Step, decision: Decision) -> Origin | None:
    for node in (decision.node, step.rule_node, step.node):
        if isinstance(node, Node) and node.origin is not None:
            return node.origin
    return None


def _hop(number: int, step: Step, decision: Decision, decisive: bool) -> Hop:
    passed = decision.outcome is Outcome.PASS
    way = f"{step.text} " if step.filter is not None and step.text and passed else ""
    rule = decision.rule or step.rule
    if step.rule_node is not None and step.rule_node.physical_id:
        rule = f"{step.rule_node.physical_id} {rule}"
    return Hop(
        number=number,
        kind=step.kind,
        id=_id(step),
        name=step.name,
        verdict=decision.outcome,
        rule=rule,
        text=f"{way}{decision.text}",
        origin=_origin(step, decision),
        code=step.code if decision.outcome is not Outcome.PASS else "",
        decisive=decisive,
    )
