"""`ringwall respond watch`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from ringwall.cli.options import json_option, quiet_option
from ringwall.cli.respond_options import open_responder, respond_options
from ringwall.cli.screen import columns, say, show
from ringwall.cli.traffic_options import looking_options, only_option, suppress_option

if TYPE_CHECKING:
    from ringwall.app.responding.opening import Given


@click.command("watch")
@click.option(
    "--logs",
    multiple=True,
    required=True,
    metavar="SOURCE",
    help="Where logs come, as for `ringwall traffic ingest`; may be repeated.",
)
@looking_options
@only_option
@suppress_option
@respond_options(acts=True)
@quiet_option
@json_option
def command(
    given: Given,
    logs: tuple[str, ...],
    every: str,
    times: int,
    window: str,
    only: tuple[str, ...],
    suppress: str,
    quiet: bool,
    as_json: bool,
) -> int:
    """Read logs as they come, and answer what is found: detect, propose or act, expire, repair.

    With --json every incident that moved is a line of JSON. --store is where logs are kept.
    """
    from ringwall.app.following import Following
    from ringwall.app.ingesting import Wish
    from ringwall.app.responding.telling import incident_document
    from ringwall.app.responding.watching import looks_of, watch
    from ringwall.app.suppressing import read_suppressions
    from ringwall.cli.follow_text import Teller
    from ringwall.cli.respond_text import incident_lines
    from ringwall.traffic.times import to_seconds

    if not given.store:
        msg = "--store is missing: where logs are kept"
        raise click.UsageError(msg)
    at = given.cloud
    following = Following(
        Wish(logs, given.store, profile=at.profile, endpoint_url=at.endpoint_url),
        only,
        None,
        read_suppressions(suppress) if suppress else (),
        to_seconds(window),
        to_seconds(every),
        times,
    )
    responder = open_responder(given, begin=True)
    teller = Teller(quiet=quiet)
    for done in watch(responder, looks_of(given, following)):
        for line in (*teller.lines(done.look), *done.taken.said):
            say(line)
        documents = [incident_document(each) for each in done.taken.incidents]
        if as_json:
            show(json.dumps(each) for each in documents)
        elif documents:
            show(incident_lines(documents, columns()))
    return 0
