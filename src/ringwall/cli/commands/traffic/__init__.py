"""`ringwall traffic`: what flow logs and DNS logs say."""

from ringwall.cli.lazy import LazyGroup

KNOWN = {
    "detect": "Look for attacks and faults in logs.",
    "report": "Write a page to look at: time, findings, who has most.",
}

command = LazyGroup(
    name="traffic",
    package=__name__,
    known=KNOWN,
    help="Ask flow logs and DNS logs, read against the network.",
)
