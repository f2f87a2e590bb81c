"""`ringwall apply`."""

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
from ringwall.cli.proof_text import failing_lines, proof_line
from ringwall.cli.screen import show, show_json, show_warnings
from ringwall.model.words import counted


@click.command("apply")
@blueprint_argument
@yes_option
@click.option(
    "--allow-failing",
    multiple=True,
    metavar="NAME",
    help="Go on although this expectation fails; wants --reason.",
)
@click.option(
    "--allow-openings",
    is_flag=True,
    help="Go on although something opens for the length of the apply; wants --reason.",
)
@click.option("--reason", default="", help="Why what fails or opens is allowed.")
@click.option(
    "--max-deletions",
    type=click.IntRange(min=0),
    default=20,
    show_default=True,
    help="Refuse a plan that deletes or replaces more than this.",
)
@click.option(
    "--parallel",
    type=click.IntRange(1, 32),
    default=8,
    show_default=True,
    help="Independent steps at a time.",
)
@quiet_option
@json_option
@ledger_option
@aws_options
def command(
    file: str,
    yes: bool,
    allow_failing: tuple[str, ...],
    allow_openings: bool,
    reason: str,
    max_deletions: int,
    parallel: int,
    quiet: bool,
    as_json: bool,
    ledger: str,
    profile: str | None,
    endpoint_url: str | None,
) -> int:
    """Bring AWS to FILE: a blueprint (default: blueprint.yaml) or a saved plan."""
    from ringwall.app.applying import Permits, apply, read_saved_plan
    from ringwall.app.documents import plan_document
    from ringwall.app.responding.ending import ended_documents
    from ringwall.app.workspace import CloudSettings, read_blueprint
    from ringwall.cli.standing_text import ended_lines

    if (allow_failing or allow_openings) and not reason:
        msg = "--allow-failing and --allow-openings want --reason"
        raise click.UsageError(msg)
    saved = read_saved_plan(file)
    wanted = saved.wanted if saved else read_blueprint(file)
    show_warnings(wanted)
    applied = apply(
        wanted,
        CloudSettings(profile or "", endpoint_url or ""),
        saved=saved,
        permits=Permits(allow_failing, reason, max_deletions, allow_openings),
        confirm=confirm_by_name(yes=yes),
        progress=progress(quiet=quiet or as_json),
        workers=parallel,
        ledger=ledger,
    )
    failing = [r for r in applied.proof.failing if r.expectation.name not in allow_failing]
    if as_json:
        proof = applied.proof.to_dict()
        show_json(
            plan_document(applied.plan, applied.listing.documents(), command="apply")
            | {"ok": not failing, "expectations": proof["expectations"], "left": applied.left}
            | {"ended": ended_documents(applied.ended)}
        )
    else:
        if applied.plan.empty:
            show("Nothing to do: what is there is what is wanted.")
        else:
            show(f"Applied {counted(len(applied.plan.changes), 'change')}.")
        for line in applied.left:
            show(f"  left  {line}")
        show(ended_lines(applied.ended))
        show(failing_lines(applied.proof))
        show(proof_line(applied.proof, "on what was read back"))
    if any(each.fault for each in applied.ended):
        return 4
    return 1 if failing or applied.left else 0
