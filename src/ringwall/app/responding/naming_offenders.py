"""An alarm that names nobody → events that name who did it, by the flow logs of its window.

Rules:
- The logs of the window are read; and for who sends more than usual some hours before it, too.
  The window comes first, if time or bytes are used up.
- Nobody is made up: an alarm of a name that says nothing, or of which the logs show nothing, stays
  without parties, with what was looked at.
- Named are the worst, and who did at least half as much: of the others the first are told.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ringwall.app.responding.seeing import Answered, Window
from ringwall.app.workspace import Wanted
from ringwall.playbooks.offenders import Offender, Question, named, offenders, question_of
from ringwall.playbooks.records import Event, Source
from ringwall.shell.aws import Cloud
from ringwall.shell.clock import Clock
from ringwall.shell.window import Bounds, look
from ringwall.traffic.naming import Names
from ringwall.traffic.ranges import NOT_INTERNET, Range, to_ranges

BEFORE: Final = 6 * 3600  # seconds before the window, for what was usual


@dataclass(frozen=True, slots=True)
class ByLogs:
    """Reads the logs of an alarm's window at a file, a folder or `s3://BUCKET/PREFIX`."""

    place: str
    inside: Sequence[Range]
    names: Names
    clock: Clock
    cloud: Cloud | None = None
    bounds: Bounds = field(default_factory=Bounds)

    @classmethod
    def of(cls, place: str, wanted: Wanted, clock: Clock, cloud: Cloud | None) -> "ByLogs":
        """Return what reads a blueprint's logs; its VPCs and all that is private are inside."""
        names = Names.of(wanted.graph, wanted.blueprint.networks)
        blocks = (*NOT_INTERNET, *(str(block) for block in names.inside))
        return cls(place, to_ranges(blocks), names, clock, cloud)

    def __call__(self, event: Event) -> Answered:
        """Return an event for each offender, or the event as it is; raises OutsideError."""
        if event.source is not Source.ALARM or event.parties:
            return Answered((event,))
        question = question_of(event.kind)
        if question is None:
            why = "the alarm's name does not say what to look for"
            told = replace(event, evidence={**event.evidence, "looked": {"stopped": why}})
            return Answered((told,))
        before = BEFORE if question is Question.EXFILTRATION else 0
        since, until = event.first - before, event.last + 1
        looked = look(
            self.place,
            since,
            until,
            self.clock,
            cloud=self.cloud,
            bounds=self.bounds,
            focus=event.first,
        )
        found = offenders(question, looked.talks, (event.first, event.last), self.inside)
        worst = [each for each in found if 2 * each.amount >= found[0].amount]
        facts = {"for": question.value, "others": _told(found[len(worst) :]), **looked.to_dict()}
        return Answered(tuple(named(event, worst, facts)), Window(looked, self.names))


def _told(found: Sequence[Offender]) -> list[dict[str, Any]]:
    return [{"party": each.parties[0].address, "amount": each.amount} for each in found]
