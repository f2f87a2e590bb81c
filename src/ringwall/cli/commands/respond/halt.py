"""`ringwall respond halt`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ringwall.cli.respond_options import respond_options
from ringwall.cli.screen import show

if TYPE_CHECKING:
    from ringwall.app.responding.opening import Given


@click.command("halt")
@respond_options(person=True)
def command(given: Given, by: str, reason: str) -> int:
    """Stop all that acts by itself, until `resume`; people may still approve and undo."""
    from ringwall.app.responding.switching import halt

    show(halt(given.open_ledger(create=True), by, reason))
    return 0
