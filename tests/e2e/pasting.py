"""Commands that people are told, taken out of a text and run as they are."""

import re
import shlex
from collections.abc import Callable
from typing import Any

_QUOTED = re.compile(r"`(ringwall [^`\n]+)`")
_LAST = re.compile(r": (ringwall [^`\n]+)$", re.MULTILINE)


def commands(text: str) -> list[str]:
    """The commands in a text, each once, in order; none may stand where nobody finds its ends."""
    found = sorted([*_QUOTED.finditer(text), *_LAST.finditer(text)], key=lambda each: each.start())
    rest = _LAST.sub("", _QUOTED.sub("", text))
    assert "ringwall respond" not in rest, rest
    return list(dict.fromkeys(each[1] for each in found))


def command(text: str, verb: str) -> str:
    """The command of a verb in a text, of which there is one."""
    [found] = [each for each in commands(text) if shlex.split(each)[2] == verb]
    return found


def paste(ringwall: Callable[..., Any], line: str) -> Any:
    """Run a command as a shell would take it apart."""
    name, *words = shlex.split(line)
    assert name == "ringwall"
    return ringwall(*words)
