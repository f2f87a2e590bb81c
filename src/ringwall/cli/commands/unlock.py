"""`ringwall unlock`."""

import click

from ringwall.cli.options import aws_options, blueprint_argument
from ringwall.cli.screen import show


@click.command("unlock")
@blueprint_argument
@click.option("--reason", required=True, help="Why the lock may go; it is written to the journal.")
@aws_options
def command(file: str, reason: str, profile: str | None, endpoint_url: str | None) -> int:
    """Remove the lock of FILE's deployment, left by a run that died."""
    if not reason.strip():
        msg = "--reason is empty"
        raise click.UsageError(msg)
    from ringwall.app.unlocking import unlock
    from ringwall.app.workspace import CloudSettings, read_blueprint

    settings = CloudSettings(profile or "", endpoint_url or "")
    show(unlock(read_blueprint(file), settings, reason))
    return 0
