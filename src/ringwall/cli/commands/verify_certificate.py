"""`ringwall verify-certificate`."""

import click

from ringwall.cli.certificate_text import verified_lines
from ringwall.cli.options import absent_option, aws_options, json_option, parameter_option
from ringwall.cli.screen import show, show_json


@click.command("verify-certificate")
@click.argument("network")
@click.argument("file")
@click.option(
    "--expect", default="", metavar="FILE", help="Want a proof of each expectation of this file."
)
@click.option(
    "--same-network",
    is_flag=True,
    help="Refuse a certificate of another network.",
)
@click.option(
    "--blueprint", default="", help="With NETWORK `aws`: the blueprint whose names are used."
)
@click.option("-v", "--verbose", is_flag=True, help="List the proofs that are accepted, too.")
@absent_option
@parameter_option
@json_option
@aws_options
def command(
    network: str,
    file: str,
    expect: str,
    same_network: bool,
    blueprint: str,
    verbose: bool,
    absent: tuple[str, ...],
    parameters: tuple[tuple[str, str], ...],
    as_json: bool,
    profile: str | None,
    endpoint_url: str | None,
) -> int:
    """Check the proofs of the certificate FILE against NETWORK.

    The checker shares no code with the engine that `check` asks. Each expectation of the network's
    blueprint, and of --expect, must have a proof. Exits with 0 if all are accepted, with 1 if one
    is refused or missing, with 3 if one cannot be checked.
    """
    from ringwall.app.certifying import verify
    from ringwall.app.proving import read_expectations
    from ringwall.app.sources import open_network
    from ringwall.app.workspace import CloudSettings

    settings = CloudSettings(profile or "", endpoint_url or "")
    asked = read_expectations(expect)
    source = open_network(
        network,
        settings,
        blueprint=blueprint or asked.blueprint,
        parameters=dict(parameters),
        absent=absent,
    )
    verified = verify(source, file, asked, same_network=same_network)
    if as_json:
        show_json(verified.to_dict())
    else:
        show(verified_lines(verified, verbose=verbose))
    return {"accepted": 0, "refused": 1, "cannot be checked": 3}[verified.answer.value]
