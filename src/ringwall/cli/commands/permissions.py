"""`ringwall permissions`."""

import click

from ringwall.cli.options import blueprint_argument, json_option
from ringwall.cli.screen import show_json


@click.command("permissions")
@blueprint_argument
@click.option(
    "--for",
    "purpose",
    type=click.Choice(["plan", "apply", "destroy"]),
    default="apply",
    show_default=True,
    help="The command that is to be allowed.",
)
@json_option
def command(file: str, purpose: str, as_json: bool) -> int:
    """Print the least IAM policy that plan, apply or destroy of FILE needs, as JSON."""
    from ringwall.app.permissions import policy
    from ringwall.app.workspace import read_blueprint

    del as_json  # it is always JSON
    show_json(policy(read_blueprint(file), purpose))
    return 0
