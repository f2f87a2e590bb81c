"""A compiled graph → what AWS would answer if it were deployed: `Reads`, and an observed graph.

The types that grow with a network are turned into `describe` items: VPCs, subnets, route tables
with routes and associations, network ACLs with entries and associations, groups and their rules.
The few others are taken over as nodes with made-up ids.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ringwall.model.graph import Node, Ref, ResourceGraph, map_references
from ringwall.resources import registry
from ringwall.resources.assemble import assemble
from ringwall.resources.kind import Reads
from ringwall.resources.ownership import to_tag_list

ACCOUNT = "123456789012"
PREFIXES = {
    "AWS::EC2::VPC": "vpc",
    "AWS::EC2::Subnet": "subnet",
    "AWS::EC2::RouteTable": "rtb",
    "AWS::EC2::NetworkAcl": "acl",
    "AWS::EC2::SecurityGroup": "sg",
    "AWS::EC2::InternetGateway": "igw",
    "AWS::EC2::NatGateway": "nat",
    "AWS::EC2::EIP": "eipalloc",
    "AWS::EC2::TransitGateway": "tgw",
    "AWS::EC2::TransitGatewayAttachment": "tgw-attach",
    "AWS::EC2::TransitGatewayRouteTable": "tgw-rtb",
    "AWS::EC2::VPCEndpoint": "vpce",
}
BULK = frozenset(
    {
        "AWS::EC2::VPC",
        "AWS::EC2::Subnet",
        "AWS::EC2::RouteTable",
        "AWS::EC2::Route",
        "AWS::EC2::SubnetRouteTableAssociation",
        "AWS::EC2::NetworkAcl",
        "AWS::EC2::NetworkAclEntry",
        "AWS::EC2::SubnetNetworkAclAssociation",
        "AWS::EC2::SecurityGroup",
        "AWS::EC2::SecurityGroupIngress",
        "AWS::EC2::SecurityGroupEgress",
    }
)


def made_up_id(type_name: str, key: str) -> str:
    """Return an id of AWS's form that depends on type and key alone."""
    digest = hashlib.sha256(f"{type_name} {key}".encode()).hexdigest()[:17]
    return f"{PREFIXES.get(type_name, 'res')}-{digest}"


def _identify(value: Any) -> Any:  # noqa: ANN401  (JSON with Refs)
    match value:
        case Ref():
            return made_up_id(value.type, value.key)
        case Mapping():
            return {name: _identify(item) for name, item in value.items()}
        case list() | tuple():
            return [_identify(item) for item in value]
        case _:
            return value


def reads_of(graph: ResourceGraph) -> Reads:
    """Return the `describe` items of the bulk types, and their details."""
    items: dict[str, list[dict[str, Any]]] = defaultdict(list)
    by_id: dict[str, dict[str, Any]] = {}
    for node in graph:
        if node.type in {"AWS::EC2::VPC", "AWS::EC2::Subnet"}:
            name = "VpcId" if node.type == "AWS::EC2::VPC" else "SubnetId"
            listing = "vpcs" if name == "VpcId" else "subnets"
            item = _identify(node.properties) | {name: node_id(node), "State": "available"}
            items[f"ec2:describe_{listing}"].append(item | _tags(node))
        elif node.type == "AWS::EC2::RouteTable":
            _container(node, by_id, items["ec2:describe_route_tables"], "RouteTableId")
        elif node.type == "AWS::EC2::NetworkAcl":
            _container(node, by_id, items["ec2:describe_network_acls"], "NetworkAclId")
        elif node.type == "AWS::EC2::SecurityGroup":
            _container(node, by_id, items["ec2:describe_security_groups"], "GroupId")
            item = by_id[node_id(node)]
            item["GroupName"] = node.properties["GroupName"]
            item["Description"] = node.properties["GroupDescription"]
    for node in graph:
        _inside(node, by_id, items)
    details = {
        f"ec2:describe_vpc_attribute:{name[0].lower()}{name[1:]}": {
            node_id(vpc): vpc.properties[name] for vpc in graph.of_type("AWS::EC2::VPC")
        }
        for name in ("EnableDnsSupport", "EnableDnsHostnames")
    }
    region = next(iter(graph)).region
    every = {listing.name for kind in registry().values() for listing in kind.listings}
    return Reads(ACCOUNT, region, dict.fromkeys(every, ()) | dict(items), details)


