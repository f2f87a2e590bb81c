"""An alarm that names nobody → the events of those whom the flow logs of its window name.

Rules:
- The logs of the window are read, and of as long before it, which is what was usual.
- Nobody is made up: what the logs do not show, and an alarm of a name that says nothing, stay
  without parties, with why.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from ringwall.playbooks.offenders import named, offenders, question_of
from ringwall.playbooks.records import Event, Source
from ringwall.shell.aws import Cloud
from ringwall.shell.clock import Clock
from ringwall.shell.window import Bounds, look
from ringwall.traffic.ranges import NOT_INTERNET, to_ranges

MOST: Final = 1  # offenders of one alarm: the worst is answered, and the next alarm says the next


@dataclass(frozen=True, slots=True, kw_only=True)
class Logs:
    """Where the flow logs are, and what is inside of the network, as CIDRs.

    `inside` is asked when an alarm comes; `bounds` are of one look. `most` offenders are named.
    """

    place: str
    clock: Clock
    inside: Callable[[], Iterable[str]]
    cloud: Cloud | None = None
    bounds: Bounds = field(default_factory=Bounds)
    most: int = MOST

    def named(self, event: Event) -> list[Event]:
        """Return an alarm's event with parties; raises InputError, CloudError for no logs."""
        if event.source is not Source.ALARM or event.parties:
            return [event]
        question = question_of(event.kind)
        if question is None:
            why = "its name does not say what to look for"
            return [replace(event, evidence={**event.evidence, "looked": {"stopped": why}})]
        since, until = 2 * event.first - event.last - 1, event.last + 1
        looked = look(self.place, since, until, self.clock, cloud=self.cloud, bounds=self.bounds)
        inside = to_ranges((*NOT_INTERNET, *self.inside()))
        found = offenders(question, looked.talks, (event.first, event.last), inside)
        facts = {"question": question.value, "place": self.place, **looked.to_dict()}
        others = [{"party": each.parties[0].address, "amount": each.amount} for each in found]
        facts["others"] = others[self.most :]
        return named(event, found[: self.most], facts)
