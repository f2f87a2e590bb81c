"""What the use cases found → JSON documents with a versioned schema.

Every document has a `schema` member, `ringwall/<command>/<version>`; a version changes only when a
member is removed or changes its meaning.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ringwall.changes.prices import PRICES_AS_OF, PRICES_REGION
from ringwall.model.graph import Node, Origin, Ref
from ringwall.model.plan import Action, Change, Exposure, Plan

Document = dict[str, Any]


def plain(value: Any) -> Any:  # noqa: ANN401  (JSON with Refs)
    """Return a value with every Ref as `{"Ref": key, "Type": type}`."""
    match value:
        case Ref():
            extra = {} if value.attribute == "id" else {"Attribute": value.attribute}
            return {"Ref": value.key, "Type": value.type, **extra}
        case Mapping():
            return {str(name): plain(item) for name, item in value.items()}
        case str():
            return value
        case Sequence():
            return [plain(item) for item in value]
        case _:
            return value


def source(origin: Origin | None) -> Document | None:
    """Return the place that asked for something."""
    if origin is None:
        return None
    return origin.to_dict()


def change_document(change: Change) -> Document:
    """Return one change, with the properties that differ."""
    node = change.before or change.after
    return {
        "action": change.action.value,
        "type": change.type,
        "key": change.key,
        "id": change.before.physical_id if change.before else "",
        "exposure": change.exposure.value,
        "properties": [
            {"name": p.name, "before": plain(p.before), "after": plain(p.after)}
            for p in change.properties
        ],
        "source": source(change.origin or (node.origin if node else None)),
    }


def node_document(node: Node) -> Document:
    """Return where a resource stands."""
    return {"type": node.type, "key": node.key, "id": node.physical_id}


def counts(changes: Sequence[Change]) -> dict[str, int]:
    """Return how many changes there are of each action, all four named."""
    found = Counter(change.action for change in changes)
    return {action.value: found[action] for action in Action}


def plan_document(plan: Plan, listed: Mapping[str, Any], *, command: str = "plan") -> Document:
    """Return a plan, or the drift, which is told in the direction of repair.

    `listed` are the members that tell of responses (`Listing.documents`).
    """
    return {
        "schema": f"ringwall/{command}/1",
        "deployment": plan.deployment,
        "account": plan.account,
        "region": plan.region,
        "changes": [change_document(change) for change in plan.changes],
        "counts": counts(plan.changes),
        "opens": sum(c.exposure in {Exposure.OPENS, Exposure.BOTH} for c in plan.changes),
        "cost": {
            "dollars_an_hour": plan.cost,
            "prices": f"list prices of {PRICES_REGION}, {PRICES_AS_OF}",
        },
        "foreign": [node_document(node) for node in plan.foreign],
        **listed,
        "blocked": list(plan.blocked),
        "state": plan.state,
    }
