"""`ringwall respond resume`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ringwall.cli.respond_options import respond_options
from ringwall.cli.screen import show

if TYPE_CHECKING:
    from ringwall.app.responding.opening import Given


@click.command("resume")
@respond_options(person=True)
def command(given: Given, by: str, reason: str) -> int:
    """Let what acts by itself act again."""
    from ringwall.app.responding.switching import resume

    show(resume(given.open_ledger(create=True), by, reason))
    return 0
