"""Web ACLs, IP sets, associations and logs of AWS WAF: Terraform's resources <-> ours.

Rules:
- A block that may stand once is a mapping here and a list of one there; an empty one says something
  (`block {}`), an absent one does not.
- The addresses of an IP set are the responder's: Terraform is told to leave them alone.

Source: the documentation of aws_wafv2_web_acl and its neighbours, hashicorp/aws 5.100.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ringwall.formats.terraform.document import Instance
from ringwall.formats.terraform.forms import FORMS
from ringwall.formats.terraform.plain import Item, Shape, listed, plain
from ringwall.formats.terraform.renaming import Resource, Writer, Writing, renamed
from ringwall.model.graph import Node, Ref, Value

if TYPE_CHECKING:
    from ringwall.formats.terraform.planned import Planned

WAF = "AWS::WAFv2::"
# Members of rules, and their blocks and arguments.
NAMES: Mapping[str, str] = {
    "Action": "action",
    "ActionToUse": "action_to_use",
    "AggregateKeyType": "aggregate_key_type",
    "Allow": "allow",
    "Arn": "arn",
    "Block": "block",
    "ByteMatchStatement": "byte_match_statement",
    "CloudWatchMetricsEnabled": "cloudwatch_metrics_enabled",
    "Count": "count",
    "EvaluationWindowSec": "evaluation_window_sec",
    "FieldToMatch": "field_to_match",
    "IPSetReferenceStatement": "ip_set_reference_statement",
    "Limit": "limit",
    "ManagedRuleGroupStatement": "managed_rule_group_statement",
    "MetricName": "metric_name",
    "Name": "name",
    "None": "none",
    "OverrideAction": "override_action",
    "PositionalConstraint": "positional_constraint",
    "Priority": "priority",
    "RateBasedStatement": "rate_based_statement",
    "RuleActionOverrides": "rule_action_override",
    "SampledRequestsEnabled": "sampled_requests_enabled",
    "ScopeDownStatement": "scope_down_statement",
    "SearchString": "search_string",
    "SingleHeader": "single_header",
    "Statement": "statement",
    "TextTransformations": "text_transformation",
    "Type": "type",
    "UriPath": "uri_path",
    "VendorName": "vendor_name",
    "VisibilityConfig": "visibility_config",
}
ARGUMENTS = {argument: name for name, argument in NAMES.items()}
MANY = frozenset({"rule_action_override", "text_transformation"})


def _written(writing: Writing, value: Value) -> Value:
    if isinstance(value, Mapping):
        return {NAMES[name]: _written(writing, item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_written(writing, item) for item in value]
    return writing.expression(value)


def _read(argument: str, value: Value) -> Value:
    """Return what an argument says; None for a block that is not there."""
    if isinstance(value, Ref):
        return Ref(value.type, value.key, "Arn") if argument == "arn" else value
    if isinstance(value, Mapping):
        found = {n: _read(n, item) for n, item in value.items()}
        return {ARGUMENTS.get(n, n): item for n, item in found.items() if item is not None}
    if isinstance(value, list):
        items = [_read(argument, item) for item in value]
        return (items if argument in MANY else items[0]) if items else None
    return None if value == "" else value


def _web_acl(work: "Planned", instance: Instance) -> Iterator[Item]:
    found = plain(work, instance)
    for argument, name in (("default_action", "DefaultAction"), ("visibility_config", "")):
        block = _read(argument, work.arguments.get(instance, argument))
        if block is not None:
            found[name or ARGUMENTS[argument]] = block
    rules = [_read("rule", rule) for rule in listed(work.arguments.get(instance, "rule"))]
    yield FORMS[instance.type].type, {**found, "Rules": [r for r in rules if r is not None]}


def _ip_set(work: "Planned", instance: Instance) -> Iterator[Item]:
    addresses = listed(work.arguments.get(instance, "addresses"))
    yield FORMS[instance.type].type, {**plain(work, instance), "Addresses": addresses}


def _of_web_acl(work: "Planned", instance: Instance) -> Iterator[Item]:
    found = plain(work, instance)
    for name in ("WebACLArn", "ResourceArn"):
        value = found.get(name)
        if isinstance(value, Ref) and value.type == f"{WAF}WebACL":
            found[name] = Ref(value.type, value.key, "Arn")
    fields = listed(work.arguments.get(instance, "redacted_fields"))
    if fields:
        found["RedactedFields"] = [_read("redacted_fields", field) for field in fields]
    if "LogDestinationConfigs" in found:
        found["LogDestinationConfigs"] = [
            Ref(each.type, each.key, "Arn") if isinstance(each, Ref) else each
            for each in listed(found["LogDestinationConfigs"])
        ]
    yield FORMS[instance.type].type, found


SHAPES: Mapping[str, Shape] = {
    "aws_wafv2_ip_set": _ip_set,
    "aws_wafv2_web_acl": _web_acl,
    "aws_wafv2_web_acl_association": _of_web_acl,
    "aws_wafv2_web_acl_logging_configuration": _of_web_acl,
}


def _write_web_acl(writing: Writing, node: Node) -> Iterator[Resource]:
    given = node.properties
    found = {
        **renamed(writing, node),
        "default_action": _written(writing, given["DefaultAction"]),
        "visibility_config": _written(writing, given["VisibilityConfig"]),
        "rule": [_written(writing, rule) for rule in given.get("Rules", ())],
    }
    yield "aws_wafv2_web_acl", "", found


def _write_ip_set(writing: Writing, node: Node) -> Iterator[Resource]:
    found = renamed(writing, node)
    found |= {"addresses": [], "lifecycle": {"ignore_changes": ["addresses"]}}
    yield "aws_wafv2_ip_set", "", found


def _write_logging(writing: Writing, node: Node) -> Iterator[Resource]:
    found = renamed(writing, node)
    fields = node.properties.get("RedactedFields", ())
    if fields:
        found["redacted_fields"] = [_written(writing, field) for field in fields]
    yield "aws_wafv2_web_acl_logging_configuration", "", found


WRITERS: Mapping[str, Writer] = {
    f"{WAF}WebACL": _write_web_acl,
    f"{WAF}IPSet": _write_ip_set,
    f"{WAF}LoggingConfiguration": _write_logging,
}
