"""`ringwall traffic detect`."""

import json

import click

from ringwall.cli.options import assignments, json_option
from ringwall.cli.screen import show, show_csv, show_json
from ringwall.cli.traffic_options import Asked, traffic_options


@click.command("detect")
@traffic_options
@click.option(
    "--only",
    multiple=True,
    metavar="ID|NAME",
    help="Run this detection alone; may be repeated.",
)
@click.option(
    "--set",
    "given",
    multiple=True,
    type=assignments("DETECTION.PARAMETER=VALUE"),
    help="Give a parameter another value, as vertical-scan.ports=30; may be repeated.",
)
@click.option(
    "--suppress",
    default="",
    metavar="FILE",
    help="Leave out what this file accepts, with a reason and a last day each.",
)
@click.option("--show-sql", is_flag=True, help="Print what the engine would be asked, and stop.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 if there is a finding.")
@click.option("--csv", "as_csv", is_flag=True, help="Print the findings as CSV.")
@click.option("--ocsf", is_flag=True, help="Print OCSF Detection Findings (2004), one to a line.")
@json_option
def command(
    asked: Asked,
    only: tuple[str, ...],
    given: tuple[tuple[str, str], ...],
    suppress: str,
    show_sql: bool,
    exit_code: bool,
    as_csv: bool,
    ocsf: bool,
    as_json: bool,
) -> int:
    """Look for attacks and faults in the logs of a store.

    The detections, their parameters and examples stand in docs/reference/detections.md.
    """
    from ringwall.app.detecting import detect, shown, to_settings
    from ringwall.app.suppressing import read_suppressions
    from ringwall.cli.detect_text import FINDING_COLUMNS, detect_lines, finding_rows

    inquiry, settings = asked.inquiry(), to_settings(given)
    if show_sql:
        show(shown(only, settings, inquiry.scope, asked.engine))
        return 0
    if as_csv + ocsf + as_json > 1:
        msg = "--json, --csv and --ocsf cannot be had together"
        raise click.UsageError(msg)
    suppressions = read_suppressions(suppress) if suppress else ()
    detected = detect(inquiry, only, settings, suppressions)
    if as_json:
        show_json(detected.to_dict())
    elif as_csv:
        show_csv(FINDING_COLUMNS, finding_rows(detected))
    elif ocsf:
        show(json.dumps(each, ensure_ascii=False) for each in detected.to_ocsf())
    else:
        show(detect_lines(detected))
    return 1 if exit_code and detected.findings else 0
