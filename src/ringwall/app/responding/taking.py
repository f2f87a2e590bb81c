"""What was delivered → incidents, each taken as far as it goes; one that fails stops no other."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field

from ringwall.app.responding.events import Arrival, Passed, Task, of_another, of_text
from ringwall.app.responding.guarding import check, drift
from ringwall.app.responding.loop import Responder
from ringwall.app.responding.outcomes import Outcome
from ringwall.app.responding.reconciling import reconcile, sweep
from ringwall.errors import InputError, PartialError, RingwallError
from ringwall.playbooks.records import Event, Incident
from ringwall.shell.files import read_text

STDIN = "-"


@dataclass(slots=True)
class Taken:
    """The incidents as they stand, each once, and what was said about the rest.

    `exit_code` is that of the worst: 4 if AWS did not do its part, 2 for what cannot be read.
    """

    incidents: list[Incident] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    exit_code: int = 0

    def outcome(self, came: Outcome) -> None:
        """Note what was left, each with its reason."""
        for each in came.left:
            self.fault(PartialError(str(each), hint=each.hint))

    def fault(self, error: RingwallError) -> None:
        """Note what went wrong."""
        self.said.append(f"error: {error.message}")
        if error.hint:
            self.said.append(f"hint: {error.hint}")
        worse = (0, 3, 1, 2, 4)
        self.exit_code = max(self.exit_code, error.exit_code, key=worse.index)


def read_events(file: str) -> list[Arrival]:
    """Read what a file or stdin holds; raises InputError where there is no such file."""
    if file != STDIN:
        hint = "name a file of alarms or findings as JSON, or - for stdin"
        return list(of_text(read_text(file, hint=hint), file))
    bytes_ = getattr(sys.stdin, "buffer", None)  # there is none where a test gives the text
    return list(of_text(sys.stdin.read() if bytes_ is None else bytes_.read(), "stdin"))


def take(responder: Responder, found: Iterable[Arrival]) -> Taken:
    """Take what was delivered, in its order."""
    taken, known = Taken(), dict[str, Incident]()
    for each in found:
        try:
            match each:
                case InputError():
                    taken.fault(each)
                case Passed():
                    taken.said.append(f"passed over: {each.why}")
                case Task.SWEEP:
                    taken.outcome(swept := sweep(responder))
                    known |= {incident.id: incident for incident in swept.ended}
                case Task.RECONCILE:
                    taken.outcome(reconciled := reconcile(responder))
                    taken.said += reconciled.done
                case Task.DRIFT:
                    known |= {incident.id: incident for incident in drift(responder)}
                case Task.CHECK:
                    known |= {incident.id: incident for incident in check(responder)}
                case Event() if why := of_another(each, responder.account):
                    taken.said.append(f"passed over: {why}")
                case _:
                    known |= {incident.id: incident for incident in responder.answer(each)}
        except RingwallError as error:
            taken.fault(error)
    taken.incidents = list(known.values())
    return taken
