"""`ringwall respond journal`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ringwall.cli.options import json_option
from ringwall.cli.respond_options import respond_options
from ringwall.cli.screen import show, show_json

if TYPE_CHECKING:
    from ringwall.app.responding.opening import Given


@click.command("journal")
@click.option("--incident", default="", metavar="ID", help="Only of this incident.")
@click.option("--after", default=0, metavar="NUMBER", help="Only lines after this one.")
@respond_options()
@json_option
def command(given: Given, incident: str, after: int, as_json: bool) -> int:
    """Print the journal: what was told, done and taken back, when, by whom, and why."""
    from ringwall.app.responding.telling import journal_document
    from ringwall.cli.respond_text import journal_lines

    document = journal_document(given.open_ledger().lines(incident, after))
    if as_json:
        show_json(document)
    else:
        show(journal_lines(document["lines"]))
    return 0
