"""`ringwall output`."""

import click

from ringwall.cli.options import aws_options, blueprint_argument, json_option
from ringwall.cli.screen import show_json


@click.command("output")
@blueprint_argument
@json_option
@aws_options
def command(file: str, as_json: bool, profile: str | None, endpoint_url: str | None) -> int:
    """Print key -> id of what is deployed of FILE, by type, as JSON."""
    from ringwall.app.reporting import output_document
    from ringwall.app.workspace import CloudSettings, read_blueprint

    del as_json  # it is always JSON
    settings = CloudSettings(profile or "", endpoint_url or "")
    show_json(output_document(read_blueprint(file), settings))
    return 0
