"""`ringwall respond reconcile`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ringwall.cli.options import json_option
from ringwall.cli.respond_options import open_known, respond_options, say_left
from ringwall.cli.screen import show, show_json

if TYPE_CHECKING:
    from ringwall.app.responding.opening import Given


NOTHING = ["the ledger and AWS say the same"]


@click.command("reconcile")
@respond_options(acts=True)
@json_option
def command(given: Given, as_json: bool) -> int:
    """Finish or take back what was begun and not ended; do again what AWS no longer has.

    What was left is said with the reason (exit 4).
    """
    from ringwall.app.responding.outcomes import left_documents
    from ringwall.app.responding.reconciling import reconcile

    outcome = reconcile(open_known(given))
    say_left(outcome)
    if as_json:
        left = left_documents(outcome)
        show_json({"schema": "ringwall/respond-reconcile/1", "done": outcome.done, "left": left})
    elif not outcome.left:
        show(outcome.done or (NOTHING if not outcome.young else []))
    else:
        show(outcome.done)
    return outcome.exit_code
