"""Steps at the edge of a subnet and of an interface: ACLs, groups, and the arrival at a goal."""

from collections.abc import Iterator
from dataclasses import dataclass

from ringwall.model.graph import Unknown
from ringwall.reach import codes
from ringwall.reach.elements import Subnet
from ringwall.reach.filters import Filters, Members, Remote, Spot
from ringwall.reach.levels import UNKNOWN_ALL
from ringwall.reach.network import Network
from ringwall.reach.routing import Routing
from ringwall.reach.ways import AskAcl, AskGroups, Position, Step, Way


@dataclass(frozen=True, slots=True)
class Ground:
    """What every walk stands on."""

    network: Network
    filters: Filters
    routing: Routing


def group_step(
    ground: Ground,
    position: Position,
    members: Members,
    remote: Remote,
    *,
    egress: bool,
    tracked: bool | None = None,
) -> Step:
    """Ask the groups of an interface; a reply passes them by the state of its connection.

    `tracked` tells whether the interface knows the connection, by default that of an end does.
    """
    name = ", ".join(members) or "no group"
    first = ground.network.groups.get(members[0]) if members else None
    node = first.node if first else None
    if position.is_reply if tracked is None else tracked:
        # F2: "responses to allowed inbound traffic are allowed to flow out, regardless of outbound
        # rules", and the other way round (EC2 guide, connection tracking).
        text = "reply of a tracked connection"
        return Step("security-group", name, text, node=node, rule="state")
    level = ground.filters.groups(members, remote, egress=egress)
    ask = AskGroups(members, remote, egress)
    way = "egress" if egress else "ingress"
    return Step("security-group", name, way, level, code=codes.SECURITY_GROUP, node=node, ask=ask)


def acl_step(
    ground: Ground, subnet: Subnet, spot: Spot, *, egress: bool, nat_port: bool = False
) -> Step:
    """Ask the ACL of a subnet about a packet that leaves or enters it."""
    way = "out" if egress else "in"
    if isinstance(subnet.acl, Unknown):
        text = f"{way} of {subnet.key}"
        return Step("network-acl", subnet.key, text, UNKNOWN_ALL, unknown=subnet.acl)
    acl = subnet.acl
    level = ground.filters.acl(acl, spot, egress=egress)
    if nat_port:
        level = ground.filters.nat_port(level)
    ask = AskAcl(acl, spot, egress, nat_port)
    return Step("network-acl", acl.key, way, level, code=codes.NETWORK_ACL, node=acl.node, ask=ask)


def arrive(ground: Ground, position: Position) -> Iterator[Way]:
    """Enter the goal's subnet and meet its groups; inside one subnet there is no ACL.

    R4: route tables and ACLs are for what leaves or enters a subnet (VPC guide).
    """
    goal = position.goal
    if goal.subnet is None:
        yield position.end(delivered=True)
        return
    if position.subnet is None or position.subnet.key != goal.subnet.key:
        step = acl_step(ground, goal.subnet, position.source, egress=False, nat_port=goal.stop_over)
        position = position.add(step)
    if goal.groups is not None:
        remote = Remote(
            position.source,
            position.sender_groups,
            position.via.crossed,
            position.sender_vpc,
            position.doubted,
        )
        step = group_step(ground, position, goal.groups, remote, egress=False)
        position = position.add(step)
    yield position.end(delivered=True)
