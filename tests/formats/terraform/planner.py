"""A small planner: a configuration in JSON → the document that `terraform show -json` has of it.

It knows what exports use: references in texts, `cidrsubnet`, data sources of prefix lists, and
variables; everything that a text refers to is known after apply. `test_binary.py` holds it against
the real Terraform.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

_TEMPLATE = re.compile(r"(?<!\$)\$\{([^}]*)\}")
_REFERENCE = re.compile(r"(?:data\.|var\.)?[a-z][a-z0-9_]*\.[\w-]+(?:\.[a-z_0-9]+|\[\d+\])*")
_SETTINGS = frozenset({"lifecycle", "depends_on", "provider"})
UNKNOWN = object()


def plan(files: Mapping[str, str], variables: Mapping[str, str] | None = None) -> str:
    """Return the plan of an empty account."""
    merged: dict[str, Any] = {}
    for name, text in files.items():
        if name.endswith(".tf.json"):
            merge(merged, json.loads(text))
    given = dict(variables or {})
    for name in merged.get("variable", {}):
        given.setdefault(name, f"id-of-{name}")
    changes, planned, configured = [], [], []
    lists: dict[str, str] = {}
    for kind, items in merged.get("data", {}).items():
        for name, arguments in items.items():
            known = {**arguments, "id": f"pl-{len(lists):08x}"}
            lists[f"data.{kind}.{name}.id"] = known["id"]
            configured.append(configuration("data", kind, name, arguments))
            planned.append(instance("data", kind, name, known))
    for kind, items in merged.get("resource", {}).items():
        for name, arguments in items.items():
            own = {n: v for n, v in arguments.items() if n not in _SETTINGS}
            after, unknown = {}, {"id": True, "arn": True}
            for argument, value in own.items():
                block = value if argument == "tags" else as_blocks(value)
                after[argument], unknown[argument] = known_part(block, given, lists)
            configured.append(configuration("managed", kind, name, own))
            change = {"actions": ["create"], "before": None, "after": after}
            changes.append(
                {
                    **instance("managed", kind, name, None),
                    "change": {**change, "after_unknown": unknown, "after_sensitive": {}},
                }
            )
            planned.append(instance("managed", kind, name, after))
    data = [item for item in planned if item["mode"] == "data"]
    managed = [item for item in planned if item["mode"] == "managed"]
    provider = merged["provider"]["aws"]
    return json.dumps(
        {
            "format_version": "1.2",
            "terraform_version": "1.11.4",
            "variables": {name: {"value": value} for name, value in given.items()},
            "planned_values": {"root_module": {"resources": managed}},
            "resource_changes": changes,
            "prior_state": {"values": {"root_module": {"resources": data}}},
            "configuration": {
                "provider_config": {
                    "aws": {
                        "name": "aws",
                        "expressions": {n: {"constant_value": v} for n, v in provider.items()},
                    }
                },
                "root_module": {"resources": configured},
            },
        }
    )


def as_blocks(value: Any) -> Any:
    """Return a value in which each block is a list of one, as Terraform tells it."""
    if isinstance(value, dict):
        return [{name: as_blocks(item) for name, item in value.items()}]
    if isinstance(value, list):
        return [as_blocks(item)[0] if isinstance(item, dict) else item for item in value]
    return value


def merge(into: dict[str, Any], document: Mapping[str, Any]) -> None:
    """Merge a file into a configuration, as Terraform does with those of a folder."""
    for name, value in document.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            merge(into[name], value)
        else:
            into[name] = json.loads(json.dumps(value))


def instance(mode: str, kind: str, name: str, values: Any) -> dict[str, Any]:
    prefix = "data." if mode == "data" else ""
    found = {"address": f"{prefix}{kind}.{name}", "mode": mode, "type": kind, "name": name}
    found["provider_name"] = "registry.terraform.io/hashicorp/aws"
    return found if values is None else {**found, "values": values}


def configuration(mode: str, kind: str, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    expressions = {argument: expression(value) for argument, value in arguments.items()}
    found = {**instance(mode, kind, name, None), "provider_config_key": "aws"}
    return {**found, "expressions": expressions}


def expression(value: Any) -> Any:
    if isinstance(value, dict) and any(has_template(v) for v in value.values()):
        return [{name: expression(item) for name, item in value.items()}]
    if isinstance(value, list) and any(isinstance(v, dict) and has_template(v) for v in value):
        return [{name: expression(item) for name, item in each.items()} for each in value]
    references = list(referred(value))
    found = {"constant_value": value}
    return {**found, "references": references} if references else found


def has_template(value: Any) -> bool:
    return next(referred(value), None) is not None


def referred(value: Any):
    if isinstance(value, str):
        for inner in _TEMPLATE.findall(value):
            for text in _REFERENCE.findall(inner):
                yield text
                shorter, least = text, 2 if text.startswith("data.") else 1
                while shorter.count(".") > least or "[" in shorter:
                    shorter = shorter[: max(shorter.rfind("."), shorter.rfind("["))]
                    yield shorter
    for item in (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        yield from referred(item)


def known_part(
    value: Any, variables: Mapping[str, str], lists: Mapping[str, str]
) -> tuple[Any, Any]:
    """Return what is known of a value, and where it is unknown."""
    if isinstance(value, str):
        whole = _TEMPLATE.fullmatch(value)
        if whole is None:
            text = value.replace("$${", "${").replace("%%{", "%{")
            return (None, True) if _TEMPLATE.search(value) else (text, False)
        inner = whole[1]
        if inner in lists:
            return lists[inner], False
        if inner.startswith("var."):
            return variables[inner.removeprefix("var.")], False
        return None, True
    if isinstance(value, list):
        parts = [known_part(item, variables, lists) for item in value]
        if parts and all(mask is True for _, mask in parts):
            return None, True  # a set of unknowns
        return [known for known, _ in parts], [mask for _, mask in parts]
    if isinstance(value, dict):
        found = {name: known_part(item, variables, lists) for name, item in value.items()}
        known = {name: item for name, (item, mask) in found.items() if mask is not True}
        return known, {name: mask for name, (_, mask) in found.items()}
    return value, False
