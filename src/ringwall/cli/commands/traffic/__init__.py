"""`ringwall traffic`: what the wire says, from logs to answers."""

from ringwall.cli.lazy import LazyGroup

COMMANDS = {
    "compact": "Merge small files of a store, and remove what is too old.",
    "ingest": "Read logs into a store, each file once.",
}

command = LazyGroup(
    name="traffic",
    package="ringwall.cli.commands.traffic",
    known=COMMANDS,
    help="Keep flow logs and resolver query logs, and ask them.",
)
