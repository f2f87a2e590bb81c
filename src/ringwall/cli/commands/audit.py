"""`ringwall audit`."""

import click

from ringwall.cli.options import absent_option, aws_options, json_option, parameter_option
from ringwall.cli.screen import show, show_json


@click.command("audit")
@click.argument("network", default="blueprint.yaml", required=False)
@click.option("--only", multiple=True, metavar="ID", help="Run this check alone; may be repeated.")
@click.option(
    "--fail-on",
    type=click.Choice(["low", "medium", "high", "critical", "none"]),
    default="high",
    show_default=True,
    help="Exit with 1 for a finding at or above this.",
)
@click.option(
    "--blueprint", default="", help="With NETWORK `aws`: the blueprint whose names are used."
)
@absent_option
@parameter_option
@json_option
@aws_options
def command(
    network: str,
    only: tuple[str, ...],
    fail_on: str,
    blueprint: str,
    absent: tuple[str, ...],
    parameters: tuple[tuple[str, str], ...],
    as_json: bool,
    profile: str | None,
    endpoint_url: str | None,
) -> int:
    """Look for faults of NETWORK (default: blueprint.yaml) that only reachability shows.

    The checks and their examples stand in docs/reference/checks.md.
    """
    from ringwall.app.auditing import audit_network
    from ringwall.app.sources import open_network
    from ringwall.app.workspace import CloudSettings
    from ringwall.cli.audit_text import audit_lines

    settings = CloudSettings(profile or "", endpoint_url or "")
    source = open_network(
        network,
        settings,
        blueprint=blueprint,
        parameters=dict(parameters),
        absent=absent,
    )
    audited = audit_network(source, only)
    if as_json:
        show_json(audited.to_dict())
    else:
        show(audit_lines(audited))
    return 1 if audited.fails(fail_on) else 0
