"""`response` as written into the function that answers, its journal, and what calls it.

Rules:
- The function is called by the topic, by rules of EventBridge, and by nobody else: each has a
  permission that names it. It stands in no VPC: it reaches AWS without a way through ours.
- Of the topic it hears of alarms that go off, but for those about itself: its own notices, which
  it publishes there, must not call it again.
- What it could not handle waits in a queue for fourteen days, and an alarm says so.
- Without a package all but the function, and what would call it, is deployed.
"""

import base64
from typing import Any

from ringwall.blueprint.compile.alarms import ALARM, alarm_name
from ringwall.blueprint.compile.draft import Draft, Scope
from ringwall.blueprint.compile.logs import log_group
from ringwall.blueprint.compile.responder_role import (
    DEAD_LETTERS,
    JOURNAL,
    RESPONDER,
    Playbooks,
    add_role,
    journal_name,
    queue_name,
    variables,
)
from ringwall.blueprint.compile.survey import origin_of
from ringwall.blueprint.compile.watching import NOTICES
from ringwall.blueprint.responding import Package, Response
from ringwall.blueprint.syntax import Blueprint
from ringwall.model.calls import Content
from ringwall.model.graph import Origin, Ref

FAILS = "responder-fails"
GUARDDUTY = "guardduty"
FUNCTION, RULE = "AWS::Lambda::Function", "AWS::Events::Rule"
TOPIC = Ref("AWS::SNS::Topic", NOTICES)
FORTNIGHT = 14 * 24 * 3600  # seconds; the longest that SQS keeps a message
RUNTIME = "python3.13"


def compile_responding(draft: Draft, bp: Blueprint, playbooks: Playbooks) -> None:
    """Add everything of `response`; `playbooks` are all there are, with what each needs."""
    wanted = bp.response
    if wanted is None:
        return
    origin = origin_of(bp, ("response",))
    logs = log_group(draft, RESPONDER, wanted.retention_days, origin)
    _add_journal(draft, origin)
    _add_queue(draft, origin)
    role = add_role(draft, bp, wanted, playbooks)
    receivers: dict[str, Ref] = {"topic": TOPIC}
    if wanted.package is not None:
        place = origin_of(bp, ("response", "package"))
        function = _add_function(draft, bp, wanted.package, logs, role, place)
        receivers["responder"] = Ref(FUNCTION, RESPONDER, "Arn")
        draft.add_child(
            "AWS::SNS::Subscription",
            {
                "TopicArn": TOPIC,
                "Protocol": "lambda",
                "Endpoint": receivers["responder"],
                "FilterPolicyScope": "MessageBody",
                "FilterPolicy": {
                    "AlarmName": [{"anything-but": _own_alarms(draft)}],
                    "NewStateValue": ["ALARM"],
                },
            },
            origin,
        )
        _permit(draft, function, "sns.amazonaws.com", TOPIC, origin)
    if wanted.guardduty:
        _add_findings(draft, wanted, receivers, origin)
    if "responder" in receivers:
        _add_schedules(draft, bp, wanted, receivers["responder"])
        if wanted.guardduty:
            rule = Ref(RULE, GUARDDUTY, "Arn")
            _permit(draft, Ref(FUNCTION, RESPONDER), "events.amazonaws.com", rule, origin)
    _add_alarms(draft, receivers, origin)


def _own_alarms(draft: Draft) -> list[str]:
    return [alarm_name(draft.deployment, key) for key in (DEAD_LETTERS, FAILS)]


