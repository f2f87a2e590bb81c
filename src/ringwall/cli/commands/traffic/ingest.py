"""`ringwall traffic ingest`."""

import click

from ringwall.cli.options import aws_options, json_option, quiet_option
from ringwall.cli.screen import say, show, show_json
from ringwall.cli.traffic_text import Speed, report_lines


@click.command("ingest")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCES...")
@click.option("--store", required=True, metavar="DIR", help="The store; made if it is not there.")
@click.option(
    "--since", default="", metavar="TIME", help="Files from then on, as 2026-11-25 or 24h."
)
@click.option("--until", default="", metavar="TIME", help="Files before then.")
@click.option(
    "--format",
    "log_format",
    default="",
    metavar="FIELDS",
    help="The fields of lines without a header, in order, or AWS's LogFormat.",
)
@click.option(
    "--parser",
    type=click.Choice(["auto", "compiled", "python"]),
    default="auto",
    show_default=True,
    help="What reads the lines; both give the same rows.",
)
@click.option(
    "--keep", default="", metavar="LENGTH", help="Then remove hours that are older, as 30d."
)
@quiet_option
@json_option
@aws_options
def command(
    sources: tuple[str, ...],
    store: str,
    since: str,
    until: str,
    log_format: str,
    parser: str,
    keep: str,
    quiet: bool,
    as_json: bool,
    profile: str | None,
    endpoint_url: str | None,
) -> int:
    """Read logs into a store: flow logs of VPCs and Transit Gateways, resolver query logs.

    A source is a file, a folder, s3://BUCKET/PREFIX, or logs:GROUP of CloudWatch Logs. Files may be
    text, gz or Parquet; what they are is told from what is in them. A file that was read is passed
    over, under any name. Lines that cannot be read are counted, kept in a file of the store, and
    the rest goes in. --since and --until choose files and folders by the time in their names.
    """
    from ringwall.app.ingesting import Wish, ingest, report_document

    wish = Wish(
        sources, store, since, until, log_format, parser, keep, profile or "", endpoint_url or ""
    )
    speed = Speed(quiet=quiet or as_json)
    try:
        report, code = ingest(wish, watcher=speed)
    finally:
        speed.end()
    if as_json:
        show_json(report_document(report))
        return code
    show(report_lines(report, store))
    for name, why in report.unreadable:
        say(f"error: cannot read '{name}': {why}")
    for name, named in report.strange:
        if named:
            say(f"error: '{name}' is no log that Ringwall knows")
    if any(named for _, named in report.strange):
        say("hint: --format says what the fields of lines without a header are")
    return code
