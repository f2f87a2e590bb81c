"""`ringwall export`."""

import click

from ringwall.cli.options import blueprint_argument, json_option
from ringwall.cli.screen import show, show_json

TARGETS = ("cloudformation", "terraform")


@click.command("export")
@blueprint_argument
@click.option(
    "--to", "target", type=click.Choice(TARGETS), required=True, help="The language to write."
)
@click.option("-o", "folder", required=True, metavar="DIR", help="The folder to write into.")
@click.option("--force", is_flag=True, help="Write even where DIR holds files of others.")
@json_option
def command(file: str, target: str, folder: str, force: bool, as_json: bool) -> int:
    """Write the network of FILE as templates into DIR, for those who deploy with other tools.

    An earlier export in DIR is replaced. What the language cannot say is named, with what is to be
    done by hand. The files are shown in the order in which they are to be deployed.
    """
    from ringwall.app.exporting import export_blueprint

    done = export_blueprint(file, target=target, folder=folder, force=force)
    if as_json:
        show_json(done.to_dict())
        return 0
    width = max(map(len, done.files), default=0)
    show(f"{done.folder}/{name:<{width}}  {holds}".rstrip() for name, holds in done.files.items())
    if done.left_out:
        show(["", f"left out, {len(done.left_out)}:", *(f"  ! {text}" for text in done.left_out)])
    return 0
