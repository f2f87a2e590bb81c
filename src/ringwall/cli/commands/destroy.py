"""`ringwall destroy`."""

import click

from ringwall.cli.asking import confirm_by_name
from ringwall.cli.options import (
    aws_options,
    blueprint_argument,
    json_option,
    quiet_option,
    yes_option,
)
from ringwall.cli.progress import progress
from ringwall.cli.screen import show, show_json
from ringwall.model.words import counted


@click.command("destroy")
@blueprint_argument
@yes_option
@click.option("--delete-logs", is_flag=True, help="Delete log groups and buckets too.")
@quiet_option
@json_option
@aws_options
def command(
    file: str,
    yes: bool,
    delete_logs: bool,
    quiet: bool,
    as_json: bool,
    profile: str | None,
    endpoint_url: str | None,
) -> int:
    """Take the deployment of FILE down to nothing, and touch nothing else."""
    from ringwall.app.applying import destroy
    from ringwall.app.documents import plan_document
    from ringwall.app.workspace import CloudSettings, read_blueprint

    plan = destroy(
        read_blueprint(file),
        CloudSettings(profile or "", endpoint_url or ""),
        delete_logs=delete_logs,
        confirm=confirm_by_name(yes=yes),
        progress=progress(quiet=quiet or as_json),
    )
    if as_json:
        show_json(plan_document(plan, command="destroy"))
    elif plan.empty:
        show("Nothing to do: nothing of this deployment is left.")
    else:
        show(f"Destroyed {counted(len(plan.changes), 'resource')}.")
    return 0
