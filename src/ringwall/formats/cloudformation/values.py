"""What a template's expressions come to: JSON, references, and what cannot be computed, by name."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ringwall.errors import InputError
from ringwall.model.graph import Ref, references
from ringwall.resources.identifiers import TYPES, reference

# A value that the input alone does not tell; its key says why: `parameter VpcId has no value`.
UNKNOWN_VALUE = "Ringwall::Formats::Value"
MAX_TEXT = 100_000
MAX_FAULTS = 20
HINT = "`aws cloudformation validate-template` and cfn-lint tell what CloudFormation takes"
_ID = re.compile(rf"(?:{'|'.join(sorted(TYPES, key=len, reverse=True))})-[0-9a-f]{{8,17}}")


class NoValue:
    """AWS::NoValue: the property is as if it were not written."""


NO_VALUE = NoValue()


def unknown(*reasons: str) -> Ref:
    """Return the stand-in of a value that cannot be computed, for these reasons."""
    text = ", ".join(dict.fromkeys(reasons))
    return Ref(UNKNOWN_VALUE, text if len(text) <= 200 else text[:197] + "...")


def is_unknown(value: Any) -> bool:  # noqa: ANN401
    """Tell whether a value is such a stand-in."""
    return isinstance(value, Ref) and value.type == UNKNOWN_VALUE


def reasons(value: Any) -> Iterator[str]:  # noqa: ANN401
    """Yield why parts of a value cannot be computed."""
    for ref in references(value):
        if is_unknown(ref):
            yield ref.key


def told(value: Any) -> str:  # noqa: ANN401
    """Return what a value that is no text says, for use in a reason."""
    if is_unknown(value):
        return str(value.key)
    return f"the text of {value} is not in the input" if isinstance(value, Ref) else "it is no text"


def to_text(value: Any) -> str | Ref:  # noqa: ANN401
    """Return a scalar as CloudFormation writes it in text, or the unknown that it is."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int)):
        return str(value)
    return unknown(told(value))


def identified(value: Any) -> Any:  # noqa: ANN401
    """Return the value with physical ids turned into references."""
    if isinstance(value, str):
        return reference(value) if _ID.fullmatch(value) else value
    if isinstance(value, Mapping):
        return {name: identified(item) for name, item in value.items()}
    if isinstance(value, list):
        return [identified(item) for item in value]
    return value


class Faults:
    """The faults of templates, gathered, with their places; raised together."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, int, str, str], None] = {}

    def add(self, file: str, line: int, what: str, *, address: str = "") -> None:
        """Note a fault, at a line or at what an address names."""
        self._found.setdefault((file, line, address, what))

    def __len__(self) -> int:
        return len(self._found)

    def check(self, hint: str = HINT) -> None:
        """Raise InputError with every fault that was noted, in order."""
        if not self._found:
            return
        lines = [
            f"{file}:{address or line}: {what}" for file, line, address, what in sorted(self._found)
        ]
        more = len(lines) - MAX_FAULTS
        shown = lines[:MAX_FAULTS] + ([f"… and {more} more"] if more > 0 else [])
        raise InputError("\n".join(shown), hint=hint)


class Fault(Exception):  # noqa: N818  (told as one of the Faults)
    """An expression that no value can be given to; `line` says where."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line
        self.what = what


def named(names: Iterable[str], limit: int = 8) -> str:
    """Return names for a hint, the first few of them."""
    listed = sorted(names)
    return ", ".join(listed[:limit]) + (", …" if len(listed) > limit else "")
