"""`monitoring` as written into metric filters, alarms, and the topic that tells of them.

Rules:
- The topic is encrypted with a key of ours: CloudWatch and EventBridge cannot use AWS's own
  (`aws/sns`), so that what they publish to a topic under it is lost without a word.
- The services may use key and topic for this account alone, and nothing reaches the topic in clear.
"""

from typing import Any

from ringwall.blueprint.compile.alarms import compile_alarms
from ringwall.blueprint.compile.counting import filters
from ringwall.blueprint.compile.dashboards import compile_dashboards
from ringwall.blueprint.compile.draft import Draft, Scope
from ringwall.blueprint.compile.logs import KEY as FLOW_LOGS
from ringwall.blueprint.compile.logs import document
from ringwall.blueprint.compile.questions import compile_questions
from ringwall.blueprint.compile.site import Site
from ringwall.blueprint.compile.survey import origin_of
from ringwall.blueprint.syntax import Blueprint
from ringwall.model.graph import Origin, Ref

NOTICES = "notices"
PUBLISHERS = ("cloudwatch.amazonaws.com", "events.amazonaws.com")


def compile_watching(draft: Draft, bp: Blueprint, site: Site) -> None:
    """Add everything of `monitoring`."""
    if bp.monitoring is None:
        return
    origin = origin_of(bp, ("monitoring",))
    topic = _add_topic(draft, origin)
    for index, address in enumerate(bp.monitoring.subscribers):
        draft.add_child(
            "AWS::SNS::Subscription",
            {"TopicArn": topic, "Protocol": "email", "Endpoint": address},
            origin_of(bp, ("monitoring", "subscribers", index)),
        )
    group = Ref("AWS::Logs::LogGroup", FLOW_LOGS)
    if (group.type, group.key) in draft.nodes:
        for name, properties in filters(bp).items():
            draft.add_child(
                "AWS::Logs::MetricFilter",
                {"LogGroupName": group, "FilterName": name, **properties},
                origin,
            )
    compile_alarms(draft, bp, site, topic)
    if bp.monitoring.queries and (group.type, group.key) in draft.nodes:
        compile_questions(draft, bp, origin)
    if bp.monitoring.dashboards:
        compile_dashboards(draft, bp, site, origin)


def topic_name(draft: Draft) -> str:
    """Return the name of the topic that tells of alarms."""
    return f"ringwall-{draft.name(NOTICES)}"


def key_alias(draft: Draft) -> str:
    """Return the alias of the key under which notices are kept."""
    return f"alias/ringwall/{draft.deployment}/{NOTICES}"


def _add_topic(draft: Draft, origin: Origin | None) -> Ref:
    key = draft.add(
        "AWS::KMS::Key",
        NOTICES,
        {
            "Description": f"ringwall/{draft.deployment}/{NOTICES}",
            "EnableKeyRotation": True,
            "KeyPolicy": _key_policy(draft),
        },
        origin,
        own=Scope(),
    )
    draft.add_child("AWS::KMS::Alias", {"AliasName": key_alias(draft), "TargetKeyId": key}, origin)
    topic = draft.add(
        "AWS::SNS::Topic",
        NOTICES,
        {
            "TopicName": topic_name(draft),
            "DisplayName": f"Ringwall {draft.deployment}",
            "KmsMasterKeyId": key,
            "SignatureVersion": "2",  # SHA256
        },
        origin,
        own=Scope(),
    )
    draft.add_child(
        "AWS::SNS::TopicInlinePolicy",
        {"TopicArn": topic, "PolicyDocument": _topic_policy(draft)},
        origin,
    )
    return topic


def _only_ours(draft: Draft) -> dict[str, Any]:
    return {"StringEquals": {"aws:SourceAccount": draft.account}}


def _key_policy(draft: Draft) -> dict[str, Any]:
    return document(
        {
            "Sid": "Account",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:{draft.partition}:iam::{draft.account}:root"},
            "Action": "kms:*",
            "Resource": "*",
        },
        {
            "Sid": "Publishers",
            "Effect": "Allow",
            "Principal": {"Service": list(PUBLISHERS)},
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": "*",
            "Condition": _only_ours(draft),
        },
    )


def _topic_policy(draft: Draft) -> dict[str, Any]:
    topic = draft.arn("sns", topic_name(draft))
    return document(
        {
            "Sid": "Publishers",
            "Effect": "Allow",
            "Principal": {"Service": list(PUBLISHERS)},
            "Action": "sns:Publish",
            "Resource": topic,
            "Condition": _only_ours(draft),
        },
        {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sns:Publish",
            "Resource": topic,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    )
