"""Template text, JSON or YAML, into a tree of values that know their lines.

Rules:
- YAML's short forms become what they stand for: `!Ref X` is `{Ref: X}`, `!Sub X` is
  `{Fn::Sub: X}`.
- Plain scalars are true, false, null, decimal numbers, or text; `012345678901` is text.
- The tree is built from events, without recursion, and stops at bounds on size, depth and
  expansion by aliases.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from ringwall.model.graph import Ref

MAX_CHARACTERS = 2_000_000  # CloudFormation takes 1 MB
MAX_DEPTH = 60
MAX_VALUES = 300_000
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_WORDS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_PLAIN_TAGS = frozenset({None, "!", "tag:yaml.org,2002:str"})
_NO_PREFIX = frozenset({"Ref", "Condition"})
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Scalar = str | int | bool | Ref | None  # a reference: a value that is worked out already


@dataclass(slots=True)
class Tree:
    """A scalar, a list or a mapping, with the line on which it begins, counted from 1."""

    line: int
    kind: str  # "scalar", "list", "mapping"
    scalar: Scalar = None
    items: list["Tree"] = field(default_factory=list)
    entries: dict[str, "Tree"] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)  # of the keys
    size: int = 1
    height: int = 0
    is_open: bool = False

    def get(self, key: str) -> "Tree | None":
        """Return the value of a key, None if it is no mapping or has no such key."""
        return self.entries.get(key)

    def __iter__(self) -> Iterator["Tree"]:
        return iter(self.items)


class Malformed(Exception):  # noqa: N818  (the end of reading, told by who reads)
    """The text is no template; `line` says where."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line
        self.what = what


@dataclass(slots=True)
class _Frame:
    tree: Tree
    function: str
    key: str | None = None
    key_line: int = 0


def read_tree(text: str) -> Tree:
    """Read a text into its root, a mapping; raises Malformed."""
    text = text.removeprefix("\ufeff")
    if len(text) > MAX_CHARACTERS:
        raise Malformed(1, f"it has {len(text):,} characters; {MAX_CHARACTERS:,} is the most")
    found = _UNPRINTABLE.search(text)
    if found is not None:
        line = text.count("\n", 0, found.start()) + 1
        raise Malformed(line, f"the character U+{ord(found.group()):04X} is not allowed")
    if text.lstrip().startswith("{"):
        text = text.replace("\t", " ")  # JSON takes tabs between values, YAML does not
    reader = _Reader()
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            reader.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise Malformed(line, f"not YAML or JSON: {_short(error.problem or 'malformed')}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Malformed(1, f"not YAML or JSON: {_short(str(error))}") from None
    if reader.root is None or reader.root.kind != "mapping":
        raise Malformed(1, "it holds no mapping of keys")
    return reader.root


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 100 else text[:97] + "..."


def _resolve(text: str) -> Scalar:
    if text in _WORDS:
        return _WORDS[text]
    return int(text) if _INTEGER.fullmatch(text) else text


def _function(tag: str | None, line: int) -> str:
    if tag in _PLAIN_TAGS:
        return ""
    assert tag is not None
    if tag.startswith("!") and re.fullmatch(r"![A-Za-z0-9]{1,40}", tag):
        name = tag[1:]
        return name if name in _NO_PREFIX else f"Fn::{name}"
    raise Malformed(line, f"the YAML tag {_short(tag)!r} is not taken")


class _Reader:
    def __init__(self) -> None:
        self.root: Tree | None = None
        self.frames: list[_Frame] = []
        self.anchors: dict[str, Tree] = {}
        self.count = 0
        self.documents = 0

    def take(self, event: yaml.Event) -> None:
        mark = event.start_mark
        line = mark.line + 1 if mark is not None else 1
        match event:
            case yaml.DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    raise Malformed(line, "a second document begins here")
            case yaml.AliasEvent():
                self._alias(event, line)
            case yaml.ScalarEvent():
                self._scalar(event, line)
            case yaml.CollectionStartEvent():
                self._begin(event, line)
            case yaml.CollectionEndEvent():
                frame = self.frames.pop()
                frame.tree.is_open = False
                self._put(_called(frame.function, frame.tree))
            case _:
                pass

    def _wants_key(self) -> _Frame | None:
        frame = self.frames[-1] if self.frames else None
        wants = frame is not None and frame.tree.kind == "mapping" and frame.key is None
        return frame if wants else None

    def _key(self, frame: _Frame, key: str, line: int) -> None:
        if key in frame.tree.entries:
            raise Malformed(line, f"the key {_short(key)!r} stands twice")
        if key == "<<":
            raise Malformed(line, "CloudFormation takes no merge keys (`<<`)")
        frame.key, frame.key_line = key, line

    def _scalar(self, event: Any, line: int) -> None:  # noqa: ANN401
        function = _function(event.tag, line)
        is_plain = not event.style and event.tag != "!" and not str(event.tag).startswith("tag:")
        tree = Tree(line, "scalar", _resolve(event.value) if is_plain else event.value)
        frame = self._wants_key()
        if event.anchor:
            self.anchors[event.anchor] = tree
        if frame is not None:
            self._key(frame, event.value, line)
            return
        self._put(_called(function, tree))

    def _alias(self, event: Any, line: int) -> None:  # noqa: ANN401
        tree = self.anchors.get(event.anchor)
        if tree is None or tree.is_open:
            raise Malformed(line, f"the alias *{_short(event.anchor)} has no anchor before it")
        frame = self._wants_key()
        if frame is not None:
            if tree.kind != "scalar":
                raise Malformed(line, "a key must be text")
            self._key(frame, str(tree.scalar), line)
            return
        self._put(tree)

    def _begin(self, event: Any, line: int) -> None:  # noqa: ANN401
        function = _function(None if str(event.tag).startswith("tag:") else event.tag, line)
        if self._wants_key() is not None:
            raise Malformed(line, "a key must be text")
        if len(self.frames) >= MAX_DEPTH:
            raise Malformed(line, f"more than {MAX_DEPTH} levels of nesting")
        kind = "mapping" if isinstance(event, yaml.MappingStartEvent) else "list"
        tree = Tree(line, kind, is_open=True)
        if event.anchor:
            self.anchors[event.anchor] = tree
        self.frames.append(_Frame(tree, function))

    def _put(self, tree: Tree) -> None:
        self.count += 1
        if self.count > MAX_VALUES:
            raise Malformed(tree.line, f"more than {MAX_VALUES:,} values")
        if not self.frames:
            self.root = tree
            return
        frame = self.frames[-1]
        parent = frame.tree
        if parent.kind == "list":
            parent.items.append(tree)
        else:
            assert frame.key is not None
            parent.entries[frame.key] = tree
            parent.lines[frame.key] = frame.key_line
            frame.key = None
        parent.size += tree.size
        parent.height = max(parent.height, tree.height + 1)
        if parent.size > MAX_VALUES or parent.height + len(self.frames) > MAX_DEPTH * 2:
            raise Malformed(tree.line, "aliases stand for too much here")


def _called(function: str, tree: Tree) -> Tree:
    """Return `{Fn::Name: value}` for a value with a short form's tag."""
    if not function:
        return tree
    called = Tree(tree.line, "mapping", size=tree.size + 1, height=tree.height + 1)
    called.entries[function] = tree
    called.lines[function] = tree.line
    return called
