"""Filter patterns of CloudWatch Logs → what tells whether a line matches, and its fields.

Rules ("Filter pattern syntax for metric filters" in the CloudWatch Logs guide):
- `[a, b = X, c != 10.* && c != 11.*, d = 1 || d = 2, ...]` names the fields of a line between
  spaces; quotes and square brackets hold a field together. One ellipsis stands for any number of
  fields; without it a line must have as many as are named.
- Numbers are compared as numbers, texts with `*` for any characters.
- Words without brackets must all stand in the line, as they are written. An empty pattern matches
  everything.
"""

import fnmatch
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

# A field of a line: quoted, in brackets, or without spaces.
_FIELD = re.compile(r'"([^"]*)"|\[([^\]]*)\]|(\S+)')
_TERM = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*(!=|>=|<=|=|>|<)\s*(.+?)\s*")
_ELLIPSIS = "..."
_ORDERS: Mapping[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


class PatternError(ValueError):
    """A pattern that is none, or of a kind that is not understood here."""


@dataclass(frozen=True, slots=True)
class Term:
    """One comparison of a field."""

    sign: str
    value: str

    def holds(self, text: str) -> bool:
        """Tell whether a field's text passes."""
        wanted, found = _number(self.value), _number(text)
        if wanted is not None and found is not None:
            return _ORDERS[self.sign](found, wanted)
        if self.sign not in {"=", "!="}:
            return False
        return fnmatch.fnmatchcase(text, self.value) == (self.sign == "=")


@dataclass(frozen=True, slots=True)
class Place:
    """A named field, and what it must pass: any of the groups, and in it every term."""

    name: str
    groups: tuple[tuple[Term, ...], ...] = ()

    def holds(self, text: str) -> bool:
        """Tell whether a field's text passes."""
        return not self.groups or any(all(t.holds(text) for t in g) for g in self.groups)


@dataclass(frozen=True, slots=True)
class Pattern:
    """Fields before and after the ellipsis, or words; `open_ended` says whether there is one."""

    before: tuple[Place, ...] = ()
    after: tuple[Place, ...] = ()
    open_ended: bool = True
    words: tuple[str, ...] = ()

    def match(self, line: str) -> dict[str, str] | None:
        """Return the named fields of a line that matches, None for one that does not."""
        if not self.before and not self.after:
            return {} if all(word in line for word in self.words) else None
        fields = ["".join(found) for found in _FIELD.findall(line)]
        named = len(self.before) + len(self.after)
        if len(fields) < named or (len(fields) > named and not self.open_ended):
            return None
        tail = fields[len(fields) - len(self.after) :] if self.after else []
        pairs = [*zip(self.before, fields, strict=False), *zip(self.after, tail, strict=True)]
        if not all(place.holds(text) for place, text in pairs):
            return None
        return {place.name: text for place, text in pairs}


def parse(text: str) -> Pattern:
    """Parse a pattern; raises PatternError."""
    text = text.strip()
    if text.startswith("{"):
        message = "patterns of JSON are not counted here"
        raise PatternError(message)
    if not text.startswith("["):
        return Pattern(words=tuple(word.strip('"') for word in text.split()))
    if not text.endswith("]"):
        message = "a pattern of fields ends in a square bracket"
        raise PatternError(message)
    parts = [part.strip() for part in text[1:-1].split(",")]
    if parts.count(_ELLIPSIS) > 1:
        message = "a pattern has one ellipsis at most"
        raise PatternError(message)
    if _ELLIPSIS not in parts:
        return Pattern(tuple(map(_place, parts)), open_ended=False)
    at = parts.index(_ELLIPSIS)
    return Pattern(tuple(map(_place, parts[:at])), tuple(map(_place, parts[at + 1 :])))


def _place(text: str) -> Place:
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", text):
        return Place(text)
    names: set[str] = set()
    groups = []
    for group in text.split("||"):
        terms = []
        for term in group.split("&&"):
            found = _TERM.fullmatch(term)
            if found is None:
                message = f"{term.strip()!r} compares no field"
                raise PatternError(message)
            names.add(found[1])
            terms.append(Term(found[2], found[3].strip('"')))
        groups.append(tuple(terms))
    if len(names) != 1:
        message = f"{text!r} speaks of several fields"
        raise PatternError(message)
    return Place(names.pop(), tuple(groups))


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
