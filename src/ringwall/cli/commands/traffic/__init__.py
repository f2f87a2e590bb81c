"""`ringwall traffic`: what the wire says, from logs to answers."""

from ringwall.cli.lazy import LazyGroup

KNOWN = {
    "between": "Tell what two ends said to each other.",
    "compact": "Rewrite an hour's many small files as one.",
    "detect": "Look for attacks and faults in logs.",
    "host": "Tell the life of an address or a name.",
    "ingest": "Read logs into a store, each file once.",
    "query": "Ask the logs a question in SQL, without changing anything.",
    "top": "List who sends, asks or is refused most.",
}

command = LazyGroup(
    name="traffic",
    package=__name__,
    known=KNOWN,
    help="Keep flow logs and DNS logs, and ask them, read against the network.",
)
