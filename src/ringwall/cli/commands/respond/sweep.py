"""`ringwall respond sweep`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ringwall.cli.options import json_option
from ringwall.cli.respond_options import open_responder, respond_options
from ringwall.cli.screen import show, show_json

if TYPE_CHECKING:
    from ringwall.app.responding.opening import Given


@click.command("sweep")
@respond_options(acts=True)
@json_option
def command(given: Given, as_json: bool) -> int:
    """Take back what has stood long enough."""
    from ringwall.app.responding.telling import list_document

    ended = open_responder(given).sweep()
    if as_json:
        show_json(list_document(ended))
        return 0
    show(f"{each.id}: closed, its time is over" for each in ended)
    if not ended:
        show("nothing has stood long enough")
    return 0
