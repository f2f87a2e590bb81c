"""Networks of logs that go on → the same networks, the last one read again when it has changed.

Rules:
- What was read again holds from when it was read, or from when a snapshot says that it was; the
  networks before it stay as they are.
- Files are read again when one of them has another size or time, and was left alone for a moment;
  `aws` is read again at an interval.
- What cannot be read leaves what is known in use, and is tried again.
"""

from dataclasses import dataclass, field
from typing import Final

from ringwall.app.holding import Against, Holding, held
from ringwall.app.inquiring import Inquiry, Known, speaking
from ringwall.app.sources import LIVE, Source
from ringwall.detections.coverage import when
from ringwall.errors import BlueprintError, RingwallError
from ringwall.shell.clock import Clock, SystemClock
from ringwall.shell.engines.store import FOREVER
from ringwall.shell.files import Stamp, stamp_of

REFRESH: Final = 900.0  # seconds: an account's calls are limited, and its network changes seldom
MOST: Final = 100  # networks that are known at a time
SETTLED: Final = 5  # seconds that a file was left alone before it is taken


@dataclass(slots=True)
class Renewing:
    """The networks of `against`; `refresh` are the seconds after which `aws` is read again.

    Raises what reading a network raises.
    """

    against: Against
    refresh: float = REFRESH
    clock: Clock = field(default_factory=SystemClock)
    _known: list[Known] = field(init=False)
    _stamp: Stamp = field(init=False)
    _read: float = field(init=False)

    def __post_init__(self) -> None:
        self._stamp, self._read = self._stamps(), self.clock.monotonic()
        self._known = [Known.of(each) for each in held(self.against, self.clock.now())]

    def speaking(self, inquiry: Inquiry) -> Inquiry:
        """Return an inquiry in the names of the networks that held in its time or after it."""
        since = inquiry.scope.extent.since
        nexts = (*(each.holding.since for each in self._known[1:]), FOREVER)
        kept = [each for each, end in zip(self._known, nexts, strict=False) if end > since]
        return speaking(inquiry, kept)

    def renew(self) -> str:
        """Read the last network again if it may have changed; say what has become of it, if any.

        Raises RingwallError if it cannot be read; what is known stays in use.
        """
        if not self._known:
            return ""
        stamp, is_due = self._stamps(), self._is_due()
        if not is_due and (stamp == self._stamp or self._is_fresh(stamp)):
            return ""
        if is_due:
            self._read = self.clock.monotonic()
        last = self._known[-1].holding
        again = Against((last.source.name,), self.against.blueprint, self.against.interfaces)
        [found] = held(again, self.clock.now())
        self._stamp = stamp
        if _is_same(last, found):
            return ""
        return self._add(found)

    def _add(self, found: Holding) -> str:
        last, now = self._known[-1].holding, int(self.clock.now().timestamp())
        read_at = found.source.read_at
        since = now if read_at is None else int(read_at.timestamp())
        since = now if since <= last.since or since > now else since
        since = max(since, last.since)
        if since == last.since:
            self._known.pop()
        self._known.append(Known.of(Holding(since, found.source, found.meant)))
        del self._known[:-MOST]
        return f"the network '{found.source.name}' has changed, and holds from {when(since)}"

    def _is_due(self) -> bool:
        is_live = self._known[-1].holding.source.name == LIVE
        return is_live and self.clock.monotonic() - self._read >= self.refresh

    def _stamps(self) -> Stamp:
        return tuple(each for path in self.against.paths() for each in stamp_of(path))

    def _is_fresh(self, stamp: Stamp) -> bool:
        """Tell whether one of the files may still be being written."""
        now = self.clock.now().timestamp()
        return any(0 <= now - nanoseconds / 1e9 < SETTLED for _, nanoseconds, _ in stamp)


def reason(error: RingwallError) -> str:
    """Return why a network cannot be read, in one line."""
    if isinstance(error, BlueprintError) and error.problems:
        first = error.problems[0]
        return f"{error.file}:{first.line}:{first.column}: {first.message}"
    return error.message


def _is_same(one: Holding, other: Holding) -> bool:
    """Tell whether two readings are of one network, and of one that was meant."""
    return all(
        _content(before) == _content(after)
        for before, after in ((one.source, other.source), (one.meant, other.meant))
    )


def _content(source: Source) -> tuple[object, ...]:
    blueprint = source.wanted.blueprint if source.wanted is not None else None
    return dict(source.graph.nodes), source.graph.unknowns, blueprint
