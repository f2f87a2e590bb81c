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


Arrival = Event | Task | Passed | InputError
