"""A graph and requests → the graph that AWS would have afterwards; what AWS refuses is refused.

It knows the requests alone, as the journal does: the nodes of a measure are not looked at.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

from ringwall.model.graph import Node, Ref, ResourceGraph
from ringwall.playbooks.measures import Measure, Request
from ringwall.resources import (
    default_network_acl,
    network_acl_entry,
    security_group_egress,
    security_group_ingress,
)
from ringwall.resources.identifiers import reference
from ringwall.resources.ownership import from_tag_list

ENTRY, ACL = "AWS::EC2::NetworkAclEntry", "AWS::EC2::NetworkAcl"
DEFAULT = "Ringwall::EC2::DefaultNetworkAcl"
GROUP = "AWS::EC2::SecurityGroup"
EGRESS, INGRESS = "AWS::EC2::SecurityGroupEgress", "AWS::EC2::SecurityGroupIngress"
PEERS = {
    EGRESS: ("DestinationSecurityGroupId", "DestinationPrefixListId"),
    INGRESS: ("SourceSecurityGroupId", "SourcePrefixListId"),
}
KINDS: Mapping[str, Any] = {EGRESS: security_group_egress, INGRESS: security_group_ingress}
TARGETS = "AWS::ElasticLoadBalancingV2::TargetGroup"
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

    def ask(service: str, operation: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        return _ASKED[service, operation](graph, asked)

    try:
        return _KNOWN[request.service, request.operation](graph, request.filled(ask))
    except RefusedError as error:
        if str(error) in request.same:
            return graph
        raise


def _describe_groups(graph: ResourceGraph, asked: Any) -> Mapping[str, Any]:
    wanted = {each["Name"]: each["Values"] for each in asked["Filters"]}
    vpcs = {n.key for n in graph.of_type("AWS::EC2::VPC") if n.physical_id in wanted["vpc-id"]}
    found = [
        {"GroupId": node.physical_id}
        for node in graph.of_type(GROUP)
        if node.properties["GroupName"] in wanted["group-name"]
        and node.properties["VpcId"].key in vpcs
    ]
    return {"SecurityGroups": found}


def _ip_set(graph: ResourceGraph, asked: Any) -> Mapping[str, Any]:
    [node] = [n for n in graph.of_type("AWS::WAFv2::IPSet") if n.observed["Id"] == asked["Id"]]
    return {"IPSet": {"Addresses": list(node.properties["Addresses"])}, "LockToken": "t"}


_ASKED: dict[tuple[str, str], Callable[[ResourceGraph, Any], Mapping[str, Any]]] = {
    ("ec2", "describe_security_groups"): _describe_groups,
    ("wafv2", "get_ip_set"): _ip_set,
}


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


def _group(graph: ResourceGraph, physical: str) -> Node:
    for node in graph.of_type(GROUP):
        if physical and node.physical_id == physical:
            return node
    raise RefusedError("InvalidGroup.NotFound")


def _create_group(graph: ResourceGraph, asked: Any) -> ResourceGraph:
    [vpc] = [n for n in graph.of_type("AWS::EC2::VPC") if n.physical_id == asked["VpcId"]]
    for node in graph.of_type(GROUP):
        if (node.properties["VpcId"], node.properties["GroupName"]) == (
            vpc.ref,
            asked["GroupName"],
        ):
            raise RefusedError("InvalidGroup.Duplicate")
    own = f"sg-made-in-{vpc.physical_id}"
    properties = {"VpcId": vpc.ref, "GroupName": asked["GroupName"]}
    tags = from_tag_list(asked["TagSpecifications"][0]["Tags"])
    group = Node(GROUP, own, vpc.account, vpc.region, properties, tags=tags, physical_id=own)
    given = {"GroupId": group.ref, "IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}
    rule = Node(EGRESS, security_group_egress.key(given), vpc.account, vpc.region, given)
    return graph.with_nodes([group, rule])


def _rules(graph: ResourceGraph, asked: Any, kind: str) -> Iterator[Node]:
    group = _group(graph, asked["GroupId"])
    [item] = asked["IpPermissions"]
    peers = {
        "CidrIp": [each["CidrIp"] for each in item.get("IpRanges", ())],
        "CidrIpv6": [each["CidrIpv6"] for each in item.get("Ipv6Ranges", ())],
        PEERS[kind][0]: [_group(graph, e["GroupId"]).ref for e in item.get("UserIdGroupPairs", ())],
        PEERS[kind][1]: [
            Ref("AWS::EC2::PrefixList", each["PrefixListId"])
            for each in item.get("PrefixListIds", ())
        ],
    }
    for name, values in peers.items():
        for value in values:
            ports = {n: item[n] for n in ("IpProtocol", "FromPort", "ToPort") if n in item}
            properties = {"GroupId": group.ref, **ports, name: value}
            key = KINDS[kind].key(properties)
            yield Node(kind, key, group.account, group.region, properties)


def _revoke(kind: str) -> "Change":
    def revoke(graph: ResourceGraph, asked: Any) -> ResourceGraph:
        for meant in _rules(graph, asked, kind):
            there = [n for n in graph.of_type(kind) if _says(n) == _says(meant)]
            if not there:
                raise RefusedError("InvalidPermission.NotFound")
            graph = graph.without([(there[0].type, there[0].key)])
        return graph

    return revoke


def _authorize(kind: str) -> "Change":
    def authorize(graph: ResourceGraph, asked: Any) -> ResourceGraph:
        for meant in _rules(graph, asked, kind):
            if any(_says(n) == _says(meant) for n in graph.of_type(kind)):
                raise RefusedError("InvalidPermission.Duplicate")
            graph = graph.with_nodes([meant])
        return graph

    return authorize


def _says(rule: Node) -> Any:
    found = KINDS[rule.type].RESOURCE.normalise(rule.properties)
    return {name: value for name, value in found.items() if name != "Description"}


def _set_groups(graph: ResourceGraph, asked: Any) -> ResourceGraph:
    for node in graph.of_type("AWS::EC2::NetworkInterface"):
        if node.physical_id == asked["NetworkInterfaceId"]:
            groups = sorted(_group(graph, each).ref for each in asked["Groups"])
            properties = {**node.properties, "GroupSet": groups}
            return graph.with_nodes([replace(node, properties=properties)])
    raise RefusedError("InvalidNetworkInterfaceID.NotFound")


def _targets(*, there: bool) -> "Change":
    def change(graph: ResourceGraph, asked: Any) -> ResourceGraph:
        [node] = [n for n in graph.of_type(TARGETS) if n.physical_id == asked["TargetGroupArn"]]
        meant = [{**each, "Id": reference(each["Id"])} for each in asked["Targets"]]
        left = [each for each in node.properties["Targets"] if each not in meant]
        if there:
            left = [*left, *meant]
        return graph.with_nodes([replace(node, properties={**node.properties, "Targets": left})])

    return change


def _nothing(graph: ResourceGraph, asked: Any) -> ResourceGraph:
    """What a network does not show."""
    del asked
    return graph


Change = Callable[[ResourceGraph, Any], ResourceGraph]


def _domains(graph: ResourceGraph, asked: Any) -> ResourceGraph:
    kind, own = "AWS::Route53Resolver::FirewallDomainList", asked["FirewallDomainListId"]
    [node] = [n for n in graph.of_type(kind) if n.physical_id == own]
    there, said = set(node.properties.get("Domains") or ()), set(asked["Domains"])
    left = sorted(there | said if asked["Operation"] == "ADD" else there - said)
    return graph.with_nodes([replace(node, properties={**node.properties, "Domains": left})])


def _addresses(graph: ResourceGraph, asked: Any) -> ResourceGraph:
    [node] = [n for n in graph.of_type("AWS::WAFv2::IPSet") if n.observed["Id"] == asked["Id"]]
    left = sorted(asked["Addresses"])
    return graph.with_nodes([replace(node, properties={**node.properties, "Addresses": left})])


_KNOWN: dict[tuple[str, str], Change] = {
    ("ec2", "create_network_acl_entry"): _create_entry,
    ("ec2", "delete_network_acl_entry"): _delete_entry,
    ("ec2", "create_security_group"): _create_group,
    ("ec2", "modify_network_interface_attribute"): _set_groups,
    ("ec2", "revoke_security_group_egress"): _revoke(EGRESS),
    ("ec2", "revoke_security_group_ingress"): _revoke(INGRESS),
    ("ec2", "authorize_security_group_egress"): _authorize(EGRESS),
    ("ec2", "authorize_security_group_ingress"): _authorize(INGRESS),
    ("elbv2", "deregister_targets"): _targets(there=False),
    ("elbv2", "register_targets"): _targets(there=True),
    ("autoscaling", "detach_instances"): _nothing,
    ("ec2", "create_snapshots"): _nothing,
    ("ec2", "create_tags"): _nothing,
    ("ec2", "delete_tags"): _nothing,
    ("ec2", "modify_instance_attribute"): _nothing,
    ("elb", "deregister_instances_from_load_balancer"): _nothing,
    ("elb", "register_instances_with_load_balancer"): _nothing,
    ("iam", "put_role_policy"): _nothing,
    ("iam", "delete_role_policy"): _nothing,
    ("iam", "update_access_key"): _nothing,
    ("route53resolver", "update_firewall_domains"): _domains,
    ("wafv2", "update_ip_set"): _addresses,
}
