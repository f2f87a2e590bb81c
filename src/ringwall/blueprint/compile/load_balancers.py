"""Load balancers as written into load balancers, listeners, rules, target groups and their logs.

Rules:
- A load balancer stands in every zone of its group's tier and bears that group, so that the flows
  from and to the group are its own.
- The key of a target group says protocol, port and kind of targets: AWS changes none of them, and
  another one is made before its listeners leave the former.
- Whom a target group is for stands in a tag, so that questions ask the same of what was read back.
- The bucket of access logs takes records from the log delivery service of load balancers for this
  account alone.
"""

from typing import Any

from ringwall.blueprint.compile.draft import Draft, Scope
from ringwall.blueprint.compile.logs import bucket_arn, derived_bucket_name, log_bucket
from ringwall.blueprint.compile.site import PUBLIC, Group, Site, VpcSite
from ringwall.blueprint.compile.survey import origin_of
from ringwall.blueprint.load_balancers import (
    HTTPS_PORT,
    TLS_POLICY,
    Answer,
    Listener,
    LoadBalancer,
    Rule,
    TargetGroup,
)
from ringwall.blueprint.syntax import Blueprint, Path
from ringwall.model.graph import Origin, Ref
from ringwall.resources.balancing import LISTENER, TARGET_GROUP, TYPE, balancing_name
from ringwall.resources.ownership import TARGETS_TAG

LOGS = "lb-logs"  # the key of the bucket
RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"


def compile_load_balancers(draft: Draft, bp: Blueprint, site: Site) -> None:
    """Add every load balancer, and one bucket for the logs of all."""
    bucket = _bucket(draft, bp)
    for vpc in site.vpcs:
        for name, wanted in bp.vpcs[vpc.name].load_balancers.items():
            _load_balancer(draft, bp, vpc, name, wanted, bucket)


def _load_balancer(
    draft: Draft, bp: Blueprint, vpc: VpcSite, name: str, wanted: LoadBalancer, bucket: Ref | None
) -> None:
    path: Path = ("vpcs", vpc.name, "load_balancers", name)
    key, group = f"{vpc.name}/{name}", _group(vpc, wanted.group)
    around = bp.vpcs[vpc.name]
    protect, former = around.protect or wanted.protect, _former(bp, vpc.name, wanted, name)
    public = group.tier.kind == PUBLIC
    balancer = draft.add(
        TYPE,
        key,
        {
            "Name": balancing_name(draft.deployment, key),
            "Type": "application",
            "Scheme": wanted.scheme or ("internet-facing" if public else "internal"),
            "IpAddressType": "dualstack" if vpc.dual_stack else "ipv4",
            "Subnets": [subnet.ref for subnet in group.tier.subnets],
            "SecurityGroups": [group.ref],
            "LoadBalancerAttributes": _attributes(vpc.name, wanted, name, bucket),
        },
        origin_of(bp, path),
        own=Scope(around.tags, former, protect),
    )
    targets = {}
    for each, target in wanted.target_groups.items():
        last = f"{each}/{_settled(target)}"
        scope = Scope(around.tags, tuple(f"{old}/{last}" for old in former), protect)
        there = origin_of(bp, (*path, "target_groups", each))
        targets[each] = _target_group(draft, vpc, f"{key}/{last}", target, scope, there)
    for index, listener in enumerate(wanted.all_listeners):
        here = (*path, "listeners", index)
        _listener(draft, balancer, listener, targets, origin_of(bp, here))
        for number, rule in enumerate(listener.rules):
            listened = Ref(LISTENER, f"{balancer.key}:{listener.port}")
            _rule(draft, listened, rule, targets, origin_of(bp, (*here, "rules", number)))


def _group(vpc: VpcSite, name: str) -> Group:
    return next(group for group in vpc.groups if group.name == name)


def _settled(target: TargetGroup) -> str:
    """Return what AWS never changes of a target group, as the end of its key."""
    kind = "-ip" if target.target_type == "ip" else ""
    return f"{target.protocol.lower()}-{target.port}{kind}"


def _former(bp: Blueprint, vpc: str, wanted: LoadBalancer, name: str) -> tuple[str, ...]:
    keys = [f"{v}/{n}" for v in (vpc, *bp.vpcs[vpc].was) for n in (name, *wanted.was)]
    return tuple(keys[1:])


def _attributes(
    vpc: str, wanted: LoadBalancer, name: str, bucket: Ref | None
) -> list[dict[str, Any]]:
    values: dict[str, Any] = {
        "deletion_protection.enabled": wanted.protect,
        "idle_timeout.timeout_seconds": wanted.idle_seconds,
        "routing.http.desync_mitigation_mode": wanted.desync_mitigation,
        "routing.http.drop_invalid_header_fields.enabled": wanted.drop_invalid_headers,
        "routing.http.preserve_host_header.enabled": wanted.preserve_host,
        "routing.http.xff_header_processing.mode": wanted.forwarded_for,
        "routing.http2.enabled": wanted.http2,
        "waf.fail_open.enabled": wanted.waf_fail_open,
    }
    if wanted.access_logs is not None:
        values |= {
            "access_logs.s3.enabled": True,
            "access_logs.s3.bucket": bucket,
            "access_logs.s3.prefix": f"{vpc}/{name}",
        }
    return [
        {"Key": key, "Value": value if isinstance(value, Ref) else str(value).lower()}
        for key, value in values.items()
    ]


