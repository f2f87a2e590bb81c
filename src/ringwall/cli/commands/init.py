"""`ringwall init`."""

import click

from ringwall.cli.screen import show


@click.command("init")
@click.argument("file", default="blueprint.yaml", required=False)
@click.option(
    "--template",
    type=click.Choice(["minimal", "hub-spoke"]),
    default="minimal",
    show_default=True,
    help="What to start from.",
)
@click.option("--force", is_flag=True, help="Overwrite a file that is there.")
def command(file: str, template: str, force: bool) -> int:
    """Write a commented starter blueprint to FILE, and the schema for editors beside it."""
    from ringwall.app.starting import start

    for path in start(file, template, force=force):
        show(f"wrote {path}")
    show(f"next: ringwall check {file}")
    return 0
