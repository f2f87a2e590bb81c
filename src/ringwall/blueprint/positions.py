"""Paths into a blueprint's text: where a value, its key or its nearest surroundings stand."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ringwall.blueprint.syntax import Path
from ringwall.blueprint.yaml_text import Node, Place, Slot
from ringwall.model.graph import Origin


@dataclass(frozen=True, slots=True)
class Spot:
    """What a path leads to: the value's place, its key's, and the alias that brought it there.

    `path` is the part of the asked path that exists in the text.
    """

    path: Path
    value: Place
    key: Place | None
    alias: Place | None
    node: Node

    @property
    def best(self) -> Place:
        """Return the value if it stands on one line, else its key, else its beginning."""
        if self.key is None or (self.node.one_line and self.node.kind == "scalar"):
            is_empty = self.node.kind == "scalar" and self.node.scalar is None
            return self.key if is_empty and self.key is not None else self.value
        if self.node.one_line and self.value.line == self.key.line:
            return self.value
        return self.key


def find(root: Slot, path: Path) -> Spot:
    """Return what a path leads to; what is not there answers with what is around it."""
    node, key, alias = root.node, None, root.alias
    done: list[str | int] = []
    for step in path:
        if node.kind == "mapping" and step in node.entries:
            entry = node.entries[str(step)]
            node, key = entry.slot.node, entry.key
            alias = alias or entry.slot.alias
        elif node.kind == "list" and isinstance(step, int) and 0 <= step < len(node.items):
            slot = node.items[step]
            node, key = slot.node, None
            alias = alias or slot.alias
        else:
            break
        done.append(step)
    return Spot(tuple(done), node.place, key, alias, node)


def restore(location: tuple[object, ...], skip: frozenset[Path], root: Slot) -> tuple[Any, ...]:
    """Turn a path into values without what `skip` names into the path into the text.

    What is left out of a list shifts the indexes of what follows.
    """
    found: list[Any] = []
    node: Node | None = root.node
    for part in location:
        step = part
        if isinstance(part, int) and node is not None and node.kind == "list":
            gone = {left[-1] for left in skip if left[:-1] == tuple(found)}
            kept = [i for i in range(len(node.items)) if i not in gone] if gone else ()
            step = kept[part] if part < len(kept) else part
        found.append(step)
        node = _child(node, step)
    return tuple(found)


def _child(node: Node | None, step: object) -> Node | None:
    if node is None:
        return None
    if node.kind == "mapping" and step in node.entries:
        return node.entries[str(step)].slot.node
    if node.kind == "list" and isinstance(step, int) and step < len(node.items):
        return node.items[step].node
    return None


class Origins(Mapping[Path, Origin]):
    """Where each part of a blueprint stands, by its path; iterates over the paths of the text."""

    def __init__(self, root: Slot, file: str) -> None:
        self._root = root
        self._file = file

    def __getitem__(self, path: Path) -> Origin:
        place = find(self._root, path).best
        return Origin(self._file, place.line, place.column)

    def __iter__(self) -> Iterator[Path]:
        return _paths(self._root.node, ())

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, path: object) -> bool:
        return isinstance(path, tuple) and find(self._root, path).path == path


def _paths(node: Node, path: Path) -> Iterator[Path]:
    yield path
    for key, entry in node.entries.items():
        yield from _paths(entry.slot.node, (*path, key))
    for index, slot in enumerate(node.items):
        yield from _paths(slot.node, (*path, index))
