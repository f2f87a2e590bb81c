"""A problem as text for a terminal: its place, the source line, a caret, what is related, a hint.

Rule: the text is plain and holds no control characters, whatever the source holds.
"""

import re

from ringwall.blueprint.yaml_text import lines_of
from ringwall.errors import BlueprintError, Problem

_ADDRESS = re.compile(r"(https?://)([^\s\"',\]}]+)")
_WIDTH = 100
_MARGIN = 30


def render(problem: Problem, text: str, file: str = "") -> str:
    """Return a problem as a few lines, without a newline at the end."""
    return _render(problem, lines_of(text), file)


def render_all(error: BlueprintError) -> str:
    """Return all problems of an error, a line between them, and their number at the end."""
    lines = lines_of(error.text)
    parts = [_render(problem, lines, error.file) for problem in error.problems]
    return "\n\n".join([*parts, str(error)])


def _render(problem: Problem, lines: list[str], file: str) -> str:
    at = f"{file}:{problem.line}:{problem.column}" if file else f"{problem.line}:{problem.column}"
    found = [f"{at}: {problem.severity}[{problem.code}]: {_plain(problem.message)}"]
    found += _source(lines, problem.line, problem.column, problem.end_column)
    for line, column, note in problem.related:
        found.append(f"  see {file + ':' if file else ''}{line}:{column}: {_plain(note)}")
    if problem.hint:
        found.append(f"  hint: {_plain(problem.hint)}")
    return "\n".join(found)


def _source(lines: list[str], line: int, column: int, end_column: int) -> list[str]:
    if not 1 <= line <= len(lines) or not lines[line - 1].strip():
        return []
    # An address of the web may be a webhook's, which is a secret; the columns stay where they are.
    source = _ADDRESS.sub(lambda found: found[1] + "…" * len(found[2]), _plain(lines[line - 1]))
    start = min(column - 1, len(source))
    length = max(1, min(end_column, len(source) + 1) - column)
    if len(source) > _WIDTH:
        cut = max(0, start - _MARGIN)
        source = source[cut : cut + _WIDTH]
        start -= cut
        length = max(1, min(length, _WIDTH - start))
    gutter = f"{line:>5} | "
    return [gutter + source.rstrip(), " " * (len(gutter) - 2) + "| " + " " * start + "^" * length]


def _plain(text: str) -> str:
    """Put one visible character in the place of each that a terminal could obey or not show."""
    return "".join(c if c.isprintable() else (" " if c == "\t" else "?") for c in text)
