"""`ringwall respond undo`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ringwall.cli.options import json_option
from ringwall.cli.respond_options import open_responder, respond_options
from ringwall.cli.screen import show, show_json

if TYPE_CHECKING:
    from ringwall.app.responding.opening import Given


@click.command("undo")
@click.argument("incident", metavar="INCIDENT|ADDRESS|NAME")
@respond_options(acts=True, person=True)
@json_option
def command(given: Given, incident: str, by: str, reason: str, as_json: bool) -> int:
    """Take back what was done about INCIDENT, and prove that all is as it was before."""
    from ringwall.app.responding.naming import find_incident
    from ringwall.app.responding.telling import show_document
    from ringwall.cli.respond_text import show_lines

    responder = open_responder(given)
    id_ = find_incident(responder.ledger, incident).id
    responder.undo(id_, by, reason)
    document = show_document(responder.ledger, id_)
    if as_json:
        show_json(document)
    else:
        show(show_lines(document))
    return 0
