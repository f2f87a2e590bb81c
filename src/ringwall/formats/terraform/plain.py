"""What every reader of a planned resource starts from: its arguments under properties' names."""

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ringwall.formats.cloudformation.values import unknown
from ringwall.formats.terraform.document import Instance
from ringwall.formats.terraform.forms import FORMS

if TYPE_CHECKING:
    from ringwall.formats.terraform.planned import Planned

Properties = dict[str, Any]
Item = tuple[str, Properties]
Shape = Callable[["Planned", Instance], Iterator[Item]]
_DOCUMENTS = frozenset({"PolicyDocument", "AssumeRolePolicyDocument"})


def plain(work: "Planned", instance: Instance) -> Properties:
    """Return the arguments of a resource under the names of properties."""
    found: Properties = {}
    for argument, name in FORMS[instance.type].arguments.items():
        value = work.arguments.get(instance, argument)
        if value is None or value in ("", []):
            continue  # Terraform writes nothing as an empty text, too
        found[name] = document(value) if name in _DOCUMENTS else value
    return found


def document(value: object) -> object:
    """Return a policy, which Terraform has as JSON text."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return unknown("a policy is no JSON")


def listed(value: object) -> list[Any]:
    """Return the items of a list, or an unknown as its one item."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def single(value: object) -> object:
    """Return the one item of a block, None without it."""
    items = listed(value)
    return items[0] if items else None
