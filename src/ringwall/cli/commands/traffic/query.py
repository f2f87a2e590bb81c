"""`ringwall traffic query`."""

import click

from ringwall.cli.options import json_option
from ringwall.cli.screen import show, show_csv, show_json
from ringwall.cli.traffic_options import Asked, csv_option, traffic_options


@click.command("query")
@click.argument("sql")
@traffic_options
@csv_option
@json_option
def command(sql: str, asked: Asked, as_csv: bool, as_json: bool) -> int:
    """Answer SQL (one SELECT, in DuckDB's dialect) over the logs of a store; nothing is written.

    Tables: flow, conversation, transit, quiet, dns, as docs/reference/detections.md has them, and
    stored_flow, stored_transit, stored_quiet, stored_dns, as the files have them.
    """
    from ringwall.app.looking import query
    from ringwall.cli.answer_text import answer_lines

    answer = query(asked.inquiry(), sql)
    if as_json:
        show_json({"schema": "ringwall/traffic-query/1", "rows": answer.to_list()})
    elif as_csv:
        show_csv(answer.columns, (row.values() for row in answer.rows))
    else:
        show(answer_lines(answer))
    return 0
