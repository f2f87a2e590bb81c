"""`ringwall traffic detect`."""

import click

from ringwall.cli.options import assignments, json_option
from ringwall.cli.screen import show, show_json
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
@click.option("--show-sql", is_flag=True, help="Print what the engine would be asked, and stop.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 if there is a finding.")
@json_option
def command(
    asked: Asked,
    only: tuple[str, ...],
    given: tuple[tuple[str, str], ...],
    show_sql: bool,
    exit_code: bool,
    as_json: bool,
) -> int:
    """Look for attacks and faults in the logs of a store.

    The detections, their parameters and examples stand in docs/reference/detections.md.
    """
    from ringwall.app.detecting import detect, shown, to_settings
    from ringwall.cli.detect_text import detect_lines

    inquiry, settings = asked.inquiry(), to_settings(given)
    if show_sql:
        show(shown(only, settings, inquiry.scope, asked.engine))
        return 0
    detected = detect(inquiry, only, settings)
    if as_json:
        show_json(detected.to_dict())
    else:
        show(detect_lines(detected))
    return 1 if exit_code and detected.findings else 0
