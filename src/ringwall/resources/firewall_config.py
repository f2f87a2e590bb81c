"""Ringwall::Route53Resolver::FirewallConfig: what a VPC's DNS Firewall does when it cannot answer.

CloudFormation has no type for it. "By default, fail open is disabled" (Route 53 Resolver API,
UpdateFirewallConfig): queries are blocked while the firewall does not answer.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call
from ringwall.model.graph import Node, Ref
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.kind import Listing, Reads, ResourceType

TYPE = "Ringwall::Route53Resolver::FirewallConfig"
CONFIGS = Listing("route53resolver", "list_firewall_configs", "FirewallConfigs")
FAIL_OPEN = "FirewallFailOpen"


def key(properties: Mapping[str, Any]) -> str:
    """Return the VPC's key: a VPC has one configuration."""
    return str(properties["VpcId"].key)


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in AWS's default: closed."""
    return {FAIL_OPEN: "DISABLED", **properties}


def read(reads: Reads) -> Iterable[Node]:
    """Yield every configuration that somebody set."""
    for item in reads.items(CONFIGS):
        properties = {
            "VpcId": Ref("AWS::EC2::VPC", item["ResourceId"]),
            FAIL_OPEN: item.get(FAIL_OPEN, "DISABLED"),
        }
        yield ec2_node(reads, TYPE, item["Id"], normalise(properties), {})


def _set(node: Node, value: str) -> Call:
    request = {"ResourceId": node.properties["VpcId"], FAIL_OPEN: value}
    return Call("route53resolver", "update_firewall_config", request)


def create(node: Node) -> tuple[Call, ...]:
    """Set it."""
    return (_set(node, str(node.properties[FAIL_OPEN])),)


def update(_before: Node, after: Node, _changed: frozenset[str]) -> tuple[Call, ...]:
    """Set it."""
    return create(after)


def delete(node: Node) -> tuple[Call, ...]:
    """Close it, which is AWS's default."""
    return (_set(node, "DISABLED"),)


RESOURCE = ResourceType(
    name=TYPE,
    listings=(CONFIGS,),
    read=read,
    key=key,
    parent="VpcId",
    normalise=normalise,
    create=create,
    update=update,
    delete=delete,
    restore=True,
    permissions={"apply": ("ec2:DescribeVpcs",)},
)
