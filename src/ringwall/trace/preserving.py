"""The way from a node to its target where a network load balancer keeps the client's address."""

from dataclasses import replace
from typing import TYPE_CHECKING

from ringwall.trace import codes
from ringwall.trace.addresses import Host
from ringwall.trace.arrival import acl_step, group_step
from ringwall.trace.balancers import Balancer
from ringwall.trace.crossings import resume
from ringwall.trace.ends import Placement
from ringwall.trace.filters import Outcome, Remote
from ringwall.trace.network import Network
from ringwall.trace.outcomes import Paths
from ringwall.trace.path import Path, Position, Step, Via
from ringwall.trace.walk import goal_of

if TYPE_CHECKING:
    from ringwall.trace.relay import Client


def preserved_paths(
    network: Network,
    balancer: Balancer,
    node: Placement,
    client: "Client",
    target: Placement,
    receiver: Host,
) -> Paths:
    """Return the ways of a request from a node to a target, and of the answer back to the node.

    F15: the target sees the client's address, and its rules may name the balancer's groups. Those
    of clients do not count without them ("You cannot allow traffic from clients to targets through
    the load balancer using the security groups for the clients in the security groups for the
    targets", said when no network balancer had groups); with them nobody says whether. "Traffic
    must flow directly from the Network Load Balancer to the target": the
    answer returns to the node as part of its flow, whatever the target's table says (NLB guide).
    """
    goal = goal_of(target, receiver)
    groups = frozenset(balancer.groups or ())
    start = Position((), client.host, goal, node.subnet, groups, node.public)
    if balancer.groups is not None:
        start = replace(start, doubted=client.groups - groups)
    if balancer.groups is not None:
        remote = Remote(receiver, frozenset(target.groups))
        start = start.add(group_step(network, start, balancer.groups, remote, egress=True))
    answer = _answer(network, node, client.host, target, receiver)
    if calls_itself(client.host, target, receiver):
        text = "a packet with the target's own address as its source gets no answer"
        step = Step("target", target.name, text, Outcome.DROP, code=codes.HAIRPIN)
        answer = replace(answer, steps=(step, *answer.steps))
    return tuple((path, (answer,)) for path in resume(network, [start]))


def calls_itself(client: Host, target: Placement, receiver: Host) -> bool:
    """Tell whether a target would get a packet from its own address.

    F15: "NAT loopback, also known as hairpinning, is not supported when client IP preservation is
    enabled" (NLB guide, target group attributes).
    """
    if target.balancer:
        return False
    return (client.version, client.address) == (receiver.version, receiver.address)


def is_straight(path: Path) -> bool:
    """Tell whether clients' addresses are preserved on a path from a node to a target.

    F15: the target "must be located in the same VPC as the load balancer or in a peered VPC in the
    same Region"; it is "not supported when targets are reached through a transit gateway", or a
    Gateway Load Balancer endpoint inspects what comes to them (NLB guide).
    """
    crossed = path.via.crossed
    return crossed in {"", "peering"} and path.via == Via(crossed=crossed)


def _answer(
    network: Network, node: Placement, client: Host, target: Placement, receiver: Host
) -> Path:
    goal = goal_of(node, client)
    start = Position((), receiver, goal, target.subnet, frozenset(), False, is_reply=True)
    steps = [group_step(network, start, target.groups, Remote(client), egress=True)]
    same = target.subnet is not None and node.subnet is not None
    same = same and target.subnet == node.subnet
    if not same and target.subnet is not None:
        steps.append(acl_step(target.subnet, client, egress=True))
    steps.append(Step("load-balancer", node.balancer, "the answer returns to its node by the flow"))
    if not same and node.subnet is not None:
        steps.append(acl_step(node.subnet, receiver, egress=False))
    return Path(tuple(steps), True, Via())
