"""A document of anybody's → plain JSON without credentials and addresses of webhooks.

Rules:
- What tells is redacted, never refused: an event that could make a ledger refuse it by holding a
  password would hide an incident.
- What undoes is never redacted: a way back must be whole. `has_secret` lets it be refused.
- Ids are kept, access key ids too: a key is deactivated by its id, and the id opens nothing.
"""

import math
import re
from collections.abc import Mapping
from enum import Enum
from typing import Final

from ringwall.model.graph import Value

REDACTED: Final = "(secret)"
WEBHOOK: Final = "(webhook)"
TOO_DEEP: Final = "(too deep)"
DEEPEST: Final = 60  # levels of lists and members in each other
_ROUNDS: Final = 8

_URL = re.compile(r"\bhttps?://[^\s\"'<>]+", re.IGNORECASE)
_LOGIN = re.compile(r"(?<=://)[^/?#@]*@")
# Parameters that open what the address names: signed requests, Google Chat, Logic Apps.
_PARAMETER = re.compile(
    r"([?&](?:access_token|api_?key|key|password|secret|sig|signature|token|"
    r"x-amz-(?:signature|security-token))=)[^&#]+",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"((?:secret_?access_?key|session_?token|security_?token|client_?secret|api_?key|passw(?:or)?d)"
    r"[\"']?\s{0,9}[:=]\s{0,9}[\"']?)[^\s\"',;&]+",
    re.IGNORECASE,
)
# By their shapes: keys in PEM, headers, tokens of Slack, GitHub, JWT, STS (hundreds of digits).
_SHAPES: Final = (
    re.compile(
        r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,40}KEY-----|\Z)", re.DOTALL
    ),
    re.compile(r"\bhooks\.slack(?:-gov)?\.com/[^\s\"'<>]+", re.IGNORECASE),
    re.compile(r"\b(?:bearer|basic)\s{1,9}[\w.~+/=-]{16,}", re.IGNORECASE),
    re.compile(r"\bSignature=[0-9a-f]{64}\b"),
    re.compile(r"\bxox[a-z]-[\w-]{10,}"),
    re.compile(r"\bgh[a-z]_[A-Za-z0-9]{30,}"),
    re.compile(r"\beyJ[\w-]{10,4000}\.[\w-]{10,4000}\.[\w-]{10,}"),
    re.compile(r"[A-Za-z0-9/+=_-]{200,}"),
)
# A secret access key is 40 digits of base 64 (git-secrets looks for the same); hex digests and
# words of one case are none.
_KEY = re.compile(r"(?<![A-Za-z0-9/+=_-])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=_-])")
_NAMES: Final = frozenset(
    {
        "accesstoken", "apikey", "authorization", "awssecretaccesskey", "awssessiontoken",
        "clientsecret", "cookie", "passwd", "password", "privatekey", "refreshtoken", "secret",
        "secretaccesskey", "sessiontoken", "setcookie", "token", "xamzsecuritytoken",
    }
)  # fmt: skip


def plain(value: object, *, depth: int = DEEPEST) -> Value:
    """Return a value as JSON has it: what has no place there becomes its text.

    What is nested deeper than `depth` is left out: reading it back has its limits too.
    """
    match value:
        case Enum():
            return plain(value.value)
        case str():
            # A lone surrogate has no UTF-8.
            return value.encode("utf-8", "replace").decode()
        case None | bool() | int():
            return value
        case float() if math.isfinite(value):
            return value
        case Mapping() | list() | tuple() | set() | frozenset() if depth == 0:
            return TOO_DEEP
        case Mapping():
            return {plain(str(name)): plain(each, depth=depth - 1) for name, each in value.items()}
        case list() | tuple() | set() | frozenset():
            inner = [plain(each, depth=depth - 1) for each in value]
            return inner if isinstance(value, (list, tuple)) else sorted(inner, key=str)
        case _:
            return plain(str(value))


def redacted(value: Value, *, likely: bool = True) -> Value:
    """Return plain JSON with what is secret replaced by a word in brackets.

    `likely`: also what only has the shape of a secret access key.
    """
    match value:
        case str():
            return _redacted_text(value, likely=likely)
        case list():
            return [redacted(each, likely=likely) for each in value]
        case dict():
            names = {redacted(name, likely=likely): name for name in value}
            return {
                name: _redacted_member(name, value[before], likely=likely)
                for name, before in names.items()
            }
        case _:
            return value


def has_secret(value: Value) -> bool:
    """Tell whether plain JSON holds what is certainly a credential or a webhook's address."""
    return bool(redacted(value, likely=False) != value)


def _redacted_member(name: str, value: Value, *, likely: bool) -> Value:
    spelt = re.sub(r"[^a-z0-9]", "", name.lower())
    if value and isinstance(value, str):
        if spelt in _NAMES and not value.startswith("arn:"):
            return REDACTED
        if "webhook" in spelt and "://" in value:
            return WEBHOOK
    return redacted(value, likely=likely)


def _redacted_text(text: str, *, likely: bool) -> str:
    # What stands in a secret's place may make a secret of what is beside it.
    for _ in range(_ROUNDS):
        before, text = text, _once_redacted(text, likely=likely)
        if text == before:
            break
    return text


def _once_redacted(text: str, *, likely: bool) -> str:
    text = _URL.sub(_redacted_url, text)
    text = _NAMED.sub(rf"\g<1>{REDACTED}", text)
    for shape in _SHAPES:
        text = shape.sub(REDACTED, text)
    return _KEY.sub(_redacted_key, text) if likely else text


def _redacted_url(found: re.Match[str]) -> str:
    text = found.group()
    if "hook" in text.lower():
        return WEBHOOK
    return _PARAMETER.sub(rf"\g<1>{REDACTED}", _LOGIN.sub("", text))


def _redacted_key(found: re.Match[str]) -> str:
    text = found.group()
    kinds = (str.islower, str.isupper, str.isdigit)
    return REDACTED if all(any(map(kind, text)) for kind in kinds) else text
