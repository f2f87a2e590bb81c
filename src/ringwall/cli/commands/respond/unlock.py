"""`ringwall respond unlock`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ringwall.cli.options import json_option
from ringwall.cli.respond_options import respond_options
from ringwall.cli.screen import show, show_json
from ringwall.errors import StaleError

if TYPE_CHECKING:
    from ringwall.app.responding.opening import Given


@click.command("unlock")
@click.argument("held", metavar="INCIDENT|ADDRESS|TARGET")
@respond_options(person=True)
@json_option
def command(given: Given, held: str, by: str, reason: str, as_json: bool) -> int:
    """Release the locks of whoever died while it acted: an incident's, or those of a target.

    Look that it is dead: nobody else may act until it is. Who is seen to live is refused (exit 4).
    In a ledger on this machine a dead owner gives way by itself.
    """
    from ringwall.app.responding.releasing import release, released_document

    try:
        found = release(given.open_ledger(), held, by, reason)
    except StaleError as error:
        error.hint = error.hint or f"{given.desk.quoted('status')} tells what is half made"
        raise
    document = released_document(found, given.desk)
    if as_json:
        show_json(document)
        return 0
    for each in document["released"]:
        show(f"{each['target']}: released; it was held by {each['who']} since {each['since']}")
    show(f"what is half made is finished or taken back by: {document['run']}")
    return 0
