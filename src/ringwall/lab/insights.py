"""A question of CloudWatch Logs Insights → its rows, for the part of the language in use.

Rules ("CloudWatch Logs Insights language query syntax" in the CloudWatch Logs guide):
- Commands stand between `|`: `fields`, `display`, `parse` with a pattern of `*`, `filter`, `stats …
  by`, `sort`, `limit`. What else there is, is refused by name.
- `filter` takes comparisons (`=`, `!=`, `<`, `>`, `<=`, `>=`, `like "…"`, `in [...]`) joined by
  `and`, or by `or`, without brackets.
- `stats` takes `count(*)`, `count(f)`, `count_distinct(f)`, `sum(f)`, `min(f)`, `max(f)`, `avg(f)`,
  each with `as name`.
- Without a limit 10,000 rows are returned.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Row = dict[str, str]
MOST = 10_000
_SPLIT = re.compile(r"\|(?=(?:[^\"']*[\"'][^\"']*[\"'])*[^\"']*$)")
_PARSE = re.compile(r"parse\s+(@?\w+)\s+(['\"])(.*?)\2\s+as\s+(.+)", re.DOTALL)
_TERM = re.compile(r"(@?\w+)\s*(=|!=|<=|>=|<|>|\s+like\s+|\s+in\s+)\s*(.+)", re.DOTALL)
_STAT = re.compile(r"(\w+)\(\s*(\*|@?\w*)\s*\)(?:\s+as\s+(\w+))?")


class QueryError(ValueError):
    """A question that is none, or that uses a part of the language that is not evaluated here."""


def rows(query: str, events: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Return the rows of a question over log events; raises QueryError."""
    found: list[Row] = [
        {"@timestamp": str(event["timestamp"]), "@message": str(event["message"])}
        for event in events
    ]
    shown: list[str] = []
    limit = MOST
    for text in _SPLIT.split(query):
        command = " ".join(text.split())
        word, _, rest = command.partition(" ")
        match word.lower():
            case "" | "source":
                continue
            case "fields" | "display":
                shown = [part.strip() for part in rest.split(",")]
            case "parse":
                found = _parsed(command, found)
            case "filter":
                passes = _condition(rest)
                found = [row for row in found if passes(row)]
            case "stats":
                found, shown = _counted(rest, found)
            case "sort":
                found = _sorted(rest, found)
            case "limit":
                limit = int(rest)
            case other:
                message = f"{other!r} is not evaluated here"
                raise QueryError(message)
    kept = found[:limit]
    return [{name: row[name] for name in shown if name in row} for row in kept] if shown else kept


def _parsed(command: str, found: list[Row]) -> list[Row]:
    said = _PARSE.fullmatch(command)
    if said is None:
        message = f"no pattern of `*` in {command[:60]!r}"
        raise QueryError(message)
    source, _, glob, listed = said.groups()
    names = [name.strip() for name in listed.split(",")]
    if glob.count("*") != len(names):
        message = f"{glob.count('*')} stars, {len(names)} names"
        raise QueryError(message)
    parts = [re.escape(part) for part in glob.split("*")]
    last = "(.*)" if glob.endswith("*") else "(.*?)"
    pattern = re.compile("(.*?)".join(parts[:-1]) + last + parts[-1], re.DOTALL)
    for row in found:
        matched = pattern.search(row.get(source, ""))
        if matched:
            row.update(zip(names, matched.groups(), strict=True))
    return found


def _condition(text: str) -> Callable[[Row], bool]:
    either = re.split(r"\s+or\s+", text)
    groups = [[_term(part) for part in re.split(r"\s+and\s+", group)] for group in either]
    return lambda row: any(all(term(row) for term in group) for group in groups)


def _term(text: str) -> Callable[[Row], bool]:
    said = _TERM.fullmatch(text.strip())
    if said is None or "(" in text:
        message = f"the condition {text.strip()[:60]!r} is not evaluated here"
        raise QueryError(message)
    name, sign, value = said[1], said[2].strip(), said[3].strip()
    if sign == "in":
        members = [part.strip().strip("\"'") for part in value.strip("[]").split(",")]
        return lambda row: row.get(name) in members
    wanted = value.strip("\"'")
    if sign == "like":
        return lambda row: wanted in row.get(name, "")
    return lambda row: name in row and _holds(row[name], sign, wanted)


def _holds(found: str, sign: str, wanted: str) -> bool:
    left, right = _number(found), _number(wanted)
    a: Any = found if left is None or right is None else left
    b: Any = wanted if left is None or right is None else right
    order = {"=": a == b, "!=": a != b, "<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b}
    return bool(order[sign])


def _counted(text: str, found: list[Row]) -> tuple[list[Row], list[str]]:
    figures, _, keys = text.partition(" by ")
    by = [key.strip() for key in keys.split(",") if key.strip()]
    wanted = [_STAT.fullmatch(part.strip()) for part in re.split(r",(?![^(]*\))", figures)]
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in found:
        groups.setdefault(tuple(row.get(key, "") for key in by), []).append(row)
    made = []
    names = list(by)
    for stat in wanted:
        if stat is None:
            message = f"the figures {figures[:60]!r} are not evaluated here"
            raise QueryError(message)
        names.append(stat[3] or f"{stat[1]}({stat[2]})")
    for key, rows_of_key in groups.items():
        row = dict(zip(by, key, strict=True))
        for stat, name in zip(wanted, names[len(by) :], strict=True):
            assert stat is not None
            row[name] = _figure(stat[1], stat[2], rows_of_key)
        made.append(row)
    return made, names


def _figure(function: str, name: str, found: list[Row]) -> str:
    values = [row[name] for row in found if name in row]
    numbers = [number for value in values if (number := _number(value)) is not None]
    match function:
        case "count":
            return str(len(found) if name in {"*", ""} else len(values))
        case "count_distinct":
            return str(len(set(values)))
        case "sum":
            return _text(sum(numbers))
        case "avg":
            return _text(sum(numbers) / len(numbers)) if numbers else ""
        case "min" | "max":
            return _text((min if function == "min" else max)(numbers)) if numbers else ""
        case other:
            message = f"{other}() is not evaluated here"
            raise QueryError(message)


def _sorted(text: str, found: list[Row]) -> list[Row]:
    name, _, way = text.partition(" ")

    def key(row: Row) -> tuple[int, float, str]:
        number = _number(row.get(name, ""))
        return (0, 0.0, row.get(name, "")) if number is None else (1, number, "")

    return sorted(found, key=key, reverse=way.strip().lower() == "desc")


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _text(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)
