"""Subnets of a VPC → its tiers, and what their routes make of them.

Rules:
- Subnets of ours are a tier by name; others by what their route tables lead to.
- A default route decides: to an internet gateway it is public, to what only goes out private,
  none at all isolated. To what may lead anywhere, or unknown, the tier is unclear.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from ringwall.model.graph import Unknown
from ringwall.picture.scene import Group, LaneKind, Tier
from ringwall.reach.elements import Lead, Route, Subnet
from ringwall.reach.gaps import OWN_MODEL
from ringwall.reach.network import Network

ORDER = tuple(LaneKind)
# Of several default routes, of IPv4 and IPv6, the first of these decides.
_WEIGHT = (LaneKind.UNCLEAR, LaneKind.PRIVATE, LaneKind.ISOLATED)
# What carries packets out and never lets a new connection in from the internet.
_OUTWARD = frozenset(
    {
        "nat-gateway",
        "egress-only-internet-gateway",
        "transit-gateway",
        "virtual-private-gateway",
        "instance",
        "network-interface",
        "local-gateway",
    }
)


def lane_of(subnet: Subnet) -> tuple[LaneKind, str]:
    """Return the lane of a subnet by its routes, and the route that decides."""
    if isinstance(subnet.table, Unknown):
        return LaneKind.UNCLEAR, str(subnet.table)
    routes = subnet.table.routes
    for route in routes:
        to_internet = isinstance(route.lead, Lead) and route.lead.kind == "internet-gateway"
        if to_internet and not route.blackhole:
            return LaneKind.PUBLIC, _told(route)
    found = [_of_default(route) for route in routes if _is_default(route)]
    if found:
        return min(found, key=lambda each: _WEIGHT.index(each[0]))
    further = [route for route in routes if route.kind not in {"local", "endpoint"}]
    return LaneKind.ISOLATED, ", ".join(_told(r) for r in further[:4]) or "local routes alone"


def _is_default(route: Route) -> bool:
    return route.destination is not None and route.destination.length == 0


def _of_default(route: Route) -> tuple[LaneKind, str]:
    if route.blackhole:
        return LaneKind.ISOLATED, f"{_told(route)}, a blackhole"
    if isinstance(route.lead, Lead) and route.lead.kind in _OUTWARD:
        return LaneKind.PRIVATE, _told(route)
    return LaneKind.UNCLEAR, _told(route)


def _told(route: Route) -> str:
    lead = route.lead.what if isinstance(route.lead, Unknown) else str(route.lead)
    return f"{route} to {lead}"


def tier_name(subnet: Subnet) -> str:
    """Return the name of the tier of a subnet: its own, else that of its lane."""
    return subnet.tier or lane_of(subnet)[0].value


def tiers(
    subnets: Iterable[Subnet], groups: Mapping[str, list[Group]], attached: Collection[str]
) -> Iterator[Tier]:
    """Yield the tiers of a VPC, lane by lane; `groups` are its groups by their first subnet.

    `attached` are subnets in which nothing but a Transit Gateway's interfaces stand.
    """
    found: dict[tuple[str, LaneKind], list[tuple[Subnet, str]]] = defaultdict(list)
    for subnet in subnets:
        kind, why = lane_of(subnet)
        if subnet.key in attached and subnet.key not in groups and kind is not LaneKind.PUBLIC:
            kind, why = LaneKind.ATTACHMENT, "the Transit Gateway's interfaces and nothing else"
        found[subnet.tier or kind.value, kind].append((subnet, why))
    placed = [group for members in groups.values() for group in members]
    for (name, kind), members in sorted(found.items(), key=lambda each: ORDER.index(each[0][1])):
        yield Tier(
            name,
            kind,
            tuple(str(block) for subnet, _ in members for block in subnet.blocks),
            tuple(group for subnet, _ in members for group in groups.get(subnet.key, ())),
            tuple(group.name for group in placed if name in group.also),
            "; ".join(dict.fromkeys(why for _, why in members)),
        )


def attached_alone(network: Network) -> frozenset[str]:
    """Return the subnets of attachments in which no interface of anything but a gateway stands."""
    busy = {
        network.values.key(node.properties.get("SubnetId"))
        for node in network.values.ec2("NetworkInterface")
        if node.observed.get("InterfaceType") not in OWN_MODEL
    }
    every = {key for each in network.attachments.values() for key in each.subnets}
    return frozenset(every - busy)
