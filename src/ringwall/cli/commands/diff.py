"""`ringwall diff`."""

import click

from ringwall.cli.options import absent_option, aws_options, json_option, parameter_option
from ringwall.cli.screen import show, show_json


@click.command("diff")
@click.argument("before")
@click.argument("after")
@click.option("--blueprint", default="", help="With `aws`: the blueprint whose names are used.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 if there is a difference.")
@absent_option
@parameter_option
@json_option
@aws_options
def command(
    before: str,
    after: str,
    blueprint: str,
    exit_code: bool,
    absent: tuple[str, ...],
    parameters: tuple[tuple[str, str], ...],
    as_json: bool,
    profile: str | None,
    endpoint_url: str | None,
) -> int:
    """Tell exactly which traffic becomes possible, and which impossible, from BEFORE to AFTER.

    Both are networks of any source. Ends are compared by name, subnet, groups and addresses.
    """
    from ringwall.app.asking import diff_networks
    from ringwall.app.workspace import CloudSettings
    from ringwall.cli.reach_text import difference_lines

    settings = CloudSettings(profile or "", endpoint_url or "")
    found = diff_networks(
        before,
        after,
        blueprint=blueprint,
        settings=settings,
        parameters=dict(parameters),
        absent=absent,
    )
    if as_json:
        show_json(found.to_dict())
    else:
        show(difference_lines(found))
    return 1 if exit_code and found else 0
