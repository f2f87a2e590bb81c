"""IAM policy documents in one normal form, for AWS gives them back rewritten.

Rule: a document holds no Refs; what it names, it names by ARN or wildcard, because AWS stores and
reports it as text.
"""

import json
from collections.abc import Mapping
from typing import Any

# Elements that are sets of texts, where one text may stand for a list of one (IAM user guide,
# "IAM JSON policy elements reference").
_SETS = frozenset({"Action", "NotAction", "Resource", "NotResource"})
_PRINCIPALS = frozenset({"Principal", "NotPrincipal"})


def normal_document(document: str | Mapping[str, Any]) -> dict[str, Any]:
    """Return a document, given as text or object, with sets sorted and lists of one unwrapped."""
    value = json.loads(document) if isinstance(document, str) else document
    statements = value.get("Statement", [])
    if isinstance(statements, Mapping):
        statements = [statements]
    return {**value, "Statement": [_statement(statement) for statement in statements]}


def to_text(document: Mapping[str, Any]) -> str:
    """Return the document as the text that AWS takes; equal documents give equal texts."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def allows_everything(document: Mapping[str, Any]) -> bool:
    """Tell whether a normal document is AWS's default for an endpoint: full access."""
    statements = document.get("Statement", [])
    return len(statements) == 1 and {
        name: value for name, value in statements[0].items() if name != "Sid"
    } == {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}


def _statement(statement: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in statement.items():
        if name in _SETS:
            found[name] = _texts(value)
        elif name in _PRINCIPALS:
            found[name] = _principal(value)
        elif name == "Condition":
            found[name] = {
                operator: {key: _texts(texts) for key, texts in keys.items()}
                for operator, keys in value.items()
            }
        else:
            found[name] = value
    return found


def _principal(value: Any) -> Any:  # noqa: ANN401  (text or object)
    if not isinstance(value, Mapping):
        return value
    full = {name: _texts(texts) for name, texts in value.items()}
    # Everybody, written at length (IAM user guide, "AWS JSON policy elements: Principal").
    return "*" if full == {"AWS": "*"} else full


def _texts(value: Any) -> Any:  # noqa: ANN401  (one text or several)
    if not isinstance(value, (list, tuple)):
        return _text(value)
    texts = sorted({_text(one) for one in value})
    return texts[0] if len(texts) == 1 else texts


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
