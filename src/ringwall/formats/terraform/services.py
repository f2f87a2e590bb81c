"""Planned endpoints, logs and names → resources in CloudFormation's terms."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ringwall.formats.terraform.balancing import SHAPES as BALANCING
from ringwall.formats.terraform.document import Instance
from ringwall.formats.terraform.forms import EC2, FORMS
from ringwall.formats.terraform.plain import (
    Item,
    Shape,
    document,
    listed,
    plain,
    single,
)
from ringwall.formats.terraform.web_acls import SHAPES as WEB_ACLS
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
    **BALANCING,
    **WEB_ACLS,
    "aws_vpc_endpoint": _endpoint,
    "aws_ec2_managed_prefix_list": _prefix_list,
    "aws_networkfirewall_firewall": _firewall,
    "aws_flow_log": _flow_log,
    "aws_iam_role": _role,
    "aws_s3_bucket": _bucket,
    "aws_route53_zone": _zone,
    "aws_route53_record": _record,
    "aws_route53_resolver_firewall_rule_group": _dns_rules,
}
