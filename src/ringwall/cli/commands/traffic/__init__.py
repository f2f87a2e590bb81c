"""`ringwall traffic`: what the wire says, from logs to answers."""

from ringwall.cli.lazy import LazyGroup

KNOWN = {
    "detect": "Look for attacks and faults in logs.",
    "ingest": "Read logs into a store, each file once.",
}

command = LazyGroup(
    name="traffic",
    package=__name__,
    known=KNOWN,
    help="Keep flow logs and DNS logs, and ask them, read against the network.",
)
