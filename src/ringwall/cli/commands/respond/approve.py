"""`ringwall respond approve`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ringwall.cli.options import json_option
from ringwall.cli.respond_options import decided, respond_options

if TYPE_CHECKING:
    from ringwall.app.responding.opening import Given


@click.command("approve")
@click.argument("incident", metavar="INCIDENT|ADDRESS|NAME")
@respond_options(acts=True, person=True)
@json_option
def command(given: Given, incident: str, by: str, reason: str, as_json: bool) -> int:
    """Carry out what is proposed about INCIDENT.

    It is worked out anew from what is there; if something else comes out, nothing is done: that is
    shown instead, and needs an approval of its own (exit 1).
    """
    return decided(given, incident, lambda own, id_: own.approve(id_, by, reason), as_json=as_json)
