"""`ringwall respond report`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ringwall.cli.options import json_option
from ringwall.cli.respond_options import respond_options
from ringwall.cli.screen import show, show_json

if TYPE_CHECKING:
    from ringwall.app.responding.opening import Given


@click.command("report")
@click.option("--source", "source", default="", metavar="ADDRESS", help="Who did it.")
@click.option("--destination", default="", metavar="ADDRESS|NAME", help="To whom.")
@click.option("--playbook", default="", metavar="NAME", help="What to do; by default what fits.")
@respond_options(acts=True, person=True)
@json_option
def command(
    given: Given,
    source: str,
    destination: str,
    playbook: str,
    by: str,
    reason: str,
    as_json: bool,
) -> int:
    """Report an offender yourself: what to do is worked out and proven, and waits for approval."""
    from ringwall.app.responding.reporting import reported
    from ringwall.app.responding.telling import show_document
    from ringwall.cli.respond_text import show_lines

    responder = given.responder()
    event = reported(source, destination, by, reason, responder.clock.now())
    incident = responder.take(event, playbook or "block-source")
    document = show_document(responder.ledger, incident.id)
    if as_json:
        show_json(document)
    else:
        show(show_lines(document))
    return 1 if incident.state.value == "refused" else 0
