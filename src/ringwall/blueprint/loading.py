"""Text into a Blueprint, or all its problems at once.

Rule: what is wrong is left out and the rest is judged on, so that one fault does not hide another;
what names a part that was left out is not judged.
"""

from collections.abc import Sequence

from pydantic import ValidationError

from ringwall.blueprint.addresses import address_plan
from ringwall.blueprint.judgement import Judgement
from ringwall.blueprint.positions import Origins, find
from ringwall.blueprint.problems import from_errors
from ringwall.blueprint.semantics import check
from ringwall.blueprint.syntax import Blueprint, Path
from ringwall.blueprint.yaml_text import Node, Slot, read, values
from ringwall.errors import BlueprintError, Problem

_ROUNDS = 8  # each leaves out what the one before found; nesting is no deeper than that
_MOST_PROBLEMS = 200


def load(text: str, file: str) -> Blueprint:
    """Read a blueprint; raises BlueprintError with all its problems."""
    root, problems = read(text)
    if root is None:
        raise BlueprintError(file, problems, text)
    bp, found, missing = _validate(root)
    problems += found
    if bp is not None:
        judgement = Judgement(bp, address_plan(bp), root, missing)
        check(judgement)
        problems += judgement.problems
    problems = _once(problems)
    if bp is None or any(problem.severity == "error" for problem in problems):
        raise BlueprintError(file, problems[:_MOST_PROBLEMS], text)
    return bp.located(file, Origins(root, file), tuple(problems))


def load_bytes(data: bytes, file: str) -> Blueprint:
    """Read a blueprint from a file's bytes, which must be UTF-8."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        line = before.count("\n") + 1
        column = len(before) - (before.rfind("\n") + 1) + 1
        message = f"the byte 0x{data[error.start]:02x} is not UTF-8"
        problem = Problem("BP001", message, line, column, column + 1, "save the file as UTF-8 text")
        raise BlueprintError(file, [problem], data[:1_000_000].decode("utf-8", "replace")) from None
    return load(text, file)


def _validate(root: Slot) -> tuple[Blueprint | None, list[Problem], frozenset[str]]:
    problems: list[Problem] = []
    skip: set[Path] = set()
    for _ in range(_ROUNDS):
        try:
            bp = Blueprint.model_validate(values(root, frozenset(skip)))
        except ValidationError as error:
            # What was left out shifts the indexes of lists, so it is put back in the way of paths.
            errors = [
                {**item, "loc": _restore(tuple(item["loc"]), skip, root)}
                for item in error.errors(include_url=False)
            ]
            found = from_errors(root, errors)
            fresh = [problem for path, problem in found if not _is_consequence(path, skip)]
            problems += fresh
            before = len(skip)
            skip |= {_victim(path, problem, skip) for path, problem in found}
            skip.discard(())
            if len(skip) == before:
                return None, problems, frozenset()
        else:
            return bp, problems, _words(root, skip)
    return None, problems, frozenset()


def _restore(location: tuple[object, ...], skip: set[Path], root: Slot) -> tuple[object, ...]:
    found: list[object] = []
    node: Node | None = root.node
    for part in location:
        step = part
        if isinstance(part, int) and node is not None and node.kind == "list":
            kept = [i for i in range(len(node.items)) if (*found, i) not in skip]
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


def _victim(path: Path, problem: Problem, skip: set[Path]) -> Path:
    """Return what to leave out: the value, or for a missing key what lacks it."""
    if problem.code == "BP013":
        return path[:-1]
    while path in skip and path:
        path = path[:-1]
    return path


def _is_consequence(path: Path, skip: set[Path]) -> bool:
    """Say whether a problem is only that something was left out before."""
    return any(left[: len(path)] == path for left in skip)


def _words(root: Slot, skip: set[Path]) -> frozenset[str]:
    """Return every word of the parts that were left out, their keys included."""
    found: set[str] = set()
    for path in skip:
        found.update(part for part in path[-1:] if isinstance(part, str))
        _collect(find(root, path).node, found)
    return frozenset(found)


def _collect(node: Node, found: set[str]) -> None:
    found.update(node.entries)
    for entry in node.entries.values():
        _collect(entry.slot.node, found)
    for slot in node.items:
        _collect(slot.node, found)


def _once(problems: Sequence[Problem]) -> list[Problem]:
    """Drop what is said twice of one place, which aliases bring about, and sort by place."""
    found: dict[tuple[str, int, int, str], Problem] = {}
    for problem in problems:
        same = (problem.code, problem.line, problem.column, problem.message)
        found.setdefault(same, problem)
    return sorted(found.values(), key=lambda p: (p.line, p.column, p.code))
