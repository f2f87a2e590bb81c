"""What becomes of the first packet and of its reply → the verdict about each class of packets."""

from dataclasses import dataclass
from enum import StrEnum

from ringwall.reach.levels import LevelStore, Outcome, Row
from ringwall.reach.packets import (
    EPHEMERAL,
    NO_REPLY,
    TCP,
    UDP,
    WHOLE_EPHEMERAL,
    PacketClasses,
)
from ringwall.space.intervals import PORTS, IntervalSet


class Verdict(StrEnum):
    """What is said of a question."""

    ALLOW = "ALLOW"
    PARTIAL = "PARTIAL"
    ONE_WAY = "ONE_WAY"
    UNKNOWN = "UNKNOWN"
    UNDETERMINED = "UNDETERMINED"
    DENY = "DENY"


# From what reaches most to what reaches nothing.
ORDER = (
    Verdict.ALLOW,
    Verdict.PARTIAL,
    Verdict.ONE_WAY,
    Verdict.UNDETERMINED,
    Verdict.UNKNOWN,
    Verdict.DENY,
)
UNDECIDED = frozenset({Verdict.UNKNOWN, Verdict.UNDETERMINED})
_NOT_PASSED = {
    Outcome.DROP: Verdict.DENY,
    Outcome.UNKNOWN: Verdict.UNKNOWN,
    Outcome.UNDETERMINED: Verdict.UNDETERMINED,
}
_NOT_ANSWERED = {
    Outcome.DROP: Verdict.ONE_WAY,
    Outcome.UNKNOWN: Verdict.UNKNOWN,
    Outcome.UNDETERMINED: Verdict.UNDETERMINED,
}

Answer = tuple[Verdict, IntervalSet | None]  # with the client ports of a PARTIAL


@dataclass(slots=True)
class Verdicts:
    """Verdicts of pairs of level vectors, each computed once."""

    levels: LevelStore
    packets: PacketClasses
    _replies: dict[tuple[int, int], Answer]

    @classmethod
    def of(cls, levels: LevelStore, packets: PacketClasses) -> "Verdicts":
        """Return the verdicts of a network's packets."""
        return cls(levels, packets, {})

    def verdict(self, forward: int, back: int, index: int) -> Answer:
        """Return the verdict about one class of packets."""
        outcome = Outcome(int(self.levels.row(forward)[index]))
        if outcome is not Outcome.PASS:
            return _NOT_PASSED[outcome], None
        return self.answered(back, index)

    def answered(self, back: int, index: int) -> Answer:
        """Return the verdict about a class whose first packet arrives."""
        back = self.levels.part(back, index)
        protocol = int(self.packets.protocols[index])
        by_port = protocol in {TCP, UDP}
        key = (back, -protocol if by_port else index)
        found = self._replies.get(key)
        if found is None:
            row = self.levels.row(back)
            found = self._by_port(row, protocol) if by_port else self._plain(row, index)
            self._replies[key] = found
        return found

    def _plain(self, row: Row, index: int) -> Answer:
        reply = int(self.packets.reply[index])
        if reply == NO_REPLY:
            return Verdict.ALLOW, None
        outcome = Outcome(int(row[reply]))
        return (Verdict.ALLOW if outcome is Outcome.PASS else _NOT_ANSWERED[outcome]), None

    def _by_port(self, row: Row, protocol: int) -> Answer:
        """F10: the reply goes to the client's port, so that only some clients may be answered."""
        admitted = []
        for start, end, index in self.packets.ports_in_order(protocol):
            outcome = Outcome(int(row[index]))
            if outcome in {Outcome.UNKNOWN, Outcome.UNDETERMINED} and end > EPHEMERAL[0]:
                return _NOT_ANSWERED[outcome], None
            if outcome is Outcome.PASS:
                admitted.append((start, end))
        clients = IntervalSet.of(PORTS, admitted)
        if not clients:
            return Verdict.ONE_WAY, None
        return (Verdict.ALLOW, None) if clients >= WHOLE_EPHEMERAL else (Verdict.PARTIAL, clients)
