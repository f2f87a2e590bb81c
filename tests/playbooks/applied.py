"""A graph and requests → the graph that AWS would have afterwards; what AWS refuses is refused.

It knows the requests alone, as the journal does: the nodes of a measure are not looked at.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

from ringwall.model.graph import Node, ResourceGraph
from ringwall.playbooks.measures import Measure, Request
from ringwall.resources import default_network_acl, network_acl_entry

ENTRY, ACL = "AWS::EC2::NetworkAclEntry", "AWS::EC2::NetworkAcl"
DEFAULT = "Ringwall::EC2::DefaultNetworkAcl"
QUOTA = 20  # "rules per network ACL", a direction and family, AWS's own denial included


class RefusedError(Exception):
    """AWS's error code."""


def done(graph: ResourceGraph, measures: Iterable[Measure]) -> ResourceGraph:
    """Carry measures out, in order."""
    for measure in measures:
        for request in measure.do:
            graph = applied(graph, request)
    return graph


def undone(graph: ResourceGraph, measures: Iterable[Measure]) -> ResourceGraph:
    """Take measures back, the last first."""
    for measure in reversed(tuple(measures)):
        for request in measure.undo:
            graph = applied(graph, request)
    return graph


def applied(graph: ResourceGraph, request: Request) -> ResourceGraph:
    """Carry a request out; raises RefusedError for what AWS refuses."""
    try:
        return _KNOWN[request.service, request.operation](graph, request.request)
    except RefusedError as error:
        if str(error) in request.same:
            return graph
        raise


def _acl(graph: ResourceGraph, physical: str) -> Node:
    for node in (*graph.of_type(ACL), *graph.of_type(DEFAULT)):
        if physical and node.physical_id == physical:
            return node
    raise RefusedError("InvalidNetworkAclID.NotFound")


def _entries(graph: ResourceGraph, acl: Node) -> list[dict[str, Any]]:
    if acl.type == DEFAULT:
        return [dict(each) for each in acl.properties["Entries"]]
    return [
        dict(node.properties)
        for node in graph.of_type(ENTRY)
        if node.properties["NetworkAclId"] == acl.ref
    ]


def _family(entry: dict[str, Any]) -> str:
    return "CidrBlock" if entry.get("CidrBlock") else "Ipv6CidrBlock"


def _create_entry(graph: ResourceGraph, asked: Any) -> ResourceGraph:
    acl = _acl(graph, asked["NetworkAclId"])
    number, egress = asked["RuleNumber"], asked["Egress"]
    if not 1 <= number <= network_acl_entry.LAST_NUMBER:
        raise RefusedError("InvalidParameterValue")
    cidr = asked.get("CidrBlock") or asked["Ipv6CidrBlock"]
    if str(ip_network(cidr)) != cidr:  # raises ValueError for host bits
        raise RefusedError("InvalidParameterValue")
    mine = [e for e in _entries(graph, acl) if bool(e["Egress"]) == egress]
    if number in {e["RuleNumber"] for e in mine}:
        raise RefusedError("NetworkAclEntryAlreadyExists")
    family = _family(asked)
    if len([e for e in mine if _family(e) == family and e["RuleNumber"] < 32_767]) >= QUOTA - 1:
        raise RefusedError("NetworkAclEntryLimitExceeded")
    entry = network_acl_entry.normalise({k: v for k, v in asked.items() if k != "NetworkAclId"})
    if acl.type == DEFAULT:
        return _with_entries(graph, acl, [*acl.properties["Entries"], entry])
    properties = {"NetworkAclId": acl.ref, **entry}
    key = network_acl_entry.key(properties)
    return graph.with_nodes([Node(ENTRY, key, acl.account, acl.region, properties)])


def _delete_entry(graph: ResourceGraph, asked: Any) -> ResourceGraph:
    acl = _acl(graph, asked["NetworkAclId"])
    place = (asked["Egress"], asked["RuleNumber"])
    entries = _entries(graph, acl)
    left = [e for e in entries if (bool(e["Egress"]), e["RuleNumber"]) != place]
    if len(left) == len(entries):
        raise RefusedError("InvalidNetworkAclEntry.NotFound")
    if acl.type == DEFAULT:
        return _with_entries(graph, acl, left)
    [gone] = [
        (node.type, node.key)
        for node in graph.of_type(ENTRY)
        if node.properties["NetworkAclId"] == acl.ref
        and (bool(node.properties["Egress"]), node.properties["RuleNumber"]) == place
    ]
    return graph.without([gone])


def _with_entries(graph: ResourceGraph, acl: Node, entries: list[Any]) -> ResourceGraph:
    properties = default_network_acl.normalise({**acl.properties, "Entries": entries})
    return graph.with_nodes([replace(acl, properties=properties)])


_KNOWN: dict[tuple[str, str], Callable[[ResourceGraph, Any], ResourceGraph]] = {
    ("ec2", "create_network_acl_entry"): _create_entry,
    ("ec2", "delete_network_acl_entry"): _delete_entry,
}
