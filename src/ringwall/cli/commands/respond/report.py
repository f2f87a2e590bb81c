"""`ringwall respond report`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ringwall.cli.options import json_option
from ringwall.cli.respond_options import open_responder, respond_options, show_incident

if TYPE_CHECKING:
    from ringwall.app.responding.opening import Given

ROLES = {
    "source": ("ADDRESS", "Who did it.", "block-source"),
    "destination": ("ADDRESS", "To whom.", ""),
    "domain": ("NAME", "Which domain is asked for.", "block-domain"),
    "instance": ("ID", "Which instance is no longer yours alone.", "isolate-instance"),
    "role": ("NAME", "Which role's credentials are abused.", "revoke-credentials"),
}
_TOGETHER = frozenset({"source", "destination"})  # who sent, and to whom


def _roles(command: click.decorators.FC) -> click.decorators.FC:
    for name, (metavar, about, _) in reversed(ROLES.items()):
        command = click.option(
            f"--{name}", f"who_{name}", multiple=True, metavar=metavar, help=about
        )(command)
    return command


@click.command("report")
@_roles
@click.option("--kind", default="reported", metavar="KIND", help="A detection's id, or your word.")
@click.option("--playbook", default="", metavar="NAME", help="What to do; by default what fits.")
@respond_options(acts=True, person=True)
@json_option
def command(
    given: Given,
    kind: str,
    playbook: str,
    by: str,
    reason: str,
    as_json: bool,
    **who: tuple[str, ...],
) -> int:
    """Report somebody: what to do is worked out and proven, and waits as the policy says.

    Exits with 1 if it is refused.
    """
    named = {name: who[f"who_{name}"] for name in ROLES if who[f"who_{name}"]}
    if len(named) > 1 and not named.keys() <= _TOGETHER:
        given_together = " and ".join(f"--{name}" for name in named)
        msg = f"{given_together} are answered apart: report one after the other"
        raise click.UsageError(msg)
    words = [f"{name}={each}" for name, found in named.items() for each in found]
    fits = [ROLES[name][2] for name in named] if kind == "reported" else []
    responder = open_responder(given)
    incident = responder.report(kind, words, by, reason, playbook or next(iter(fits), ""))
    document = show_incident(given, responder.ledger, incident.id, as_json=as_json)
    return 1 if document["incident"]["state"] == "refused" else 0
