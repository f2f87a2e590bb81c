"""Subnets' addresses of one family, in order: what filters and tables say of every place.

Rules:
- A place is a class of addresses inside one subnet; places are sorted by address, so that what is
  constant between cuts of addresses is a run of places.
- A row over places is an array of numbers of level vectors.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ringwall.model.graph import Unknown
from ringwall.reach.edges import Ground
from ringwall.reach.elements import Acl, Subnet
from ringwall.reach.filters import Spot
from ringwall.reach.levels import UNKNOWN_ALL, Ids
from ringwall.reach.piecewise import Piecewise, Value
from ringwall.reach.routing import is_never_forwarded

Ints = NDArray[np.int32]
Run = tuple[int, int, Value]  # places [first, last) at which a value holds


@dataclass(frozen=True, slots=True)
class Place:
    """A class of addresses inside a subnet, by one of them."""

    subnet: Subnet
    spot: Spot


class Places:
    """The places of a network, with rows of its ACLs over them."""

    def __init__(self, ground: Ground, version: int, places: Iterable[Place]) -> None:
        self.ground = ground
        self.version = version
        ordered = sorted(places, key=lambda p: (p.spot.address, p.subnet.key))
        self.all: tuple[Place, ...] = tuple(ordered)
        self.index = {(id(p.subnet), p.spot): n for n, p in enumerate(ordered)}
        self.addresses = [place.spot.address for place in ordered]
        self.subnets = list({id(p.subnet): p.subnet for p in ordered}.values())
        self.number_of = {id(subnet): n for n, subnet in enumerate(self.subnets)}
        numbers = self.number_of
        self.subnet = np.array([numbers[id(p.subnet)] for p in ordered], dtype=np.int32)
        self.vpcs = _numbered(subnet.vpc for subnet in self.subnets)
        self.zones = _numbered(subnet.zone for subnet in self.subnets)
        vpcs = np.array([self.vpcs[s.vpc] for s in self.subnets], dtype=np.int32)
        zones = np.array([self.zones[s.zone] for s in self.subnets], dtype=np.int32)
        self.vpc: Ints = vpcs[self.subnet]
        self.zone: Ints = zones[self.subnet]
        self.reserved = np.array([is_never_forwarded(p.spot) for p in ordered], dtype=bool)
        self.acls = _numbered(acl_key(subnet.acl) for subnet in self.subnets)
        acls = np.array([self.acls[acl_key(s.acl)] for s in self.subnets], dtype=np.int32)
        self.acl: Ints = acls[self.subnet]
        known = {acl_key(subnet.acl): subnet.acl for subnet in self.subnets}
        into = [self.acl_row(acl, egress=False) for acl in known.values()]
        empty = np.zeros((0, len(ordered)), dtype=np.uint16)
        self._known = known
        self.into: Ids = np.ascontiguousarray((np.stack(into) if into else empty).T)
        self._out: dict[str, Ids] = {}

    def __len__(self) -> int:
        return len(self.all)

    def runs(self, function: Piecewise[Value]) -> list[Run[Value]]:
        """Return a function of addresses as runs of places."""
        edges = [bisect_left(self.addresses, start) for start in function.starts]
        edges.append(len(self.addresses))
        return [
            (first, last, value)
            for first, last, value in zip(edges, edges[1:], function.values, strict=False)
            if first < last
        ]

    def row(self, function: Piecewise[int]) -> Ids:
        """Return a function of addresses whose values are numbers as a row."""
        edges = [bisect_left(self.addresses, start) for start in function.starts]
        edges.append(len(self.addresses))
        values = np.array(function.values, dtype=np.uint16)
        return np.repeat(values, np.diff(edges))

    def acl_row(self, acl: Acl | Unknown, *, egress: bool) -> Ids:
        """Return what an ACL says about packets to (`egress`) or from every place."""
        if isinstance(acl, Unknown):
            return np.full(len(self.all), UNKNOWN_ALL, dtype=np.uint16)
        return self.row(self.ground.filters.acl_pieces(acl, egress, self.version))

    def out_row(self, acl: Acl | Unknown) -> Ids:
        """Return what an ACL says about packets to every place, computed once."""
        key = acl_key(acl)
        found = self._out.get(key)
        if found is None:
            found = self._out[key] = self.acl_row(acl, egress=True)
        return found

    def into_row(self, place: int) -> Ids:
        """Return what the ACL of every place says about packets from one place."""
        found: Ids = self.into[place][self.acl]
        return found

    @cached_property
    def out(self) -> Ids:
        """Return what the outbound rules of each ACL say about packets to each place."""
        return np.stack([self.out_row(acl) for acl in self._known.values()])

    def into_acl(self, acl: Acl | Unknown, place: int) -> int:
        """Return what the inbound rules of an ACL say about packets from a place."""
        if isinstance(acl, Unknown):
            return UNKNOWN_ALL
        column = self.acls.get(acl_key(acl))
        if column is not None:
            return int(self.into[place, column])
        return self.ground.filters.acl(acl, self.all[place].spot, egress=False)


def acl_key(acl: Acl | Unknown) -> str:
    """Return the name of an ACL, or of what is not known of it."""
    return acl.key if isinstance(acl, Acl) else f"unknown {acl}"


def _numbered(names: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name in names:
        found.setdefault(name, len(found))
    return found
