"""`ringwall lab`."""

import click

from ringwall.cli.screen import say, show


@click.command("lab")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=5005,
    show_default=True,
    help="Port on 127.0.0.1; 0 takes a free one.",
)
@click.option("--real-time", is_flag=True, help="Let states take the time they take.")
def command(port: int, real_time: bool) -> int:
    """Serve AWS on this desk, on the loopback interface alone, until Ctrl-C."""
    from ringwall.lab.server import Lab

    with Lab(port, clock="real" if real_time else "virtual") as lab:
        say("AWS on this desk; Ctrl-C stops it. For the AWS CLI, boto3 and ringwall:")
        for name, value in lab.environment.items():
            show(f"export {name}={value}")
        lab.wait()
    return 0
