"""Who owns an observed node: this deployment, the responder, AWS itself, or somebody else.

Rules:
- What bears both our tags is ours; what bears no tags belongs to its parent.
- NACL entries 1-99 of our NACLs, the addresses in our IP sets, and the groups that it made in our
  VPCs, belong to the responder.
- What no blueprint can ask for (a virtual private gateway at a VPC) is a stranger's, whatever its
  parent.
- What AWS makes by itself (a local route, the interface of our NAT gateway) is nobody's.
"""

from collections.abc import Iterable
from enum import Enum, auto

from ringwall.model.graph import Node, Ref, ResourceGraph, references
from ringwall.resources import registry
from ringwall.resources.balancing import DESCRIPTION as BALANCER
from ringwall.resources.ownership import is_ours, is_responders
from ringwall.resources.web_application_firewall import IP_SET

RESPONDER_NUMBERS = range(1, 100)
GATEWAY = "AWS::EC2::VPNGateway"
MAIN_TABLE = "Ringwall::EC2::MainRouteTableAssociation"
# Origins of routes that a gateway wrote.
LEARNED = frozenset({"EnableVgwRoutePropagation", "Advertisement"})


class Owner(Enum):
    """Whose a node is."""

    OURS = auto()
    RESPONDER = auto()
    AWS = auto()
    FOREIGN = auto()


def owner(node: Node, graph: ResourceGraph, deployment: str) -> Owner:
    """Tell whose an observed node is."""
    kind = registry().get(node.type)
    if kind is None:
        return Owner.FOREIGN
    if kind.implicit(node):
        return Owner.AWS
    if kind.foreign(node):
        return Owner.FOREIGN
    if not kind.parent:
        if is_ours(node.tags, deployment):
            return Owner.OURS
        is_made = (
            is_responders(node.tags) and _whose(node, "VpcId", graph, deployment) is Owner.OURS
        )
        return Owner.RESPONDER if is_made else Owner.FOREIGN
    whose = _whose(node, kind.parent, graph, deployment)
    if whose is not Owner.OURS:
        return Owner.RESPONDER if whose is Owner.RESPONDER else Owner.FOREIGN
    # A responder denies: what lets pass under its numbers is somebody's, and goes.
    denies = node.properties.get("RuleAction") == "deny"
    if denies and node.properties.get("RuleNumber") in RESPONDER_NUMBERS:
        return Owner.RESPONDER
    return Owner.OURS


def _whose(node: Node, name: str, graph: ResourceGraph, deployment: str) -> Owner:
    """Tell whose it is what a node belongs to; what is not there is a stranger's."""
    parent = node.properties.get(name)
    there = graph.get(parent) if isinstance(parent, Ref) else None
    return Owner.FOREIGN if there is None else owner(there, graph, deployment)


def owners(graph: ResourceGraph, deployment: str) -> dict[tuple[str, str], Owner]:
    """Return the owner of every node of an observed graph, by (type, key)."""
    return {(node.type, node.key): owner(node, graph, deployment) for node in graph}


def temporary(graph: ResourceGraph, deployment: str) -> list[Node]:
    """Return what responders put there, by type and key: entries, groups, IP sets with addresses.

    An IP set is ours; its addresses are the responder's.
    """
    found = [
        node
        for node in graph
        if (whose := owner(node, graph, deployment)) is Owner.RESPONDER
        or (whose is Owner.OURS and node.type == IP_SET and node.properties.get("Addresses"))
    ]
    return sorted(found, key=lambda node: (node.type, node.key))


def foreign_inside(graph: ResourceGraph, deployment: str) -> list[Node]:
    """Return the strangers' nodes that refer to something of ours, in the order of the graph."""
    by_address = owners(graph, deployment)
    ours = {address for address, whose in by_address.items() if whose is Owner.OURS}
    our_ids = {graph[address].physical_id for address in ours} - {""}
    mains = {
        (ref.type, ref.key)
        for node in graph.of_type(MAIN_TABLE)
        for ref in references(node.properties)
        if ref.type == "AWS::EC2::RouteTable"
    }
    found = []
    for node in graph:
        address = (node.type, node.key)
        if by_address[address] is not Owner.FOREIGN or address in mains or _is_fixture(node):
            continue
        if _serves(node, our_ids):
            continue
        if any((ref.type, ref.key) in ours for ref in _all_references(node)):
            found.append(node)
    return found


def standing(graph: ResourceGraph, deployment: str) -> list[Node]:
    """Return what is not ours and acts in our networks, in the order of the graph.

    That is what refers to something of ours, private gateways there, our VPCs' main route tables,
    what belongs to any of it (a stranger's group has rules), and routes that our tables learned.
    What those lead to outside is not returned: a packet that meets it is told that it is missing.
    """
    whose = owners(graph, deployment)
    found = {(node.type, node.key) for node in foreign_inside(graph, deployment)}
    for node in graph.of_type(MAIN_TABLE):
        refs = {(ref.type, ref.key) for ref in references(node.properties)}
        if any(whose.get(address) is Owner.OURS for address in refs):
            found |= {(node.type, node.key), *refs}
    for node in foreign_inside(graph, deployment):
        found |= {(r.type, r.key) for r in references(node.properties) if r.type == GATEWAY}
    grown = -1
    while grown != len(found):
        grown = len(found)
        for node in graph:
            kind = registry().get(node.type)
            parent = node.properties.get(kind.parent) if kind and kind.parent else None
            inside = isinstance(parent, Ref) and (parent.type, parent.key) in found
            if inside or node.observed.get("Origin") in LEARNED:
                found.add((node.type, node.key))
    return [
        node
        for node in graph
        if (node.type, node.key) in found
        and whose[node.type, node.key] in {Owner.FOREIGN, Owner.AWS}
    ]


def _is_fixture(node: Node) -> bool:
    """Tell whether AWS makes such a node with every VPC: the default group, the default NACL."""
    kind = registry().get(node.type)
    return kind is None or kind.restore or node.type == "AWS::EC2::PrefixList"


def _serves(node: Node, our_ids: set[str]) -> bool:
    """Tell whether AWS made this interface for a gateway, endpoint or attachment of ours.

    Requester-managed interfaces name what they serve in their description, for example
    "Interface for NAT Gateway nat-0abc" (EC2 guide, requester-managed network interfaces), or "ELB"
    and the end of a load balancer's ARN.
    """
    if node.type != "AWS::EC2::NetworkInterface":
        return False
    text = str(node.observed.get("Description", ""))
    words = text.replace(",", " ").split()
    balancer = f":loadbalancer/{text.removeprefix(BALANCER)}" if text.startswith(BALANCER) else ""
    return any(word in our_ids for word in words) or (
        balancer != "" and any(one.endswith(balancer) for one in our_ids)
    )


def _all_references(node: Node) -> Iterable[Ref]:
    yield from references(node.properties)
    yield from references(node.observed)
