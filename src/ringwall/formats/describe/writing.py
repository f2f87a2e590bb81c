"""What was read of an account → files by relative path, as the calls answered; no secrets.

Rule: one file a call, under account and region; what was refused stands in `refused.json`, when
they were asked in `snapshot.json`.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ringwall.formats.describe.answers import listings_by_name, member_of
from ringwall.formats.describe.moment import FILE, moment_file
from ringwall.formats.describe.reading import DETAILS, REFUSED
from ringwall.resources.kind import Reads

REDACTED = "(redacted)"
# Members of AWS's answers that hold secrets, or may: pre-shared keys of VPNs, user data,
# environments and authentication tokens.
SECRETS = frozenset(
    {
        "PreSharedKey",
        "CustomerGatewayConfiguration",
        "UserData",
        "Environment",
        "Variables",
        "AuthToken",
        "ClientSecret",
        "Password",
        "SecretString",
        "Token",
    }
)


def write_folder(reads: Reads, moment: datetime | None = None) -> dict[str, bytes]:
    """Return the files of one account and region, by their paths; `moment` is when it was read."""
    folder = f"{reads.account}/{reads.region}"
    files: dict[str, bytes] = {}
    if moment is not None:
        files[f"{folder}/{FILE}"] = moment_file(moment)
    for name, items in reads.listings.items():
        listing = listings_by_name()[name]
        single = listing.items.startswith("[")
        value: Any = (items[0] if items else {}) if single else _nested(listing.items, list(items))
        files[f"{folder}/{_file(name)}.json"] = _json({member_of(listing): value})
    for name, answers in reads.details.items():
        if answers:
            files[f"{folder}/{_file(name)}{DETAILS}.json"] = _json(answers)
    if reads.refused:
        files[f"{folder}/{REFUSED}"] = _json(reads.refused)
    return files


def _file(name: str) -> str:
    return name.replace(":", ".", 1)


def _nested(path: str, items: list[Any]) -> list[Any]:
    """Put items back into the lists that they were taken from."""
    inner = path.replace("[]", "").split(".")[1:]
    for name in reversed(inner):
        items = [{name: items}]
    return items


def _json(value: Any) -> bytes:  # noqa: ANN401  (JSON)
    text = json.dumps(redacted(value), indent=1, sort_keys=True, default=str, ensure_ascii=False)
    return f"{text}\n".encode()


def redacted(value: Any) -> Any:  # noqa: ANN401  (JSON)
    """Return a value without what may be a secret."""
    if isinstance(value, Mapping):
        return {
            name: REDACTED if name in SECRETS and item else redacted(item)
            for name, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [redacted(item) for item in value]
    return value
