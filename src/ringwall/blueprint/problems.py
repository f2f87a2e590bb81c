"""What pydantic found, put into Problems with codes, places and ways out."""

from collections.abc import Mapping, Sequence
from typing import Any

from ringwall.blueprint.positions import find
from ringwall.blueprint.schema import description, known_keys
from ringwall.blueprint.syntax import Path
from ringwall.blueprint.words import did_you_mean, short
from ringwall.blueprint.yaml_text import Place, Slot
from ringwall.errors import Problem

_WANTED = {
    "string": "text",
    "int": "a whole number",
    "bool": "true or false",
    "tuple": "a list",
    "list": "a list",
    "dict": "a mapping",
    "model": "a mapping",
    "none": "nothing",
    "mapping": "a mapping",
}


def describe(root: Slot, path: Path, code: str, message: str, **more: Any) -> Problem:  # noqa: ANN401
    """Make a Problem at a path; `at_key` points at the key, `hint`, `related`, `severity` as there.

    What came by alias points at the text that it came from, and names the alias as related.
    """
    spot = find(root, path)
    at_key = more.pop("at_key", False)
    place = spot.key if at_key and spot.key is not None else spot.best
    related: tuple[tuple[int, int, str], ...] = tuple(more.pop("related", ()))
    if spot.alias is not None:
        related += ((spot.alias.line, spot.alias.column, "used here by alias"),)
    return _problem(code, message, place, related=related, **more)


def from_errors(
    root: Slot, errors: Sequence[Mapping[str, Any]], keys: tuple[str, ...]
) -> list[tuple[Path, Problem]]:
    """Turn pydantic's errors into Problems, each with the path that it is about.

    `keys` are those that may stand at the top.
    """
    found: dict[Path, Problem] = {}
    for error in errors:
        path = _path(root, error)
        problem = _from_error(root, path, error, keys)
        # The branches of a union each report; the first says enough.
        found.setdefault(path, problem)
    return list(found.items())


def _path(root: Slot, error: Mapping[str, Any]) -> Path:
    location = tuple(part for part in error["loc"] if part != "[key]")
    known = find(root, location).path
    if error["type"] == "missing" and len(location) > len(known):
        return (*known, location[len(known)])
    return known


def _from_error(root: Slot, path: Path, error: Mapping[str, Any], keys: tuple[str, ...]) -> Problem:
    kind, context = error["type"], error.get("ctx", {})
    name = _name(path)
    at_key = "[key]" in error["loc"]
    if kind.startswith("BP"):
        message, hint = context["message"], context["hint"]
        return describe(root, path, kind, message, hint=hint, at_key=at_key)
    if kind == "missing":
        return _missing(root, path)
    if kind == "extra_forbidden":
        hint = did_you_mean(str(path[-1]), known_keys(path[:-1]) if path[1:] else keys)
        message = f"unknown key {short(str(path[-1]))!r}{_where(path[:-1])}"
        return describe(root, path, "BP012", message, hint=hint, at_key=True)
    if kind == "literal_error":
        wanted = str(context.get("expected", ""))
        words = [word.strip().strip("'") for word in wanted.replace(" or ", ", ").split(",")]
        near = did_you_mean(str(error["input"]), words).partition("known:")[0].strip()
        message = f"{name} cannot be {_shown(error['input'])}; it is {wanted}"
        return describe(root, path, "BP015", message, hint=near)
    if kind.endswith("_type") or kind in {"bool_parsing", "int_parsing", "int_from_float"}:
        return _wrong_type(root, path, error)
    if kind == "string_pattern_mismatch":
        message = f"{name} cannot be {_shown(error['input'])}"
        return describe(root, path, "BP017", message, hint=description(path))
    message = f"{name}: {_range(error)}"
    return describe(root, path, "BP016", message, hint=description(path))


def _missing(root: Slot, path: Path) -> Problem:
    key, where = str(path[-1]), path[:-1]
    shown = "from" if key == "sources" else key
    return describe(
        root, where, "BP013", f"{shown!r} is missing{_where(where)}", hint=description(path)
    )


def _wrong_type(root: Slot, path: Path, error: Mapping[str, Any]) -> Problem:
    wanted = next((text for part, text in _WANTED.items() if part in error["type"]), "otherwise")
    given = error["input"]
    message = f"{_name(path)} should be {wanted}, not {_shown(given)}"
    hint = description(path)
    if wanted == "text" and isinstance(given, int | float):
        node = find(root, path).node
        hint = f'put it in quotes: "{short(node.scalar)}"'
    elif wanted == "a whole number" and isinstance(given, str) and given.strip().isdigit():
        hint = "write it without quotes and without a leading zero"
    elif wanted == "true or false" and isinstance(given, str):
        hint = "YAML 1.2 has `true` and `false`; yes, no, on and off are text"
    return describe(root, path, "BP014", message, hint=hint)


def _range(error: Mapping[str, Any]) -> str:
    context = error.get("ctx", {})
    match error["type"]:
        case "greater_than_equal":
            return f"{_shown(error['input'])} is below {context['ge']}"
        case "less_than_equal":
            return f"{_shown(error['input'])} is above {context['le']}"
        case "too_short" | "string_too_short":
            return "there must be at least one"
        case "too_long":
            return f"there are more than {context['max_length']}"
        case "string_too_long":
            return f"the text is longer than {context['max_length']} characters"
        case _:
            return short(error["msg"], 200)


def _name(path: Path) -> str:
    words = [str(part) for part in path if isinstance(part, str)]
    return f"'{short(words[-1])}'" if words else "the blueprint"


def _where(path: Path) -> str:
    words = [short(part, 40) if isinstance(part, str) else f"[{part}]" for part in path]
    return f" in {'.'.join(words).replace('.[', '[')}" if words else ""


def _shown(value: object) -> str:
    match value:
        case None:
            return "empty"
        case bool():
            return str(value).lower()
        case str():
            return repr(short(value))
        case dict():
            return "a mapping"
        case list() | tuple():
            return "a list"
        case _:
            return short(value)


def _problem(code: str, message: str, place: Place, **more: Any) -> Problem:  # noqa: ANN401
    return Problem(code, message, place.line, place.column, place.end_column, **more)
