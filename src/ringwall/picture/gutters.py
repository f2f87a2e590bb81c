"""Lines that run beside boxes → tracks, so that no two lines lie on each other."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ringwall.picture.svg import number

GAP = 8  # between tracks
CLEAR = 6  # between the ends of two lines on one track
BEND = 4
EDGE = 11  # between a box and the nearest track


@dataclass(slots=True)
class Gutter:
    """The tracks of one gutter; a track holds spans of y that do not meet."""

    _tracks: list[list[tuple[float, float]]] = field(default_factory=list)

    def take(self, spans: Iterable[tuple[str, float, float]]) -> dict[str, int]:
        """Return a track for each named span, the shortest spans nearest to the boxes."""
        found = {}
        for name, top, end in sorted(spans, key=lambda s: (s[2] - s[1], s[1], s[0])):
            number_of = next(
                (
                    n
                    for n, taken in enumerate(self._tracks)
                    if all(end + CLEAR < a or b + CLEAR < top for a, b in taken)
                ),
                len(self._tracks),
            )
            if number_of == len(self._tracks):
                self._tracks.append([])
            self._tracks[number_of].append((top, end))
            found[name] = number_of
        return found

    @property
    def width(self) -> float:
        """Return the width of the gutter, 0 without a line."""
        return 2 * EDGE + (len(self._tracks) - 1) * GAP if self._tracks else 0


def elbow(start: tuple[float, float], track: float, end: tuple[float, float]) -> str:
    """Return the path from a point to a track, along it, and to another point."""
    (x0, y0), (x1, y1) = start, end
    if y0 == y1:
        return f"M{number(x0)} {number(y0)}H{number(x1)}"
    down = 1 if y1 > y0 else -1
    bend = min(BEND, abs(y1 - y0) / 2)
    into, out = (1 if track > x0 else -1), (1 if x1 > track else -1)
    return (
        f"M{number(x0)} {number(y0)}H{number(track - into * bend)}"
        f"Q{number(track)} {number(y0)} {number(track)} {number(y0 + down * bend)}"
        f"V{number(y1 - down * bend)}"
        f"Q{number(track)} {number(y1)} {number(track + out * bend)} {number(y1)}"
        f"H{number(x1)}"
    )


def tip(x: float, y: float, *, to_right: bool) -> str:
    """Return the path of an arrow's head whose point is there."""
    back = -6 if to_right else 6
    return f"M{number(x)} {number(y)}l{back} -3.5v7z"
