"""`ringwall respond list`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ringwall.cli.options import json_option
from ringwall.cli.respond_options import respond_options
from ringwall.cli.screen import columns, show, show_json

if TYPE_CHECKING:
    from ringwall.app.responding.opening import Given

_STATES = (
    *("open", "observed", "proposed", "acting", "in-force"),
    *("denied", "refused", "failed", "undoing", "closed"),
)


@click.command("list")
@click.option("--state", "states", multiple=True, type=click.Choice(_STATES), help="Only these.")
@respond_options()
@json_option
def command(given: Given, states: tuple[str, ...], as_json: bool) -> int:
    """List incidents of FILE's deployment, the last changed first."""
    from ringwall.app.responding.telling import list_document
    from ringwall.cli.respond_text import incident_lines
    from ringwall.playbooks.records import IncidentState

    found = given.open_ledger().incidents([IncidentState(each) for each in states])
    document = list_document(found)
    if as_json:
        show_json(document)
    else:
        show(incident_lines(document["incidents"], columns()))
    return 0
