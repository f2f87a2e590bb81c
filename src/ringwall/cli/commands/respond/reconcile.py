"""`ringwall respond reconcile`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ringwall.cli.respond_options import respond_options
from ringwall.cli.screen import show

if TYPE_CHECKING:
    from ringwall.app.responding.opening import Given


@click.command("reconcile")
@respond_options(acts=True)
def command(given: Given) -> int:
    """Finish or take back what was begun and not ended; do again what AWS no longer has."""
    told = given.responder().reconcile()
    show(told or ["the ledger and AWS say the same"])
    return 0
