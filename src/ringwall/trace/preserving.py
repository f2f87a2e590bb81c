"""The way from a node to its target where a network load balancer keeps the client's address."""

from typing import TYPE_CHECKING

from ringwall.trace.addresses import Host
from ringwall.trace.arrival import acl_step, group_step
from ringwall.trace.balancers import Balancer
from ringwall.trace.crossings import resume
from ringwall.trace.ends import Placement
from ringwall.trace.filters import Remote
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

    F15: the target sees the client's address, and its rules may name the client's groups or the
    balancer's. "Traffic must flow directly from the Network Load Balancer to the target": the
    answer returns to the node as part of its flow, whatever the target's table says (NLB guide).
    """
    goal = goal_of(target, receiver)
    groups = client.groups | frozenset(balancer.groups or ())
    start = Position((), client.host, goal, node.subnet, groups, node.public)
    if balancer.groups is not None:
        remote = Remote(receiver, frozenset(target.groups))
        start = start.add(group_step(network, start, balancer.groups, remote, egress=True))
    answer = _answer(network, node, client.host, target, receiver)
    return tuple((path, (answer,)) for path in resume(network, [start]))


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
