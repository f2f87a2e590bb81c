"""`ringwall plan`."""

import click

from ringwall.cli import plan_text
from ringwall.cli.options import aws_options, blueprint_argument, json_option, ledger_option
from ringwall.cli.progress import progress
from ringwall.cli.proof_text import failing_lines, proof_line
from ringwall.cli.screen import say, show, show_json, show_warnings


@click.command("plan")
@blueprint_argument
@click.option("-o", "--output", metavar="PLAN", help="Save the plan, for `ringwall apply PLAN`.")
@click.option("--summary", is_flag=True, help="Print counts by type in place of every change.")
@click.option("--paths", is_flag=True, help="List all traffic that becomes possible or not.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 if there is anything to do.")
@json_option
@ledger_option
@aws_options
def command(
    file: str,
    output: str | None,
    summary: bool,
    paths: bool,
    exit_code: bool,
    as_json: bool,
    ledger: str,
    profile: str | None,
    endpoint_url: str | None,
) -> int:
    """Show what apply would do to bring AWS to FILE (default: blueprint.yaml)."""
    from ringwall.app.applying import plan_for, save_plan
    from ringwall.app.documents import plan_document
    from ringwall.app.sending import refuse_wrong_files
    from ringwall.app.workspace import CloudSettings, read_blueprint

    wanted = read_blueprint(file)
    show_warnings(wanted)
    planned = plan_for(
        wanted,
        CloudSettings(profile or "", endpoint_url or ""),
        progress(quiet=as_json),
        ledger=ledger,
    )
    plan = planned.plan
    refuse_wrong_files(wanted, plan)
    proof = planned.proof
    if output:
        save_plan(planned, output)
    if as_json:
        show_json(
            plan_document(plan, planned.listing.documents())
            | {
                "expectations": proof.to_dict()["expectations"],
                "reachability": planned.difference.to_dict(),
                "on_the_way": [str(opening) for opening in planned.openings],
                "moves": list(planned.moves),
            }
        )
    else:
        show(f"account {plan.account}  {plan.region}  deployment {plan.deployment}")
        show(plan_text.summary_lines(plan) if summary else plan_text.change_lines(plan))
        show(plan_text.reachability_lines(planned.difference, planned.openings, every=paths))
        show(failing_lines(proof))
        show(proof_line(proof, "after this plan"))
        show(f"  moves      {line}" for line in planned.moves)
        show(plan_text.closing_lines(plan, planned.listing))
    if output:
        say(f"saved {output}; apply it with `ringwall apply {output}`")
    return 1 if exit_code and not plan.empty else 0
