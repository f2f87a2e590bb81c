"""`ringwall traffic follow`."""

import json

import click

from ringwall.cli.options import assignments, aws_options, json_option, quiet_option
from ringwall.cli.screen import say, show
from ringwall.cli.traffic_options import looking_options, only_option, suppress_option


@click.command("follow")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCES...")
@click.option("--store", required=True, metavar="DIR", help="The store; made if it is not there.")
@looking_options
@click.option(
    "--since",
    default="",
    metavar="TIME",
    help="Files from then on, by the time in their names, as 2026-11-25 or 24h (ago).",
)
@click.option(
    "--format",
    "log_format",
    default="",
    metavar="FIELDS",
    help="The fields of lines without a header, in order, or AWS's LogFormat.",
)
@click.option(
    "--network",
    multiple=True,
    metavar="[TIME=]NETWORK",
    help="Speak in the names of this network; it may be given again, with the time from which each "
    "holds.",
)
@click.option(
    "--blueprint",
    default="",
    metavar="FILE",
    help="What was meant, where --network is what is there.",
)
@click.option(
    "--interfaces",
    default="",
    metavar="FILE",
    help="Who stands in a network that is only written: described interfaces, as JSON.",
)
@click.option(
    "--refresh",
    default="15m",
    show_default=True,
    metavar="LENGTH",
    help="From reading to reading of `aws`; files are read again when they change.",
)
@only_option
@click.option(
    "--set",
    "given",
    multiple=True,
    type=assignments("DETECTION.PARAMETER=VALUE"),
    help="Give a parameter another value, as vertical-scan.ports=30; may be repeated.",
)
@suppress_option
@click.option(
    "--memory",
    default="1GB",
    show_default=True,
    metavar="SIZE",
    help="How much memory the engine may take before it spills.",
)
@quiet_option
@json_option
@aws_options
def command(
    sources: tuple[str, ...],
    store: str,
    every: str,
    times: int,
    window: str,
    since: str,
    log_format: str,
    network: tuple[str, ...],
    blueprint: str,
    interfaces: str,
    refresh: str,
    only: tuple[str, ...],
    given: tuple[tuple[str, str], ...],
    suppress: str,
    memory: str,
    quiet: bool,
    as_json: bool,
    profile: str | None,
    endpoint_url: str | None,
) -> int:
    """Read logs as they come, and print each finding once, when it is new.

    SOURCES are those of `ringwall traffic ingest`, and looked at again and again. With --json every
    finding is a line of JSON. What was read, and what was not, is told on stderr.
    """
    from pathlib import Path

    from ringwall.app.detecting import to_settings
    from ringwall.app.following import Following, follow
    from ringwall.app.holding import Against
    from ringwall.app.ingesting import Wish
    from ringwall.app.inquiring import inquire
    from ringwall.app.renewing import Renewing
    from ringwall.app.suppressing import read_suppressions
    from ringwall.cli.follow_text import Teller, news_lines
    from ringwall.cli.traffic_text import Speed
    from ringwall.traffic.times import to_seconds

    wish = Wish(
        sources,
        store,
        since,
        format=log_format,
        profile=profile or "",
        endpoint_url=endpoint_url or "",
    )
    following = Following(
        wish,
        only,
        to_settings(given),
        read_suppressions(suppress) if suppress else (),
        to_seconds(window),
        to_seconds(every),
        times,
    )
    inquiry = inquire(Path(store), memory=memory)
    networks = Renewing(Against(network, blueprint, interfaces), to_seconds(refresh))
    speed, teller = Speed(quiet=quiet or as_json), Teller(quiet=quiet)
    try:
        for look in follow(following, inquiry, networks=networks, watcher=speed):
            speed.end()
            for news in look.news:
                show(json.dumps(news.to_dict()) if as_json else news_lines(news))
            for line in teller.lines(look):
                say(line)
    finally:
        speed.end()
    return 0
