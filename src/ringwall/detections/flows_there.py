"""Networks of their times, and a flow of the last blueprint → from when on the flow is there.

Rules:
- A flow is there while the blueprint of a time declares it: the same names and ports, wherever it
  stands.
- Where a network was read beside the blueprint, it is not there as long as nothing of it could pass
  in what was read. What cannot be asked of the network counts as there.
"""

from collections.abc import Iterator

from ringwall.blueprint.ends import EndKind, Unresolved, declared_flows, resolve
from ringwall.blueprint.syntax import Blueprint, Flow
from ringwall.detections.detection import Context
from ringwall.errors import QuestionError
from ringwall.model.expectation import Expectation
from ringwall.reach.engine import Engine
from ringwall.reach.expectations import check


def there_since(context: Context, vpc: str, flow: Flow) -> int:
    """Return the second from which every network has a flow, 0 if the first one has it."""
    since = 0
    for each in reversed(context.each()):
        if not _is_there(each, context, vpc, flow):
            return since
        since = each.since
    return 0


def _is_there(then: Context, now: Context, vpc: str, flow: Flow) -> bool:
    if then is now:
        return True
    if then.blueprint is None:
        return False
    declared = (_meant(name, each) for _, name, each in declared_flows(then.blueprint))
    if _meant(vpc, flow) not in declared:
        return False
    if then.engine is None or then.engine is then.meant:
        return True
    passes = _passes(then.engine, then.blueprint, vpc, flow)
    if passes is None and now.engine is not None:  # a name that is not there then may be new
        return _passes(now.engine, then.blueprint, vpc, flow) is None
    return passes is not False


def _meant(vpc: str, flow: Flow) -> tuple[object, ...]:
    return vpc, tuple(flow.sources), tuple(flow.destinations), tuple(flow.ports)


def _passes(engine: Engine, bp: Blueprint, vpc: str, flow: Flow) -> bool | None:
    """Tell whether something of a flow may pass in a network; None where it cannot be asked."""
    sources = tuple(_names(bp, vpc, flow.sources))
    destinations = tuple(_names(bp, vpc, flow.destinations))
    if not sources or not destinations:
        return None
    ports = tuple(flow.ports)
    nothing = Expectation("nothing passes", sources, destinations, ports, reachable=False)
    try:
        [result] = check(engine, [nothing])
    except QuestionError:
        return None
    return not result.ok


def _names(bp: Blueprint, vpc: str, texts: tuple[str, ...]) -> Iterator[str]:
    """Yield what a network is asked about, by the names of a flow; AWS's services have none."""
    for text in texts:
        ends = resolve(bp, text, vpc=vpc)
        for end in () if isinstance(ends, Unresolved) else ends:
            if end.kind is EndKind.ADDRESSES:
                yield from end.cidrs
            elif end.kind is not EndKind.SERVICE:
                yield end.key
