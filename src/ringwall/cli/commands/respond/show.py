"""`ringwall respond show`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ringwall.cli.options import json_option
from ringwall.cli.respond_options import find, respond_options, show_incident

if TYPE_CHECKING:
    from ringwall.app.responding.opening import Given


@click.command("show")
@click.argument("incident", metavar="INCIDENT|ADDRESS|NAME")
@respond_options()
@json_option
def command(given: Given, incident: str, as_json: bool) -> int:
    """Show INCIDENT: what happened, what is proposed or done, its proof, its journal."""
    ledger = given.open_ledger()
    show_incident(given, ledger, find(given, ledger, incident), as_json=as_json)
    return 0
