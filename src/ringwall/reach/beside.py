"""Two sites → what may pass between them beside every way that is walked: a level vector.

Rules:
- What is not DROP in the vector cannot be denied.
- What a gap in a VPC could carry leaves the sender all the same: the sender's own groups decide.
- F18: VPC Lattice takes packets to addresses of its own, and brings them from its own: the groups
  of both ends have to admit these (Lattice guide, "Control traffic using security groups"). ACLs of
  both subnets do, too; they are not asked here.
"""

from bisect import bisect_right
from collections.abc import Iterator

from ringwall.model.graph import Unknown
from ringwall.reach.blocks import FAMILIES, to_block
from ringwall.reach.filters import Filters, Members
from ringwall.reach.gaps import Gaps
from ringwall.reach.levels import DROP_ALL, PASS_ALL, Outcome
from ringwall.reach.ways import Site

# (verify) "These IPs are either private link-local IPs or non-routeable public IPs" (Lattice
# guide): 169.254.171.0/24, 129.224.0.0/17 and fd00:ec2:80::/64 are in the managed prefix lists.
LATTICE_BLOCKS = tuple(map(to_block, ("169.254.0.0/16", "129.224.0.0/16", "fd00:ec2::/32")))


class Beside:
    """What may pass beside the ways of a network, by level vectors of its filters."""

    def __init__(self, filters: Filters, gaps: Gaps) -> None:
        self._filters = filters
        self._levels = filters.levels
        self.gaps = gaps
        self._callers: dict[Members, bool] = {}
        self._admitted: dict[Members, int] = {}

    def level(self, source: Site, destination: Site, own: int | None) -> int:
        """Return what may pass; `own` is the vector of the sender's groups, None without any."""
        found = DROP_ALL
        if self.gaps.of(source.vpc, destination.vpc):
            found = PASS_ALL if own is None else own
        if self.calls_lattice(source):
            asks = destination.subnet is not None and not destination.is_open
            into = self.from_lattice(destination.groups) if asks else PASS_ALL
            found = self._levels.join(found, into)
        return found

    def names(self, source: Site, destination: Site) -> tuple[Unknown, ...]:
        """Return what it is that may carry packets, by name."""
        lattice = self.gaps.lattice(source.vpc) if self.calls_lattice(source) else ()
        return tuple(dict.fromkeys((*self.gaps.of(source.vpc, destination.vpc), *lattice)))

    def calls_lattice(self, source: Site) -> bool:
        """Tell whether the groups of a sender let it call anything by VPC Lattice."""
        if not self.gaps.lattice(source.vpc) or source.is_open:
            return bool(self.gaps.lattice(source.vpc))
        found = self._callers.get(source.groups)
        if found is None:
            found = any(
                (self._levels.row(level) != Outcome.DROP).any()
                for level in self._about_lattice(source.groups, egress=True)
            )
            self._callers[source.groups] = found
        return found

    def from_lattice(self, groups: Members) -> int:
        """Return what the groups of a target admit from VPC Lattice."""
        found = self._admitted.get(groups)
        if found is None:
            found = DROP_ALL
            for level in self._about_lattice(groups, egress=False):
                found = self._levels.join(found, level)
            self._admitted[groups] = found
        return found

    def _about_lattice(self, groups: Members, *, egress: bool) -> Iterator[int]:
        for version in FAMILIES:
            pieces = self._filters.group_pieces(groups, egress, version)
            for block in LATTICE_BLOCKS:
                if block.version != version:
                    continue
                first = bisect_right(pieces.starts, block.start) - 1
                last = bisect_right(pieces.starts, block.end - 1)
                yield from dict.fromkeys(pieces.values[first:last])
