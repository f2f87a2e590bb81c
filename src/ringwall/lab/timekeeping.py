"""The time of a lab, asked for and moved forward from another process."""

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.error import URLError
from urllib.request import Request, urlopen

from ringwall.errors import OutsideError
from ringwall.lab.control import PATH
from ringwall.shell.clock import Clock

WAIT: Final = 600  # seconds that functions of the lab may be at work at one time of the lab
POLL: Final = 0.05  # seconds


class LabTime:
    """The time of a lab, over HTTP; raises OutsideError where none answers."""

    def __init__(self, endpoint: str, clock: Clock) -> None:
        self._clock = clock
        self._place = f"{endpoint.rstrip('/')}{PATH}"

    def state(self, to: float | None = None) -> Mapping[str, Any]:
        """Return how things stand, after time has been moved forward `to` a moment."""
        data = None if to is None else json.dumps({"to": to}).encode()
        try:
            with urlopen(Request(self._place, data), timeout=WAIT) as answer:  # noqa: S310  (the address of a lab)
                found: Mapping[str, Any] = json.loads(answer.read())
        except (URLError, OSError, ValueError) as failure:
            msg = f"no lab answers at {self._place}: {failure}"
            raise OutsideError(msg, hint="ringwall lab") from None
        return found

    def rest(self) -> None:
        """Wait until no function is at work; raises OutsideError after WAIT seconds."""
        end = self._clock.monotonic() + WAIT
        while self.state()["calls"]:
            if self._clock.monotonic() > end:
                msg = f"a function of the lab is at work for more than {WAIT} s"
                raise OutsideError(msg)
            self._clock.sleep(POLL)
