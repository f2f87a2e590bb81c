"""Planned endpoints, balancers, logs and names → resources in CloudFormation's terms."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ringwall.formats.cloudformation.values import is_unknown
from ringwall.formats.terraform.document import Instance
from ringwall.formats.terraform.forms import EC2, FORMS, camel
from ringwall.formats.terraform.plain import (
    Item,
    Properties,
    Shape,
    document,
    listed,
    plain,
    single,
)
from ringwall.model.graph import Ref

if TYPE_CHECKING:
    from ringwall.formats.terraform.planned import Planned


def _endpoint(work: "Planned", instance: Instance) -> Iterator[Item]:
    properties = {"VpcEndpointType": "Gateway", **plain(work, instance)}
    merged = {
        "route_table_ids": "RouteTableIds",
        "subnet_ids": "SubnetIds",
        "security_group_ids": "SecurityGroupIds",
    }
    for argument, name in merged.items():
        further = work.further[instance.address, argument]
        if further:
            properties[name] = [*listed(properties.get(name)), *further]
    policy = work.further[instance.address, "policy"]
    if policy:
        properties["PolicyDocument"] = document(policy[0])
    yield f"{EC2}VPCEndpoint", properties


def _prefix_list(work: "Planned", instance: Instance) -> Iterator[Item]:
    entries = listed(work.arguments.get(instance, "entry"))
    found = [
        {"Cidr": item.get("cidr")} if isinstance(item, Mapping) else {"Cidr": item}
        for item in entries
    ]
    found += [{"Cidr": cidr} for cidr in work.further[instance.address, "entry"]]
    yield f"{EC2}PrefixList", {**plain(work, instance), "Entries": found}


def _balancer(work: "Planned", instance: Instance) -> Iterator[Item]:
    properties = plain(work, instance)
    kind = work.arguments.get(instance, "load_balancer_type") or "application"
    internal = work.arguments.get(instance, "internal")
    subnets = listed(work.arguments.get(instance, "subnets"))
    for item in listed(work.arguments.get(instance, "subnet_mapping")):
        subnets.append(item.get("subnet_id") if isinstance(item, Mapping) else item)
    cross = work.arguments.get(instance, "enable_cross_zone_load_balancing")
    if isinstance(cross, bool):
        name = "load_balancing.cross_zone.enabled"
        properties["LoadBalancerAttributes"] = [{"Key": name, "Value": str(cross).lower()}]
    scheme = internal if is_unknown(internal) else "internal" if internal else "internet-facing"
    # The subnets are those of the mappings again, once AWS has answered.
    unique = list(dict.fromkeys(s for s in subnets if isinstance(s, (str, Ref))))
    yield (
        FORMS[instance.type].type,
        {**properties, "Type": kind, "Scheme": scheme, "Subnets": unique},
    )


def _targets(work: "Planned", instance: Instance) -> Iterator[Item]:
    properties = plain(work, instance)
    targets = work.further[instance.address, "target"]
    if targets:
        properties["Targets"] = targets
    attributes = []
    for argument, name in (
        ("preserve_client_ip", "preserve_client_ip.enabled"),
        ("load_balancing_cross_zone_enabled", "load_balancing.cross_zone.enabled"),
    ):
        value = work.arguments.get(instance, argument)
        if isinstance(value, (str, bool)) and value != "":
            attributes.append({"Key": name, "Value": str(value).lower()})
    if attributes:
        properties["TargetGroupAttributes"] = attributes
    yield FORMS[instance.type].type, properties


def _listener(work: "Planned", instance: Instance) -> Iterator[Item]:
    actions = [_action(item) for item in listed(work.arguments.get(instance, "default_action"))]
    yield FORMS[instance.type].type, {**plain(work, instance), "DefaultActions": actions}


def _listener_rule(work: "Planned", instance: Instance) -> Iterator[Item]:
    actions = [_action(item) for item in listed(work.arguments.get(instance, "action"))]
    conditions = listed(work.arguments.get(instance, "condition"))
    fields = [
        {"Field": camel(name).lower()}
        for item in conditions
        if isinstance(item, Mapping)
        for name, value in item.items()
        if value
    ]
    yield (
        FORMS[instance.type].type,
        {**plain(work, instance), "Actions": actions, "Conditions": fields},
    )


def _action(item: object) -> object:
    if not isinstance(item, Mapping):
        return item
    found: Properties = {"Type": item.get("type")}
    if item.get("target_group_arn"):
        found["TargetGroupArn"] = item["target_group_arn"]
    forward = single(item.get("forward"))
    if isinstance(forward, Mapping):
        groups = [
            {"TargetGroupArn": each.get("arn"), "Weight": each.get("weight")}
            if isinstance(each, Mapping)
            else each
            for each in listed(forward.get("target_group"))
        ]
        if groups:
            found["ForwardConfig"] = {"TargetGroups": groups}
    return found


def _firewall(work: "Planned", instance: Instance) -> Iterator[Item]:
    mappings = [
        {"SubnetId": item.get("subnet_id")} if isinstance(item, Mapping) else item
        for item in listed(work.arguments.get(instance, "subnet_mapping"))
    ]
    yield FORMS[instance.type].type, {**plain(work, instance), "SubnetMappings": mappings}


def _flow_log(work: "Planned", instance: Instance) -> Iterator[Item]:
    properties = plain(work, instance)
    for argument, kind in (
        ("vpc_id", "VPC"),
        ("subnet_id", "Subnet"),
        ("eni_id", "NetworkInterface"),
        ("transit_gateway_id", "TransitGateway"),
        ("transit_gateway_attachment_id", "TransitGatewayAttachment"),
    ):
        value = work.arguments.get(instance, argument)
        if value not in (None, ""):
            properties |= {"ResourceType": kind, "ResourceId": value}
    yield f"{EC2}FlowLog", properties


def _role(work: "Planned", instance: Instance) -> Iterator[Item]:
    policies = [
        {"PolicyName": item.get("name"), "PolicyDocument": document(item.get("policy"))}
        for item in listed(work.arguments.get(instance, "inline_policy"))
        if isinstance(item, Mapping)
    ]
    policies += work.further[instance.address, "inline_policy"]
    # A refreshed role repeats the policies that are resources of their own.
    by_name = {str(policy["PolicyName"]): policy for policy in policies}
    found = plain(work, instance)
    yield "AWS::IAM::Role", {**found, "Policies": [*by_name.values()]} if policies else found


def _bucket(work: "Planned", instance: Instance) -> Iterator[Item]:
    properties = plain(work, instance)
    for part in work.further[instance.address, "bucket"]:
        properties |= part
    yield "AWS::S3::Bucket", properties


def _zone(work: "Planned", instance: Instance) -> Iterator[Item]:
    vpcs = [
        item.get("vpc_id") if isinstance(item, Mapping) else item
        for item in listed(work.arguments.get(instance, "vpc"))
    ]
    vpcs += work.further[instance.address, "vpc"]
    found = plain(work, instance)
    yield FORMS[instance.type].type, {**found, "VPCs": [{"VPCId": vpc} for vpc in vpcs]}


def _record(work: "Planned", instance: Instance) -> Iterator[Item]:
    properties = plain(work, instance)
    alias = single(work.arguments.get(instance, "alias"))
    if isinstance(alias, Mapping):
        name, zone = alias.get("name"), alias.get("zone_id")
        if isinstance(name, Ref) and name.attribute == "DnsName":
            zone = Ref(name.type, name.key, "HostedZoneId")
        properties["AliasTarget"] = {
            "DNSName": name,
            "HostedZoneId": zone,
            "EvaluateTargetHealth": alias.get("evaluate_target_health"),
        }
    yield FORMS[instance.type].type, properties


def _dns_rules(work: "Planned", instance: Instance) -> Iterator[Item]:
    found = sorted(
        work.further[instance.address, "rule"], key=lambda rule: str(rule.get("Priority")).zfill(9)
    )
    yield FORMS[instance.type].type, {**plain(work, instance), "FirewallRules": found}


SERVICES: Mapping[str, Shape] = {
    "aws_vpc_endpoint": _endpoint,
    "aws_ec2_managed_prefix_list": _prefix_list,
    "aws_lb": _balancer,
    "aws_alb": _balancer,
    "aws_lb_target_group": _targets,
    "aws_alb_target_group": _targets,
    "aws_lb_listener": _listener,
    "aws_alb_listener": _listener,
    "aws_lb_listener_rule": _listener_rule,
    "aws_alb_listener_rule": _listener_rule,
    "aws_networkfirewall_firewall": _firewall,
    "aws_flow_log": _flow_log,
    "aws_iam_role": _role,
    "aws_s3_bucket": _bucket,
    "aws_route53_zone": _zone,
    "aws_route53_record": _record,
    "aws_route53_resolver_firewall_rule_group": _dns_rules,
}
