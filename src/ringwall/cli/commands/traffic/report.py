"""`ringwall traffic report`."""

import click

from ringwall.cli.options import assignments, json_option, quiet_option
from ringwall.cli.screen import say, show, show_json
from ringwall.cli.traffic_options import Asked, only_option, suppress_option, traffic_options


@click.command("report")
@traffic_options
@click.option("-o", "--output", required=True, metavar="FILE", help="Where to write the page.")
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
    type=click.IntRange(0, 100),
    default=0,
    metavar="N",
    help="Add the first N records behind each finding.",
)
@quiet_option
@json_option
def command(
    asked: Asked,
    output: str,
    only: tuple[str, ...],
    given: tuple[tuple[str, str], ...],
    suppress: str,
    samples: int,
    quiet: bool,
    as_json: bool,
) -> int:
    """Write what the logs of a store say as one page of HTML, to look at.

    A time chart with the findings on it, who sends, calls and is rejected most, the findings with
    their evidence, and what the logs cover. The file needs nothing else and runs nothing.
    """
    from ringwall.app.detecting import to_settings
    from ringwall.app.suppressing import read_suppressions
    from ringwall.app.traffic_report import write_report
    from ringwall.cli.progress import progress
    from ringwall.cli.report_text import report_lines

    settings = to_settings(given)
    suppressions = read_suppressions(suppress) if suppress else ()
    written = write_report(
        asked.inquiry(),
        output,
        only,
        settings,
        suppressions,
        sampled=samples,
        progress=progress(quiet=quiet or as_json).reading,
    )
    if as_json:
        show_json(written.to_dict())
    else:
        show(report_lines(written))
        say(f"wrote {output}, {written.bytes / 1000:,.0f} kB")
    return 0
