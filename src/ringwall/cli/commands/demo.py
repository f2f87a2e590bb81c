"""`ringwall demo`."""

import os
import time
from contextlib import ExitStack, chdir
from pathlib import Path

import click

from ringwall.cli.screen import show


@click.command("demo")
@click.option("--folder", default="demo-ringwall", show_default=True, help="Where files are left.")
@click.option("--endpoint-url", help="A lab that runs already; by default one is started.")
def command(folder: str, endpoint_url: str | None) -> int:
    """Plan, deploy, prove, break, catch, repair and remove a network, on this desk alone.

    Uses fixed, fake credentials, and refuses every endpoint that is not on the loopback interface.
    """
    from ringwall.app.demo import FORBIDDEN, environment, lay_out, refuse_beyond_loopback, tell
    from ringwall.cli.main import run
    from ringwall.lab.server import Lab

    started = time.monotonic()
    with ExitStack() as stack:
        if endpoint_url:
            refuse_beyond_loopback(endpoint_url)
        endpoint = endpoint_url or stack.enter_context(Lab()).endpoint
        for name in FORBIDDEN:
            os.environ.pop(name, None)
        os.environ.update(environment(endpoint))
        path = lay_out(folder, endpoint)
        show(f"an AWS on this desk answers at {endpoint}; the files are in {path}")
        stack.enter_context(chdir(path))
        code = tell(lambda words: run(list(words)), show)
    port = endpoint.rsplit(":", 1)[-1]
    show("")
    show(f"The story took {time.monotonic() - started:.0f} s. To repeat a command by hand:")
    show(f"  ringwall lab --port {port} &")
    show(f"  cd {Path(folder)} && . ./lab.env")
    return code
