"""What a person says → an event."""

from datetime import datetime
from ipaddress import ip_address

from ringwall.errors import QuestionError
from ringwall.model.finding import Severity
from ringwall.playbooks.records import Event, Party, Source, digest

KIND = "reported"


def reported(source: str, destination: str, by: str, reason: str, now: datetime) -> Event:
    """Return a person's event; raises QuestionError for an address that is none."""
    parties = [Party("source", _address(source))] if source else []
    if destination:
        try:
            parties.append(Party("destination", str(ip_address(destination))))
        except ValueError:
            parties.append(Party("destination", name=destination))
    if not parties:
        msg = "nobody is reported"
        raise QuestionError(msg, hint="--source ADDRESS")
    second = int(now.timestamp())
    return Event(
        digest("person", by, source, destination, str(second)),
        Source.PERSON,
        KIND,
        f"reported by {by}: {reason}",
        Severity.HIGH,
        tuple(parties),
        second,
        second,
        {"by": by, "reason": reason},
    )


def _address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError as error:
        msg = f"--source: {error}"
        raise QuestionError(msg, hint="an IPv4 or IPv6 address") from None
