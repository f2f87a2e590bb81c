"""What a delivery holds: events, things to do that are due, and what was passed over, with why."""

from dataclasses import dataclass
from enum import StrEnum

from ringwall.errors import InputError
from ringwall.playbooks.records import Event


class Task(StrEnum):
    """What a schedule asks for."""

    SWEEP = "sweep"  # take back what has expired
    RECONCILE = "reconcile"  # repair what differs between the journal and AWS
    DRIFT = "drift"  # tell what is deployed otherwise than it was meant
    CHECK = "check"  # prove the expectations on what is deployed


@dataclass(frozen=True, slots=True)
class Passed:
    """Something that is no reason to respond, in words: an alarm that went back to OK."""

    why: str


def of_another(event: Event, account: str) -> str:
    """Return, in words, that an event is of another account, "" if it is not, or does not say.

    Whoever watches for an organization is told of all of its accounts.
    """
    theirs = str(event.evidence.get("account") or "")
    if not theirs or not account or theirs == account:
        return ""
    return f"{event.kind} is of account {theirs}, and this is {account}"


Arrival = Event | Task | Passed | InputError
