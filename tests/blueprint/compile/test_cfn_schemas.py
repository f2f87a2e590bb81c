"""Every compiled node against CloudFormation's own schema of its type, as cfn-lint carries them."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import pytest
from cfnlint.jsonschema import StandardValidator
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from ringwall.model.graph import Node, Ref, map_references
from tests.blueprint.compile.blueprints import ALL, compiled

REGION = "us-east-1"

# Prefixes of physical ids, where the schema looks at them.
_PREFIXES = {
    "AWS::EC2::VPC": "vpc",
    "AWS::EC2::Subnet": "subnet",
    "AWS::EC2::SecurityGroup": "sg",
    "AWS::EC2::RouteTable": "rtb",
    "AWS::EC2::NetworkAcl": "acl",
    "AWS::EC2::PrefixList": "pl",
}


def _text(ref: Ref) -> str:
    digest = hashlib.sha256(f"{ref.type} {ref.key}".encode()).hexdigest()[:17]
    if ref.attribute.startswith("ipv6/"):
        return "2001:db8:1::/64"
    if ref.type == "AWS::SNS::Topic":
        return f"arn:aws:sns:us-east-1:111122223333:{digest}"
    if ref.attribute == "Arn" and ref.type == "AWS::IAM::Role":
        return f"arn:aws:iam::111122223333:role/{digest}"
    if ref.attribute == "Arn":
        return f"arn:aws:logs:us-east-1:111122223333:{digest}"
    if ref.attribute == "DnsName":
        return "vpce-0123.ssm.us-east-1.vpce.amazonaws.com"
    if ref.type.startswith("AWS::ElasticLoadBalancingV2::"):
        return f"arn:aws:elasticloadbalancing:us-east-1:111122223333:{digest}"
    return f"{_PREFIXES.get(ref.type, 'x')}-{digest}"


def _hosted_zone(properties: Mapping[str, Any]) -> dict[str, Any]:
    # CloudFormation names a zone's VPCs with their regions.
    vpcs = [{"VPCId": vpc, "VPCRegion": REGION} for vpc in properties["VPCs"]]
    return {**properties, "VPCs": vpcs}


def _rule_group(properties: Mapping[str, Any]) -> dict[str, Any]:
    # CreateFirewallRule wants a name of every rule; CloudFormation makes one up.
    rules = [
        {name: value for name, value in rule.items() if name != "Name"}
        for rule in properties["FirewallRules"]
    ]
    return {**properties, "FirewallRules": rules}


def _dashboard(properties: Mapping[str, Any]) -> dict[str, Any]:
    # CloudFormation takes the body as text.
    return {**properties, "DashboardBody": json.dumps(properties["DashboardBody"])}


def _function(properties: Mapping[str, Any]) -> dict[str, Any]:
    # What runs is told by its digest, which CloudFormation does not take.
    return {name: value for name, value in properties.items() if name != "CodeSha256"}


# Where our properties differ from CloudFormation's on purpose, and how they become its own.
EXCEPTIONS = {
    "AWS::CloudWatch::Dashboard": _dashboard,
    "AWS::Lambda::Function": _function,
    "AWS::Route53::HostedZone": _hosted_zone,
    "AWS::Route53Resolver::FirewallRuleGroup": _rule_group,
}


def _as_cloudformation(node: Node) -> dict[str, Any]:
    properties: dict[str, Any] = map_references(node.properties, _text)
    change = EXCEPTIONS.get(node.type)
    return properties if change is None else change(properties)


def _faults(node: Node) -> list[str]:
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, node.type).schema
    properties = _as_cloudformation(node)
    found = [
        f"{node}: {error.message}" for error in StandardValidator(schema).iter_errors(properties)
    ]
    read_only = {path.rsplit("/", 1)[-1] for path in schema.get("readOnlyProperties", ())}
    return found + [f"{node}: {name} is read-only" for name in sorted(read_only & set(properties))]


@pytest.mark.parametrize("name", ALL)
def test_every_node_is_what_cloudformation_takes(name: str) -> None:
    nodes = [node for node in compiled(ALL[name]) if not node.type.startswith("Ringwall::")]
    # One node of each shape: schemas judge shapes and values, and forty VPCs repeat both.
    shapes: dict[tuple[object, ...], Node] = {}
    for node in nodes:
        shapes.setdefault((node.type, *sorted(node.properties), node.key.partition("/")[0]), node)
    faults = [fault for node in shapes.values() for fault in _faults(node)]
    assert faults == []


def test_a_fault_would_be_found() -> None:
    node = Node("AWS::EC2::Subnet", "k", "", REGION, {"VpcId": "vpc-1", "CidrBlok": "10.0.0.0/24"})
    assert _faults(node)
