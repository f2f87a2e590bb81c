"""`ringwall respond sweep`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ringwall.cli.respond_options import respond_options
from ringwall.cli.screen import show

if TYPE_CHECKING:
    from ringwall.app.responding.opening import Given


@click.command("sweep")
@respond_options(acts=True)
def command(given: Given) -> int:
    """Take back what has stood long enough."""
    ended = given.responder().sweep()
    show(f"{each.id}: closed, its time is over" for each in ended)
    if not ended:
        show("nothing has stood long enough")
    return 0
