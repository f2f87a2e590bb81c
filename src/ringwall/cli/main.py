"""The `ringwall` command."""

import errno
import gc
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper

import click

from ringwall.cli.lazy import LazyGroup
from ringwall.cli.screen import (
    cannot_print,
    error_document,
    message_of,
    say,
    show_error,
    show_json,
    write_no_more,
)
from ringwall.errors import RingwallError, StoppedError

COMMANDS = {
    # name: module in ringwall.cli.commands, imported when it is called: `--help` stays fast
    "apply": "Bring AWS to what a blueprint or a saved plan says.",
    "audit": "Look for faults that only reachability shows.",
    "check": "Prove what must and must not be reachable.",
    "demo": "Show the whole story on an AWS on this desk.",
    "destroy": "Take a deployment down to nothing.",
    "diff": "Tell which traffic two networks treat differently.",
    "drift": "Name every difference between AWS and the blueprint.",
    "explain": "Tell whether traffic gets through, hop by hop.",
    "export": "Write a blueprint's network as CloudFormation or Terraform.",
    "init": "Write a commented starter blueprint.",
    "lab": "Serve AWS on this desk, or make the traffic that would cross it.",
    "map": "Draw a network and everything that may pass in it.",
    "output": "Print the ids of what is deployed, by key.",
    "permissions": "Print the least IAM policy that a command needs.",
    "plan": "Show what apply would do.",
    "reach": "Tell who reaches a name, or what it reaches.",
    "schema": "Print the JSON Schema of blueprints.",
    "snapshot": "Write what AWS says of networks to a folder.",
    "respond": "Answer attacks, with proof before and after, and a way back.",
    "traffic": "Keep and ask flow logs and DNS logs, read against the network.",
    "what-if": "Tell what removing or adding a rule would change.",
    "unlock": "Remove the lock of a run that died.",
    "verify-certificate": "Check the proofs of a certificate against a network.",
}


class Commands(LazyGroup):
    """The commands."""

    package = "ringwall.cli.commands"
    known = COMMANDS


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="ringwall")
def cli() -> None:
    """Build, prove and keep what an AWS network allows."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command and end the process with its exit code."""
    gc.set_threshold(100_000, 20, 100)  # a network is millions of objects, and they all stay
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without our signs shows the rest
    code = run(arguments)
    try:
        if sys.stdout is not None:  # as it is where the shell closed it
            sys.stdout.flush()
    except OSError as failure:
        write_no_more()  # Python would try again when it ends, and complain
        if not isinstance(failure, BrokenPipeError):
            code = _told(cannot_print(failure), ())
    sys.exit(code)


def run(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code; no exception leaves it.

    With `--json` an error is a document on stdout, too.
    """
    stdout = sys.stdout
    given = sys.argv[1:] if arguments is None else arguments
    try:
        result = cli.main(args=arguments, standalone_mode=False)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except SystemExit:
        if sys.stdout is stdout:
            raise
        write_no_more()  # click ends so, with another stdout, where nobody reads its help
        return 0
    except (click.Abort, KeyboardInterrupt):
        failure: Exception = InterruptedError("interrupted")
    except Exception as error:  # noqa: BLE001  (the last resort: a fault of ours, told as one)
        failure = error
    else:
        return result if isinstance(result, int) else 0
    try:
        code = _told(failure, given)
        if "--json" in given:
            show_json(error_document(failure, code))
    except (OSError, RingwallError):  # the error is that nothing can be written
        return 4
    return code


def _told(error: Exception, given: Sequence[str]) -> int:
    """Print an error on stderr; return the exit code. `given` are the words of the command."""
    match error:
        case InterruptedError():
            say("interrupted")
            return 130
        case click.exceptions.NoArgsIsHelpError():
            error.show()
            return 2
        case click.ClickException():
            say(f"error: {message_of(error)}")
            words = _path(getattr(error, "ctx", None)) or [w for w in given if w in COMMANDS][:1]
            say(f"hint: `{' '.join(['ringwall', *words])} --help` tells what it takes")
            return 2
        case StoppedError():
            say(error.message)
            return error.exit_code
        case RingwallError():
            show_error(error)
            return error.exit_code
        case OSError(errno=errno.ENOSPC):
            return _told(cannot_print(error), given)
        case _:
            return _own_fault(error)


def _path(context: click.Context | None) -> list[str]:
    """Return the words that lead to a command, without that of Ringwall itself."""
    if context is None or context.parent is None:
        return []
    return [*_path(context.parent), context.info_name or ""]


def _own_fault(error: Exception) -> int:
    import traceback

    say(f"error: a fault of Ringwall itself: {type(error).__name__}: {error}")
    if os.environ.get("RINGWALL_DEBUG"):
        say("".join(traceback.format_exception(error)))
    else:
        say("hint: run it again with RINGWALL_DEBUG=1 and report what it prints")
    return 4


if __name__ == "__main__":
    main()
