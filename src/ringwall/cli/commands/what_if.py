"""`ringwall what-if`."""

import click

from ringwall.cli.options import absent_option, aws_options, json_option, parameter_option
from ringwall.cli.screen import show, show_json


@click.command("what-if")
@click.argument("network")
@click.option(
    "--remove",
    multiple=True,
    metavar="NAME",
    help="Take away a rule, an ACL entry, a route or an association by key or id; repeatable.",
)
@click.option(
    "--allow",
    multiple=True,
    metavar="GROUP in|out PORT PEER",
    type=(str, click.Choice(["in", "out"]), str, str),
    help="Add a rule to a security group; PEER is a CIDR or a group; may be repeated.",
)
@click.option(
    "--entry",
    multiple=True,
    metavar="ACL in|out NUMBER allow|deny PORT CIDR",
    type=(str, click.Choice(["in", "out"]), int, click.Choice(["allow", "deny"]), str, str),
    help="Set an entry of a network ACL; may be repeated.",
)
@click.option(
    "--route",
    multiple=True,
    metavar="TABLE CIDR TARGET",
    type=(str, str, str),
    help="Set a route of a table to a gateway, an endpoint or an interface; may be repeated.",
)
@click.option("--blueprint", default="", help="With `aws`: the blueprint whose names are used.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 if something would change.")
@absent_option
@parameter_option
@json_option
@aws_options
def command(
    network: str,
    remove: tuple[str, ...],
    allow: tuple[tuple[str, str, str, str], ...],
    entry: tuple[tuple[str, str, int, str, str, str], ...],
    route: tuple[tuple[str, str, str], ...],
    blueprint: str,
    exit_code: bool,
    absent: tuple[str, ...],
    parameters: tuple[tuple[str, str], ...],
    as_json: bool,
    profile: str | None,
    endpoint_url: str | None,
) -> int:
    """Tell exactly which traffic would become possible, and which impossible, by a change.

    Nothing is changed: the answer is that of `diff` between NETWORK and NETWORK with the change.
    Things are named by key, id or name; what AWS makes with a VPC is `default VPC` (group, network
    ACL) and `main table of VPC`.
    """
    from ringwall.app.asking import Proposed, change_network
    from ringwall.app.workspace import CloudSettings
    from ringwall.cli.reach_text import difference_lines

    found = change_network(
        network,
        Proposed(remove, allow, entry, route),
        blueprint=blueprint,
        settings=CloudSettings(profile or "", endpoint_url or ""),
        parameters=dict(parameters),
        absent=absent,
    )
    if as_json:
        show_json(found.to_dict())
    else:
        show(difference_lines(found.difference))
    return 1 if exit_code and found else 0
