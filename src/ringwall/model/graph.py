"""Nodes and graphs: one AWS network, wanted or read back, as resources that refer to each other.

Rules:
- `properties` hold settable CloudFormation properties under CloudFormation's names, in the normal
  form of the type's file in `resources/`; a reference is a `Ref`, never a string.
- `observed` holds what AWS reports and CloudFormation cannot say, under the names of `describe`;
  proofs read it, plans never write it.
- A key is a stable name (`production/private/us-east-1a`), never an index. What bears no tags of
  ours has its physical id as its key.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

Value = Any  # JSON, with Ref as a further leaf


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """A reference to an attribute of another resource; `id` is its physical id."""

    type: str
    key: str
    attribute: str = "id"

    def __str__(self) -> str:
        suffix = "" if self.attribute == "id" else f".{self.attribute}"
        return f"{self.type.rsplit('::', 1)[-1]}({self.key}){suffix}"


@dataclass(frozen=True, slots=True)
class Origin:
    """The place in a source file that asked for something; line and column count from 1.

    `address` is what the source calls it where lines mean nothing to people: a Terraform plan.
    """

    file: str
    line: int
    column: int = 1
    address: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.address or self.line}"

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document of the place."""
        if self.address:
            return {"file": self.file, "address": self.address}
        return {"file": self.file, "line": self.line, "col": self.column}


@dataclass(frozen=True, slots=True)
class Unknown:
    """What is not modelled or not in the input: by name, with the reason."""

    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"


@dataclass(frozen=True, slots=True)
class Node:
    """One resource of one account and region.

    `physical_id` is AWS's id of it ("" where it is only wanted), `tags` are those that AWS reports
    or that are wanted, ownership tags included. `protect` refuses replacement and deletion; `was`
    are former keys, newest first.
    """

    type: str
    key: str
    account: str
    region: str
    properties: Mapping[str, Value] = field(default_factory=dict)
    observed: Mapping[str, Value] = field(default_factory=dict)
    origin: Origin | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    physical_id: str = ""
    protect: bool = False
    was: tuple[str, ...] = ()

    @property
    def ref(self) -> Ref:
        """Refer to this node's physical id."""
        return Ref(self.type, self.key)

    @property
    def short_type(self) -> str:
        """Return the last word of the type: `SecurityGroup`."""
        return self.type.rsplit("::", 1)[-1]

    def __str__(self) -> str:
        return f"{self.short_type} {self.key}"


Address = tuple[str, str]  # (type, key)


class Overlay(Mapping[Address, Node]):
    """Nodes of which a few are others, added, or gone (None); the rest is shared, not copied."""

    def __init__(
        self, base: Mapping[Address, Node], changed: Mapping[Address, Node | None]
    ) -> None:
        self._base, self._changed = base, changed
        self._added = {a: n for a, n in changed.items() if n is not None and a not in base}
        gone = sum(node is None and address in base for address, node in changed.items())
        self._size = len(base) + len(self._added) - gone

    def __getitem__(self, address: Address) -> Node:
        node = self._changed[address] if address in self._changed else self._base[address]
        if node is None:
            raise KeyError(address)
        return node

    def __iter__(self) -> Iterator[Address]:
        for address in self._base:
            if self._changed.get(address, address) is not None:
                yield address
        yield from self._added

    def __len__(self) -> int:
        return self._size


@dataclass(frozen=True)
class ResourceGraph:
    """Resources by (type, key) in the order of their adding, and what the input lacks.

    `assumed` are the types of which nothing was read, and of which the asker says there is none.
    """

    nodes: Mapping[Address, Node] = field(default_factory=dict)
    unknowns: tuple[Unknown, ...] = ()
    assumed: tuple[str, ...] = ()

    @classmethod
    def of(cls, nodes: Iterable[Node], unknowns: Iterable[Unknown] = ()) -> "ResourceGraph":
        """Build a graph; raises ValueError when two nodes have the same type and key."""
        by_address: dict[Address, Node] = {}
        for node in nodes:
            if (node.type, node.key) in by_address:
                msg = f"two nodes are called {node.type} {node.key!r}"
                raise ValueError(msg)
            by_address[node.type, node.key] = node
        return cls(by_address, tuple(unknowns))

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes.values())

    def __len__(self) -> int:
        return len(self.nodes)

    def __contains__(self, item: object) -> bool:
        if isinstance(item, Ref):
            return (item.type, item.key) in self.nodes
        return item in self.nodes

    def get(self, ref: Ref | Address) -> Node | None:
        """Return the node that a reference or (type, key) names, or None."""
        return self.nodes.get((ref.type, ref.key) if isinstance(ref, Ref) else ref)

    def __getitem__(self, ref: Ref | Address) -> Node:
        return self.nodes[(ref.type, ref.key) if isinstance(ref, Ref) else ref]

    def of_type(self, type_name: str) -> list[Node]:
        """Return the nodes of a type, in order."""
        return [node for node in self.nodes.values() if node.type == type_name]

    def with_nodes(self, nodes: Iterable[Node]) -> "ResourceGraph":
        """Return a graph in which these nodes are added or take the place of their namesakes."""
        return replace(self, nodes={**self.nodes, **{(n.type, n.key): n for n in nodes}})

    def changed(self, nodes: Mapping[Address, Node | None]) -> "ResourceGraph":
        """Return a graph in which these are others, added or gone; the rest is shared.

        Who goes through the whole of it asks for it `settled`.
        """
        return replace(self, nodes=Overlay(self.nodes, nodes))

    def settled(self) -> "ResourceGraph":
        """Return the same graph with nodes of its own."""
        return replace(self, nodes=dict(self.nodes))

    def without(self, addresses: Iterable[Address]) -> "ResourceGraph":
        """Return a graph without these nodes."""
        nodes = dict(self.nodes)
        for address in addresses:
            nodes.pop(address, None)
        return replace(self, nodes=nodes)


def references(value: Value) -> Iterator[Ref]:
    """Yield every Ref inside a value, in order."""
    if isinstance(value, Ref):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from references(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from references(item)


def map_references(value: Value, change: Callable[[Ref], Value]) -> Value:
    """Return the value with every Ref replaced by `change(ref)`."""
    if isinstance(value, Ref):
        return change(value)
    if isinstance(value, Mapping):
        return {name: map_references(item, change) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [map_references(item, change) for item in value]
    return value
