"""`ringwall check`."""

import click

from ringwall.cli.options import blueprint_argument, json_option
from ringwall.cli.proof_text import failing_lines, proof_line, result_lines
from ringwall.cli.screen import show, show_json, show_warnings


@click.command("check")
@blueprint_argument
@click.option("-v", "--verbose", is_flag=True, help="List the expectations that hold, too.")
@json_option
def command(file: str, verbose: bool, as_json: bool) -> int:
    """Prove the expectations of FILE (default: blueprint.yaml), offline.

    Exits with 1 if one does not hold, with 3 if one cannot be decided.
    """
    from ringwall.app.proving import prove
    from ringwall.app.reporting import contents_line
    from ringwall.app.workspace import read_blueprint

    wanted = read_blueprint(file)
    proof = prove(wanted, wanted.graph)
    if as_json:
        show_json(proof.to_dict())
    else:
        show_warnings(wanted)
        show(contents_line(wanted))
        if verbose:
            show(result_lines(proof))
        show(failing_lines(proof))
        show(proof_line(proof))
    if proof.ok:
        return 0
    return 3 if proof.is_undecided else 1
