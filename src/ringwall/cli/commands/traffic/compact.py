"""`ringwall traffic compact`."""

import click

from ringwall.cli.options import json_option
from ringwall.cli.screen import show, show_json


@click.command("compact")
@click.option("--store", required=True, metavar="DIR", help="The store.")
@click.option(
    "--keep", default="", metavar="LENGTH", help="Remove hours that are older, as 30d or 12h."
)
@json_option
def command(store: str, keep: str, as_json: bool) -> int:
    """Merge the small files of each hour of a store into one, and remove what is too old.

    What was removed is not read again.
    """
    from ringwall.app.keeping import compact_store

    kept = compact_store(store, length=keep)
    if as_json:
        show_json(kept.to_dict())
        return 0
    if keep:
        show(f"removed  {kept.removed:,} files  {kept.removed_rows:,} records")
    show(f"merged   {kept.merged:,} files into {kept.into:,}")
    for name, (files, rows, size) in kept.tables.items():
        show(f"{name:<8} {files:,} files  {rows:,} records  {size / 1e6:,.1f} MB")
    return 0
