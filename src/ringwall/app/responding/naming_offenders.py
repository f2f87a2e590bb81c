"""An alarm that names nobody → events that name who did it, by the flow logs of its window."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ringwall.app.workspace import Wanted
from ringwall.playbooks.offenders import named, offenders, question_of
from ringwall.playbooks.records import Event
from ringwall.shell.aws import Cloud
from ringwall.shell.clock import Clock
from ringwall.shell.window import look
from ringwall.traffic.naming import Names
from ringwall.traffic.ranges import NOT_INTERNET, Range, to_ranges

BEFORE: Final = 6 * 3600  # seconds before the window, for what was usual


@dataclass(frozen=True, slots=True)
class ByLogs:
    """Reads the logs of an alarm's window at a file, a folder or `s3://BUCKET/PREFIX`."""

    place: str
    inside: Sequence[Range]
    clock: Clock
    cloud: Cloud | None = None

    @classmethod
    def of(cls, place: str, wanted: Wanted, clock: Clock, cloud: Cloud | None) -> "ByLogs":
        """Return what reads a blueprint's logs; its VPCs and all that is private are inside."""
        names = Names.of(wanted.graph, wanted.blueprint.networks)
        blocks = (*NOT_INTERNET, *(str(block) for block in names.inside))
        return cls(place, to_ranges(blocks), clock, cloud)

    def __call__(self, event: Event) -> list[Event]:
        """Return an event for each offender, or the event as it is; raises OutsideError."""
        question = question_of(event.kind)
        if event.parties or question is None:
            return [event]
        looked = look(
            self.place, event.first - BEFORE, event.last + 1, self.clock, cloud=self.cloud
        )
        found = offenders(question, looked.talks, (event.first, event.last), self.inside)
        return named(event, found, looked.to_dict())
