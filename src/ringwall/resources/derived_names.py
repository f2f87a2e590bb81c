"""The name that a resource bears, and whether it is the one derived from its key."""

import re
from collections.abc import Mapping
from hashlib import sha256

from ringwall.model.graph import Node
from ringwall.resources.balancing import TARGET_GROUP, TYPE, balancing_name
from ringwall.resources.ownership import KEY_TAG, NAME_TAG, name_tag

# Where no tag of ours has the name, a property has it.
NAMES: Mapping[str, str] = {
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CloudWatch::Dashboard": "DashboardName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::Events::Rule": "Name",
    "AWS::IAM::Role": "RoleName",
    "AWS::KMS::Key": "Description",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "Name",
    "AWS::ElasticLoadBalancingV2::TargetGroup": "Name",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::Route53Resolver::FirewallDomainList": "Name",
    "AWS::Route53Resolver::FirewallRuleGroup": "Name",
    "AWS::Route53Resolver::FirewallRuleGroupAssociation": "Name",
    "AWS::Route53Resolver::ResolverQueryLoggingConfig": "Name",
    "AWS::WAFv2::IPSet": "Name",
    "AWS::WAFv2::WebACL": "Name",
}
# Account and region, or a digest of both, at the end of names that are unique beyond a region.
TAIL = re.compile(r"(-\d{12})?(-[a-z]{2}(-[a-z]+)+-\d)?|-[0-9a-f]{8}")
_PREFIXES = re.compile(r"^(?:ringwall-|aws-waf-logs-)")
# What a blueprint names itself has another form.
_LOGS = r"ringwall-.+-(?:flow-logs|lb-logs|responder)"
_REGION = re.compile(rf"{_LOGS}-(?:\d{{12}}-)?([a-z]{{2}}(?:-[a-z]+)+-\d)")
_DIGEST = re.compile(rf"{_LOGS}-([0-9a-f]{{8}})")
ELSEWHERE = "elsewhere"  # no region's name


def digest(text: str) -> str:
    """Return what stands at the end of a name in which a text has no room."""
    return sha256(text.encode()).hexdigest()[:8]


def region_in_name(name: str, account: str, region: str) -> str:
    """Return the region at the end of a derived name, "" if it tells none.

    A digest at the end tells whether it is `region`, and else `ELSEWHERE`.
    """
    if found := _REGION.fullmatch(name):
        return found[1]
    if found := _DIGEST.fullmatch(name):
        ours = {digest(region), digest(f"{account}-{region}")}
        return region if found[1] in ours else ELSEWHERE
    return ""


def name_of(node: Node) -> str:
    """Return the name that is derived from a node's key, "" if it has none."""
    if node.type in NAMES:
        return str(node.properties.get(NAMES[node.type], ""))
    return node.tags.get(NAME_TAG, "")


def is_named_by_key(node: Node, deployment: str) -> bool:
    """Tell whether the name of what bears our tags is derived from the key in them.

    A rename in a blueprint never leaves the two at odds; a hand that writes one of them does.
    """
    key, name = node.tags.get(KEY_TAG, ""), name_of(node)
    if node.type not in NAMES:
        return name == name_tag(deployment, key)
    if node.type in {TYPE, TARGET_GROUP}:
        return name == balancing_name(deployment, key)
    plain, derived = _PREFIXES.sub("", _plain(name)), _plain(f"{deployment}-{key}")
    return plain.startswith(derived) and bool(TAIL.fullmatch(plain.removeprefix(derived)))


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")
