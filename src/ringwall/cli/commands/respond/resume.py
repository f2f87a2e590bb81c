"""`ringwall respond resume`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ringwall.cli.options import json_option
from ringwall.cli.respond_options import respond_options
from ringwall.cli.screen import show, show_json

if TYPE_CHECKING:
    from ringwall.app.responding.opening import Given


@click.command("resume")
@respond_options(person=True)
@json_option
def command(given: Given, by: str, reason: str, as_json: bool) -> int:
    """Let what acts by itself act again."""
    from ringwall.app.responding.switching import resume, status

    ledger = given.open_ledger(create=True)
    said = resume(ledger, by, reason)
    if as_json:
        show_json(status(ledger, given.desk))
    else:
        show(said)
    return 0
