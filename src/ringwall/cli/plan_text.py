"""A plan → lines that people read: what opens first, counts last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ringwall.changes.passage import Opening
from ringwall.changes.prices import PRICES_AS_OF, PRICES_REGION
from ringwall.cli.reach_text import difference_lines
from ringwall.model.graph import Node, Ref
from ringwall.model.plan import Action, Change, Exposure, Plan, PropertyChange
from ringwall.reach.differing import Difference

if TYPE_CHECKING:
    from ringwall.app.responding.listing import Listing

SYMBOLS: Mapping[Action, str] = {
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.DELETE: "-",
    Action.REPLACE: "-/+",
}
PAST: Mapping[Action, str] = {
    Action.CREATE: "create",
    Action.UPDATE: "update",
    Action.DELETE: "delete",
    Action.REPLACE: "replace",
}
FEW = 5  # rows of what becomes possible or impossible, unless all are asked for
WIDEST_VALUE = 60  # characters of a value in a list of differences


def change_lines(plan: Plan) -> Iterator[str]:
    """Yield a line for each change, with the properties that differ below it."""
    for change in plan.changes:
        yield _line(change)
        if change.action in {Action.UPDATE, Action.REPLACE}:
            for difference in change.properties:
                yield f"        {_difference(difference)}"


def summary_lines(plan: Plan) -> Iterator[str]:
    """Yield a line for each resource type, with its counts, in place of one for each change."""
    found: dict[str, Counter[Action]] = {}
    for change in plan.changes:
        found.setdefault(change.type, Counter())[change.action] += 1
    for type_name, counted in sorted(found.items()):
        texts = " ".join(f"{SYMBOLS[a]}{counted[a]}" for a in Action if counted[a])
        yield f"  {type_name:<56} {texts}"


def reachability_lines(
    difference: Difference, openings: Sequence[Opening], *, every: bool = False
) -> Iterator[str]:
    """Yield what becomes possible and impossible, a few rows of each unless `every`."""
    if difference:
        yield "reachability"
        yield from (f"  {line}" for line in difference_lines(difference, 0 if every else FEW))
    else:
        yield "reachability  no difference"
    for opening in openings:
        yield f"! on the way  {opening}"


def closing_lines(plan: Plan, listed: Listing) -> Iterator[str]:
    """Yield what stands in the way, what is not ours, the cost, and the counts.

    `listed` is what responders hold, by which response, and what becomes of it.
    """
    from ringwall.cli.standing_text import standing_lines

    for node in plan.foreign:
        yield f"  foreign    {_node(node)}: not ours, left alone"
    yield from standing_lines(listed)
    for text in plan.blocked:
        yield f"  blocked    {text}"
    if plan.cost:
        yield (
            f"cost         {plan.cost:+.3f} $/h for gateways, endpoints, attachments and addresses "
            f"(list prices of {PRICES_REGION}, {PRICES_AS_OF})"
        )
    counted = Counter(change.action for change in plan.changes)
    if not plan.changes:
        yield "Nothing to do: what is there is what is wanted."
        return
    yield (
        f"Plan: {counted[Action.CREATE]} to create, {counted[Action.UPDATE]} to update, "
        f"{counted[Action.REPLACE]} to replace, {counted[Action.DELETE]} to delete."
    )


def _line(change: Change) -> str:
    symbol = SYMBOLS[change.action]
    opens = "!" if change.exposure in {Exposure.OPENS, Exposure.BOTH} else " "
    verb = "opens" if change.exposure is Exposure.OPENS else PAST[change.action]
    kind = change.type.rsplit("::", 1)[-1]
    where = f"  {change.origin}" if change.origin else ""
    return f"{opens} {symbol:<3} {verb:<8} {kind} {change.key}{where}"


def _node(node: Node) -> str:
    same = node.physical_id in {"", node.key}
    return str(node) if same else f"{node} ({node.physical_id})"


def _difference(change: PropertyChange) -> str:
    if change.before is None:
        return f"{change.name}: {_value(change.after)} added"
    if change.after is None:
        return f"{change.name}: {_value(change.before)} removed"
    return f"{change.name}: {_value(change.before)} -> {_value(change.after)}"


def _value(value: Any) -> str:  # noqa: ANN401  (JSON with Refs)
    match value:
        case Ref():
            return value.key
        case Mapping():
            text = ", ".join(f"{name} {_value(item)}" for name, item in value.items())
            text = f"{{{text}}}"
        case list() | tuple():
            text = f"[{', '.join(_value(item) for item in value)}]"
        case _:
            text = str(value)
    return text if len(text) <= WIDEST_VALUE else f"{text[: WIDEST_VALUE - 3]}..."
