"""A `ringwall` that hears Ctrl-C, however the tests were started."""

import sys

# What is started in the background inherits that SIGINT is ignored (POSIX, asynchronous lists).
_HEARS = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from ringwall.cli.main import main
main()
"""


def hearing(*words: str) -> list[str]:
    """Return the command line of a process that is interrupted by SIGINT."""
    return [sys.executable, "-c", _HEARS, *words]
