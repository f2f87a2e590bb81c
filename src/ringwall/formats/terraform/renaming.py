"""What every writer of a resource in Terraform starts from: properties under arguments' names."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from ringwall.formats.terraform.forms import FORMS, WATCHING
from ringwall.model.graph import Node, ResourceGraph

Arguments = dict[str, Any]
Resource = tuple[str, str, Arguments]  # type, what the name adds to the node's, arguments
_ALIKE = ("aws_default_", "aws_alb")
# The type that is written for each of CloudFormation's.
TYPES: Mapping[str, str] = {
    form.type: name
    for name, form in reversed(tuple({**FORMS, **WATCHING}.items()))
    if not name.startswith(_ALIKE)
}


class Writing(Protocol):
    """What writers ask of the whole: its graph, and how Terraform names a reference."""

    graph: ResourceGraph

    def expression(self, value: object) -> object:
        """Return a value in Terraform's JSON: references, and texts that are no templates."""
        ...


Writer = Callable[[Writing, Node], Iterator[Resource]]


def renamed(writing: Writing, node: Node, *without: str) -> Arguments:
    """Return a node's properties under the names of arguments."""
    name = TYPES[node.type]
    form = FORMS.get(name) or WATCHING[name]
    found = {}
    for argument, member in form.arguments.items():
        if member in node.properties and member not in without:
            found[argument] = writing.expression(node.properties[member])
    return found


def document(writing: Writing, policy: object) -> str:
    """Return a policy as JSON text, in which references stay references."""
    return json.dumps(writing.expression(policy), separators=(", ", ": "))
