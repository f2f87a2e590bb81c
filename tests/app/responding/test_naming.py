"""How people call an incident, however they spell it."""

import pytest

from ringwall.app.responding.naming import find_incident
from ringwall.errors import QuestionError
from ringwall.playbooks.records import Event, Party, Source
from tests.fakes.ledger import MemoryLedger


@pytest.fixture
def ledger():
    kept = MemoryLedger()
    for party in (
        Party("source", "2001:db8::a7"),
        Party("source", "198.51.100.7"),
        Party("domain", name="evil.example"),
        Party("role", name="Admin"),
    ):
        kept.admit(Event(party.role + party.address, Source.PERSON, "k", "t", 3, (party,), 1, 2), 3)
    return kept


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("2001:db8::a7", "2001:db8::a7"),
        ("2001:DB8::A7", "2001:db8::a7"),
        ("2001:0db8:0:0::00a7", "2001:db8::a7"),
        ("198.51.100.7", "198.51.100.7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("::FFFF:C633:6407", "198.51.100.7"),
        ("Evil.Example.", "evil.example"),
        ("Admin", "Admin"),
    ],
)
def test_an_incident_is_found_however_its_party_is_spelt(ledger, word, found):
    [party] = find_incident(ledger, word).parties
    assert (party.address or party.name) == found


@pytest.mark.parametrize("word", ["2001:db8::a8", "admin", "198.51.100.8", "", "::", "2001:db8::"])
def test_what_nobody_is_called_is_not_found(ledger, word):
    with pytest.raises(QuestionError):
        find_incident(ledger, word)