def _target_group(
    draft: Draft, vpc: VpcSite, key: str, wanted: TargetGroup, scope: Scope, origin: Origin | None
) -> Ref:
    check = wanted.health_check
    attributes = {"deregistration_delay.timeout_seconds": str(wanted.deregistration_seconds)}
    if wanted.stickiness_seconds is not None:
        attributes |= {
            "stickiness.enabled": "true",
            "stickiness.lb_cookie.duration_seconds": str(wanted.stickiness_seconds),
        }
    return draft.add(
        TARGET_GROUP,
        key,
        {
            "Name": balancing_name(draft.deployment, key),
            "VpcId": vpc.ref,
            "TargetType": wanted.target_type,
            "Protocol": wanted.protocol,
            "Port": wanted.port,
            "HealthCheckPath": check.path,
            "HealthCheckProtocol": check.protocol or wanted.protocol,
            "HealthCheckPort": str(check.port) if check.port else "traffic-port",
            "HealthCheckIntervalSeconds": check.interval_seconds,
            "HealthCheckTimeoutSeconds": check.timeout_seconds,
            "HealthyThresholdCount": check.healthy_count,
            "UnhealthyThresholdCount": check.unhealthy_count,
            "Matcher": {"HttpCode": check.codes},
            "TargetGroupAttributes": [
                {"Key": name, "Value": value} for name, value in attributes.items()
            ],
        },
        origin,
        own=scope,
        tags={TARGETS_TAG: f"{vpc.name}/{wanted.group}"},
    )


def _listener(
    draft: Draft, balancer: Ref, wanted: Listener, targets: dict[str, Ref], origin: Origin | None
) -> None:
    secured: dict[str, Any] = {}
    if wanted.protocol == "HTTPS":
        secured = {
            "SslPolicy": wanted.tls_policy or TLS_POLICY,
            "Certificates": [{"CertificateArn": wanted.certificate}],
        }
    draft.add_child(
        LISTENER,
        {
            "LoadBalancerArn": balancer,
            "Port": wanted.port,
            "Protocol": wanted.protocol,
            **secured,
            "DefaultActions": [_action(wanted, targets)],
        },
        origin,
    )


def _rule(
    draft: Draft, listener: Ref, wanted: Rule, targets: dict[str, Ref], origin: Origin | None
) -> None:
    conditions = [
        {"Field": name, config: {"Values": list(values)}}
        for name, config, values in (
            ("host-header", "HostHeaderConfig", wanted.host),
            ("path-pattern", "PathPatternConfig", wanted.path),
        )
        if values
    ]
    draft.add_child(
        RULE,
        {
            "ListenerArn": listener,
            "Priority": wanted.priority,
            "Conditions": conditions,
            "Actions": [_action(wanted, targets)],
        },
        origin,
    )


def _action(wanted: Answer, targets: dict[str, Ref]) -> dict[str, Any]:
    if wanted.target_group is not None:
        return {"Type": "forward", "TargetGroupArn": targets[wanted.target_group]}
    if wanted.redirect is not None:
        there = {"Protocol": "HTTPS", "Port": str(HTTPS_PORT), "StatusCode": "HTTP_301"}
        return {"Type": "redirect", "RedirectConfig": there}
    answer = {"StatusCode": str(wanted.respond)}
    return {"Type": "fixed-response", "FixedResponseConfig": answer}


def _bucket(draft: Draft, bp: Blueprint) -> Ref | None:
    """Add the bucket of access logs, if a load balancer writes any; it keeps the longest."""
    logged = {
        ("vpcs", vpc, "load_balancers", name, "access_logs"): each.access_logs.retention_days
        for vpc, around in bp.vpcs.items()
        for name, each in around.load_balancers.items()
        if each.access_logs is not None
    }
    if not logged:
        return None
    name = derived_bucket_name(draft, LOGS)
    origin = origin_of(bp, next(iter(logged)))
    return log_bucket(draft, LOGS, name, max(logged.values()), _delivery(draft, name), origin)


def _delivery(draft: Draft, bucket: str) -> tuple[dict[str, Any], ...]:
    """Let load balancers of this account and region write (guide, access logs, bucket policy)."""
    condition: dict[str, Any] = {
        "ArnLike": {"aws:SourceArn": draft.arn("elasticloadbalancing", "loadbalancer/*")}
    }
    if draft.account:
        condition["StringEquals"] = {"aws:SourceAccount": draft.account}
    return (
        {
            "Sid": "LoadBalancerLogsWrite",
            "Effect": "Allow",
            "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": f"{bucket_arn(draft, bucket)}/*/AWSLogs/{draft.account or '*'}/*",
            "Condition": condition,
        },
    )
