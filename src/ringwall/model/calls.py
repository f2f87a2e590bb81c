"""Effects as data: the calls that change AWS, named by the core and made by the shell.

Rules:
- A request may hold `Ref`s; the shell puts the physical ids in their place just before it calls.
- `Content` stands for the bytes of a file.
- `Token()` stands for a client token, derived from deployment, key and attempt.
- `Lookup` stands for what AWS alone knows: the shell reads it just before the call.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Idempotence(StrEnum):
    """Why making a call a second time does no harm, or how to find out whether it was made."""

    TOKEN = "token"  # noqa: S105  AWS returns the first answer for the same client token
    TAG = "tag"  # look for our tags, or the place in the parent, before creating again
    NATURAL = "natural"  # the same call again has the same effect, or says "already exists"


@dataclass(frozen=True, slots=True)
class Token:
    """A place in a request where the shell puts a client token.

    `part` tells apart several creations by one node: the rules of a group.
    """

    part: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """A place in a request where the shell puts the bytes of a file.

    `sha256` is what they must be, in hexadecimal digits; another file is not sent.
    """

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class JsonText:
    """A place in a request for a value as JSON text; the shell answers its `Ref`s first."""

    value: Any


@dataclass(frozen=True, slots=True)
class Lookup:
    """A place in a request where the shell puts what a read of AWS answers.

    `request` may hold `Ref`s. `path` is a JMESPath into the (whole, paginated) response that yields
    one text; `$name` in it stands for `values[name]`, whose Ref the shell resolves first, and which
    `expression` puts in. An empty answer is an error: what the lookup relies on is not there.
    """

    service: str
    operation: str
    request: Mapping[str, Any]
    path: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def expression(self, resolved: Mapping[str, str]) -> str:
        """Return the JMESPath with each `$name` replaced by the quoted text `resolved[name]`."""
        path = self.path
        for name in sorted(self.values, key=len, reverse=True):
            quoted = resolved[name].replace("\\", "\\\\").replace("'", "\\'")
            path = path.replace(f"${name}", f"'{quoted}'")
        return path


@dataclass(frozen=True, slots=True)
class Wait:
    """Poll `operation` until a state is reached.

    `path` is a JMESPath into the response that yields a state or a list of states; the wait ends
    when all of them are in `success` (an empty answer counts as "gone"), and fails when any is in
    `failure`. `gone_codes` are error codes that mean the object no longer exists.
    """

    operation: str
    request: Mapping[str, Any]
    path: str
    success: frozenset[str]
    failure: frozenset[str] = frozenset()
    gone_codes: frozenset[str] = frozenset()
    timeout: int = 900  # seconds
    hint: str = ""  # the way out after the timeout


@dataclass(frozen=True, slots=True)
class Call:
    """One request to AWS.

    `service` and `operation` in botocore's spelling (`ec2`, `create_vpc`). `extract` maps
    attributes of the created node (`id` first of all) to JMESPaths into the response; Route 53's
    prefixes `/hostedzone/` and `/change/` are dropped from what they find. `ignore` are error codes
    that mean the effect is there already.
    """

    service: str
    operation: str
    request: Mapping[str, Any]
    extract: Mapping[str, str] = field(default_factory=dict)
    idempotent_by: Idempotence = Idempotence.NATURAL
    waits_for: tuple[Wait, ...] = ()
    ignore: frozenset[str] = frozenset()
