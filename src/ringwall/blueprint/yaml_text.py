"""YAML text into a tree of values that know their places.

Rules:
- Plain scalars are resolved by the core schema of YAML 1.2, less octal and hexadecimal: true,
  false, null, decimal numbers. All else is text: `22:22`, `NO`, `on`, and `010`.
- Lines and columns count from 1; an end column is exclusive.
- The tree is built from events, without recursion, and stops at bounds on size, depth and
  expansion, so that no text takes long or overflows a stack.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from ringwall.blueprint.words import short
from ringwall.errors import Problem

MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 40
MAX_VALUES = 200_000

# YAML 1.2, production c-printable, negated.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_WORDS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_MAX_DIGITS = 18  # longer ones fit no field, and conversion of very long ones is refused by Python
_MERGE = "<<"
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of one line."""

    line: int
    column: int
    end_column: int = 0


@dataclass(slots=True)
class Node:
    """A scalar, a list or a mapping; `size` and `height` count what aliases stand for too."""

    place: Place
    kind: str  # "scalar", "list", "mapping"
    scalar: str | int | float | bool | None = None
    items: list["Slot"] = field(default_factory=list)
    entries: dict[str, "Entry"] = field(default_factory=dict)
    size: int = 1
    height: int = 0
    one_line: bool = True
    is_merge_word: bool = False
    open: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    """A value where it is used; `alias` is the place of the alias or merge that brings it."""

    node: Node
    alias: Place | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A key with its value."""

    key: Place
    slot: Slot


class _Stop(Exception):  # noqa: N818  (the end of reading, not an error of its own)
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@dataclass(slots=True)
class _Frame:
    node: Node
    anchor: str | None
    key: tuple[str, Place, bool] | None = None
    merges: list[tuple[Slot, Place]] = field(default_factory=list)


def lines_of(text: str) -> list[str]:
    """Split text into lines as YAML counts them."""
    return _LINE_BREAK.split(text)


def read(text: str) -> tuple[Slot | None, list[Problem]]:
    """Read a text into its root, or None, with the problems of the text itself."""
    problem = _unreadable(text)
    if problem is not None:
        return None, [problem]
    reader = _Reader()
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            reader.take(event)
    except _Stop as stop:
        return None, [*reader.problems, stop.problem]
    except yaml.MarkedYAMLError as error:
        return None, [*reader.problems, _malformed(error, text)]
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return None, [*reader.problems, Problem("BP004", f"not YAML: {short(error)}", 1, 1, 2)]
    if reader.root is None or reader.root.node.kind != "mapping":
        place = Place(1, 1, 2) if reader.root is None else reader.root.node.place
        hint = "start with `ringwall init`, or with `name:`"
        message = "the file holds no mapping of keys"
        return None, [*reader.problems, _problem("BP011", message, place, hint)]
    return reader.root, reader.problems


def values(slot: Slot, skip: frozenset[tuple[str | int, ...]] = frozenset()) -> Any:  # noqa: ANN401
    """Return plain Python values, without what stands at the paths in `skip`."""
    return _values(slot.node, (), skip)


def _values(node: Node, path: tuple[str | int, ...], skip: frozenset[Any]) -> Any:  # noqa: ANN401
    if node.kind == "mapping":
        return {
            key: _values(entry.slot.node, (*path, key), skip)
            for key, entry in node.entries.items()
            if (*path, key) not in skip
        }
    if node.kind == "list":
        return [
            _values(slot.node, (*path, index), skip)
            for index, slot in enumerate(node.items)
            if (*path, index) not in skip
        ]
    return node.scalar


def scalar_of(text: str) -> str | int | float | bool | None:
    """Resolve a plain scalar."""
    if text in _WORDS:
        return _WORDS[text]
    if len(text) <= _MAX_DIGITS and text[0] in "+-.0123456789":
        if _INTEGER.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text):
            return float(text)
    return text


def _unreadable(text: str) -> Problem | None:
    if len(text) > MAX_CHARACTERS:
        message = f"the file has {len(text):,} characters; {MAX_CHARACTERS:,} is the most"
        return Problem("BP003", message, 1, 1, 2, "split the network into several deployments")
    found = _UNPRINTABLE.search(text.removeprefix("\ufeff"))
    if found is None:
        return None
    before = lines_of(text.removeprefix("\ufeff")[: found.start()])
    name = f"U+{ord(found.group()):04X}"
    message = f"the character {name} is not allowed in YAML"
    hint = "save the file as plain UTF-8 text, or remove the character"
    line, column = len(before), len(before[-1]) + 1
    return Problem("BP002", message, line, column, column + 1, hint)


def _malformed(error: yaml.MarkedYAMLError, text: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    lines = lines_of(text)
    source = lines[line - 1] if line <= len(lines) else ""
    indent = source[: len(source) - len(source.lstrip())]
    message = f"not YAML: {short(error.problem or 'malformed')}"
    related: tuple[tuple[int, int, str], ...] = ()
    context = error.context_mark
    if context is not None and (context.line + 1, context.column + 1) != (line, column):
        related = ((context.line + 1, context.column + 1, short(error.context or "begun here")),)
    if "alias" in message:
        return Problem("BP007", message, line, column, column + 1, "write `&name` before `*name`")
    hint = "indent with spaces, never with tabs" if "\t" in indent else _malformed_hint(message)
    return Problem("BP004", message, line, column, column + 1, hint, related=related)


def _malformed_hint(message: str) -> str:
    if "cannot start any token" in message or "mapping values" in message:
        return "put text that holds : # * & ! % @ ` or quotes inside quotes"
    return "check the indentation and the brackets"


def _problem(code: str, message: str, place: Place, hint: str = "", **more: Any) -> Problem:  # noqa: ANN401
    return Problem(code, message, place.line, place.column, place.end_column, hint, **more)


class _Reader:
    """Builds the tree from events; `problems` are those that do not stop the reading."""

    def __init__(self) -> None:
        self.root: Slot | None = None
        self.problems: list[Problem] = []
        self.frames: list[_Frame] = []
        self.anchors: dict[str, Node] = {}
        self.count = 0
        self.documents = 0

    def take(self, event: yaml.Event) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    message = "a second document begins here"
                    hint = "a blueprint is one document; remove the `---`"
                    raise _Stop(_problem("BP010", message, _place(event), hint))
            case yaml.AliasEvent():
                self._alias(event)
            case yaml.ScalarEvent():
                self._scalar(event)
            case yaml.CollectionStartEvent():
                self._begin(event)
            case yaml.CollectionEndEvent():
                self._end(event)
            case _:
                pass

    def _scalar(self, event: Any) -> None:  # noqa: ANN401
        self._tag(event)
        place = _place(event)
        plain = not event.style and event.tag is None
        node = Node(place, "scalar", scalar_of(event.value) if plain else event.value)
        node.one_line = event.start_mark.line == event.end_mark.line
        node.is_merge_word = plain and event.value == _MERGE
        if event.anchor:
            self.anchors[event.anchor] = node
        frame = self.frames[-1] if self.frames else None
        if frame is not None and frame.node.kind == "mapping" and frame.key is None:
            frame.key = (event.value, place, node.is_merge_word)
            return
        self._put(Slot(node), place)

    def _alias(self, event: Any) -> None:  # noqa: ANN401
        place = _place(event)
        node = self.anchors.get(event.anchor)
        if node is None or node.open:
            what = "stands inside its own anchor" if node else "has no anchor"
            message = f"the alias *{short(event.anchor, 40)} {what}"
            names = ", ".join(f"&{name}" for name in list(self.anchors)[:12])
            hint = f"known: {short(names)}" if names else "write `&name` before `*name`"
            raise _Stop(_problem("BP007", message, place, hint))
        frame = self.frames[-1] if self.frames else None
        if frame is not None and frame.node.kind == "mapping" and frame.key is None:
            frame.key = (str(node.scalar), place, False)
            if node.kind != "scalar":
                raise _Stop(_problem("BP014", "a key must be text", place))
            return
        self._put(Slot(node, place), place)

    def _begin(self, event: Any) -> None:  # noqa: ANN401
        self._tag(event)
        place = _place(event)
        kind = "mapping" if isinstance(event, yaml.MappingStartEvent) else "list"
        frame = self.frames[-1] if self.frames else None
        if frame is not None and frame.node.kind == "mapping" and frame.key is None:
            raise _Stop(_problem("BP014", f"a key must be text, not a {kind}", place))
        if len(self.frames) >= MAX_DEPTH:
            message = f"more than {MAX_DEPTH} levels of nesting"
            raise _Stop(_problem("BP005", message, place))
        node = Node(place, kind, open=True)
        if event.anchor:
            self.anchors[event.anchor] = node
        self.frames.append(_Frame(node, event.anchor))

    def _end(self, event: Any) -> None:  # noqa: ANN401
        frame = self.frames.pop()
        node = frame.node
        node.open = False
        mark = event.end_mark
        node.one_line = mark.line + 1 == node.place.line
        if node.one_line:
            node.place = Place(node.place.line, node.place.column, mark.column + 1)
        if frame.merges:
            self._merge(frame)
        self._put(Slot(node), node.place)

    def _put(self, slot: Slot, place: Place) -> None:
        node = slot.node
        self.count += 1
        if self.count > MAX_VALUES:
            raise _Stop(_problem("BP005", f"more than {MAX_VALUES:,} values", place))
        if not self.frames:
            self.root = slot
            return
        frame = self.frames[-1]
        parent = frame.node
        if parent.kind == "list":
            parent.items.append(slot)
            self._grow(parent, node, place)
            return
        if frame.key is None:  # unreachable: a key always comes first
            return
        key, key_place, is_merge = frame.key
        frame.key = None
        if is_merge:
            if frame.merges:
                self._duplicate(key, key_place, frame.merges[0][1])
            frame.merges.append((slot, key_place))
        elif key in parent.entries:
            self._duplicate(key, key_place, parent.entries[key].key)
        else:
            parent.entries[key] = Entry(key_place, slot)
            self._grow(parent, node, place)

    def _grow(self, parent: Node, child: Node, place: Place) -> None:
        parent.size += child.size
        parent.height = max(parent.height, child.height + 1)
        if parent.size > MAX_VALUES:
            message = f"aliases stand for more than {MAX_VALUES:,} values here"
            raise _Stop(_problem("BP006", message, place, "write less by alias"))
        if parent.height + len(self.frames) > MAX_DEPTH * 2:
            message = f"aliases nest more than {MAX_DEPTH} levels deep here"
            raise _Stop(_problem("BP006", message, place, "write less by alias"))

    def _duplicate(self, key: str, place: Place, first: Place) -> None:
        message = f"the key {short(key)!r} stands twice"
        related = ((first.line, first.column, "first here"),)
        hint = "keep one; the second would hide the first"
        self.problems.append(_problem("BP008", message, place, hint, related=related))

    def _merge(self, frame: _Frame) -> None:
        node = frame.node
        own = node.entries
        merged: dict[str, Entry] = {}
        for slot, key_place in frame.merges:
            for source in self._sources(slot, key_place):
                at = source.alias or slot.alias or key_place
                for key, entry in source.node.entries.items():
                    merged.setdefault(key, Entry(entry.key, Slot(entry.slot.node, at)))
        for key, entry in merged.items():
            if key not in own:
                self._grow(node, entry.slot.node, frame.merges[0][1])
        # An own value takes the place of the merged one, in its position.
        node.entries = {**merged, **own}

    def _sources(self, slot: Slot, key_place: Place) -> Iterator[Slot]:
        slots = slot.node.items if slot.node.kind == "list" else [slot]
        for source in slots:
            if source.node.kind == "mapping" and not source.node.open:
                yield source
            else:
                hint = "write `<<: *name`, where &name marks a mapping"
                place = source.alias or key_place
                problem = _problem("BP009", "`<<` merges mappings only", place, hint)
                self.problems.append(problem)

    def _tag(self, event: Any) -> None:  # noqa: ANN401
        if event.tag in {None, "!", "tag:yaml.org,2002:str"}:
            return
        message = f"the YAML tag {short(event.tag)} is not taken"
        raise _Stop(_problem("BP020", message, _place(event), "remove the tag"))


def _place(event: Any) -> Place:  # noqa: ANN401
    start, end = event.start_mark, event.end_mark
    column = start.column + 1
    if end.line == start.line:
        return Place(start.line + 1, column, max(end.column + 1, column + 1))
    return Place(start.line + 1, column, column + 1)
