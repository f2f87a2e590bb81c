"""Load balancers, target groups, listeners and rules of a plan → in CloudFormation's terms.

The tables of arguments and attributes hold for what is written, too.

Source: the documentation of aws_lb, aws_lb_target_group, aws_lb_listener and aws_lb_listener_rule.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ringwall.formats.cloudformation.values import is_unknown
from ringwall.formats.terraform.document import Instance
from ringwall.formats.terraform.forms import FORMS, camel
from ringwall.formats.terraform.plain import Item, Properties, Shape, listed, plain, single
from ringwall.model.graph import Ref

if TYPE_CHECKING:
    from ringwall.formats.terraform.planned import Planned

CROSS_ZONE = "load_balancing.cross_zone.enabled"
# Arguments of aws_lb and the attributes that they are.
OF_BALANCER: Mapping[str, str] = {
    "client_keep_alive": "client_keep_alive.seconds",
    "desync_mitigation_mode": "routing.http.desync_mitigation_mode",
    "drop_invalid_header_fields": "routing.http.drop_invalid_header_fields.enabled",
    "enable_deletion_protection": "deletion_protection.enabled",
    "enable_http2": "routing.http2.enabled",
    "enable_tls_version_and_cipher_suite_headers": (
        "routing.http.x_amzn_tls_version_and_cipher_suite.enabled"
    ),
    "enable_waf_fail_open": "waf.fail_open.enabled",
    "enable_xff_client_port": "routing.http.xff_client_port.enabled",
    "enable_zonal_shift": "zonal_shift.config.enabled",
    "idle_timeout": "idle_timeout.timeout_seconds",
    "preserve_host_header": "routing.http.preserve_host_header.enabled",
    "xff_header_processing_mode": "routing.http.xff_header_processing.mode",
}
LOGS: Mapping[str, str] = {"access_logs": "access_logs.s3", "connection_logs": "connection_logs.s3"}
OF_TARGETS: Mapping[str, str] = {
    "deregistration_delay": "deregistration_delay.timeout_seconds",
    "load_balancing_algorithm_type": "load_balancing.algorithm.type",
    "load_balancing_anomaly_mitigation": "load_balancing.algorithm.anomaly_mitigation",
    "load_balancing_cross_zone_enabled": CROSS_ZONE,
    "preserve_client_ip": "preserve_client_ip.enabled",
    "slow_start": "slow_start.duration_seconds",
}
OF_STICKINESS: Mapping[str, str] = {
    "enabled": "stickiness.enabled",
    "type": "stickiness.type",
    "cookie_duration": "stickiness.lb_cookie.duration_seconds",
}
HEALTH_CHECK: Mapping[str, str] = {
    "enabled": "HealthCheckEnabled",
    "healthy_threshold": "HealthyThresholdCount",
    "interval": "HealthCheckIntervalSeconds",
    "path": "HealthCheckPath",
    "port": "HealthCheckPort",
    "protocol": "HealthCheckProtocol",
    "timeout": "HealthCheckTimeoutSeconds",
    "unhealthy_threshold": "UnhealthyThresholdCount",
}
REDIRECT = ("host", "path", "port", "protocol", "query", "status_code")
HTTP = frozenset({"HTTP", "HTTPS"})
PLAIN_TEXT = "text/plain"  # Terraform wants a type for the text of an answer, even without one


def _pair(key: str, value: object) -> dict[str, Any] | None:
    if isinstance(value, bool):
        return {"Key": key, "Value": str(value).lower()}
    if isinstance(value, Ref):
        return {"Key": key, "Value": value}
    if isinstance(value, int | str) and value != "":
        return {"Key": key, "Value": str(value)}
    return None


def _pairs(work: "Planned", instance: Instance, names: Mapping[str, str]) -> list[dict[str, Any]]:
    found = (_pair(key, work.arguments.get(instance, name)) for name, key in names.items())
    return [pair for pair in found if pair is not None]


def _balancer(work: "Planned", instance: Instance) -> Iterator[Item]:
    properties = plain(work, instance)
    kind = work.arguments.get(instance, "load_balancer_type") or "application"
    internal = work.arguments.get(instance, "internal")
    subnets = listed(work.arguments.get(instance, "subnets"))
    for item in listed(work.arguments.get(instance, "subnet_mapping")):
        subnets.append(item.get("subnet_id") if isinstance(item, Mapping) else item)
    if kind == "application":
        attributes = _pairs(work, instance, OF_BALANCER)
    else:
        attributes = _pairs(work, instance, {"enable_cross_zone_load_balancing": CROSS_ZONE})
    for argument, stem in LOGS.items():
        block = single(work.arguments.get(instance, argument))
        if isinstance(block, Mapping) and block.get("enabled") is True:
            logs = (_pair(f"{stem}.{n}", block.get(n)) for n in ("enabled", "bucket", "prefix"))
            attributes += [pair for pair in logs if pair is not None]
    if attributes:
        properties["LoadBalancerAttributes"] = attributes
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
    attributes = _pairs(work, instance, OF_TARGETS)
    if properties.get("Protocol") in HTTP:
        block = single(work.arguments.get(instance, "stickiness"))
        if isinstance(block, Mapping):
            sticky = (_pair(key, block.get(name)) for name, key in OF_STICKINESS.items())
            attributes += [pair for pair in sticky if pair is not None]
        properties |= _health_check(single(work.arguments.get(instance, "health_check")))
    if attributes:
        properties["TargetGroupAttributes"] = attributes
    yield FORMS[instance.type].type, properties


def _health_check(block: object) -> Properties:
    if not isinstance(block, Mapping):
        return {}
    found = {name: block.get(argument) for argument, name in HEALTH_CHECK.items()}
    found["Matcher"] = {"HttpCode": block["matcher"]} if block.get("matcher") else None
    if found["HealthCheckPort"] is not None:
        found["HealthCheckPort"] = str(found["HealthCheckPort"])
    return {name: value for name, value in found.items() if value not in (None, "")}


def _listener(work: "Planned", instance: Instance) -> Iterator[Item]:
    actions = [_action(item) for item in listed(work.arguments.get(instance, "default_action"))]
    properties = {**plain(work, instance), "DefaultActions": actions}
    certificate = work.arguments.get(instance, "certificate_arn")
    if isinstance(certificate, str) and certificate:
        properties["Certificates"] = [{"CertificateArn": certificate}]
    yield FORMS[instance.type].type, properties


def _listener_rule(work: "Planned", instance: Instance) -> Iterator[Item]:
    actions = [_action(item) for item in listed(work.arguments.get(instance, "action"))]
    conditions = listed(work.arguments.get(instance, "condition"))
    fields = [
        _condition(name, value)
        for item in conditions
        if isinstance(item, Mapping)
        for name, value in item.items()
        if value
    ]
    yield (
        FORMS[instance.type].type,
        {**plain(work, instance), "Actions": actions, "Conditions": fields},
    )


def _condition(name: str, value: object) -> Properties:
    found: Properties = {"Field": name.replace("_", "-")}
    block = single(value)
    if name in {"host_header", "path_pattern"} and isinstance(block, Mapping):
        found[f"{camel(name)}Config"] = {"Values": listed(block.get("values"))}
    return found


def _action(item: object) -> object:
    if not isinstance(item, Mapping):
        return item
    found: Properties = {"Type": item.get("type")}
    if item.get("target_group_arn"):
        found["TargetGroupArn"] = item["target_group_arn"]
    redirect, answer = single(item.get("redirect")), single(item.get("fixed_response"))
    if isinstance(redirect, Mapping):
        said = {camel(name): redirect.get(name) for name in REDIRECT}
        found["RedirectConfig"] = {n: v for n, v in said.items() if v not in (None, "")}
    if isinstance(answer, Mapping):
        found["FixedResponseConfig"] = {"StatusCode": answer.get("status_code")}
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


SHAPES: Mapping[str, Shape] = {
    "aws_lb": _balancer,
    "aws_alb": _balancer,
    "aws_lb_target_group": _targets,
    "aws_alb_target_group": _targets,
    "aws_lb_listener": _listener,
    "aws_alb_listener": _listener,
    "aws_lb_listener_rule": _listener_rule,
    "aws_alb_listener_rule": _listener_rule,
}
