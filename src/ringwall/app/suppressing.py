"""A file of suppressions → suppressions, or everything that is wrong with it at once.

suppress:
- {detection: slow-scan, entity: 10.0.9.9, reason: our own scanner, expires: 2027-03-31}
"""

from datetime import date
from pathlib import Path
from typing import Any

from ringwall.blueprint import yaml_text
from ringwall.detections import named
from ringwall.detections.suppression import EVERY, Suppression
from ringwall.errors import BlueprintError, InputError, Problem
from ringwall.shell.files import read_text

_KNOWN = ("detection", "entity", "role", "reason", "expires")
_NEEDED = ("detection", "entity", "reason", "expires")


def read_suppressions(path: str) -> tuple[Suppression, ...]:
    """Read a file; raises InputError with all that is wrong, each with its line."""
    text = read_text(Path(path))
    root, problems = yaml_text.read(text)
    if root is None or problems:
        raise BlueprintError(path, problems, text)
    entry = root.node.entries.get("suppress")
    strange = [name for name in root.node.entries if name != "suppress"]
    faults = [Problem("", f"no field of this file: {name!r}", 1, 1) for name in strange]
    found: list[Suppression] = []
    if entry is None or entry.slot.node.kind != "list":
        faults.append(Problem("", "`suppress:` with a list is missing", 1, 1))
    else:
        for item in entry.slot.node.items:
            place = item.node.place
            given = yaml_text.values(item)
            told = list(_faults(given))
            faults += [Problem("", fault, place.line, place.column) for fault in told]
            if not told:
                found.append(_suppression(given, f"{path}:{place.line}"))
    if faults:
        lines = [f"{path}:{each.line}:{each.column}: {each.message}" for each in faults]
        raise InputError("\n".join(lines), hint="the fields are: " + ", ".join(_KNOWN))
    return tuple(found)


def _faults(given: object) -> list[str]:
    if not isinstance(given, dict):
        return ["a suppression is a mapping"]
    faults = [f"no field of a suppression: {name!r}" for name in given if name not in _KNOWN]
    faults += [f"{name!r} is missing" for name in _NEEDED if not str(given.get(name) or "").strip()]
    word = str(given.get("detection") or EVERY)
    if word != EVERY and named(word) is None:
        faults.append(f"there is no detection {word!r}")
    if given.get("expires") and _day(given["expires"]) is None:
        faults.append(f"'expires' is {given['expires']!r}, not a day as 2027-03-31")
    return faults


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None


def _suppression(given: dict[str, Any], place: str) -> Suppression:
    word, day = str(given["detection"]), _day(given["expires"])
    detection = named(word)
    assert day is not None
    return Suppression(
        EVERY if detection is None else detection.id,
        str(given["entity"]),
        str(given["reason"]),
        day,
        str(given.get("role") or ""),
        place,
    )
