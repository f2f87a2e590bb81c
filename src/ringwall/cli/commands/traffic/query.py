"""`ringwall traffic query`."""

import click

from ringwall.cli.options import json_option
from ringwall.cli.screen import say, show, show_csv, show_json
from ringwall.cli.traffic_options import Asked, csv_option, traffic_options


@click.command("query")
@click.argument("sql")
@traffic_options
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000_000),
    default=10_000,
    show_default=True,
    help="How many rows at most, if the SQL has no LIMIT.",
)
@csv_option
@json_option
def command(sql: str, asked: Asked, limit: int, as_csv: bool, as_json: bool) -> int:
    """Answer SQL (one SELECT, in DuckDB's dialect) over the logs of a store; nothing is written.

    Tables: flow, conversation, edge, transit, quiet, dns, as docs/reference/detections.md has
    them, and stored_flow, stored_transit, stored_quiet, stored_dns, as the files have them.
    """
    from ringwall.app.looking import query
    from ringwall.cli.answer_text import answer_lines

    answer, is_cut = query(asked.inquiry(), sql, limit)
    if is_cut:
        say(f"there are more than {limit:,} rows; --limit N, or a LIMIT of your own, shows more")
    if as_json:
        show_json({"schema": "ringwall/traffic-query/1", "rows": answer.to_list()})
    elif as_csv:
        show_csv(answer.columns, (row.values() for row in answer.rows))
    else:
        show(answer_lines(answer))
    return 0
