"""The traffic that was seen: what a block would have cut, and who else is there.

Two sources of one protocol: a store of logs of days (`replaying`), and the flow logs of an alarm's
window, which were read to name its offenders.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np

from ringwall.detections.coverage import when
from ringwall.errors import RingwallError
from ringwall.model.widest import WIDEST
from ringwall.playbooks.parties import began, canonical
from ringwall.playbooks.records import Event, Incident
from ringwall.reach.blocks import Block, address_text, to_block
from ringwall.shell.window import Looked
from ringwall.traffic.addresses import from_halves
from ringwall.traffic.batches import Array
from ringwall.traffic.naming import Names
from ringwall.traffic.ranges import Range, to_ranges
from ringwall.traffic.talks import ENDS, Talks, among, failed

SHOWN: Final = 5
CONVERSATION: Final = (*ENDS, "port", "protocol")
TALK: Final = (*CONVERSATION, "slot")


class Traffic(Protocol):
    """Conversations that were let through."""

    def replay(self, blocks: Sequence[str]) -> Mapping[str, Any]:
        """Return how many touch the blocks, those with most bytes, and `over` what was looked.

        Raises RingwallError.
        """
        ...

    def seen(self, around: Sequence[str]) -> tuple[Block, ...] | None:
        """Return the addresses in some blocks that have a part in any; None: it is not known."""
        ...


class Unseen:
    """Nobody looked."""

    def replay(self, blocks: Sequence[str]) -> Mapping[str, Any]:
        """Say so."""
        del blocks
        return {"replayed": "no store of logs was given"}

    def seen(self, around: Sequence[str]) -> None:
        """Say so."""
        del around


UNSEEN: Final = Unseen()


@dataclass(frozen=True, slots=True)
class Answered:
    """An alarm's events that name its offenders, and the traffic that shows them."""

    events: tuple[Event, ...]
    traffic: Traffic = UNSEEN


@dataclass(frozen=True, slots=True)
class Window:
    """The traffic of an alarm's window, by the names of a network."""

    looked: Looked
    names: Names

    def replay(self, blocks: Sequence[str]) -> Mapping[str, Any]:
        """Return what blocks would have cut in the window."""
        if not blocks:
            return {"replayed": "no address is cut"}
        talks, inside = self.looked.talks, to_ranges(blocks)
        touches = _at(talks, "source", inside) | _at(talks, "destination", inside)
        own, once = _let_through(talks.chosen(touches))
        each = once.by(CONVERSATION) if len(once) else once
        answered = own.chosen((own["bytes_back"] > 0) & ~failed(own))
        size = each["bytes_out"] + each["bytes_back"]
        return {
            "over": self._over(),
            "conversations": len(each),
            "answered": len(answered.by(CONVERSATION)) if len(answered) else 0,
            "bytes": int(size.sum()),
            "most": [self._named(each, row) for row in np.argsort(-size, kind="stable")[:SHOWN]],
        }

    def seen(self, around: Sequence[str]) -> tuple[Block, ...] | None:
        """Return who has a part; of logs that were read in part it is not known."""
        if self.looked.is_partial:
            return None
        talks, ranges = _let_through(self.looked.talks)[0], to_ranges(around)
        found: set[str] = set()
        for end in ("source", "destination"):
            rows = np.flatnonzero(_at(talks, end, ranges))
            columns = (talks["family"], talks[f"{end}_high"], talks[f"{end}_low"])
            found |= {
                from_halves(*map(int, row)) for row in zip(*(c[rows] for c in columns), strict=True)
            }
        return tuple(sorted(map(to_block, found)))

    def _over(self) -> str:
        looked = self.looked
        part = ", which were read in part" if looked.is_partial else ""
        span = f"{when(looked.since)} to {when(looked.until)}"
        return f"the flow logs of {span} ({looked.records} records){part}"

    def _named(self, talks: Talks, row: int) -> str:
        size = int(talks["bytes_out"][row] + talks["bytes_back"][row])
        ends = [
            self._name(*(int(talks[n][row]) for n in ("family", f"{end}_high", f"{end}_low")))
            for end in ("source", "destination")
        ]
        return f"{ends[0]} to {ends[1]} port {int(talks['port'][row])}, {size} bytes"

    def _name(self, family: int, high: int, low: int) -> str:
        address = from_halves(family, high, low)
        owner = self.names.of_address(address)
        return f"{owner.name} ({address})" if owner.is_inside else address


def near(traffic: Traffic, incident: Incident) -> tuple[Block, ...] | None:
    """Return who else was seen near the offenders; None where it is not known, or not asked.

    One alone is joined with nobody.
    """
    offenders = {to_block(canonical(party)) for party in began(incident)}
    if len(offenders) < 2:
        return None
    around = {
        to_block(f"{address_text(each.version, each.start)}/{WIDEST[each.version]}")
        for each in offenders
    }
    try:
        return traffic.seen([str(each) for each in sorted(around)])
    except RingwallError:  # then nothing but offenders is joined
        return None


def _let_through(talks: Talks) -> tuple[Talks, Talks]:
    """Return the talks of which something was accepted: all that was logged, and each once."""
    if not len(talks):
        return talks, talks
    every, once = talks.by(TALK), talks.without_echoes()  # both in the order of TALK
    let = every["records"] > every["rejected"]
    return every.chosen(let), once.chosen(let)


def _at(talks: Talks, end: str, ranges: Iterable[Range]) -> Array:
    return among(talks["family"], talks[f"{end}_high"], talks[f"{end}_low"], ranges)
