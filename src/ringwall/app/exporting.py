"""A blueprint's network → a folder of templates in another tool's language."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from ringwall.app.workspace import read_blueprint
from ringwall.errors import InputError, OutsideError
from ringwall.formats.export import Export
from ringwall.model.graph import ResourceGraph
from ringwall.shell.files import is_folder, is_there, read_text, remove_file, write_text

# Format: the module whose `write` makes an Export of a graph, imported when it is asked for.
FORMATS: Mapping[str, str] = {
    "cloudformation": "ringwall.formats.cloudformation",
    "terraform": "ringwall.formats.terraform",
}
MARKER = ".ringwall-export.json"  # names the files of an earlier export, which may be replaced
# What Terraform keeps beside a configuration.
WORKING = (".terraform", "terraform.tfstate")


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: each file with what it holds, in their order, and what was left out."""

    target: str
    folder: str
    files: Mapping[str, str]
    left_out: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document."""
        return {
            "schema": "ringwall/export/1",
            "format": self.target,
            "folder": self.folder,
            "files": [{"file": name, "holds": holds} for name, holds in self.files.items()],
            "left_out": list(self.left_out),
        }


def export_blueprint(file: str, *, target: str, folder: str, force: bool = False) -> Exported:
    """Write the network of a blueprint into a folder.

    Raises BlueprintError, InputError when the folder holds files of others, and OutsideError.
    """
    write = _writer(target)
    export = write(read_blueprint(file).graph)
    path = Path(folder)
    owned = _owned(path)
    if not force:
        _check(path, owned)
    for name, text in export.files.items():
        write_text(path / name, text)
    for name in owned - export.files.keys():
        remove_file(path / name)
    marker = {"format": target, "files": sorted(export.files)}
    write_text(path / MARKER, json.dumps(marker, indent=1) + "\n")
    files = {name: export.holds.get(name, "") for name in export.files}
    return Exported(target, folder, files, export.left_out)


def _writer(target: str) -> Callable[[ResourceGraph], Export]:
    name = FORMATS[target]
    try:
        write = getattr(import_module(name), "write", None)
    except ModuleNotFoundError as failure:
        if failure.name != name:
            raise
        write = None
    if write is None:
        message = f"this Ringwall cannot write {target}"
        raise OutsideError(message, hint="`--to cloudformation`, or another version of Ringwall")
    found: Callable[[ResourceGraph], Export] = write
    return found


def _owned(folder: Path) -> frozenset[str]:
    """Return the files that an earlier export wrote into a folder."""
    path = folder / MARKER
    if not is_there(path):
        return frozenset()
    try:
        names = json.loads(read_text(path))["files"]
    except (ValueError, TypeError, KeyError, RecursionError):
        names = None
    if not isinstance(names, list) or not all(_is_plain(name) for name in names):
        message = f"'{path}' does not name the files of an export"
        raise InputError(message, hint="remove it, or choose another folder")
    return frozenset(names)


def _is_plain(name: object) -> bool:
    return isinstance(name, str) and bool(name) and name == Path(name).name and name != ".."


def _check(folder: Path, owned: frozenset[str]) -> None:
    if is_there(folder) and not is_folder(folder):
        message = f"'{folder}' is a file"
        raise InputError(message, hint="name a folder with -o")
    try:
        present = sorted(path.name for path in folder.iterdir()) if is_there(folder) else []
    except OSError as failure:
        message = f"cannot read '{folder}': {failure.strerror}"
        raise InputError(message) from None
    foreign = [
        name
        for name in present
        if name not in owned and name != MARKER and not name.startswith(WORKING)
    ]
    if foreign:
        more = f" and {len(foreign) - 1} more" if foreign[1:] else ""
        message = f"'{folder}' holds files that no export wrote: {foreign[0]!r}{more}"
        raise InputError(message, hint="choose an empty folder, or --force")
