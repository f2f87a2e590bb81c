"""`ringwall traffic top`."""

import click

from ringwall.cli.options import json_option
from ringwall.cli.screen import show, show_csv, show_json
from ringwall.cli.traffic_options import Asked, csv_option, limit_option, traffic_options


@click.command("top")
@click.argument(
    "of",
    metavar="[SOURCE|DESTINATION|PAIR|PORT]",
    type=click.Choice(["source", "destination", "pair", "port"], case_sensitive=False),
    default="source",
)
@click.option(
    "--by",
    type=click.Choice(["bytes", "records", "rejected"]),
    default="bytes",
    show_default=True,
    help="Of what they have most.",
)
@traffic_options
@limit_option
@csv_option
@json_option
def command(of: str, by: str, asked: Asked, limit: int, as_csv: bool, as_json: bool) -> int:
    """Tell which sources (or destinations, pairs, ports) have most, as logged."""
    from ringwall.app.looking import tops
    from ringwall.cli.answer_text import top_lines

    answer = tops(asked.inquiry(), of, by, limit)
    if as_json:
        rows = answer.to_list()
        show_json({"schema": "ringwall/traffic-top/1", "of": of, "by": by, "rows": rows})
    elif as_csv:
        show_csv(answer.columns, (row.values() for row in answer.rows))
    else:
        show(top_lines(answer, by))
    return 0
