"""Sets of integers as ranges, and sets of packets as boxes of them: all the arithmetic there is.

Rules:
- Ranges are half-open, sorted, and neither touch nor overlap.
- A box is a product of four sets: the sites that a packet comes from, those that it is meant for,
  the addresses that a translator gave it (each as bits of an integer), and traffic. A `Packets` is
  a union of boxes.
- IPv6 addresses stand above IPv4's on one line, from `IPV6` up.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ringwall.errors import InputError

Ranges = tuple[tuple[int, int], ...]
Box = tuple[int, int, int, Ranges]

IPV6 = 1 << 128  # where IPv6 addresses begin
FAMILIES: dict[int, Ranges] = {4: ((0, 1 << 32),), 6: ((IPV6, IPV6 + (1 << 128)),)}
MOST_BOXES = 20_000  # more of them than any network needs; a hostile certificate may ask for more


class TooManyBoxesError(InputError):
    """A set of packets falls into more boxes than are reckoned with."""

    def __init__(self) -> None:
        super().__init__(f"a set of packets has more than {MOST_BOXES:,} parts")


def join(*parts: Ranges) -> Ranges:
    """Return the union."""
    found: list[tuple[int, int]] = []
    for low, high in sorted(pair for part in parts for pair in part):
        if low >= high:
            continue
        if found and low <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], high))
        else:
            found.append((low, high))
    return tuple(found)


def meet(one: Ranges, other: Ranges) -> Ranges:
    """Return what both hold."""
    if one == other:
        return one
    found, i, j = [], 0, 0
    while i < len(one) and j < len(other):
        low, high = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if low < high:
            found.append((low, high))
        if one[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
    return tuple(found)


def minus(one: Ranges, other: Ranges) -> Ranges:
    """Return what `one` holds and `other` does not."""
    found, j = [], 0
    for start, high in one:
        low = start
        while j < len(other) and other[j][1] <= low:
            j += 1
        k = j
        while k < len(other) and other[k][0] < high:
            if low < other[k][0]:
                found.append((low, other[k][0]))
            low = max(low, other[k][1])
            k += 1
        if low < high:
            found.append((low, high))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Packets:
    """A set of packets."""

    boxes: tuple[Box, ...] = ()

    @classmethod
    def of(cls, boxes: Iterable[Box]) -> "Packets":
        """Return a union of boxes; raises TooManyBoxesError."""
        found = dict.fromkeys(box for box in boxes if all(box))
        if len(found) > MOST_BOXES:
            raise TooManyBoxesError
        return cls(tuple(_tidy(list(found))))

    def __bool__(self) -> bool:
        return bool(self.boxes)

    def __iter__(self) -> Iterator[Box]:
        return iter(self.boxes)

    def __or__(self, other: "Packets") -> "Packets":
        if not self or not other:
            return self or other
        return Packets.of((*self.boxes, *other.boxes))

    def __and__(self, other: "Packets") -> "Packets":
        return Packets.of(common for a in self for b in other if (common := _common(a, b)))

    def __sub__(self, other: "Packets") -> "Packets":
        rest = list(self.boxes)
        for taken in other:
            rest = [piece for box in rest for piece in _without(box, taken)]
            if len(rest) > MOST_BOXES:
                raise TooManyBoxesError
        return Packets.of(rest)

    def __le__(self, other: "Packets") -> bool:
        return not self - other

    def only(
        self,
        *,
        sender: int = -1,
        receiver: int = -1,
        borne: int = -1,
        traffic: Ranges | None = None,
    ) -> "Packets":
        """Return the packets within these bounds; what is not given bounds nothing."""
        return Packets.of(
            (f & sender, t & receiver, b & borne, what if traffic is None else meet(what, traffic))
            for f, t, b, what in self
        )

    def bearing(self, borne: int) -> "Packets":
        """Return the packets with any of these addresses of a translator."""
        return Packets.of((f, t, borne, what) for f, t, _, what in self)


def union(parts: Iterable[Packets]) -> Packets:
    """Return the union of sets of packets."""
    return Packets.of(box for part in parts for box in part)


def _common(a: Box, b: Box) -> Box | None:
    f, t, borne = a[0] & b[0], a[1] & b[1], a[2] & b[2]
    if not (f and t and borne):
        return None
    traffic = meet(a[3], b[3])
    return (f, t, borne, traffic) if traffic else None


def _without(box: Box, taken: Box) -> Iterator[Box]:
    shared = _common(box, taken)
    if shared is None:
        yield box
        return
    f, t, borne, traffic = box
    if f & ~taken[0]:
        yield f & ~taken[0], t, borne, traffic
    if t & ~taken[1]:
        yield shared[0], t & ~taken[1], borne, traffic
    if borne & ~taken[2]:
        yield shared[0], shared[1], borne & ~taken[2], traffic
    if rest := minus(traffic, taken[3]):
        yield shared[0], shared[1], shared[2], rest


def _tidy(boxes: list[Box]) -> list[Box]:
    """Join boxes that differ in one of their sets alone."""
    while len(boxes) > 1:
        before = len(boxes)
        for axis in (3, 0, 1, 2):
            groups: dict[tuple[object, ...], list[Box]] = {}
            for box in boxes:
                groups.setdefault(box[:axis] + box[axis + 1 :], []).append(box)
            boxes = [_joined(same, axis) for same in groups.values()]
        if len(boxes) == before:
            break
    return boxes


def _joined(same: list[Box], axis: int) -> Box:
    if len(same) == 1:
        return same[0]
    f, t, borne, traffic = same[0]
    for box in same[1:]:
        f, t, borne = f | box[0], t | box[1], borne | box[2]
    if axis == 3:
        traffic = join(*(box[3] for box in same))
    return f, t, borne, traffic
