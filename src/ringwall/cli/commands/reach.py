"""`ringwall reach`."""

import click

from ringwall.cli.options import absent_option, aws_options, json_option, parameter_option
from ringwall.cli.screen import show, show_json


@click.command("reach")
@click.argument("network")
@click.option("--to", default="", metavar="NAME", help="Who reaches this?")
@click.option("--from", "source", default="", metavar="NAME", help="What does this reach?")
@click.option(
    "--ports", multiple=True, metavar="PORTS", help="Only these ports, as 443 or 53/udp,icmp."
)
@click.option(
    "--blueprint",
    default="",
    help="With NETWORK `aws`: the blueprint whose names are used; without one, AWS's ids are.",
)
@click.option("--exit-code", is_flag=True, help="Exit with 1 if anything is reached.")
@absent_option
@parameter_option
@json_option
@aws_options
def command(
    network: str,
    to: str,
    source: str,
    ports: tuple[str, ...],
    blueprint: str,
    exit_code: bool,
    absent: tuple[str, ...],
    parameters: tuple[tuple[str, str], ...],
    as_json: bool,
    profile: str | None,
    endpoint_url: str | None,
) -> int:
    """Tell who reaches a name in NETWORK (--to), or what it reaches (--from), by names.

    `--from internet` is the surface that is exposed. Names are those of `explain`.
    """
    from ringwall.app.asking import reach_network
    from ringwall.app.workspace import CloudSettings
    from ringwall.cli.reach_text import exposure_lines

    exposure = reach_network(
        network,
        to=to,
        source=source,
        ports=ports,
        blueprint=blueprint,
        settings=CloudSettings(profile or "", endpoint_url or ""),
        parameters=dict(parameters),
        absent=absent,
    )
    if as_json:
        show_json(exposure.to_dict())
    else:
        show(exposure_lines(exposure))
    return 1 if exit_code and exposure.rows else 0
