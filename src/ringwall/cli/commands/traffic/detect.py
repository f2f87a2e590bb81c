"""`ringwall traffic detect`."""

import json

import click

from ringwall.cli.options import assignments, json_option, quiet_option
from ringwall.cli.screen import show, show_csv, show_json
from ringwall.cli.traffic_options import (
    Asked,
    csv_option,
    only_option,
    suppress_option,
    traffic_options,
)


@click.command("detect")
@traffic_options
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
    "--samples",
    type=click.IntRange(0, 1000),
    default=0,
    metavar="N",
    help="Add the first N records behind each finding (of a hundred findings, the worst).",
)
@click.option("--show-sql", is_flag=True, help="Print what the engine would be asked, and stop.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 if there is a finding.")
@quiet_option
@csv_option
@click.option("--ocsf", is_flag=True, help="Print OCSF Detection Findings (2004), one to a line.")
@json_option
def command(
    asked: Asked,
    only: tuple[str, ...],
    given: tuple[tuple[str, str], ...],
    suppress: str,
    samples: int,
    show_sql: bool,
    exit_code: bool,
    quiet: bool,
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
    from ringwall.cli.progress import progress

    inquiry, settings = asked.inquiry(), to_settings(given)
    if show_sql:
        show(shown(only, settings, inquiry.scope, asked.engine))
        return 0
    if as_csv + ocsf + as_json > 1:
        msg = "--json, --csv and --ocsf cannot be had together"
        raise click.UsageError(msg)
    suppressions = read_suppressions(suppress) if suppress else ()
    shown_so_far = progress(quiet=quiet).reading
    detected = detect(inquiry, only, settings, suppressions, sampled=samples, progress=shown_so_far)
    if as_json:
        show_json(detected.to_dict())
    elif as_csv:
        show_csv(FINDING_COLUMNS, finding_rows(detected))
    elif ocsf:
        show(json.dumps(each, ensure_ascii=False) for each in detected.to_ocsf())
    else:
        show(detect_lines(detected))
    if detected.is_partial:
        return 4
    return 1 if exit_code and detected.findings else 0
