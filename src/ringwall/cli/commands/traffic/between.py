"""`ringwall traffic between`."""

import click

from ringwall.cli.options import json_option
from ringwall.cli.screen import show, show_json
from ringwall.cli.traffic_options import Asked, limit_option, traffic_options


@click.command("between")
@click.argument("one", metavar="ADDRESS|NAME")
@click.argument("other", metavar="ADDRESS|NAME")
@traffic_options
@limit_option
@json_option
def command(one: str, other: str, asked: Asked, limit: int, as_json: bool) -> int:
    """Tell what passed between two hosts, blocks or names, and when."""
    from ringwall.app.looking import story
    from ringwall.cli.answer_text import story_lines

    found = story(asked.inquiry(), one, other, limit=limit)
    if as_json:
        show_json(found.to_dict("between"))
    else:
        show(story_lines(found))
    return 0
