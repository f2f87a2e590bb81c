"""Sets of integers as ranges, and sets of packets as boxes of them: all the arithmetic there is.

Rules:
- Ranges are half-open, sorted, and neither touch nor overlap.
- A box is a product of five sets: the ends that a packet comes from and goes to (bits of an
  integer), source addresses, destination addresses, traffic. A `Packets` is a union of boxes.
- IPv6 addresses stand above IPv4's on one line, from `IPV6` up.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ringwall.errors import InputError

Ranges = tuple[tuple[int, int], ...]
Box = tuple[int, int, Ranges, Ranges, Ranges]

IPV6 = 1 << 128  # where IPv6 addresses begin
FAMILIES: dict[int, Ranges] = {4: ((0, 1 << 32),), 6: ((IPV6, IPV6 + (1 << 128)),)}
MOST_BOXES = 200_000  # more of them than any network needs; a hostile certificate may ask for more


class TooManyBoxes(InputError):  # noqa: N818  (it names what is wrong)
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
    """A set of packets, each with the end that it comes from and the one it is meant for."""

    boxes: tuple[Box, ...] = ()

    @classmethod
    def of(cls, boxes: Iterable[Box]) -> "Packets":
        """Return a union of boxes; raises TooManyBoxes."""
        found = dict.fromkeys(box for box in boxes if all(box))
        if len(found) > MOST_BOXES:
            raise TooManyBoxes
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
                raise TooManyBoxes
        return Packets.of(rest)

    def __le__(self, other: "Packets") -> bool:
        return not self - other

    def only(
        self,
        *,
        sender: int = -1,
        receiver: int = -1,
        source: Ranges | None = None,
        destination: Ranges | None = None,
        traffic: Ranges | None = None,
    ) -> "Packets":
        """Return the packets within these bounds; what is not given bounds nothing."""
        return Packets.of(
            (
                box[0] if sender == -1 else box[0] & sender,
                box[1] if receiver == -1 else box[1] & receiver,
                box[2] if source is None else meet(box[2], source),
                box[3] if destination is None else meet(box[3], destination),
                box[4] if traffic is None else meet(box[4], traffic),
            )
            for box in self
        )

    def to(self, *, source: Ranges | None = None, destination: Ranges | None = None) -> "Packets":
        """Return the packets with their addresses rewritten to any of these."""
        return Packets.of(
            (f, t, source or s, destination or d, traffic) for f, t, s, d, traffic in self
        )


def union(parts: Iterable[Packets]) -> Packets:
    """Return the union of sets of packets."""
    return Packets.of(box for part in parts for box in part)


def _common(a: Box, b: Box) -> Box | None:
    found = (a[0] & b[0], a[1] & b[1], meet(a[2], b[2]), meet(a[3], b[3]), meet(a[4], b[4]))
    return found if all(found) else None


def _without(box: Box, taken: Box) -> Iterator[Box]:
    shared = _common(box, taken)
    if shared is None:
        yield box
        return
    f, t, source, destination, traffic = box
    if f & ~taken[0]:
        yield f & ~taken[0], t, source, destination, traffic
    if t & ~taken[1]:
        yield shared[0], t & ~taken[1], source, destination, traffic
    if rest := minus(source, taken[2]):
        yield shared[0], shared[1], rest, destination, traffic
    if rest := minus(destination, taken[3]):
        yield shared[0], shared[1], shared[2], rest, traffic
    if rest := minus(traffic, taken[4]):
        yield shared[0], shared[1], shared[2], shared[3], rest


def _tidy(boxes: list[Box]) -> list[Box]:
    """Join boxes that differ in one of their five sets alone."""
    while len(boxes) > 1:
        before = len(boxes)
        for axis in (4, 3, 2, 1, 0):
            groups: dict[Sequence[object], list[Box]] = {}
            for box in boxes:
                groups.setdefault(box[:axis] + box[axis + 1 :], []).append(box)
            boxes = [_joined(same, axis) for same in groups.values()]
        if len(boxes) == before:
            break
    return boxes


def _joined(same: list[Box], axis: int) -> Box:
    f, t, source, destination, traffic = same[0]
    if len(same) > 1:
        if axis == 0:
            for box in same[1:]:
                f |= box[0]
        elif axis == 1:
            for box in same[1:]:
                t |= box[1]
        elif axis == 2:
            source = join(*(box[2] for box in same))
        elif axis == 3:
            destination = join(*(box[3] for box in same))
        else:
            traffic = join(*(box[4] for box in same))
    return f, t, source, destination, traffic
