"""`ringwall lab deliver`."""

import sys

import click

from ringwall.cli.options import aws_options, json_option, quiet_option
from ringwall.cli.screen import say, show, show_json


@click.command("deliver")
@click.argument("folder", metavar="DIR")
@quiet_option
@json_option
@aws_options
def command(
    folder: str, quiet: bool, as_json: bool, profile: str | None, endpoint_url: str | None
) -> int:
    """Hand the flow logs that `ringwall lab traffic` wrote to a lab, as AWS would deliver them.

    Each record goes where the flow log of its VPC goes: to a log group of CloudWatch, or a bucket.
    The lab's time moves on to that of each file, alarms are judged, and what is called by them is
    waited for. Only a lab on this machine is written to.
    """
    from ringwall.app.traffic_delivering import deliver_traffic
    from ringwall.app.workspace import CloudSettings

    settings = CloudSettings(profile or "", endpoint_url or "")
    is_told = sys.stderr.isatty() and not (quiet or as_json)
    done = deliver_traffic(folder, settings, _bar if is_told else _nothing)
    if as_json:
        show_json(done.to_dict())
    else:
        show(f"delivered {done.records:,} flow records in {done.files} files")
    if done.past:
        say(f"note: {done.past} of them are of the lab's past: no alarm counts them")
        say("hint: make them of the lab's next hour, with --start; were they delivered before?")
    elif done.late:
        say(f"note: {done.late} of them came hours late, as AWS's do: no alarm counts them")
        say("hint: another --seed makes an hour whose files come in time")
    return 0


def _bar(done: int, of: int) -> None:
    end = "\n" if done == of else ""
    sys.stderr.write(f"\r\x1b[2K{done} of {of} files{end}")
    sys.stderr.flush()


def _nothing(done: int, of: int) -> None:
    del done, of
