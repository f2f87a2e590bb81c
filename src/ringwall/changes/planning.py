"""Desired and observed graph → Plan, with what blocks it."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from ringwall.changes.align import align
from ringwall.changes.brought import unfit_gateways
from ringwall.changes.difference import difference
from ringwall.changes.lost_tags import left, lost
from ringwall.changes.ordering import known_ids, steps
from ringwall.changes.ownership import Owner, foreign_inside, owners, temporary
from ringwall.changes.prices import cost_of
from ringwall.changes.responses import Effect, Responses
from ringwall.model.graph import Address, Node, Ref, ResourceGraph, references
from ringwall.model.plan import Action, Change, Exposure, Plan
from ringwall.resources import registry
from ringwall.resources.ownership import PROTECT_TAG

_LINES = {Action.REPLACE: 1, Action.DELETE: 2, Action.UPDATE: 3, Action.CREATE: 4}


def make_plan(
    desired: ResourceGraph,
    observed: ResourceGraph,
    *,
    deployment: str,
    account: str,
    region: str,
    keep: Iterable[Address] = (),
    effects: Iterable[Effect] = (),
) -> Plan:
    """Plan the way from `observed` to `desired`.

    `keep` are observed nodes that are left alone though nobody wants them (logs on a destroy), and
    `effects` what responses hold that stand. A
    plan that would replace or delete what is protected, or what a stranger's resource stands in,
    says so in `blocked`.
    """
    desired, observed = align(desired, observed)
    desired = Responses(tuple(effects), desired, observed).held()
    kept = set(keep)
    changes = {
        address: change
        for address, change in difference(desired, observed, deployment).items()
        if not (change.action is Action.DELETE and address in kept)
    }
    foreign = foreign_inside(observed, deployment)
    ids = known_ids(observed)
    ordered = tuple(sorted(changes.values(), key=_line))
    # What lost its tags makes the rest of a plan follow: that alone is told.
    waiting = tuple(lost(ordered, observed, deployment)) or tuple(_blocked(ordered, foreign))
    return Plan(
        deployment=deployment,
        account=account,
        region=region,
        changes=ordered,
        steps=steps(changes, desired, observed, ids),
        state=state_digest(observed, deployment),
        foreign=tuple(foreign),
        temporary=tuple(temporary(observed, deployment)),
        ids=ids,
        blocked=(*waiting, *unfit_gateways(ordered, desired, observed)),
        cost=cost_of(ordered),
    )


def make_destroy_plan(
    observed: ResourceGraph,
    *,
    deployment: str,
    account: str,
    region: str,
    keep: Iterable[Address] = (),
    wanted: ResourceGraph | None = None,
) -> Plan:
    """Plan the way from `observed` to nothing; `keep` is left.

    What stands in the place of something `wanted` and lacks its tags would be left as well: such a
    plan says so in `blocked`.
    """
    kept = set(keep)
    plan = make_plan(
        ResourceGraph(),
        observed,
        deployment=deployment,
        account=account,
        region=region,
        keep=kept,
    )
    desired, there = align(wanted or ResourceGraph(), observed)
    changes = difference(desired, there, deployment).values()
    waiting = tuple(left(changes, there, deployment, {type_name for type_name, _ in kept}))
    return replace(plan, blocked=waiting or plan.blocked)


def _line(change: Change) -> tuple[int, str, str]:
    """Order what people read: what opens, then replacements, deletions, updates, creations."""
    first = change.exposure in {Exposure.OPENS, Exposure.BOTH}
    return (0 if first else _LINES[change.action], change.type, change.key)


def _blocked(changes: Iterable[Change], foreign: Iterable[Node]) -> Iterable[str]:
    inside: dict[Address, list[Node]] = {}
    for node in foreign:
        for ref in (*references(node.properties), *references(node.observed)):
            holders = inside.setdefault((ref.type, ref.key), [])
            if node not in holders:
                holders.append(node)
    for change in changes:
        if change.action not in {Action.DELETE, Action.REPLACE}:
            continue
        if change.before is not None and change.after is not None and change.after.protect:
            yield f"{change.after} is protected (`protect: true`) and would be replaced"
        if change.after is None and _is_protected(change.before):
            yield f"{change.before} is protected (`protect: true`) and would be deleted"
        for node in inside.get(change.address, ()):
            yield f"{_named(change)} would be {_past(change)}, but {node} stands in it"


def _is_protected(node: Node | None) -> bool:
    return node is not None and node.tags.get(PROTECT_TAG) == "true"


def _named(change: Change) -> str:
    return f"{change.type.rsplit('::', 1)[-1]} {change.key}"


def _past(change: Change) -> str:
    return "deleted" if change.action is Action.DELETE else "replaced"


def state_digest(observed: ResourceGraph, deployment: str) -> str:
    """Digest everything observed that a plan relies on: what is ours and what stands in it."""
    whose = owners(observed, deployment)
    relevant = [n for n in observed if whose[n.type, n.key] in {Owner.OURS, Owner.RESPONDER}]
    relevant += foreign_inside(observed, deployment)
    rows = sorted(
        json.dumps(
            [n.type, n.key, n.physical_id, _plain(_own(n)), dict(sorted(n.tags.items()))],
            sort_keys=True,
            default=str,
        )
        for n in relevant
    )
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def _own(node: Node) -> dict[str, Any]:
    """Return the properties that a plan relies on: targets come and go while it lies about."""
    kind = registry().get(node.type)
    others = kind.others if kind else frozenset()
    return {name: value for name, value in node.properties.items() if name not in others}


def _plain(value: Any) -> Any:  # noqa: ANN401  (JSON with Refs)
    match value:
        case Ref():
            return {"Ref": [value.type, value.key, value.attribute]}
        case Mapping():
            return {str(name): _plain(item) for name, item in sorted(value.items())}
        case list() | tuple():
            return [_plain(item) for item in value]
        case set() | frozenset():
            return sorted(map(str, value))  # their own order is another in every process
        case _ if is_dataclass(value):
            return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
        case _:
            return value if isinstance(value, str | int | float | None) else str(value)


def plan_digest(plan: Plan) -> str:
    """Digest what a plan would do: its state, and its steps with their requests, in order."""
    rows = [plan.state] + [
        json.dumps([s.number, s.action, s.type, s.key, _plain(s.calls), sorted(s.after)])
        for s in plan.steps
    ]
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()
