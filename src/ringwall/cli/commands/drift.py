"""`ringwall drift`."""

import click

from ringwall.cli import plan_text
from ringwall.cli.options import aws_options, blueprint_argument, json_option
from ringwall.cli.progress import progress
from ringwall.cli.proof_text import failing_lines, proof_line
from ringwall.cli.screen import show, show_json, show_warnings


@click.command("drift")
@blueprint_argument
@json_option
@aws_options
def command(file: str, as_json: bool, profile: str | None, endpoint_url: str | None) -> int:
    """Name every difference between AWS and FILE, and what it breaks; exit 1 if there is one.

    Changes are told in the direction of repair: what `ringwall apply` would do.
    """
    from ringwall.app.applying import plan_for
    from ringwall.app.documents import plan_document
    from ringwall.app.proving import prove
    from ringwall.app.workspace import CloudSettings, read_blueprint

    wanted = read_blueprint(file)
    show_warnings(wanted)
    planned = plan_for(
        wanted, CloudSettings(profile or "", endpoint_url or ""), progress(quiet=as_json)
    )
    proof = prove(wanted, planned.observed)
    plan = planned.plan
    if as_json:
        document = plan_document(plan, command="drift")
        show_json(document | {"expectations": proof.to_dict()["expectations"]})
    else:
        show(plan_text.change_lines(plan))
        show(failing_lines(proof))
        show(proof_line(proof, "on what is there"))
        show(
            line for line in plan_text.closing_lines(plan) if not line.startswith(("cost", "Plan"))
        )
        if plan.changes:
            show(f"{len(plan.changes)} drifted.   repair: ringwall apply {file}")
    return 1 if plan.changes else 0
