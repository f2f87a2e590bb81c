"""The engine under test, made of a graph and asked in the questions' terms."""

from tests.reach.campaign import MakeEngine

# ENGINE HOOK: the function that makes an engine's `ask` of a graph goes here. It resolves the names
# of a question's ends as the oracle does (by name, subnet, interface and address), asks for exactly
# these addresses and this packet, and returns verdict, client ports (inclusive) and deciding hop.
make_engine: MakeEngine | None = None
WHY_NOT = "no engine answers questions with addresses yet"
