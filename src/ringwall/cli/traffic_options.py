"""The options that the commands about traffic share, and what they mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ringwall.app.inquiring import Inquiry

only_option = click.option(
    "--only",
    multiple=True,
    metavar="ID|NAME",
    help="Run this detection alone; may be repeated.",
)
suppress_option = click.option(
    "--suppress",
    default="",
    metavar="FILE",
    help="Leave out what this file accepts, with a reason and a last day each.",
)
_LOOKING = (
    click.option(
        "--every", default="60s", show_default=True, metavar="LENGTH", help="From look to look."
    ),
    click.option(
        "--times",
        type=click.IntRange(min=0),
        default=0,
        metavar="NUMBER",
        help="End after so many looks; without it, with Ctrl-C.",
    ),
    click.option(
        "--window",
        default="24h",
        show_default=True,
        metavar="LENGTH",
        help="How far a look reaches back before what is new.",
    ),
)
_OPTIONS = (
    click.option(
        "--store",
        required=True,
        metavar="DIR",
        help="The store that `ringwall traffic ingest` writes.",
    ),
    click.option("--since", default="", metavar="TIME", help="From this time, or as 24h (ago)."),
    click.option("--until", default="", metavar="TIME", help="Up to this time, without it."),
    click.option(
        "--network",
        multiple=True,
        metavar="[TIME=]NETWORK",
        help="Speak in the names of this network; its blocks are inside. It may be given again, "
        "with the time from which each holds.",
    ),
    click.option(
        "--blueprint",
        default="",
        metavar="FILE",
        help="What was meant, where --network is what is there.",
    ),
    click.option(
        "--interfaces",
        default="",
        metavar="FILE",
        help="Who stands in a network that is only written: described interfaces, as JSON.",
    ),
    click.option(
        "--engine",
        type=click.Choice(["duckdb", "spark", "athena"]),
        default="duckdb",
        show_default=True,
        help="What answers; Athena's SQL is only shown.",
    ),
    click.option(
        "--memory",
        default="1GB",
        show_default=True,
        metavar="SIZE",
        help="How much memory the engine may take before it spills.",
    ),
)


csv_option = click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
limit_option = click.option(
    "--limit",
    type=click.IntRange(1, 100_000),
    default=20,
    show_default=True,
    help="How many rows at most.",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the shared options say."""

    store: str
    since: str
    until: str
    network: tuple[str, ...]
    blueprint: str
    interfaces: str
    engine: str
    memory: str

    def inquiry(self) -> Inquiry:
        """Read the network and the time; raises what reading a network raises."""
        from ringwall.app.holding import Against
        from ringwall.app.inquiring import inquire

        return inquire(
            Path(self.store),
            Against(self.network, self.blueprint, self.interfaces),
            since=self.since,
            until=self.until,
            engine=self.engine,
            memory=self.memory,
        )


def looking_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add how often logs are looked at, and how far back."""
    for option in reversed(_LOOKING):
        command = option(command)
    return command


def traffic_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the shared options; the command gets them as `asked`."""

    @wraps(command)  # with the options that it has already
    def called(**given: object) -> int:
        shared: dict[str, Any] = {each.name: given.pop(each.name) for each in fields(Asked)}
        return command(asked=Asked(**shared), **given)

    added = called
    for option in reversed(_OPTIONS):
        added = option(added)
    return added
