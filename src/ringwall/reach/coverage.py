"""What was told of a packet → how much of what lies on its paths was understood."""

from dataclasses import dataclass
from typing import Any

from ringwall.reach.answers import Told
from ringwall.reach.engine import Engine
from ringwall.reach.levels import Outcome


@dataclass(frozen=True, slots=True)
class Coverage:
    """Places on the paths there and back, and those of them that were understood.

    `beside` counts what could carry packets in the VPCs of the two ends and is not modelled.
    """

    places: int
    understood: int
    beside: int
    assumed: tuple[str, ...] = ()

    def __str__(self) -> str:
        text = f"understood {self.understood} of {self.places} places on the paths"
        if self.beside:
            things = "thing" if self.beside == 1 else "things"
            text += f"; {self.beside} {things} beside them not modelled"
        if self.assumed:
            text += f"; not in the input, assumed absent: {', '.join(self.assumed)}"
        return text

    def to_dict(self) -> dict[str, Any]:
        """Return its document."""
        return {
            "places": self.places,
            "understood": self.understood,
            "beside": self.beside,
            "assumed_absent": list(self.assumed),
        }


def coverage(engine: Engine, told: Told) -> Coverage:
    """Return the coverage of what was told."""
    hops = (*told.forward, *told.back)
    understood = sum(hop.outcome is not Outcome.UNKNOWN for hop in hops)
    pair = told.case.pair
    beside = {*engine.gaps.unread, *engine.beside.names(pair.source, pair.destination)}
    return Coverage(len(hops), understood, len(beside), engine.assumed)
