"""A graph → one number that is another for another network."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from ringwall.model.graph import Ref, ResourceGraph


def digest_of(graph: ResourceGraph) -> str:
    """Return `sha256:…` of all that is said of a network; order and origin do not matter."""
    nodes = sorted(
        (
            n.type,
            n.key,
            n.account,
            n.region,
            n.physical_id,
            _text([n.properties, n.observed, n.tags]),
        )
        for n in graph
    )
    unknowns = sorted((u.what, u.why) for u in graph.unknowns)
    return f"sha256:{hashlib.sha256(_text([nodes, unknowns]).encode()).hexdigest()}"


def _text(value: object) -> str:
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), default=str)


def _plain(value: object) -> object:
    match value:
        case Ref():
            return {"Ref": [value.type, value.key, value.attribute]}
        case Mapping():
            return {str(name): _plain(item) for name, item in value.items()}
        case str():
            return value
        case AbstractSet():
            return sorted(json.dumps(_plain(item), sort_keys=True) for item in value)
        case Sequence():
            return [_plain(item) for item in value]
        case _:
            return value
