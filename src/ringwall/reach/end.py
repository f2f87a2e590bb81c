"""One end of a question: a subnet and a set of groups, or a place outside."""

from dataclasses import dataclass

from ringwall.reach.blocks import Block
from ringwall.reach.elements import Subnet
from ringwall.reach.filters import Members, Spot
from ringwall.reach.ways import Kind, Site

OUTER = frozenset({Kind.INTERNET, Kind.OUTSIDE, Kind.SERVICE})


@dataclass(frozen=True, slots=True)
class End:
    """One end of a question; `blocks` are the addresses that it may have, of either family.

    A public address of ours is an address of the internet that is `borne_by` something, with the
    end `behind` it.
    """

    name: str
    kind: Kind
    blocks: tuple[Block, ...]
    subnet: Subnet | None = None
    groups: Members = ()
    public: bool = False
    interface: str = ""
    list_name: str = ""
    balancer: str = ""
    service: str = ""
    is_open: bool = False
    borne_by: str = ""
    behind: "End | None" = None

    def facing(self, source: "End") -> "End":
        """Return what a source means by this end.

        R9: what comes from the internet to a public address goes to the private one that it is
        paired with (VPC guide, internet gateways).
        """
        from_internet = source.kind in {Kind.INTERNET, Kind.SERVICE}
        return self.behind if self.behind is not None and from_internet else self

    def at(self, version: int, address: int, other: Spot | None = None, size: int = 1) -> Site:
        """Return the site of one of its addresses."""
        lists = frozenset({self.list_name} - {""}) if self.kind in OUTER else frozenset()
        bears = (Spot(version, address, lists), self.subnet, self.groups, self.public)
        stands_for = (self.balancer, self.service, self.is_open, self.borne_by)
        return Site(self.kind, *bears, other, size, *stands_for)

    @property
    def vpc(self) -> str:
        """Return its VPC, "" outside."""
        return self.subnet.vpc if self.subnet else ""

    @property
    def zone(self) -> str:
        """Return the name of its zone, "" outside."""
        return self.subnet.zone_name if self.subnet else ""

    def __str__(self) -> str:
        where = f" in {self.zone}" if self.zone else ""
        is_told = not self.interface or self.name.endswith(f"({self.interface})")
        what = "" if is_told else f" ({self.interface})"
        return f"{self.name}{where}{what}"
