"""A scene → its JSON document, `ringwall/map/1`."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from ringwall.picture.scene import Matrix, Scene

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

SCHEMA = "ringwall/map/1"


def document(scene: Scene) -> dict[str, Any]:
    """Return the scene with the names of its fields."""
    return {"schema": SCHEMA, **_members(scene)}


def _members(value: "DataclassInstance") -> dict[str, Any]:
    return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}


def _plain(value: object) -> object:
    match value:
        case Matrix():
            return {
                "names": list(value.names),
                "sizes": list(value.sizes),
                "cells": [
                    {"from": value.names[a], "to": value.names[b], **_members(cell)}
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
        case _ if is_dataclass(value) and not isinstance(value, type):
            return _members(value)
        case _:
            return value
