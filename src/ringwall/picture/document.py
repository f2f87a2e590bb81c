"""A scene → its JSON document, `ringwall/map/1`."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from ringwall.picture.scene import Matrix, Scene

SCHEMA = "ringwall/map/1"


def document(scene: Scene) -> dict[str, Any]:
    """Return the scene with the names of its fields."""
    found = _plain(scene)
    assert isinstance(found, dict)
    return {"schema": SCHEMA, **found}


def _plain(value: object) -> Any:  # noqa: ANN401  (JSON of any shape)
    match value:
        case Matrix():
            return {
                "names": list(value.names),
                "sizes": list(value.sizes),
                "cells": [
                    {"from": value.names[a], "to": value.names[b], **_plain(cell)}
                    for (a, b), cell in sorted(value.cells.items())
                ],
            }
        case Enum():
            return value.value
        case frozenset():
            return sorted(value)
        case Mapping():
            return {str(name): _plain(item) for name, item in value.items()}
        case tuple() | list():
            return [_plain(item) for item in value]
        case _ if is_dataclass(value):
            return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
        case _:
            return value
