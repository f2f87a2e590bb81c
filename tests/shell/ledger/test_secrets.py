"""No credential and no webhook's address is ever in a record."""

import pytest

from ringwall.errors import RefusedError
from ringwall.playbooks.records import IncidentState, Party
from tests.shell.ledger.records import action, event, line

KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"  # AWS's example of one
SLACK = "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"
SESSION = "FwoGZXIvYXdzEJr" + "a1B2" * 60


def texts_of(ledger):
    records = [*ledger.incidents(), *ledger.actions(), *ledger.lines()]
    return "\n".join(str(each.to_dict()) for each in records)


@pytest.mark.parametrize(
    "evidence",
    [
        {"note": f"key {KEY} was used"},
        {"deep": [{"env": [f"AWS_SECRET_ACCESS_KEY={KEY}"]}]},
        {"SecretAccessKey": KEY},
        {KEY: "a name"},
        {"url": f"https://user:{KEY}@example.com/x"},
        {"session_token": KEY, "more": SESSION, "text": f"sessionToken: {KEY}"},
        {"signed": f"https://b.s3.amazonaws.com/k?X-Amz-Security-Token={KEY}&X=1"},
    ],
)
def test_a_credential_in_evidence_is_not_written(ledger, evidence):
    told = event(evidence={**evidence, "ports": [22]})
    found = ledger.admit(told, now=200)
    assert found.incident.evidence["ports"] == [22]
    ledger.write(line("noted", reason=f"saw {evidence}", facts=evidence))
    ledger.move(found.incident, IncidentState.PROPOSED, line(facts={"of": evidence}))
    for secret in (KEY, SESSION):
        assert secret not in texts_of(ledger)


def test_a_webhooks_address_is_not_written(ledger):
    told = event(
        f"alarm {SLACK}", parties=(Party("source", "203.0.113.9", SLACK),), evidence={"to": SLACK}
    )
    found = ledger.admit(told, now=200)
    planned = action(found.incident, facts={"notified": SLACK, "webhook": "https://mm.example/x"})
    ledger.move(found.incident, IncidentState.PROPOSED, line(SLACK, reason=SLACK), [planned])
    ledger.halt(line("halted", reason=f"see {SLACK}"))
    assert "slack" not in texts_of(ledger)
    assert "mm.example" not in texts_of(ledger)


@pytest.mark.parametrize("measure", [{"to": SLACK}, {"password": "x"}, {"a": [SESSION]}])
def test_a_measure_with_a_secret_is_refused_for_a_way_back_must_be_whole(ledger, measure):
    incident = ledger.admit(event(), now=200).incident
    with pytest.raises(RefusedError, match="credential or a webhook"):
        ledger.move(
            incident, IncidentState.PROPOSED, line(), [action(incident, measures=(measure,))]
        )
    assert (ledger.actions(), ledger.incident(incident.id)) == ([], incident)


def test_a_secret_at_the_end_of_what_is_kept_is_not_cut_in_half(ledger):
    for length in (1959, 1960, 1990):
        ledger.write(line("noted", reason=f"{'. ' * (length // 2)} {KEY} and so on " * 3))
    assert KEY[:8] not in texts_of(ledger)


def test_evidence_that_is_nested_without_end_hides_no_incident(ledger):
    deep: dict[str, object] = {}
    for _ in range(5000):
        deep = {"in": deep}
    found = ledger.admit(event(evidence={"deep": deep, "flat": 1}), now=200).incident
    assert found.evidence["flat"] == 1
    assert ledger.incident(found.id) == found
    with pytest.raises(RefusedError, match="nested"):
        ledger.write(line(), [action(found, measures=(deep,))])
