"""The provider's schema as far as plans are read and written: which arguments each type has."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ringwall.formats.terraform.forms import FORMS, WATCHING
from ringwall.formats.terraform.kinds import ALIASES, JOINED

FILE = Path(__file__).parent / "schema.json"
FURTHER = frozenset(
    {
        "aws_cloudwatch_event_target",
        "aws_default_network_acl",
        "aws_default_security_group",
        "aws_security_group_rule",
        "aws_vpn_gateway_route_propagation",
    }
)
TYPES = sorted({*FORMS, *WATCHING, *JOINED, *ALIASES, *FURTHER})
SOURCE = (
    "`terraform providers schema -json` of Terraform 1.11.4 with hashicorp/aws 5.100.0, 2026-11-25;"
    " written again by RINGWALL_GOLDEN=write pytest tests/formats/terraform/test_binary.py"
)


def arguments() -> Mapping[str, Any]:
    """Return what is known of each type: `settable`, `computed` and `required` names."""
    found: Mapping[str, Any] = json.loads(FILE.read_text())["arguments"]
    return found


def excerpt(schemas: Mapping[str, Any]) -> str:
    """Return the text of the file, from the schemas of all types."""
    found = {}
    for kind in TYPES:
        block = schemas[kind]["block"]
        attributes, blocks = block["attributes"], block.get("block_types", {})
        settable = [n for n, a in attributes.items() if a.get("optional") or a.get("required")]
        required = [n for n, a in attributes.items() if a.get("required")]
        required += [n for n, b in blocks.items() if b.get("min_items")]
        found[kind] = {
            "settable": sorted([*settable, *blocks]),
            "computed": sorted(n for n, a in attributes.items() if a.get("computed")),
            "required": sorted(required),
        }
    lines = ",\n".join(f"  {json.dumps(kind)}: {json.dumps(item)}" for kind, item in found.items())
    return f'{{"source": {json.dumps(SOURCE)},\n "arguments": {{\n{lines}\n}}}}\n'
