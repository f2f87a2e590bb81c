"""How people call an incident: by its id, the beginning of it, or somebody who has a part in it."""

from collections.abc import Iterator
from ipaddress import IPv6Address, ip_address

from ringwall.errors import QuestionError
from ringwall.model.words import counted
from ringwall.playbooks.records import ENDED, Incident
from ringwall.shell.ledger.port import Ledger

LEAST = 4  # characters that stand for an id
SHOWN = 5


def find_incident(ledger: Ledger, word: str) -> Incident:
    """Return the incident that a word means; of several, the one that has not ended.

    Raises QuestionError for none and for several.
    """
    every = ledger.incidents()
    fitting = [each for each in every if each.id == word] or [
        each for each in every if _is_called(each, word)
    ]
    going_on = [each for each in fitting if each.state not in ENDED]
    found = going_on or fitting[:1]
    if len(found) == 1:
        return found[0]
    if not found:
        return ledger.incident(word)  # raises, with ids that are near
    named = ", ".join(each.id for each in found[:SHOWN])
    msg = f"{word!r} has a part in {counted(len(found), 'incident')}: {named}"
    raise QuestionError(msg, hint="name one by its id")


def _is_called(incident: Incident, word: str) -> bool:
    if len(word) >= LEAST and incident.id.startswith(word):
        return True
    words = {word, *spellings(word)}
    return any(words & {party.address, party.name} for party in incident.parties if word)


def spellings(word: str) -> Iterator[str]:
    """Yield how a ledger writes what a person may write otherwise: an address, a domain."""
    try:
        address = ip_address(word)
    except ValueError:
        yield word.rstrip(".").lower()
        return
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    yield str(mapped or address)
