"""The role of what answers findings, the names of what it works with, and what tells it of them.

Rules:
- The role may do what the enabled playbooks need, and no more; a name that no playbook bears is a
  problem, and so is a policy longer than IAM takes.
- Where there are flow logs, it reads those: of a log group, or of a bucket.
"""

import json
from collections.abc import Mapping
from typing import Any

from ringwall.blueprint.compile.draft import Draft, Scope
from ringwall.blueprint.compile.logs import KEY as FLOW_LOGS
from ringwall.blueprint.compile.logs import (
    LONGEST_ROLE_NAME,
    bucket_name,
    document,
    log_group_name,
    long_name,
)
from ringwall.blueprint.compile.responder_policy import LONGEST, Places, responder_actions
from ringwall.blueprint.compile.survey import origin_of
from ringwall.blueprint.compile.watching import key_alias, topic_name
from ringwall.blueprint.responding import Response
from ringwall.blueprint.syntax import Blueprint
from ringwall.blueprint.words import did_you_mean, short
from ringwall.model.grants import Grant, Place
from ringwall.model.graph import Ref

RESPONDER, JOURNAL, DEAD_LETTERS = "responder", "journal", "dead-letters"
Playbooks = Mapping[str, tuple[Grant, ...]]


def journal_name(draft: Draft) -> str:
    """Return the name of the journal's table."""
    return f"ringwall-{draft.name(JOURNAL)}"


def queue_name(draft: Draft) -> str:
    """Return the name of the queue of what the function could not handle."""
    return f"ringwall-{draft.name(DEAD_LETTERS)}"


def add_role(draft: Draft, bp: Blueprint, wanted: Response, playbooks: Playbooks) -> Ref:
    """Add the role, and refer to it; `playbooks` are all there are, with what each needs."""
    origin = origin_of(bp, ("response",))
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    enabled = _enabled(draft, bp, wanted, playbooks)
    policy = document(*responder_actions(_places(draft, bp), wanted.notices, enabled))
    length = len(json.dumps(policy, separators=(",", ":")))
    if length > LONGEST:
        message = f"the role's policy has {length} characters, and IAM takes {LONGEST}"
        draft.refuse("BP128", message, origin, "enable fewer `playbooks`")
    return draft.add(
        "AWS::IAM::Role",
        RESPONDER,
        {
            "RoleName": long_name(draft, RESPONDER, LONGEST_ROLE_NAME, draft.region),
            "Path": f"/ringwall/{draft.deployment}/",
            "AssumeRolePolicyDocument": document(trust),
            "Policies": [{"PolicyName": RESPONDER, "PolicyDocument": policy}],
        },
        origin,
        own=Scope(),
    )


def variables(draft: Draft, bp: Blueprint, wanted: Response) -> dict[str, Any]:
    """Return the function's environment, which tells it where all is."""
    told = wanted.notices
    found = {
        "DEPLOYMENT": draft.deployment,
        "FINDINGS": told.findings or "",
        "FLOW_LOGS": log_group_name(draft, FLOW_LOGS) if _is_group(draft) else "",
        "JOURNAL": journal_name(draft),
        "PLAYBOOKS": _told(wanted),
        "LOGS": f"s3://{_bucket(draft, bp)}/" if _bucket(draft, bp) else "",
        "SECURITY_HUB": "yes" if told.security_hub else "",
        "TOPIC": draft.arn("sns", topic_name(draft)),
        "WEBHOOK": told.webhook or "",
    }
    return {f"RINGWALL_{name}": value for name, value in found.items() if value}


def _told(wanted: Response) -> str:
    """Return the enabled playbooks as the function is told of them: it may do what its role may."""
    if wanted.playbooks is None:
        return "all"
    return " ".join(wanted.playbooks) or "none"


def _enabled(draft: Draft, bp: Blueprint, wanted: Response, playbooks: Playbooks) -> list[Grant]:
    """Return what the enabled playbooks need, and refuse names that none bears."""
    if wanted.playbooks is None:
        return [grant for grants in playbooks.values() for grant in grants]
    for index, name in enumerate(wanted.playbooks):
        if name not in playbooks:
            origin = origin_of(bp, ("response", "playbooks", index))
            message = f"there is no playbook {short(name)!r}"
            draft.refuse("BP127", message, origin, did_you_mean(name, list(playbooks)))
    return [grant for name in wanted.playbooks for grant in playbooks.get(name, ())]


def _places(draft: Draft, bp: Blueprint) -> Places:
    group = draft.arn("logs", f"log-group:{log_group_name(draft, FLOW_LOGS)}")
    bucket = _bucket(draft, bp)
    return Places(
        Place(draft.partition, draft.region, draft.account or "*", draft.deployment),
        journal=draft.arn("dynamodb", f"table/{journal_name(draft)}"),
        topic=draft.arn("sns", topic_name(draft)),
        queue=draft.arn("sqs", queue_name(draft)),
        own_logs=draft.arn("logs", f"log-group:{log_group_name(draft, RESPONDER)}"),
        key_alias=key_alias(draft),
        flow_logs=group if _is_group(draft) else "",
        bucket=f"arn:{draft.partition}:s3:::{bucket}" if bucket else "",
    )


def _is_group(draft: Draft) -> bool:
    return ("AWS::Logs::LogGroup", FLOW_LOGS) in draft.nodes


def _bucket(draft: Draft, bp: Blueprint) -> str:
    """Return the name of the bucket of flow logs, "" if there is none."""
    logs = bp.flow_logs
    is_there = logs is not None and ("AWS::S3::Bucket", FLOW_LOGS) in draft.nodes
    return bucket_name(draft, logs) if logs is not None and is_there else ""
