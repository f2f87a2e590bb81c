"""An incident, whenever it moves → a notice to every channel there is."""

from collections.abc import Sequence
from dataclasses import dataclass

from ringwall.errors import OutsideError, RingwallError
from ringwall.playbooks.notice import Notice, Where
from ringwall.playbooks.records import Action, Incident, Line
from ringwall.shell.notices.channels import Channel


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells all channels; what the loop calls `notify`."""

    where: Where
    channels: tuple[Channel, ...]

    def __call__(self, incident: Incident, actions: Sequence[Action], line: Line) -> None:
        """Tell of an incident as it stands; `line` is what brought it there.

        Every channel is tried. Raises OutsideError with those that failed, for the journal.
        """
        notice = Notice.of(self.where, incident, actions, line)
        failed = []
        for channel in self.channels:
            try:
                channel.send(notice)
            except RingwallError as error:
                failed.append(f"{channel.name}: {error.message}")
            except Exception as fault:  # noqa: BLE001  (a notice stops no response)
                failed.append(f"{channel.name}: {type(fault).__name__}")
        if failed:
            raise OutsideError("; ".join(failed))
