"""`ringwall demo`."""

import click

from ringwall.cli.screen import show


@click.command("demo")
@click.option("--folder", default="demo-ringwall", show_default=True, help="Where files are left.")
@click.option("--endpoint-url", help="A lab that runs already; by default one is started.")
def command(folder: str, endpoint_url: str | None) -> int:
    """Plan, deploy, prove, break, catch, repair and remove a network, on this desk alone.

    Uses fixed, fake credentials, and refuses every endpoint that is not on the loopback interface.
    """
    from ringwall.app.demo import run_demo

    return run_demo(folder, endpoint_url or "", show)
