"""Many addresses → the few CIDRs that hold them, and nobody else who matters.

Rules:
- What holds nothing but offenders is joined always; what holds other addresses, only if there is no
  room for all, and if none of the others was seen, is named or is never blocked, or is accepted.
- Where nobody looked who else was seen, nothing but offenders is joined.
- The narrowest join comes first.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ringwall.model.widest import WIDEST
from ringwall.reach.blocks import Block

_WIDTH = {4: 32, 6: 128}
Refused = Callable[[Block], str]  # why a block is not denied, "" if it may be


@dataclass(frozen=True, slots=True)
class Others:
    """Who else is there: `seen` (None: nobody looked), `named` by people, `accepted` as collateral.

    `refused` tells why a block is never denied.
    """

    seen: tuple[Block, ...] | None = None
    named: tuple[Block, ...] = ()
    accepted: tuple[Block, ...] = ()
    refused: Refused = lambda _: ""

    def hit(self, block: Block, offenders: Iterable[Block]) -> str:
        """Return who else would be hit by a block, "" if nobody is known to be."""
        if why := self.refused(block):
            return why
        if self.seen is None:
            return "nobody looked who else is there"
        own = tuple(offenders)
        for other in (*self.named, *self.seen):
            is_offender = any(b.start <= other.start and other.end <= b.end for b in own)
            is_accepted = any(a.start <= other.start and other.end <= a.end
                              for a in self.accepted if a.version == other.version)  # fmt: skip
            if other.overlaps(block) and not is_offender and not is_accepted:
                return f"{other} is in it"
        return ""


def joined(offenders: Iterable[Block], *, most: int, others: Others) -> tuple[Block, ...]:
    """Return CIDRs of one family that hold all offenders; more than `most` if it must be so."""
    every = tuple(sorted(set(offenders)))
    blocks = _exact(every)
    if not blocks:
        return ()
    version = blocks[0].version
    for length in range(_WIDTH[version] - 1, WIDEST[version] - 1, -1):
        if len(blocks) <= most:
            break
        blocks = _at(length, blocks, every, most, others)
    return blocks


def _exact(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """Join what makes a CIDR of nothing but offenders; drop what lies in another."""
    found: list[Block] = []
    for block in sorted(blocks, key=lambda b: (b.start, -b.end)):
        if found and block.end <= found[-1].end:
            continue
        found.append(block)
        while len(found) > 1 and _are_halves(found[-2], found[-1]):
            right, left = found.pop(), found.pop()
            found.append(Block(left.version, left.start, right.end, left.length - 1))
    return tuple(found)


def _are_halves(left: Block, right: Block) -> bool:
    size = left.end - left.start
    adjoin = left.end == right.start and left.length == right.length
    return adjoin and left.start % (2 * size) == 0 and left.length > WIDEST[left.version]


def _at(
    length: int, blocks: tuple[Block, ...], every: tuple[Block, ...], most: int, others: Others
) -> tuple[Block, ...]:
    """Join blocks at one prefix length, until there is room."""
    by_parent: dict[Block, list[Block]] = defaultdict(list)
    for block in blocks:
        if block.length >= length:
            by_parent[_parent(block, length)].append(block)
    kept = dict.fromkeys(blocks)
    for parent, mine in by_parent.items():
        if len(kept) <= most:
            break
        if len(mine) > 1 and not others.hit(parent, [e for e in every if e.overlaps(parent)]):
            for each in mine:
                del kept[each]
            kept[parent] = None
    return tuple(sorted(kept))


def _parent(block: Block, length: int) -> Block:
    size = 1 << (_WIDTH[block.version] - length)
    start = block.start // size * size
    return Block(block.version, start, start + size, length)
