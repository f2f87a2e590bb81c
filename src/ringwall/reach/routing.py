"""Route tables → the route that AWS takes for every address.

Each rule is written once here and quotes its sentence (VPC guide, "Route priority"; Transit
Gateway guide, "Route tables").
"""

from collections.abc import Collection
from copy import copy

from ringwall.model.graph import Unknown
from ringwall.reach.blocks import FAMILIES, NEVER_FORWARDED
from ringwall.reach.elements import Route, RouteTable, TransitRoute, TransitTable
from ringwall.reach.filters import Spot
from ringwall.reach.piecewise import Piecewise, cuts_of, piecewise

# R5: "static routes take priority" over propagated ones for the same destination; R6: "the static
# route with the CIDR block takes priority" over a prefix list, "the route that references the
# prefix list takes priority" over a propagated one. A route to a VPC's own block that somebody
# wrote replaces the local route's target (R3).
PRIORITY = {"static": 0, "local": 1, "endpoint": 2, "list": 2, "propagated": 3}
# A list whose CIDRs are not known is a gateway endpoint's: AWS's blocks are far more specific than
# any default route.
LENGTH_OF_LIST = 24
NO_ORDER = "order of"  # how the name of an Unknown starts where AWS itself gives no order

Found = Route | Unknown | None
TransitFound = tuple[TransitRoute, ...] | Unknown | None  # several: AWS spreads flows


class Routing:
    """Lookups in route tables, each table compiled when it is first asked."""

    def __init__(self) -> None:
        self._tables: dict[tuple[str, int], Piecewise[Found]] = {}
        self._transit: dict[tuple[str, int], Piecewise[TransitFound]] = {}

    def without(self, tables: Collection[str], transit: Collection[str]) -> "Routing":
        """Return lookups of a network in which these tables changed."""
        other = copy(self)
        other._tables, other._transit = dict(self._tables), dict(self._transit)
        for version in FAMILIES:
            for table in tables:
                other._tables.pop((table, version), None)
            for gateway in transit:
                other._transit.pop((gateway, version), None)
        return other

    def lookup(self, table: RouteTable, spot: Spot) -> Found:
        """Return the route of a packet that leaves a subnet, None if there is none."""
        if spot.lists:
            return best_route(table, spot)
        return self.pieces(table, spot.version).at(spot.address)

    def pieces(self, table: RouteTable, version: int) -> Piecewise[Found]:
        """Return a table's routes over all addresses of a family."""
        key = (table.key, version)
        found = self._tables.get(key)
        if found is None:
            cuts = cuts_of(version, (r.destination for r in table.routes if r.destination))
            found = piecewise(cuts, lambda start: best_route(table, Spot(version, start)))
            self._tables[key] = found
        return found

    def transit(self, table: TransitTable, spot: Spot) -> TransitFound:
        """Return the routes of a transit gateway's table that AWS may take, None for none."""
        return self.transit_pieces(table, spot.version).at(spot.address)

    def transit_pieces(self, table: TransitTable, version: int) -> Piecewise[TransitFound]:
        """Return a transit gateway's routes over all addresses of a family."""
        key = (table.key, version)
        found = self._transit.get(key)
        if found is None:
            found = self._transit[key] = _compile_transit(table, version)
        return found


def is_never_forwarded(spot: Spot) -> bool:
    """R8: packets to 169.254.168.0/22 and fd00:ec2::/32 are never forwarded (VPC guide)."""
    return any(block.holds(spot.version, spot.address) for block in NEVER_FORWARDED)


def best_route(table: RouteTable, spot: Spot) -> Found:
    """R2: take "the most specific route that matches"; IPv4 and IPv6 have their own.

    Unknown where AWS gives no order (its `what` starts with "order of") or a list is not known.
    """
    matching = [route for route in table.routes if _matches(route, spot)]
    if any(route.kind == "local" for route in matching):
        # "The local route is most preferred even if the propagated routes are more specific".
        matching = [route for route in matching if route.kind != "propagated"]
    best = min(matching, key=lambda r: (-_length(r), PRIORITY[r.kind]), default=None)
    doubtful = next(
        (
            route
            for route in table.routes
            if route.destination is None and route.kind == "list" and route not in matching
        ),
        None,
    )
    if doubtful is not None and (best is None or best.kind != "local"):
        return Unknown(f"prefix list {doubtful.list_name}", "its CIDRs are not in the input")
    if best is None or best.kind not in {"list", "endpoint"}:
        return best
    # R6: "if your route table references multiple prefix lists that have overlapping CIDR blocks
    # to different targets, we randomly choose which route takes priority".
    for other in matching:
        is_rival = other.kind == "list" and other.list_name != best.list_name
        if is_rival and other.lead != best.lead:
            return Unknown(
                f"{NO_ORDER} {best.list_name} and {other.list_name} in {table.key}",
                "AWS chooses at random between overlapping prefix lists",
            )
    return best


def _matches(route: Route, spot: Spot) -> bool:
    if route.destination is None:
        return route.list_name in spot.lists
    return route.destination.holds(spot.version, spot.address)


def _length(route: Route) -> int:
    return route.destination.length if route.destination is not None else LENGTH_OF_LIST


def _compile_transit(table: TransitTable, version: int) -> Piecewise[TransitFound]:
    """R18: "the most specific route for the destination address", static before propagated.

    Source: Transit Gateway guide, "Route evaluation order". Prefixes nest, so a walk over the cuts
    with the stack of open blocks finds the most specific one.
    """
    if table.unknowns:
        return Piecewise((0,), (table.unknowns[0],))
    routes = sorted(
        (r for r in table.routes if r.destination.version == version),
        key=lambda r: (r.destination.start, -r.destination.end, r.rank),
    )
    cuts = cuts_of(version, (r.destination for r in routes))
    waiting, stack = iter(routes), list[TransitRoute]()
    upcoming = next(waiting, None)
    found: dict[int, TransitFound] = {}
    for start in cuts:
        while stack and stack[-1].destination.end <= start:
            stack.pop()
        while upcoming is not None and upcoming.destination.start == start:
            stack.append(upcoming)
            upcoming = next(waiting, None)
        found[start] = _chosen(stack)
    return piecewise(cuts, found.__getitem__)


def _chosen(stack: list[TransitRoute]) -> TransitFound:
    """Return the routes that AWS may take: of equal ones of one kind, one to each attachment."""
    if not stack:
        return None
    equal = [route for route in stack if route.destination == stack[-1].destination]
    first = min(route.rank for route in equal)
    rivals = {str(route.attachment): route for route in equal if route.rank == first}
    return tuple(rivals.values())


def is_undetermined(unknown: Unknown) -> bool:
    """Tell whether AWS itself gives no order, rather than the input no answer."""
    return unknown.what.startswith(NO_ORDER)
