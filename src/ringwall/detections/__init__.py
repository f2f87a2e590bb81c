"""One file per detection, and the registry that finds them.

Input: the rows that an engine answers to a detection's SQL. Output: findings.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from ringwall.detections.detection import Detection


@cache
def registry() -> Mapping[str, Detection]:
    """Return every detection by its id, in order."""
    found: dict[str, Detection] = {}
    for module_info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{module_info.name}")
        for each in getattr(module, "DETECTIONS", ()):
            found[each.id] = each
    return MappingProxyType(dict(sorted(found.items())))


def named(word: str) -> Detection | None:
    """Return the detection with this id or name, in any case."""
    known = registry()
    found = known.get(word.upper())
    return found or next((each for each in known.values() if each.name == word.lower()), None)
