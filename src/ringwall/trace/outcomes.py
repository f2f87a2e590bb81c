"""Paths and a packet → what becomes of it, where AWS or the outside may choose between paths."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from ringwall.trace.filters import Decision, Outcome
from ringwall.trace.network import Network
from ringwall.trace.packet import Packet, reply
from ringwall.trace.path import Path, Step

Paths = tuple[tuple[Path, tuple[Path, ...]], ...]  # each way forward with its ways back


def decisions(network: Network, path: Path, packet: Packet) -> Iterator[tuple[Step, Decision]]:
    """Yield what is decided about a packet at each step of a path."""
    for step in path.steps:
        if step.filter is None:
            node = step.rule_node
            yield step, Decision(step.outcome, step.rule, step.text, node, step.unknown)
        else:
            decision = step.filter.decide(network, packet)
            yield step, decision
            yield from decision.inner


def outcome(network: Network, path: Path, packet: Packet) -> Outcome:
    """Return what becomes of a packet on a path."""
    seen = set()
    for _, decision in decisions(network, path, packet):
        if decision.outcome is Outcome.DROP:
            return Outcome.DROP
        seen.add(decision.outcome)
    for each in (Outcome.UNKNOWN, Outcome.UNDETERMINED):
        if each in seen:
            return each
    return Outcome.PASS if path.delivered else Outcome.UNKNOWN


def combine(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the outcome where AWS may choose between paths."""
    seen = set(outcomes)
    if len(seen) == 1:
        return seen.pop()
    return Outcome.UNKNOWN if Outcome.UNKNOWN in seen or not seen else Outcome.UNDETERMINED


def best(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the outcome where the outside chooses between ways in: the one that reaches most."""
    return min(outcomes, key=MOST.index, default=Outcome.UNKNOWN)


# From what reaches most to what reaches nothing.
MOST = (Outcome.PASS, Outcome.UNDETERMINED, Outcome.UNKNOWN, Outcome.DROP)


def _by_entrance(paths: Paths) -> list[Paths]:
    found: dict[str, list[tuple[Path, tuple[Path, ...]]]] = defaultdict(list)
    for path, backs in paths:
        found[path.entrance].append((path, backs))
    return [tuple(each) for each in found.values()]


def forward_outcome(network: Network, paths: Paths, packet: Packet) -> Outcome:
    """Return what becomes of the first packet over all its possible paths."""
    return best(
        combine(outcome(network, path, packet) for path, _ in each) for each in _by_entrance(paths)
    )


def return_outcome(network: Network, paths: Paths, packet: Packet) -> Outcome:
    """Return what becomes of the reply; PASS where none is called for."""
    answer = reply(packet)
    if answer is None:
        return Outcome.PASS
    forward = forward_outcome(network, paths, packet)
    return best(
        combine(outcome_of_replies(network, backs, answer) for _, backs in each)
        for each in _by_entrance(paths)
        if forward_outcome(network, each, packet) is forward
    )


def outcome_of_replies(network: Network, backs: tuple[Path, ...], answer: Packet) -> Outcome:
    """Return what becomes of a reply over the ways back of one path."""
    ways = _by_entrance(tuple((path, ()) for path in backs))
    return best(combine(outcome(network, path, answer) for path, _ in each) for each in ways)
