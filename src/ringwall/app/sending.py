"""The files that a plan would send → nothing, or a problem with its place before the first step.

Rule: a file that no step sends is not asked for: what is deployed already needs none.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from ringwall.app.workspace import Wanted
from ringwall.blueprint.syntax import Path
from ringwall.errors import BlueprintError, InputError, Problem
from ringwall.model.calls import Content
from ringwall.model.graph import Value
from ringwall.model.plan import Plan
from ringwall.shell.files import read_content

MOST: Final = 50 << 20  # bytes of a zip in a request (Lambda quotas, "direct upload")
_PACKAGE: Final[Path] = ("response", "package")


def refuse_wrong_files(wanted: Wanted, plan: Plan) -> None:
    """Read every file that a plan would send; raises BlueprintError with all that are wrong."""
    calls = (call for step in plan.steps for call in step.calls)
    contents = dict.fromkeys(each for call in calls for each in _contents(call.request))
    problems = [found for each in contents if (found := _problem(wanted, each)) is not None]
    if problems:
        raise BlueprintError(wanted.file, problems, wanted.text)


def _contents(value: Value) -> Iterator[Content]:
    match value:
        case Content():
            yield value
        case Mapping():
            for each in value.values():
                yield from _contents(each)
        case list() | tuple():
            for each in value:
                yield from _contents(each)
        case _:
            return


def _problem(wanted: Wanted, content: Content) -> Problem | None:
    try:
        size = len(read_content(content.path, content.sha256))
    except InputError as error:
        hint = error.hint or "ringwall respond package FILE -o ZIP makes it"
        return _at(wanted, "sha256" if error.hint else "file", error.message, hint)
    if size > MOST:
        message = f"'{content.path}' has {size} bytes, and Lambda takes {MOST} of a file"
        return _at(wanted, "file", message, "put it into a bucket: `bucket`, `key`, `sha256`")
    return None


def _at(wanted: Wanted, part: str, message: str, hint: str) -> Problem:
    origins = wanted.blueprint.origins
    origin = origins.get((*_PACKAGE, part)) or origins.get(_PACKAGE)
    line, column = (origin.line, origin.column) if origin else (1, 1)
    return Problem("BP130", message, line, column, hint=hint)
