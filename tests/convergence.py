"""Whether runs converge: what is there of a deployment, and what a state on the way allows."""

from ringwall.changes.ownership import Owner, owners
from ringwall.model.graph import ResourceGraph
from ringwall.reach.across import across
from ringwall.reach.blocks import FAMILIES
from ringwall.reach.difference import _inside
from ringwall.reach.engine import Engine
from ringwall.reach.findings import Findings
from ringwall.reach.matching import Everything, Sides
from ringwall.reach.network import Network
from ringwall.reach.relations import Board

ENTRY = "AWS::EC2::NetworkAclEntry"
GROUP = "AWS::EC2::SecurityGroup"
EGRESS = "AWS::EC2::SecurityGroupEgress"
SUBNET = "AWS::EC2::Subnet"
Possible = tuple[str, str, int]  # source, destination, number of a class of packets


def content(graph: ResourceGraph, deployment: str) -> list[str]:
    """Return what is there of ours, doubles included; ids differ from run to run.

    So do the numbers of derived ACL entries: a free one is taken, and which is free depends on
    what was there.
    """
    whose = owners(graph, deployment)
    found = []
    for node in graph:
        if whose[node.type, node.key] is not Owner.OURS:
            continue
        properties = {n: v for n, v in node.properties.items() if n != "RuleNumber"}
        key = node.key.rpartition(":")[0] if node.type == ENTRY else node.key
        double = node.observed.get("DuplicateOf", "")
        tags = sorted(node.tags.items())
        found.append(f"{node.type} {key} {sorted(properties.items())} {tags} {double}")
    return sorted(found)


def opened(state: ResourceGraph, before: ResourceGraph, after: ResourceGraph) -> set[Possible]:
    """Return what is possible in a state and in neither of the networks around it.

    Left out is what AWS itself puts into what was made on the way, where nothing is yet: ends of
    the VPC's default group, which is not emptied yet, in new subnets; and what leaves a new group
    by the rule that lets everything out, which is taken away right after its creation.
    """
    one, other, present = map(Network, (before, after, state))
    first = Engine(one, None, beside=(other, present))
    second = Engine(other, None, beside=(one, present), like=first)
    board = Board(Engine(present, None, beside=(one, other), like=first))
    found = _appearing(Board(first), board) & _appearing(Board(second), board)
    made = _keys(state, SUBNET) - _keys(before, SUBNET)
    fresh = _letting_all_out(state) - _letting_all_out(after) - _keys(before, GROUP)
    return {row for row in found if not made.intersection(row[:2]) and row[0] not in fresh}


def _keys(graph: ResourceGraph, type_name: str) -> set[str]:
    return {node.key for node in graph.of_type(type_name)}


def _letting_all_out(graph: ResourceGraph) -> set[str]:
    """Return the groups that have the rule with which AWS creates them."""
    return {
        node.properties["GroupId"].key
        for node in graph.of_type(EGRESS)
        if node.properties["IpProtocol"] == "-1" and node.properties.get("CidrIp") == "0.0.0.0/0"
    }


def _appearing(old: Board, new: Board) -> set[Possible]:
    """Return what is possible in the new network alone, class by class."""
    found = Findings(old, new)
    every = [Sides(old, new, version, Everything(old, new)) for version in FAMILIES]
    for sides in every:
        _inside(sides, found)
        across(sides, found)
    sets = list(found._sets)
    return {
        (source, destination, index)
        for source, destination, was, now, parts, _ in found.table().rows()
        if now < was
        for number, _ in parts
        for index in sets[number]
    }
