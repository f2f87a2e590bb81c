"""`ringwall check`."""

import click

from ringwall.cli.certificate_text import written_lines
from ringwall.cli.options import absent_option, aws_options, json_option, parameter_option
from ringwall.cli.proof_text import failing_lines, proof_line, result_lines
from ringwall.cli.reach_text import assumed_lines
from ringwall.cli.screen import show, show_json, show_warnings


@click.command("check")
@click.argument("network", default="blueprint.yaml", required=False)
@click.option(
    "--expect", "file", default="", metavar="FILE", help="Judge the expectations of this file, too."
)
@click.option(
    "--blueprint", default="", help="With NETWORK `aws`: the blueprint whose names are used."
)
@click.option(
    "--certificate",
    default="",
    metavar="FILE",
    help="Write the proofs to FILE, for `ringwall verify-certificate`.",
)
@click.option("-v", "--verbose", is_flag=True, help="List the expectations that hold, too.")
@absent_option
@parameter_option
@json_option
@aws_options
def command(
    network: str,
    file: str,
    blueprint: str,
    certificate: str,
    verbose: bool,
    absent: tuple[str, ...],
    parameters: tuple[tuple[str, str], ...],
    as_json: bool,
    profile: str | None,
    endpoint_url: str | None,
) -> int:
    """Prove what must and must not be reachable in NETWORK (default: blueprint.yaml).

    The expectations are those of the blueprint, and of FILE: a YAML file with `expect:` and, if it
    likes, `networks:`, or another blueprint. Exits with 1 if one does not hold, with 3 if one
    cannot be decided, or holds and has no place in the certificate that was asked for.
    """
    from ringwall.app.certifying import certify
    from ringwall.app.proving import prove_network, read_expectations
    from ringwall.app.reporting import contents_line
    from ringwall.app.sources import open_network
    from ringwall.app.workspace import CloudSettings

    settings = CloudSettings(profile or "", endpoint_url or "")
    asked = read_expectations(file)
    source = open_network(
        network,
        settings,
        blueprint=blueprint or asked.blueprint,
        parameters=dict(parameters),
        absent=absent,
    )
    proof = prove_network(source, asked)
    certified = certify(source, asked, proof, certificate) if certificate else None
    if as_json:
        extra = {"certificate": certified.to_dict()} if certified is not None else {}
        show_json(proof.to_dict() | extra)
    else:
        if source.wanted is not None:
            show_warnings(source.wanted)
        show(contents_line(source.name, source.graph))
        if verbose:
            show(result_lines(proof))
        show(assumed_lines(proof.assumed))
        show(failing_lines(proof))
        show(proof_line(proof))
        if certified is not None:
            show(written_lines(certified))
    if proof.ok:
        return 0 if certified is None or not certified.lacking else 3
    return 3 if proof.is_undecided else 1
