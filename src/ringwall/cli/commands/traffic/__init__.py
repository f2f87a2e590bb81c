"""`ringwall traffic`: what flow logs and DNS logs say."""

from ringwall.cli.lazy import LazyGroup

KNOWN = {
    "between": "Tell what passed between two hosts, blocks or names.",
    "detect": "Look for attacks and faults in logs.",
    "host": "Tell the life of a host.",
    "query": "Answer SQL over the logs, read-only.",
    "top": "Tell which sources, destinations, pairs or ports have most.",
}

command = LazyGroup(
    name="traffic",
    package=__name__,
    known=KNOWN,
    help="Ask flow logs and DNS logs, read against the network.",
)
