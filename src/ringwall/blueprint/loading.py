"""Text into a Blueprint, or all its problems at once.

Rule: what is wrong is left out and the rest is judged on, so that one fault does not hide another;
what names a part that was left out is not judged.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from pydantic import ValidationError

from ringwall.blueprint.addresses import address_plan
from ringwall.blueprint.judgement import MOST_PROBLEMS, Judgement
from ringwall.blueprint.policies import PolicyFile
from ringwall.blueprint.positions import Origins, find, restore
from ringwall.blueprint.problems import from_errors
from ringwall.blueprint.semantics import check
from ringwall.blueprint.syntax import Blueprint, ExpectationFile, Path
from ringwall.blueprint.yaml_text import MAX_CHARACTERS, Node, Slot, read, values
from ringwall.errors import BlueprintError, Problem
from ringwall.model.graph import Origin

Kind = TypeVar("Kind", Blueprint, ExpectationFile, PolicyFile)

_ROUNDS = 8  # each leaves out what the one before found; nesting is no deeper than that
# What stands in at the top for a value that is wrong, so that the rest can be judged.
_OF_BLUEPRINTS = frozenset({"region", "zones", "vpcs"})  # no file of expectations has these keys
_OF_POLICY = 'write what may be done without a person, as `modes: {"*": approve}`'
_STAND_INS: dict[str, object] = {"name": "unnamed", "region": "us-east-1", "zones": ["us-east-1a"]}


def load(text: str, file: str) -> Blueprint:
    """Read a blueprint; raises BlueprintError with all its problems."""
    root, problems = read(text)
    if root is None:
        raise BlueprintError(file, problems, text[:MAX_CHARACTERS])
    bp, found, missing, skip = _validate(root, Blueprint)
    problems += found
    if bp is not None:
        judgement = Judgement(bp, address_plan(bp), root, missing, skip)
        check(judgement)
        problems += judgement.problems
    problems = _once(problems)
    if bp is None or any(problem.severity == "error" for problem in problems):
        raise BlueprintError(file, problems[:MOST_PROBLEMS], text)
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
        raise BlueprintError(
            file, [problem], data[:MAX_CHARACTERS].decode("utf-8", "replace")
        ) from None
    return load(text, file)


def load_expectations(
    text: str, file: str
) -> tuple[ExpectationFile | Blueprint, Mapping[Path, Origin]]:
    """Read a file of expectations, or a blueprint, with the places in it; raises BlueprintError.

    Whether the names of a file mean anything is for the network that they are asked of.
    """
    root, problems = read(text)
    if root is None:
        raise BlueprintError(file, problems, text[:MAX_CHARACTERS])
    if _OF_BLUEPRINTS & root.node.entries.keys():
        blueprint = load(text, file)
        return blueprint, blueprint.origins
    found, faults, _, _ = _validate(root, ExpectationFile)
    problems = _once([*problems, *faults])
    if found is None or any(problem.severity == "error" for problem in problems):
        raise BlueprintError(file, problems[:MOST_PROBLEMS], text)
    return found, Origins(root, file)


def load_policy(text: str, file: str) -> PolicyFile:
    """Read a file of what may be done without a person; raises BlueprintError."""
    root, problems = read(text)
    if root is None:
        told = [replace(p, hint=_OF_POLICY) if p.code == "BP011" else p for p in problems]
        raise BlueprintError(file, told, text[:MAX_CHARACTERS])
    found, faults, _, _ = _validate(root, PolicyFile)
    problems = _once([*problems, *faults])
    if found is None or any(problem.severity == "error" for problem in problems):
        raise BlueprintError(file, problems[:MOST_PROBLEMS], text)
    return found


def _validate(
    root: Slot, model: type[Kind]
) -> tuple[Kind | None, list[Problem], frozenset[str], frozenset[Path]]:
    problems: list[Problem] = []
    skip: set[Path] = set()
    stand_ins: dict[str, object] = {}
    for _ in range(_ROUNDS):
        try:
            bp = model.model_validate({**values(root, frozenset(skip)), **stand_ins})
        except ValidationError as error:
            # What was left out shifts the indexes of lists, so it is put back in the way of paths.
            known = frozenset(skip)
            errors = [
                {**item, "loc": restore(tuple(item["loc"]), known, root)}
                for item in error.errors(include_url=False)[:MOST_PROBLEMS]
            ]
            found = from_errors(root, errors, tuple(model.model_fields))
            fresh = [problem for path, problem in found if not _is_consequence(path, skip)]
            problems += fresh
            before = len(skip) + len(stand_ins)
            stand_ins |= {
                key: value
                for key, value in _STAND_INS.items()
                if key in model.model_fields and any(p[:1] == (key,) for p, _ in found)
            }
            skip |= {_victim(path, problem, skip) for path, problem in found}
            skip.discard(())
            if len(skip) + len(stand_ins) == before or len(problems) >= MOST_PROBLEMS:
                return None, problems, frozenset(), frozenset()
        else:
            return bp, problems, _words(root, skip) | stand_ins.keys(), frozenset(skip)
    return None, problems, frozenset(), frozenset()


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
