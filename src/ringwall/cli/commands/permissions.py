"""`ringwall permissions`."""

import click

from ringwall.cli.options import blueprint_argument, json_option
from ringwall.cli.screen import say, show_json


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
@click.option(
    "--split",
    is_flag=True,
    help="Print a list of policies, each short enough for a managed policy of IAM.",
)
@json_option
def command(file: str, purpose: str, split: bool, as_json: bool) -> int:
    """Print the least IAM policy that plan, apply or destroy of FILE needs, as JSON.

    A managed policy takes 6,144 characters, all inline policies of a role 10,240; what is longer is
    told.
    """
    from ringwall.app.permissions import INLINE, MANAGED, parts, policy, size
    from ringwall.app.workspace import read_blueprint

    del as_json  # it is always JSON
    document = policy(read_blueprint(file), purpose)
    length = size(document)
    if split:
        show_json(parts(document))
        return 0
    show_json(document)
    if length > MANAGED:
        say(f"note: {length:,} characters: more than a managed policy of IAM takes ({MANAGED:,})")
        say(f"hint: inline policies of a role take {INLINE:,}; --split prints policies that fit")
    return 0
