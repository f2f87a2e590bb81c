"""A destination address and a route table → the route that AWS takes.

Each rule is written once here and quotes its sentence (VPC guide, "Route priority"; Transit
Gateway guide, "Route tables").
"""

from collections.abc import Iterable

from ringwall.model.graph import Unknown
from ringwall.trace.addresses import NEVER_FORWARDED, Host
from ringwall.trace.elements import Route, RouteTable, TransitRoute, TransitTable

# R5: "static routes take priority" over propagated ones for the same destination; R6: "the static
# route with the CIDR block takes priority" over a prefix list, "the route that references the
# prefix list takes priority" over a propagated one. A route to a VPC's own block that somebody
# wrote replaces the local route's target (R3).
_PRIORITY = {"static": 0, "local": 1, "endpoint": 2, "list": 2, "propagated": 3}


def is_never_forwarded(destination: Host) -> bool:
    """R8: packets to 169.254.168.0/22 and fd00:ec2::/32 are never forwarded (VPC guide)."""
    return any(destination in part for part in NEVER_FORWARDED)


def lookup(table: RouteTable, destination: Host) -> Route | Unknown | None:
    """Return the route of a packet that leaves a subnet, None if there is none.

    R2: "the most specific route that matches either IPv4 traffic or IPv6 traffic". Unknown where
    AWS gives no order (its `what` starts with "order of") or a prefix list is not known.
    """
    matching = [route for route in table.routes if _matches(route, destination)]
    if any(route.origin == "local" for route in matching):
        # R5: "if propagated routes ... overlap with the local route for your VPC, the local route
        # is most preferred even if the propagated routes are more specific" (VPC guide).
        matching = [route for route in matching if route.origin != "propagated"]
    best = _best(matching)
    doubtful = [
        route
        for route in table.routes
        if route.destination is None and route.origin == "list" and route not in matching
    ]
    if doubtful and (best is None or best.origin != "local"):
        return Unknown(f"prefix list {doubtful[0].list_name}", "its CIDRs are not in the input")
    if best is None or best.origin not in {"list", "endpoint"}:
        return best
    # R6: "if your route table references multiple prefix lists that have overlapping CIDR blocks
    # to different targets, we randomly choose which route takes priority".
    for other in matching:
        is_rival = other.origin == "list" and other.list_name != best.list_name
        if is_rival and other.target != best.target:
            return Unknown(
                f"order of {best.list_name} and {other.list_name} in {table.key}",
                "AWS chooses at random between overlapping prefix lists",
            )
    return best


def _matches(route: Route, destination: Host) -> bool:
    if route.destination is not None:
        return destination in route.destination
    return route.list_name in destination.lists


def _length(route: Route) -> int:
    # A list whose CIDRs are not known is a gateway endpoint's: AWS's blocks are far more specific
    # than any default route.
    return route.destination.length if route.destination is not None else 24


def _best(routes: Iterable[Route]) -> Route | None:
    return min(routes, key=lambda r: (-_length(r), _PRIORITY[r.origin]), default=None)


def transit_lookup(
    table: TransitTable, destination: Host
) -> tuple[TransitRoute, ...] | Unknown | None:
    """Return the routes of a transit gateway's table that it may take, None if there is none.

    R18: "the most specific route for the destination address"; for the same destination by the kind
    of route (transit_tables.RANKS). Between equal ones of one kind AWS spreads flows.
    """
    if table.unknowns:
        return table.unknowns[0]
    matching = [route for route in table.routes if destination in route.destination]
    if not matching:
        return None
    best = min(matching, key=lambda r: (-r.destination.length, r.rank))
    equal: dict[str, TransitRoute] = {}
    for route in matching:
        if (route.destination, route.rank) == (best.destination, best.rank):
            equal.setdefault(str(route.attachment), route)
    return tuple(equal.values())
