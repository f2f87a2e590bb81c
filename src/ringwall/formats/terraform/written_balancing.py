"""Load balancers, target groups, listeners and rules of a graph → resources of Terraform."""

from collections.abc import Iterator, Mapping
from typing import Any

from ringwall.formats.terraform.balancing import (
    HEALTH_CHECK,
    LOGS,
    OF_BALANCER,
    OF_STICKINESS,
    OF_TARGETS,
    PLAIN_TEXT,
    REDIRECT,
)
from ringwall.formats.terraform.forms import ELB, camel
from ringwall.formats.terraform.renaming import Arguments, Resource, Writer, Writing, renamed
from ringwall.model.graph import Node
from ringwall.resources.target_group import HEALTH_CHECK as DEFAULTS


def _values(node: Node, name: str) -> dict[str, Any]:
    return {each["Key"]: each["Value"] for each in node.properties.get(name, ())}


def _typed(writing: Writing, value: object) -> object:
    """Return a value of an attribute, which is text, as Terraform has it."""
    if value in ("true", "false"):
        return value == "true"
    return int(value) if isinstance(value, str) and value.isdecimal() else writing.expression(value)


def _given(writing: Writing, values: Mapping[str, Any], names: Mapping[str, str]) -> Arguments:
    return {n: _typed(writing, values[key]) for n, key in names.items() if key in values}


def _balancer(writing: Writing, node: Node) -> Iterator[Resource]:
    values = _values(node, "LoadBalancerAttributes")
    found = {
        **renamed(writing, node),
        "load_balancer_type": node.properties["Type"],
        "internal": node.properties.get("Scheme") == "internal",
        "subnets": writing.expression(node.properties["Subnets"]),
        **_given(writing, values, OF_BALANCER),
    }
    for argument, stem in LOGS.items():
        if values.get(f"{stem}.enabled") == "true":
            names = {name: f"{stem}.{name}" for name in ("enabled", "bucket", "prefix")}
            found[argument] = _given(writing, values, names)
    yield "aws_lb", "", found


def _targets(writing: Writing, node: Node) -> Iterator[Resource]:
    values = _values(node, "TargetGroupAttributes")
    # The provider's own defaults are others than AWS's.
    check = {**DEFAULTS, **node.properties}
    found = {
        **renamed(writing, node),
        **_given(writing, values, OF_TARGETS),
        "health_check": {
            **{
                argument: writing.expression(check[name]) for argument, name in HEALTH_CHECK.items()
            },
            "matcher": check["Matcher"]["HttpCode"],
        },
    }
    if values.get("stickiness.enabled") == "true":
        sticky = {"stickiness.type": "lb_cookie", **values}
        found["stickiness"] = _given(writing, sticky, OF_STICKINESS)
    yield "aws_lb_target_group", "", found


def _listener(writing: Writing, node: Node) -> Iterator[Resource]:
    found = renamed(writing, node)
    for certificate in node.properties.get("Certificates", ())[:1]:
        found["certificate_arn"] = writing.expression(certificate["CertificateArn"])
    actions = node.properties["DefaultActions"]
    yield "aws_lb_listener", "", {**found, "default_action": [_action(writing, a) for a in actions]}


def _rule(writing: Writing, node: Node) -> Iterator[Resource]:
    conditions = []
    for condition in node.properties["Conditions"]:
        name = condition["Field"].replace("-", "_")
        values = condition[f"{camel(name)}Config"]["Values"]
        conditions.append({name: {"values": writing.expression(values)}})
    found = {
        **renamed(writing, node),
        "condition": conditions,
        "action": [_action(writing, action) for action in node.properties["Actions"]],
    }
    yield "aws_lb_listener_rule", "", found


def _action(writing: Writing, action: Mapping[str, Any]) -> Arguments:
    found: Arguments = {"type": action["Type"]}
    if "TargetGroupArn" in action:
        found["target_group_arn"] = writing.expression(action["TargetGroupArn"])
    if "RedirectConfig" in action:
        said = action["RedirectConfig"]
        found["redirect"] = {
            name: writing.expression(said[camel(name)]) for name in REDIRECT if camel(name) in said
        }
    if "FixedResponseConfig" in action:
        code = action["FixedResponseConfig"]["StatusCode"]
        found["fixed_response"] = {"content_type": PLAIN_TEXT, "status_code": code}
    return found


BALANCING: Mapping[str, Writer] = {
    f"{ELB}LoadBalancer": _balancer,
    f"{ELB}TargetGroup": _targets,
    f"{ELB}Listener": _listener,
    f"{ELB}ListenerRule": _rule,
}
