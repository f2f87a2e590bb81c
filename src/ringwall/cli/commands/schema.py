"""`ringwall schema`."""

import click

from ringwall.cli.screen import show_json


@click.command("schema")
def command() -> int:
    """Print the JSON Schema (draft 7) of blueprints; editors complete and explain by it."""
    from ringwall.blueprint.schema import schema

    show_json(schema())
    return 0
