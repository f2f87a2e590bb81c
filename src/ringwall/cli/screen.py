"""Where things are printed: data on stdout, talk on stderr, colour only on a terminal."""

import csv
import io
import json
import os
import shutil
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import click

from ringwall.errors import BlueprintError, OutsideError, Problem, RingwallError


def columns() -> int | None:
    """Return how wide the terminal is to which stdout goes; None where it goes elsewhere."""
    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    return shutil.get_terminal_size().columns if is_terminal else None


def say(line: str = "") -> None:
    """Print talk, on stderr; where nobody listens, it is not said."""
    with suppress(OSError):
        click.echo(line, err=True)


def show(lines: Iterable[str] | str) -> None:
    """Print data, on stdout."""
    for line in [lines] if isinstance(lines, str) else lines:
        show_text(paint(line) if has_colour(sys.stdout) else line)


def show_json(document: Any) -> None:  # noqa: ANN401  (JSON of any shape)
    """Print a document as JSON, on stdout."""
    is_unicode = (getattr(sys.stdout, "encoding", None) or "").lower().startswith("utf")
    show_text(json.dumps(document, indent=2, ensure_ascii=not is_unicode))


def show_text(text: str, *, nl: bool = True) -> None:
    """Print a text as it is, on stdout; raises OutsideError where that is not possible.

    Who stops reading has enough: the rest is not written, and the command goes on to its end.
    """
    try:
        click.echo(text, nl=nl)
    except BrokenPipeError:
        write_no_more()
    except OSError as failure:
        raise cannot_print(failure) from None


def write_no_more() -> None:
    """Let what is printed from now on, and what waits to be, go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)


def cannot_print(failure: OSError) -> OutsideError:
    """Return the error that stdout takes no more, as a full disk."""
    return OutsideError(f"cannot write to stdout: {failure.strerror or failure}")


def show_csv(header: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Print rows as CSV, on stdout; a text that a spreadsheet would compute is quoted by `'`."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_as_text(cell) for cell in row] for row in rows)
    click.echo(stream.getvalue(), nl=False)


def _as_text(cell: object) -> object:
    # Names and domains come from who is looked at; `=cmd()` must stay a text (CWE-1236).
    is_formula = isinstance(cell, str) and cell[:1] in {"=", "+", "-", "@", "\t", "\r"}
    return f"'{cell}" if is_formula else cell


def has_colour(stream: Any) -> bool:  # noqa: ANN401  (a text stream)
    """Tell whether a stream takes colour: a terminal, no NO_COLOR, TERM not dumb."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (stream is not None and stream.isatty())


_PAINT = {"+": "green", "-": "red", "~": "yellow", "!": "magenta", "✓": "green", "✗": "red"}


def paint(line: str) -> str:
    """Colour a line by its first sign; what it says never hangs on the colour."""
    sign = line.lstrip()[:1]
    return click.style(line, fg=_PAINT[sign]) if sign in _PAINT else line


def show_error(error: RingwallError) -> None:
    """Print an error and the way out, on stderr; every problem of a blueprint with its place."""
    if isinstance(error, BlueprintError):
        show_problems(error.file, error.text, error.problems)
        say(error.message)
        return
    say(f"error: {error.message}")
    if error.hint:
        say(f"hint: {error.hint}")


def message_of(error: Exception) -> str:
    """Return what an error says, in one line."""
    if isinstance(error, click.ClickException):
        return " ".join(error.format_message().split())
    return getattr(error, "message", "") or str(error) or type(error).__name__


def error_document(error: Exception, exit_code: int) -> dict[str, Any]:
    """Return the JSON document `ringwall/error/1` of what ended a command."""
    document: dict[str, Any] = {
        "schema": "ringwall/error/1",
        "exit_code": exit_code,
        "message": message_of(error),
        "hint": getattr(error, "hint", ""),
        "problems": [],
    }
    if isinstance(error, BlueprintError):
        document["problems"] = [
            {
                "code": problem.code,
                "severity": problem.severity,
                "message": problem.message,
                "hint": problem.hint,
                "source": {"file": error.file, "line": problem.line, "col": problem.column},
            }
            for problem in error.problems
        ]
    return document


def show_problems(file: str, text: str, problems: Iterable[Problem]) -> None:
    """Print the problems of a blueprint, each with source line and caret, on stderr."""
    from ringwall.blueprint.report import render

    for problem in problems:
        say(render(problem, text, file))
        say()


def show_warnings(wanted: Any) -> None:  # noqa: ANN401  (a Wanted; the name costs an import)
    """Print a blueprint's warnings, each in one line, on stderr."""
    for problem in wanted.blueprint.warnings:
        say(
            f"{wanted.file}:{problem.line}:{problem.column}: "
            f"warning[{problem.code}]: {problem.message}"
        )
        if problem.hint:
            say(f"hint: {problem.hint}")
