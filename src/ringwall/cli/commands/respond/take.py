"""`ringwall respond take`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from ringwall.cli.options import json_option
from ringwall.cli.respond_options import open_responder, respond_options
from ringwall.cli.screen import columns, say, show, show_json

if TYPE_CHECKING:
    from ringwall.app.responding.opening import Given


@click.command("take")
@click.option(
    "--events",
    default="-",
    metavar="FILE",
    help="Alarms and findings as JSON; - is stdin, as `ringwall traffic detect --json` writes.",
)
@click.option(
    "--logs",
    default="",
    metavar="SOURCE",
    help="Where the flow logs are, that say who an alarm is about: a folder or s3://BUCKET/PREFIX.",
)
@respond_options(acts=True)
@json_option
def command(given: Given, events: str, logs: str, as_json: bool) -> int:
    """Take findings and alarms: each becomes an incident, or is told again to the one there is.

    What cannot be read is said, and stops nothing else (exit 2).
    """
    from ringwall.app.responding.taking import read_events, take
    from ringwall.app.responding.telling import list_document
    from ringwall.cli.respond_text import incident_lines

    found = read_events(events)
    responder = open_responder(replace(given, logs=logs))
    taken = take(responder, found)
    for line in taken.said:
        say(line)
    document = list_document(taken.incidents)
    if as_json:
        show_json(document)
    else:
        show(incident_lines(document["incidents"], columns()))
    return taken.exit_code
