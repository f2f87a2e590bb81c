"""Template texts into stacks: roots and nested ones, with parameters, exports and resources."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ringwall.formats.cloudformation.tree import Malformed, Tree, read_tree
from ringwall.formats.cloudformation.values import Faults, named

NESTED = "AWS::CloudFormation::Stack"
SECTIONS = ("Parameters", "Conditions", "Mappings", "Resources", "Outputs", "Metadata")
MAX_STACKS = 500
MEANINGS = "ringwall:parameters"  # in the template's Metadata: what a parameter's value stands for


@dataclass(eq=False, slots=True)
class Resource:
    """One resource of a stack as it is written."""

    stack: "Stack"
    logical_id: str
    type: str
    tree: Tree
    line: int
    key: str = ""
    # Of resources that are told by an address, and of several accounts and regions:
    address: str = ""
    account: str = ""
    region: str = ""

    @property
    def properties(self) -> Tree:
        """Return the properties, an empty mapping if there are none."""
        return self.tree.get("Properties") or Tree(self.line, "mapping")

    def __str__(self) -> str:
        return f"{self.type} {self.key or self.logical_id}"


@dataclass(eq=False, slots=True)
class Stack:
    """One use of a template; `given` are the values of its parameters."""

    file: str
    name: str
    tree: Tree
    given: Mapping[str, Any] = field(default_factory=dict)
    parent: "Stack | None" = None
    resources: dict[str, Resource] = field(default_factory=dict)
    nested: dict[str, "Stack"] = field(default_factory=dict)

    def section(self, name: str) -> Mapping[str, Tree]:
        """Return the entries of a section."""
        found = self.tree.get(name)
        return found.entries if found is not None else {}

    def meaning(self, parameter: str) -> str | None:
        """Return what a parameter stands for, where an export of ours says so."""
        table = self.section("Metadata").get(MEANINGS)
        found = table.get(parameter) if table is not None else None
        return found.scalar if found is not None and isinstance(found.scalar, str) else None


def open_stacks(texts: Mapping[str, str], faults: Faults) -> tuple[Stack, ...]:
    """Return every stack that the templates describe, nested ones after those that use them."""
    trees: dict[str, Tree] = {}
    for file, text in texts.items():
        try:
            trees[file] = read_tree(text)
        except Malformed as malformed:
            faults.add(file, malformed.line, malformed.what)
            continue
        _check(file, trees[file], faults)
    faults.check()
    used = {file for source in trees for file in _nested_files(source, trees).values()}
    roots = [file for file in trees if file not in used] or list(trees)
    stacks: list[Stack] = []
    for file in roots:
        _open(stacks, trees, faults, Stack(file, _stem(file), trees[file]), (file,))
    faults.check()
    return tuple(stacks)


def _stem(file: str) -> str:
    return file.rpartition("/")[2].partition(".")[0]


def _check(file: str, tree: Tree, faults: Faults) -> None:
    for name in SECTIONS:
        section = tree.get(name)
        if section is not None and section.kind != "mapping":
            faults.add(file, section.line, f"'{name}' is no mapping")
    resources = tree.get("Resources")
    if resources is None:
        faults.add(file, tree.line, "a template needs 'Resources'")
        return
    for logical_id, resource in resources.entries.items():
        line = resources.lines[logical_id]
        kind, properties = resource.get("Type"), resource.get("Properties")
        if logical_id.startswith("Fn::"):
            faults.add(file, line, f"{logical_id} among the resources is not supported")
        elif kind is None or not isinstance(kind.scalar, str):
            faults.add(file, line, f"resource '{logical_id}' names no Type")
        elif properties is not None and properties.kind != "mapping":
            faults.add(file, properties.line, f"Properties of '{logical_id}' are no mapping")


def _nested_files(file: str, trees: Mapping[str, Tree]) -> dict[str, str]:
    """Return the files of the nested stacks of a template that are in the input."""
    found: dict[str, str] = {}
    section = trees[file].get("Resources")
    for logical_id, resource in (section.entries if section else {}).items():
        kind, properties = resource.get("Type"), resource.get("Properties")
        if kind is None or kind.scalar != NESTED or properties is None:
            continue
        url = properties.get("TemplateURL")
        text = _written(url) if url is not None else ""
        folder = file.rpartition("/")[0]
        near = f"{folder}/{text.removeprefix('./')}" if folder else text.removeprefix("./")
        same = [other for other in trees if _name(other) == _name(text) and other != file]
        if near in trees and near != file:
            found[logical_id] = near
        elif len(same) == 1:
            found[logical_id] = same[0]
    return found


def _name(path: str) -> str:
    return path.rpartition("/")[2].partition("?")[0]


def _written(url: Tree) -> str:
    """Return the last text of a URL, which names the file, whatever makes up its beginning."""
    if isinstance(url.scalar, str):
        return url.scalar
    for value in (url.get("Fn::Sub"), url.get("Fn::Join")):
        if value is not None and value.kind == "scalar":
            return str(value.scalar)
        if value is not None and value.items:
            last = value.items[-1] if value is url.get("Fn::Join") else value.items[0]
            texts = [last, *last.items]
            return str(texts[-1].scalar or "")
    return ""


def _open(
    stacks: list[Stack],
    trees: Mapping[str, Tree],
    faults: Faults,
    stack: Stack,
    files: tuple[str, ...],
) -> None:
    if len(stacks) >= MAX_STACKS:
        faults.add(stack.file, 1, f"more than {MAX_STACKS} stacks")
        return
    stacks.append(stack)
    section = stack.tree.get("Resources")
    assert section is not None
    inner = _nested_files(stack.file, trees)
    for logical_id, tree in section.entries.items():
        kind = tree.get("Type")
        assert kind is not None
        line = section.lines[logical_id]
        stack.resources[logical_id] = Resource(stack, logical_id, str(kind.scalar), tree, line)
        file = inner.get(logical_id)
        if file is None:
            continue
        if file in files:
            faults.add(stack.file, line, f"nested stack '{logical_id}' holds itself ({file})")
            continue
        child = Stack(file, f"{stack.name}/{logical_id}", trees[file], parent=stack)
        stack.nested[logical_id] = child
        _open(stacks, trees, faults, child, (*files, file))


def check_parameters(stacks: tuple[Stack, ...], parameters: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with the parameters that were given."""
    known = {
        name for stack in stacks if stack.parent is None for name in stack.section("Parameters")
    }
    for name in parameters:
        if name not in known and not name.startswith("AWS::"):
            yield f"no template has a parameter {name!r}; known: {named(known) or 'none'}"
