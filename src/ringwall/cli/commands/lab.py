"""`ringwall lab`."""

import click

from ringwall.cli.screen import say


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
    from ringwall.lab.server import serve

    serve(port, clock="real" if real_time else "virtual", talk=say)
    return 0
