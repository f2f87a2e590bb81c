"""Steps at the edge of a subnet and of an interface: ACLs, groups, and the arrival at a goal."""

from collections.abc import Iterator

from ringwall.model.graph import Unknown
from ringwall.trace import codes
from ringwall.trace.addresses import Host
from ringwall.trace.elements import Subnet
from ringwall.trace.filters import Outcome, Remote
from ringwall.trace.network import Network
from ringwall.trace.path import AclFilter, GroupFilter, Path, Position, Step


def group_step(
    network: Network, position: Position, groups: tuple[str, ...], remote: Remote, *, egress: bool
) -> Step:
    """Ask the groups of an interface; a reply passes them by the state of its connection."""
    name = ", ".join(groups) or "no group"
    kind = "security-group"
    first = network.group_of(groups[0]) if groups else None
    node = first.node if first else None
    if position.is_reply:
        # F2: "responses to allowed inbound traffic are allowed to flow out, regardless of outbound
        # rules", and the other way round (EC2 guide, connection tracking).
        return Step(kind, name, "reply of a tracked connection", node=node, rule="state")
    way = "egress" if egress else "ingress"
    asked = GroupFilter(groups, remote, egress)
    return Step(kind, name, way, code=codes.SECURITY_GROUP, node=node, filter=asked)


def acl_steps(subnet: Subnet, remote: Host, *, egress: bool) -> tuple[Step, ...]:
    """Ask the ACL of a subnet; a regional NAT gateway stands in none and has none."""
    return () if subnet.acl is None else (acl_step(subnet, remote, egress=egress),)


def acl_step(subnet: Subnet, remote: Host, *, egress: bool, port_of_nat: bool = False) -> Step:
    """Ask the ACL of a subnet about a packet that leaves or enters it."""
    way = "out" if egress else "in"
    assert subnet.acl is not None
    if isinstance(subnet.acl, Unknown):
        text = f"{way} of {subnet.key}"
        return Step("network-acl", subnet.key, text, Outcome.UNKNOWN, unknown=subnet.acl)
    asked = AclFilter(subnet.acl, remote, egress, port_of_nat)
    acl = subnet.acl
    return Step("network-acl", acl.key, way, code=codes.NETWORK_ACL, node=acl.node, filter=asked)


def arrive(network: Network, position: Position) -> Iterator[Path]:
    """Enter the goal's subnet and meet its groups; inside one subnet there is no ACL (R4)."""
    goal = position.goal
    if goal.subnet is None:
        yield position.end(delivered=True)
        return
    is_elsewhere = position.subnet is None or position.subnet.key != goal.subnet.key
    if is_elsewhere and goal.subnet.acl is not None:
        position = position.add(
            acl_step(goal.subnet, position.source, egress=False, port_of_nat=goal.is_stop_over)
        )
    if goal.groups is not None:
        crossed, doubted = position.via.crossed, position.doubted
        remote = Remote(position.source, position.sender_groups, crossed, doubted)
        position = position.add(group_step(network, position, goal.groups, remote, egress=False))
    yield position.end(delivered=True)
