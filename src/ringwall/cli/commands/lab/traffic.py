"""`ringwall lab traffic`."""

import sys

import click

from ringwall.cli.options import (
    absent_option,
    aws_options,
    json_option,
    parameter_option,
    quiet_option,
)
from ringwall.cli.screen import say, show, show_json


def _list(context: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    """Print the attacks, and go."""
    del parameter
    if not wanted:
        return
    from ringwall.lab.traffic.attacks import ATTACKS

    for attack in ATTACKS.values():
        show(f"{attack.name:<18}{attack.what}")
        for strength, what in attack.strengths.items():
            show(f"  {strength:<8}{what}")
        words = [*filter(None, attack.variants), *(["v6"] if attack.in_ipv6 else [])]
        if words:
            show(f"  variants: {', '.join(words)}")
    context.exit()


@click.command("traffic")
@click.argument("network", default="blueprint.yaml", required=False)
@click.option("-o", "--output", required=True, metavar="DIR", help="The folder to write.")
@click.option("--seed", type=int, default=0, show_default=True, help="Another gives another world.")
@click.option(
    "--hours",
    type=click.IntRange(1, 9600),
    default=24,
    show_default=True,
    help="How long it lasts.",
)
@click.option(
    "--start",
    default="2026-03-02",
    show_default=True,
    metavar="TIME",
    help="When it begins, at a full hour: 2026-03-02 or 2026-03-02T08:00Z.",
)
@click.option(
    "--attack",
    "attacks",
    multiple=True,
    metavar="NAME[:STRENGTH]",
    help="An attack, hard, middle or easy to find, with a variant or v6 after it: beacon:hard, "
    "vertical-scan:easy:mixed:v6. May be repeated; --list-attacks tells what there is.",
)
@click.option(
    "--list-attacks",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_list,
    help="List the attacks, write nothing.",
)
@click.option(
    "--format",
    "version",
    type=click.Choice(["full", *(f"v{n}" for n in range(2, 11))]),
    default="full",
    show_default=True,
    help="Fields of flow logs: v2 is AWS's default, v3 to v10 all fields up to that version.",
)
@click.option(
    "--aggregation",
    type=click.Choice(["60", "600"]),
    default=None,
    help="Longest window in seconds, else as the network's flow logs have it; with 600 half of the "
    "instances, which are no Nitro, use it.",
)
@click.option(
    "--scale",
    type=click.FloatRange(0, 10_000),
    default=1.0,
    show_default=True,
    help="Multiplies ordinary traffic.",
)
@click.option("--hive", is_flag=True, help="Name folders as Hive does: year=2026/month=03.")
@click.option("--per-hour", is_flag=True, help="A folder an hour below each day.")
@click.option("--force", is_flag=True, help="Replace what an earlier run wrote in DIR.")
@click.option("--blueprint", default="", help="With NETWORK `aws`: the blueprint of its flows.")
@parameter_option
@absent_option
@quiet_option
@json_option
@aws_options
def command(
    network: str,
    output: str,
    seed: int,
    hours: int,
    start: str,
    attacks: tuple[str, ...],
    version: str,
    aggregation: str | None,
    scale: float,
    hive: bool,
    per_hour: bool,
    force: bool,
    blueprint: str,
    parameters: tuple[tuple[str, str], ...],
    absent: tuple[str, ...],
    quiet: bool,
    as_json: bool,
    profile: str | None,
    endpoint_url: str | None,
) -> int:
    """Write the logs that AWS would write of traffic in NETWORK (default: blueprint.yaml).

    DIR gets `logs/` with flow logs of VPCs and transit gateways and the resolver's query logs in
    S3's layout, `interfaces.json`, and `truth.json`: which attacks are in it, and what looks like
    one and is none. The same NETWORK, seed and options give the same bytes.
    """
    from ringwall.app.sources import open_network
    from ringwall.app.traffic_making import make_traffic, orders_of, start_of
    from ringwall.app.workspace import CloudSettings
    from ringwall.lab.traffic.making import Wish

    wish = Wish(
        seed=seed,
        hours=hours,
        begin=start_of(start),
        attacks=orders_of(attacks),
        version=10 if version == "full" else int(version[1:]),
        aggregation=int(aggregation or 0),
        scale=scale,
        hive=hive,
        hourly=per_hour,
    )
    source = open_network(
        network,
        CloudSettings(profile or "", endpoint_url or ""),
        blueprint=blueprint,
        parameters=dict(parameters),
        absent=absent,
    )
    made = make_traffic(
        source,
        wish,
        output,
        force=force,
        told=_bar if sys.stderr.isatty() and not (quiet or as_json) else _nothing,
    )
    if as_json:
        show_json(made.truth)
        return 0
    for attack in made.truth["attacks"]:
        there = ", ".join(f"{count:,} {name}" for name, count in attack["records"].items() if count)
        show(f"{attack['kind']} ({attack['strength']})  {attack['first']}  {there or 'unseen'}")
    for lost in made.truth["left_out"]:
        say(f"left out, for nobody knows what becomes of it: {lost['what']}")
    lines = made.truth["lines"]
    show(
        f"wrote {lines['flow']:,} flow records, {lines['transit']:,} of transit gateways and "
        f"{lines['queries']:,} queries to {output}"
    )
    return 0


def _bar(done: int, of: int) -> None:
    end = "\n" if done == of else ""
    sys.stderr.write(f"\r\x1b[2K{done} of {of} hours{end}")
    sys.stderr.flush()


def _nothing(done: int, of: int) -> None:
    del done, of