def _add_journal(draft: Draft, origin: Origin | None) -> None:
    """Add the table: incidents by pk and sk, and by what gsi1pk and gsi1sk say."""
    names = ("pk", "sk", "gsi1pk", "gsi1sk")
    draft.add(
        "AWS::DynamoDB::Table",
        JOURNAL,
        {
            "TableName": journal_name(draft),
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": n, "AttributeType": "S"} for n in names],
            "KeySchema": _keys("pk", "sk"),
            "GlobalSecondaryIndexes": [
                {
                    "IndexName": "gsi1",
                    "KeySchema": _keys("gsi1pk", "gsi1sk"),
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
            "DeletionProtectionEnabled": True,
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        },
        origin,
        own=Scope(),
    )


def _keys(partition: str, sort: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": partition, "KeyType": "HASH"},
        {"AttributeName": sort, "KeyType": "RANGE"},
    ]


def _add_queue(draft: Draft, origin: Origin | None) -> None:
    draft.add(
        "AWS::SQS::Queue",
        DEAD_LETTERS,
        {
            "QueueName": queue_name(draft),
            "MessageRetentionPeriod": FORTNIGHT,
            "SqsManagedSseEnabled": True,
        },
        origin,
        own=Scope(),
    )


def _add_function(
    draft: Draft, bp: Blueprint, package: Package, logs: Ref, role: Ref, origin: Origin | None
) -> Ref:
    wanted = bp.response
    assert wanted is not None
    return draft.add(
        FUNCTION,
        RESPONDER,
        {
            "FunctionName": f"ringwall-{draft.name(RESPONDER)}",
            "Description": f"Answers findings of {draft.deployment}",
            "Runtime": RUNTIME,
            "Handler": wanted.handler,
            "Architectures": [wanted.architecture],
            "MemorySize": wanted.memory_mb,
            "Timeout": wanted.timeout_seconds,
            "ReservedConcurrentExecutions": wanted.concurrency,
            "Role": Ref(role.type, role.key, "Arn"),
            "LoggingConfig": {"LogGroup": logs, "LogFormat": "JSON"},
            "DeadLetterConfig": {"TargetArn": draft.arn("sqs", queue_name(draft))},
            "Environment": {"Variables": variables(draft, bp, wanted)},
            "Code": _code(bp.file, package),
            "CodeSha256": base64.b64encode(bytes.fromhex(package.sha256)).decode(),
        },
        origin,
        own=Scope(),
    )


def _code(blueprint: str, package: Package) -> dict[str, Any]:
    if package.file is not None:
        folder = "" if package.file.startswith("/") else blueprint.rpartition("/")[0]
        path = f"{folder}/{package.file}" if folder else package.file
        return {"ZipFile": Content(path, package.sha256)}
    found: dict[str, Any] = {"S3Bucket": package.bucket, "S3Key": package.key}
    return found | ({"S3ObjectVersion": package.version} if package.version else {})


def _permit(
    draft: Draft, function: Ref, principal: str, source: Ref, origin: Origin | None
) -> None:
    draft.add_child(
        "AWS::Lambda::Permission",
        {
            "FunctionName": function,
            "Action": "lambda:InvokeFunction",
            "Principal": principal,
            "SourceArn": source,
        },
        origin,
    )


def _rule_name(draft: Draft, key: str) -> str:
    return f"ringwall-{draft.name(key)}"


def _add_findings(
    draft: Draft, wanted: Response, receivers: dict[str, Ref], origin: Origin | None
) -> None:
    draft.add(
        RULE,
        GUARDDUTY,
        {
            "Name": _rule_name(draft, GUARDDUTY),
            "Description": f"Findings of GuardDuty from severity {wanted.guardduty_severity:g} on",
            "EventPattern": {
                "source": ["aws.guardduty"],
                "detail-type": ["GuardDuty Finding"],
                "detail": {"severity": [{"numeric": [">=", wanted.guardduty_severity]}]},
            },
            "Targets": [{"Id": name, "Arn": arn} for name, arn in sorted(receivers.items())],
        },
        origin,
        own=Scope(),
    )


def _add_schedules(draft: Draft, bp: Blueprint, wanted: Response, responder: Ref) -> None:
    for name, minutes in wanted.schedules.wanted.items():
        origin = origin_of(bp, ("response", "schedules", name))
        key = f"schedule/{name}"
        rule = draft.add(
            RULE,
            key,
            {
                "Name": _rule_name(draft, f"schedule-{name}"),
                "Description": f"Runs {name} every {minutes} minutes",
                # "If the value is equal to 1, then the unit must be singular" (EventBridge guide).
                "ScheduleExpression": f"rate({minutes} minute{'' if minutes == 1 else 's'})",
                "Targets": [
                    {"Id": "responder", "Arn": responder, "Input": f'{{"ringwall": "{name}"}}'}
                ],
            },
            origin,
            own=Scope(),
        )
        source = Ref(rule.type, rule.key, "Arn")
        _permit(draft, Ref(FUNCTION, RESPONDER), "events.amazonaws.com", source, origin)


def _add_alarms(draft: Draft, receivers: dict[str, Ref], origin: Origin | None) -> None:
    """Alarm when the function fails, and when something waits in the queue."""
    watched = {
        FAILS: ("AWS/Lambda", "Errors", "Sum", "FunctionName", RESPONDER),
        DEAD_LETTERS: (
            "AWS/SQS",
            "ApproximateNumberOfMessagesVisible",
            "Maximum",
            "QueueName",
            DEAD_LETTERS,
        ),
    }
    if "responder" not in receivers:
        return
    for key, (namespace, metric, statistic, dimension, name) in watched.items():
        if (ALARM, key) in draft.nodes:
            continue  # one of the blueprint's own has this name
        draft.add(
            ALARM,
            key,
            {
                "AlarmName": alarm_name(draft.deployment, key),
                "AlarmDescription": {
                    FAILS: "The function that answers findings failed.",
                    DEAD_LETTERS: "Events wait that the function could not handle.",
                }[key],
                "AlarmActions": [TOPIC],
                "OKActions": [TOPIC],
                "ComparisonOperator": "GreaterThanThreshold",
                "Threshold": 0,
                "EvaluationPeriods": 1,
                "TreatMissingData": "notBreaching",
                "Namespace": namespace,
                "MetricName": metric,
                "Statistic": statistic,
                "Period": 300,
                "Dimensions": [{"Name": dimension, "Value": f"ringwall-{draft.name(name)}"}],
            },
            origin,
            own=Scope(),
        )
