"""`ringwall explain`."""

import click

from ringwall.cli.options import absent_option, aws_options, json_option, parameter_option
from ringwall.cli.screen import show, show_json


@click.command("explain")
@click.argument("network")
@click.argument("source", metavar="SRC")
@click.argument("destination", metavar="DST")
@click.argument("port")
@click.option(
    "--blueprint",
    default="",
    help="With NETWORK `aws`: the blueprint whose names are used; without one, AWS's ids are.",
)
@click.option("--exit-code", is_flag=True, help="Exit with 1 if the verdict is not ALLOW.")
@absent_option
@parameter_option
@json_option
@aws_options
def command(
    network: str,
    source: str,
    destination: str,
    port: str,
    blueprint: str,
    exit_code: bool,
    absent: tuple[str, ...],
    parameters: tuple[tuple[str, str], ...],
    as_json: bool,
    profile: str | None,
    endpoint_url: str | None,
) -> int:
    """Tell whether SRC reaches DST on PORT in NETWORK: a blueprint, or `aws`.

    SRC and DST: vpc, vpc/tier, vpc/group, */group, segment:NAME, internet, a Name tag, VPC/NAME,
    an AWS id or ARN, an address, a CIDR block. PORT: 443, 443/udp, 8000-8080, 8/icmp, icmp, any.
    """
    from ringwall.app.explaining import explain_network
    from ringwall.app.workspace import CloudSettings
    from ringwall.cli.explain_text import explanation_lines
    from ringwall.reach.verdicts import Verdict

    settings = CloudSettings(profile or "", endpoint_url or "")
    explanation = explain_network(
        network,
        source,
        destination,
        port,
        blueprint=blueprint,
        settings=settings,
        parameters=dict(parameters),
        absent=absent,
    )
    if as_json:
        show_json(explanation.to_dict())
    else:
        show(explanation_lines(explanation))
    return 1 if exit_code and explanation.verdict is not Verdict.ALLOW else 0
