"""`ringwall lab`."""

import click

from ringwall.cli.lazy import LazyGroup
from ringwall.cli.screen import say, show

COMMANDS = {
    "deliver": "Hand logs of made traffic to a lab, as AWS would deliver them.",
    "traffic": "Write the logs of traffic that would cross a network.",
}


class LabCommands(LazyGroup):
    """The commands of the lab."""

    package = __name__
    known = COMMANDS


@click.group("lab", cls=LabCommands, invoke_without_command=True)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=5005,
    show_default=True,
    help="Port on 127.0.0.1; 0 takes a free one.",
)
@click.option("--real-time", is_flag=True, help="Let states take the time they take.")
@click.option(
    "--certificate",
    "certificates",
    multiple=True,
    metavar="ARN",
    help="A certificate of ACM that a blueprint names, put there from the beginning; may be"
    " repeated.",
)
@click.pass_context
def command(
    context: click.Context, port: int, real_time: bool, certificates: tuple[str, ...]
) -> int:
    """Serve AWS on this desk, on the loopback interface alone, until Ctrl-C."""
    if context.invoked_subcommand is not None:
        return 0
    from ringwall.lab.server import Lab
    from ringwall.lab.world import ClockMode

    clock: ClockMode = "real" if real_time else "virtual"
    with Lab(port, clock=clock, certificates=certificates) as lab:
        say("AWS on this desk; Ctrl-C stops it. For the AWS CLI, boto3 and ringwall:")
        for name, value in lab.environment.items():
            show(f"export {name}={value}")
        lab.wait()
    return 0
