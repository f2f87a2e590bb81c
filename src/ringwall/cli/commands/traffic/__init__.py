"""`ringwall traffic`: what the wire says, from logs to answers."""

from ringwall.cli.lazy import LazyGroup

KNOWN = {
    "compact": "Merge small files of a store, and remove what is too old.",
    "detect": "Look for attacks and faults in logs.",
    "follow": "Read logs as they come, and tell what is new.",
    "ingest": "Read logs into a store, each file once.",
    "report": "Write a page to look at: time, findings, who has most.",
}

command = LazyGroup(
    name="traffic",
    package=__name__,
    known=KNOWN,
    help="Keep flow logs and DNS logs, and ask them, read against the network.",
)
