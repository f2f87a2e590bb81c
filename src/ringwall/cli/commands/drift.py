"""`ringwall drift`."""

import click

from ringwall.cli import plan_text
from ringwall.cli.options import aws_options, blueprint_argument, json_option, ledger_option
from ringwall.cli.progress import progress
from ringwall.cli.proof_text import failing_lines, proof_line
from ringwall.cli.screen import show, show_json, show_warnings


@click.command("drift")
@blueprint_argument
@json_option
@ledger_option
@aws_options
def command(
    file: str, as_json: bool, ledger: str, profile: str | None, endpoint_url: str | None
) -> int:
    """Name every difference between AWS and FILE, and what it breaks.

    Changes are told in the direction of repair: what `ringwall apply` would do. What a response
    holds that stands is no difference: it is listed, and left out of what is judged. Exits with 1
    if there is a difference, or if an expectation fails on what is there; with 3 if one cannot be
    decided.
    """
    from ringwall.app.applying import plan_for
    from ringwall.app.documents import plan_document
    from ringwall.app.workspace import CloudSettings, read_blueprint

    wanted = read_blueprint(file)
    show_warnings(wanted)
    planned = plan_for(
        wanted,
        CloudSettings(profile or "", endpoint_url or ""),
        progress(quiet=as_json),
        ledger=ledger,
    )
    proof, plan = planned.there, planned.plan
    if as_json:
        document = plan_document(plan, planned.listing.documents(), command="drift")
        show_json(document | {"expectations": proof.to_dict()["expectations"]})
    else:
        show(plan_text.change_lines(plan))
        show(failing_lines(proof))
        show(proof_line(proof, "on what is there"))
        left_out = ("cost", "Plan") if proof.ok else ("cost", "Plan", "Nothing")
        show(
            line
            for line in plan_text.closing_lines(plan, planned.listing)
            if not line.startswith(left_out)
        )
        if plan.changes:
            show(f"{len(plan.changes)} drifted.   repair: ringwall apply {file}")
    if plan.changes or not (proof.ok or proof.is_undecided):
        return 1
    return 0 if proof.ok else 3
