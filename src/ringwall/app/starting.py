"""Write a starter blueprint, and the schema that its modelines name."""

import json
from pathlib import Path

from ringwall.blueprint.schema import schema
from ringwall.blueprint.starter import starter
from ringwall.errors import InputError
from ringwall.shell.files import is_there, write_text


def start(file: str, template: str, *, force: bool = False) -> list[str]:
    """Write both files and return their paths; raises InputError if the blueprint is there."""
    path = Path(file)
    if is_there(path) and not force:
        msg = f"{file} exists"
        raise InputError(msg, hint="choose another name, or --force")
    schema_path = path.parent / ".ringwall" / "schema.json"
    write_text(path, starter(template))
    write_text(schema_path, json.dumps(schema(), indent=1) + "\n")
    return [str(path), str(schema_path)]
