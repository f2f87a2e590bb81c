"""`ringwall destroy`."""

import click

from ringwall.cli.asking import confirm_by_name
from ringwall.cli.options import (
    aws_options,
    blueprint_argument,
    json_option,
    ledger_option,
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
@ledger_option
@aws_options
def command(
    file: str,
    yes: bool,
    delete_logs: bool,
    quiet: bool,
    as_json: bool,
    ledger: str,
    profile: str | None,
    endpoint_url: str | None,
) -> int:
    """Take the deployment of FILE down to nothing, and touch nothing else.

    Responses that stand in it end with it, and their ledger says so; what of them is not of the
    network stays, and is told with the way to take it back.
    """
    from ringwall.app.applying import destroy
    from ringwall.app.documents import plan_document
    from ringwall.app.responding.ending import ended_documents
    from ringwall.app.workspace import CloudSettings, read_blueprint
    from ringwall.cli.standing_text import ended_lines, left_lines

    destroyed = destroy(
        read_blueprint(file),
        CloudSettings(profile or "", endpoint_url or ""),
        delete_logs=delete_logs,
        confirm=confirm_by_name(yes=yes),
        progress=progress(quiet=quiet or as_json),
        ledger=ledger,
    )
    plan, ended = destroyed.plan, destroyed.ended
    if as_json:
        document = plan_document(plan, destroyed.listing.documents(), command="destroy")
        show_json(document | {"ended": ended_documents(ended)})
        return 4 if any(each.fault for each in ended) else 0
    if plan.empty:
        show("Nothing to do: nothing of this deployment is left.")
    else:
        show(f"Destroyed {counted(len(plan.changes), 'resource')}.")
    show(ended_lines(ended))
    show(left_lines(destroyed.listing))
    return 4 if any(each.fault for each in ended) else 0
