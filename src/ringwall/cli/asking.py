"""Ask a person to type the deployment's name before AWS is changed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from ringwall.cli import plan_text
from ringwall.cli.screen import say
from ringwall.errors import DeclinedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ringwall.app.responding.listing import Listing
    from ringwall.model.plan import Plan


def confirm_by_name(*, yes: bool) -> Callable[[Plan, Listing], bool]:
    """Return a question about a plan; without a terminal only `yes` answers it."""

    def confirm(plan: Plan, listed: Listing) -> bool:
        if yes:
            return True
        for line in (*plan_text.change_lines(plan), *plan_text.closing_lines(plan, listed)):
            say(line)
        if not sys.stdin.isatty():
            msg = "nobody is there to confirm; nothing was changed"
            raise DeclinedError(msg, hint="--yes goes on without asking")
        say(f"Type the deployment's name to change account {plan.account} in {plan.region}:")
        return str(click.prompt(plan.deployment, err=True, prompt_suffix=" > ")) == plan.deployment

    return confirm
