"""The `ringwall` command."""

import gc
import sys

import click

from ringwall.cli.lazy import LazyGroup
from ringwall.cli.screen import say, show_error
from ringwall.errors import RingwallError

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
    "traffic": "Keep and ask flow logs and DNS logs, read against the network.",
    "what-if": "Tell what removing or adding a rule would change.",
    "unlock": "Remove the lock of a run that died.",
    "verify-certificate": "Check the proofs of a certificate against a network.",
}


@click.group(
    cls=LazyGroup,
    package="ringwall.cli.commands",
    known=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="ringwall")
def cli() -> None:
    """Build, prove and keep what an AWS network allows."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command and end the process with its exit code."""
    gc.set_threshold(100_000, 20, 100)  # a network is millions of objects, and they all stay
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code; no exception leaves it."""
    try:
        result = cli.main(args=arguments, standalone_mode=False)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.Abort:
        say("interrupted")
        return 130
    except KeyboardInterrupt:
        say("interrupted")
        return 130
    except click.ClickException as error:
        error.show()
        return 2
    except RingwallError as error:
        show_error(error)
        return error.exit_code
    except BrokenPipeError:
        return 4
    except Exception as error:  # noqa: BLE001  (the last resort: a fault of ours, told as one)
        return _own_fault(error)
    return result if isinstance(result, int) else 0


def _own_fault(error: Exception) -> int:
    import os
    import traceback

    say(f"error: a fault of Ringwall itself: {type(error).__name__}: {error}")
    if os.environ.get("RINGWALL_DEBUG"):
        say(traceback.format_exc())
    else:
        say("hint: run it again with RINGWALL_DEBUG=1 and report what it prints")
    return 4


if __name__ == "__main__":
    main()