def node_id(node: Node) -> str:
    """Return the made-up id of a node."""
    return made_up_id(node.type, node.key)


def _tags(node: Node) -> dict[str, Any]:
    return {"Tags": to_tag_list(node.tags)}


def _container(
    node: Node, by_id: dict[str, dict[str, Any]], items: list[dict[str, Any]], name: str
) -> None:
    item = {name: node_id(node), "VpcId": _identify(node.properties["VpcId"])} | _tags(node)
    by_id[node_id(node)] = item
    items.append(item)


def _inside(
    node: Node, by_id: dict[str, dict[str, Any]], items: dict[str, list[dict[str, Any]]]
) -> None:
    properties = _identify(node.properties)
    match node.type:
        case "AWS::EC2::Route":
            table = by_id[properties.pop("RouteTableId")]
            route = properties | {"State": "active", "Origin": "CreateRoute"}
            table.setdefault("Routes", []).append(route)
        case "AWS::EC2::SubnetRouteTableAssociation":
            association = properties | {"RouteTableAssociationId": node_id(node)}
            by_id[properties["RouteTableId"]].setdefault("Associations", []).append(association)
        case "AWS::EC2::NetworkAclEntry":
            acl = by_id[properties.pop("NetworkAclId")]
            if "Icmp" in properties:
                properties["IcmpTypeCode"] = properties.pop("Icmp")
            entry = properties | {"Protocol": str(properties["Protocol"])}
            acl.setdefault("Entries", []).append(entry)
        case "AWS::EC2::SubnetNetworkAclAssociation":
            association = properties | {"NetworkAclAssociationId": node_id(node)}
            by_id[properties["NetworkAclId"]].setdefault("Associations", []).append(association)
        case "AWS::EC2::SecurityGroupIngress" | "AWS::EC2::SecurityGroupEgress":
            items["ec2:describe_security_group_rules"].append(_rule(node, properties))
        case _:
            pass


def _rule(node: Node, properties: dict[str, Any]) -> dict[str, Any]:
    rule = {
        "SecurityGroupRuleId": node_id(node),
        "GroupId": properties["GroupId"],
        "GroupOwnerId": ACCOUNT,
        "IsEgress": node.type.endswith("Egress"),
        "IpProtocol": properties["IpProtocol"],
        "FromPort": properties.get("FromPort", -1),
        "ToPort": properties.get("ToPort", -1),
        "CidrIpv4": properties.get("CidrIp"),
        "CidrIpv6": properties.get("CidrIpv6"),
        "Description": properties.get("Description"),
    }
    for side in ("Source", "Destination"):
        if f"{side}SecurityGroupId" in properties:
            group = properties[f"{side}SecurityGroupId"]
            rule["ReferencedGroupInfo"] = {"GroupId": group, "UserId": ACCOUNT}
        if f"{side}PrefixListId" in properties:
            rule["PrefixListId"] = properties[f"{side}PrefixListId"]
    return {name: value for name, value in rule.items() if value is not None}


def observed_of(graph: ResourceGraph, assembled: ResourceGraph) -> ResourceGraph:
    """Return what was assembled, and the other nodes of the graph as if they had been read."""
    others = [
        replace(node, physical_id=node_id(node), origin=None)
        for node in graph
        if node.type not in BULK
    ]
    names = {(node.type, node.physical_id): node.ref for node in others}

    def renamed(ref: Ref) -> Ref:
        return names.get((ref.type, ref.key), ref)

    bulk = [
        replace(node, properties=map_references(node.properties, renamed))
        for node in assembled
        if node.type in BULK
    ]
    return ResourceGraph.of([*bulk, *others])


def read_back(reads: Reads, deployment: str) -> ResourceGraph:
    """Assemble recorded reads, as a plan does."""
    return assemble(reads, deployment)
