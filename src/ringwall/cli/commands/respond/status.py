"""`ringwall respond status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ringwall.cli.options import json_option
from ringwall.cli.respond_options import respond_options
from ringwall.cli.screen import columns, show, show_json

if TYPE_CHECKING:
    from ringwall.app.responding.opening import Given


@click.command("status")
@respond_options()
@json_option
def command(given: Given, as_json: bool) -> int:
    """Tell what waits for a person, what is half made and who is at it, what stands until when.

    All of it by the ledger: `ringwall drift` compares what stands with what is there.
    """
    from ringwall.app.responding.switching import status
    from ringwall.cli.half_text import half_lines
    from ringwall.cli.respond_text import status_lines

    document = status(given.open_ledger(), given.desk)
    if as_json:
        show_json(document)
    else:
        show(half_lines(document["half_made"]))
        show(status_lines(document, given.desk, columns()))
    return 0
