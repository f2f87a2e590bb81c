"""The syntax as JSON Schema draft 7, which is what editors read, with a description everywhere."""

import functools
from collections.abc import Mapping
from typing import Any

from ringwall.blueprint.syntax import Blueprint, Path

DRAFT_7 = "http://json-schema.org/draft-07/schema#"
_REFERENCE = "#/$defs/"


@functools.cache
def _schema() -> dict[str, Any]:
    made = _draft_7(Blueprint.model_json_schema(by_alias=True))
    definitions = made.pop("$defs", {})
    # A list of one region or account stands for `region` or `account`.
    made["required"] = [name for name in made["required"] if name != "region"]
    made["anyOf"] = [{"required": ["region"]}, {"required": ["regions"]}]
    return {
        "$schema": DRAFT_7,
        "title": "Ringwall blueprint",
        **{name: value for name, value in made.items() if name != "title"},
        "definitions": definitions,
    }


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a blueprint, draft 7."""
    return dict(_schema())


def known_keys(path: Path) -> tuple[str, ...]:
    """Return the keys that a mapping at a path may have."""
    found = _at(path)
    return tuple(found.get("properties", ())) if found else ()


def description(path: Path) -> str:
    """Return what a key means, "" for what has no description."""
    found = _at(path, follow=False)
    return str(found.get("description", "")) if found else ""


def _at(path: Path, *, follow: bool = True) -> Mapping[str, Any]:
    whole = _schema()
    here: Mapping[str, Any] = whole
    for step in path:
        here = _follow(whole, here)
        if isinstance(step, int):
            here = here.get("items") or {}
        else:
            further = here.get("additionalProperties")
            fallback = further if isinstance(further, dict) else {}
            for named in here.get("patternProperties", {}).values():
                fallback = named
            here = here.get("properties", {}).get(step, fallback)
    return _follow(whole, here) if follow else here


def _follow(whole: Mapping[str, Any], here: Mapping[str, Any]) -> Mapping[str, Any]:
    """Step through references and unions to the mapping or list that they stand for."""
    for _ in range(10):
        if "$ref" in here:
            here = whole["definitions"][here["$ref"].rsplit("/", 1)[-1]]
        elif "allOf" in here:
            here = here["allOf"][0]
        elif "anyOf" in here and "properties" not in here:
            parts = here["anyOf"]
            here = next((p for p in parts if "$ref" in p or p.get("type") in _NESTS), {})
        else:
            break
    return here


_NESTS = {"object", "array"}


def _draft_7(value: Any) -> Any:  # noqa: ANN401  (JSON)
    if isinstance(value, list):
        return [_draft_7(item) for item in value]
    if not isinstance(value, dict):
        return value
    found: dict[str, Any] = {}
    for key, item in value.items():
        if key == "$ref":
            found[key] = item.replace(_REFERENCE, "#/definitions/")
        elif key == "prefixItems":
            found["items"] = _draft_7(item)
        elif key in {"properties", "$defs"}:
            found[key] = {name: _draft_7(part) for name, part in item.items()}
        elif key not in {"default", "discriminator"}:
            found[key] = _draft_7(item)
    if "$ref" in found and len(found) > 1:
        # Draft 7 ignores what stands beside a reference.
        found["allOf"] = [{"$ref": found.pop("$ref")}]
    if "patternProperties" in found:
        found.setdefault("additionalProperties", False)
    if "properties" in found:
        found["properties"] = {
            name: {k: v for k, v in part.items() if k != "title"}
            for name, part in found["properties"].items()
        }
    return found
