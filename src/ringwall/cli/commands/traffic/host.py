"""`ringwall traffic host`."""

import click

from ringwall.cli.options import json_option
from ringwall.cli.screen import show, show_json
from ringwall.cli.traffic_options import Asked, limit_option, traffic_options


@click.command("host")
@click.argument("who", metavar="ADDRESS|NAME")
@traffic_options
@limit_option
@json_option
def command(who: str, asked: Asked, limit: int, as_json: bool) -> int:
    """Tell the life of a host: when it spoke, to whom, who called it, which names it asked for.

    With --network it may be a name: a VPC, VPC/TIER, VPC/GROUP, an interface, an instance.
    """
    from ringwall.app.looking import story
    from ringwall.cli.answer_text import story_lines

    found = story(asked.inquiry(), who, limit=limit)
    if as_json:
        show_json(found.to_dict("host"))
    else:
        show(story_lines(found))
    return 0
