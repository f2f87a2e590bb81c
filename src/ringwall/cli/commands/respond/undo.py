"""`ringwall respond undo`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ringwall.cli.options import json_option
from ringwall.cli.respond_options import decided, respond_options

if TYPE_CHECKING:
    from ringwall.app.responding.opening import Given


@click.command("undo")
@click.argument("incident", metavar="INCIDENT|ADDRESS|NAME")
@respond_options(acts=True, person=True)
@json_option
def command(given: Given, incident: str, by: str, reason: str, as_json: bool) -> int:
    """Take back what was done about INCIDENT, and compare all that it touched with what was before.

    Exits with 1 if something of it is still there; what others have changed meanwhile is told.
    """
    return decided(given, incident, lambda own, id_: own.undo(id_, by, reason), as_json=as_json)
