"""The options that the commands about responses share, and what they mean."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial, wraps
from typing import TYPE_CHECKING, Any

import click

from ringwall.cli.options import aws_options, blueprint_argument, ledger_option
from ringwall.cli.screen import say, show, show_error, show_json
from ringwall.errors import QuestionError, RefusedError, StaleError

if TYPE_CHECKING:
    from ringwall.app.documents import Document
    from ringwall.app.responding.loop import Responder
    from ringwall.app.responding.opening import Given
    from ringwall.app.responding.outcomes import Outcome
    from ringwall.shell.ledger.port import Ledger

_ACTING = (
    click.option(
        "--policy",
        default="",
        metavar="FILE",
        help="What may be done without a person; without it, everything is asked.",
    ),
    click.option(
        "--store",
        default="",
        metavar="DIR",
        help="Logs in which a block is replayed: what it would have cut.",
    ),
    click.option(
        "--notify",
        multiple=True,
        metavar="PLACE",
        help="Who is told of each incident that moves: the ARN of a topic, ssm:PARAMETER or"
        " secretsmanager:SECRET with a webhook's address, s3://BUCKET/PREFIX, security-hub;"
        " may be repeated. By default what the blueprint's `response` declares.",
    ),
)
_BY = (
    click.option("--reason", required=True, help="Why; it is written to the journal."),
    click.option("--by", default="", metavar="WHO", help="Who says so; by default you."),
)


def respond_options(
    *, acts: bool = False, person: bool = False
) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Add the shared options; the command gets them as `given`, and a person's as `by`, `reason`.

    `acts`: with what acting takes. `person`: somebody decides, and says why.
    """

    def add(command: Callable[..., int]) -> Callable[..., int]:
        @wraps(command)  # with the options that it has already
        def called(**said: object) -> int:
            from ringwall.app.responding.opening import Given
            from ringwall.app.workspace import CloudSettings

            names = ("file", "ledger", *(("policy", "store") if acts else ()))
            texts: Any = {name: str(said.pop(name) or "") for name in names}
            cloud = CloudSettings(
                str(said.pop("profile") or ""), str(said.pop("endpoint_url") or "")
            )
            places = said.pop("notify", ())
            notify = places if isinstance(places, tuple) else ()
            if person:
                if not str(said["reason"]).strip():
                    msg = "--reason is empty"
                    raise click.UsageError(msg)
                said["by"] = str(said["by"]) or getpass.getuser()
            given = Given(
                texts["file"],
                ledger=texts["ledger"],
                policy=texts.get("policy", ""),
                store=texts.get("store", ""),
                notify=notify,
                cloud=cloud,
            )
            if not acts:
                return command(given=given, **said)
            return _stoppable(given, partial(command, **said))

        added = called
        for option in (*(_BY if person else ()), *(_ACTING if acts else ())):
            added = option(added)
        return blueprint_argument(ledger_option(aws_options(added)))

    return add


def _stoppable(given: Given, command: Callable[..., int]) -> int:
    """Run what acts; a signal ends it where nothing is half made, or says what is."""
    from ringwall.app.responding.halves import stopped
    from ringwall.shell.stopping import Brake

    brake = Brake(_stopping)
    with brake.listening():
        try:
            return command(given=replace(given, brake=brake))
        except KeyboardInterrupt:
            raise stopped(given) from None


def _stopping() -> None:
    # Written past what the interrupted code may be writing to.
    os.write(2, b"stopping after this step; once more stops at once\n")


def open_known(given: Given) -> Responder:
    """Open all that acts on what a ledger knows: where there is none, nothing is to be done."""
    return open_responder(replace(given, begins=False))


def open_responder(given: Given, *, begin: bool = False) -> Responder:
    """Open all that acts; `begin`: the store may be yet to be made."""
    if not given.store:
        return given.responder()
    from ringwall.app.responding.replaying import replaying

    return replaying(given, begin=begin)


def say_left(outcome: Outcome) -> None:
    """Say what was left, why, and the way out of it; and what is not touched yet."""
    for said in outcome.young:
        say(said)
    for each in outcome.left:
        say(f"left: {each}")
        if each.hint:
            say(f"hint: {each.hint}")


def decided(
    given: Given, incident: str, decide: Callable[[Responder, str], object], *, as_json: bool
) -> int:
    """Decide about the incident that a word means, by its id, and show it as it is afterwards.

    What is refused is said beneath what is proposed now (1). 1, too, is an undo after which
    something of the response is still there.
    """
    from ringwall.app.responding.telling import is_left, refused_document

    responder = open_known(given)
    ledger = responder.ledger
    id_ = find(given, ledger, incident)
    try:
        decide(responder, id_)
    except StaleError as error:
        error.hint = error.hint or f"{given.desk.quoted('show', id_)} tells what happened"
        raise
    except RefusedError as error:
        show_incident(given, ledger, id_, as_json=as_json, refused=refused_document(error))
        show_error(error)
        return error.exit_code
    document = show_incident(given, ledger, id_, as_json=as_json)
    return 1 if is_left(document) else 0


def find(given: Given, ledger: Ledger, word: str) -> str:
    """Return the id of the incident that a word means; raises QuestionError for none."""
    from ringwall.app.responding.naming import find_incident

    try:
        return find_incident(ledger, word).id
    except QuestionError as error:
        error.hint = error.hint or f"{given.desk.quoted('list')} shows them"
        raise


def show_incident(
    given: Given, ledger: Ledger, id_: str, *, as_json: bool, refused: Document | None = None
) -> Document:
    """Show an incident as it stands, with why something about it was refused; return it."""
    from ringwall.app.responding.telling import show_document
    from ringwall.cli.respond_text import show_lines

    document = show_document(ledger, id_)
    if as_json:
        show_json(document | ({"refused": refused} if refused else {}))
    else:
        show(show_lines(document, given.desk))
    return document
