"""`ringwall traffic`: what the wire says, from logs to answers."""

from ringwall.cli.lazy import LazyGroup

COMMANDS = {
    "between": "Tell what passed between two hosts, blocks or names.",
    "compact": "Merge small files of a store, and remove what is too old.",
    "detect": "Look for attacks and faults in logs.",
    "follow": "Read logs as they come, and tell what is new.",
    "host": "Tell the life of a host.",
    "ingest": "Read logs into a store, each file once.",
    "query": "Answer SQL over the logs, read-only.",
    "report": "Write a page to look at: time, findings, who has most.",
    "top": "Tell which sources, destinations, pairs or ports have most.",
}


class TrafficCommands(LazyGroup):
    """The commands about traffic."""

    package = __name__
    known = COMMANDS


ABOUT = "Keep flow logs and resolver query logs, and ask them."
command = TrafficCommands(name="traffic", help=ABOUT)
