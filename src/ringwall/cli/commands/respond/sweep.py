"""`ringwall respond sweep`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ringwall.cli.options import json_option
from ringwall.cli.respond_options import open_known, respond_options, say_left
from ringwall.cli.screen import show, show_json

if TYPE_CHECKING:
    from ringwall.app.responding.opening import Given


@click.command("sweep")
@respond_options(acts=True)
@json_option
def command(given: Given, as_json: bool) -> int:
    """Take back what has stood long enough.

    What was left is said with the reason (exit 4).
    """
    from ringwall.app.responding.outcomes import left_documents
    from ringwall.app.responding.reconciling import sweep
    from ringwall.app.responding.telling import list_document

    outcome = sweep(open_known(given))
    say_left(outcome)
    if as_json:
        show_json(list_document(outcome.ended) | {"left": left_documents(outcome)})
    else:
        show(outcome.done)
        if not outcome.done and not outcome.left:
            show("nothing has stood long enough")
    return outcome.exit_code
