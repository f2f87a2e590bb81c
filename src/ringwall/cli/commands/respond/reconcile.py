"""`ringwall respond reconcile`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ringwall.cli.options import json_option
from ringwall.cli.respond_options import open_responder, respond_options
from ringwall.cli.screen import show, show_json

if TYPE_CHECKING:
    from ringwall.app.responding.opening import Given


@click.command("reconcile")
@respond_options(acts=True)
@json_option
def command(given: Given, as_json: bool) -> int:
    """Finish or take back what was begun and not ended; do again what AWS no longer has."""
    from ringwall.app.responding.reconciling import reconcile

    told = reconcile(open_responder(given))
    if as_json:
        show_json({"schema": "ringwall/respond-reconcile/1", "done": told})
        return 0
    show(told or ["the ledger and AWS say the same"])
    return 0
