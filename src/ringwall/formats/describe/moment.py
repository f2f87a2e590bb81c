"""When the answers of a folder were read, as a snapshot says of each account and region.

A folder without such a file says nothing of it: older snapshots, and described JSON.
"""

import json
from collections.abc import Mapping
from datetime import datetime

from ringwall.errors import InputError

FILE = "snapshot.json"
SCHEMA = "ringwall/snapshot-place/1"


def moment_file(moment: datetime) -> bytes:
    """Return what a snapshot's file says of when its place was read."""
    said = {"schema": SCHEMA, "read_at": f"{moment:%Y-%m-%dT%H:%M:%SZ}"}
    return f"{json.dumps(said, indent=1, sort_keys=True)}\n".encode()


def is_moment(document: object) -> bool:
    """Tell whether a document says when answers were read, and holds none itself."""
    return isinstance(document, Mapping) and document.get("schema") == SCHEMA


def read_at(files: Mapping[str, bytes]) -> datetime | None:
    """Return when the last place of a folder was read, None if no file says it.

    Raises InputError for a time that cannot be read.
    """
    found = []
    for path in sorted(files):
        if path.rsplit("/", 1)[-1] != FILE:
            continue
        try:
            document = json.loads(files[path])
        except (ValueError, RecursionError):
            continue  # whoever reads the folder's answers says what is wrong with it
        if is_moment(document):
            found.append(_moment(path, document.get("read_at")))
    return max(found, default=None)


def _moment(path: str, text: object) -> datetime:
    try:
        moment = datetime.fromisoformat(str(text))
        if moment.tzinfo is not None:
            return moment
    except ValueError:
        pass
    msg = f"{path}: read_at {text!r} is no time"
    raise InputError(msg, hint="as 2026-11-25T10:00:00Z")
