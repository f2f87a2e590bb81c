"""`ringwall output`."""

import click

from ringwall.cli.options import aws_options, blueprint_argument, json_option
from ringwall.cli.screen import show, show_json


@click.command("output")
@blueprint_argument
@click.option(
    "--id",
    "of",
    nargs=2,
    metavar="TYPE KEY",
    help="Print the id of one resource alone, as in `--id SecurityGroup production/db`.",
)
@json_option
@aws_options
def command(
    file: str,
    of: tuple[str, str] | None,
    as_json: bool,
    profile: str | None,
    endpoint_url: str | None,
) -> int:
    """Print key -> id of what is deployed of FILE, by type, as JSON."""
    from ringwall.app.reporting import id_of, output_document
    from ringwall.app.workspace import CloudSettings, read_blueprint

    del as_json  # it is JSON unless an id is asked for
    settings = CloudSettings(profile or "", endpoint_url or "")
    document = output_document(read_blueprint(file), settings)
    if of is None:
        show_json(document)
    else:
        show(id_of(document, *of))
    return 0
