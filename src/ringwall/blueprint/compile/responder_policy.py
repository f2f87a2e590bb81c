"""What a responder may do, as statements of an IAM policy: all that its calls need, no more.

Rules:
- What it may change is what the enabled playbooks declare beside their calls; they are handed in,
  for a blueprint knows no playbook.
- It reads the network as a survey does, so that it may ask whatever the files of resource types
  ask. What AWS lists, it lists as a whole; one by one are looked at what bears the deployment's
  name, where IAM knows such names.
- STS tells who asks without a permission, and a transaction of DynamoDB needs those of its parts.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ringwall.blueprint.responding import Notices
from ringwall.model.grants import Grant, Place, regional, statements, worldwide
from ringwall.model.webhooks import MANAGED, PARAMETER
from ringwall.resources import registry
from ringwall.resources.actions import detail_actions, listing_actions

LONGEST = 10_240  # characters of all policies in a role, without white space (IAM quotas)


@dataclass(frozen=True, slots=True)
class Places:
    """The ARNs of what a responder works with, and where it is; "" for what there is not.

    `key_alias` names the key of its topic; `flow_logs` is the ARN of a log group, `bucket` of one.
    """

    place: Place
    journal: str
    topic: str
    queue: str
    own_logs: str
    key_alias: str
    flow_logs: str = ""
    bucket: str = ""


def responder_actions(
    places: Places, notices: Notices, playbooks: Iterable[Grant]
) -> list[dict[str, Any]]:
    """Return the statements of the responder's role; `playbooks` is what those enabled need."""
    grants = (
        *_reading(),
        *_keeping(places),
        *_looking(places),
        *_telling(places, notices),
        *playbooks,
    )
    return statements(grants, places.place)


# Services whose objects are looked at one by one only if their name begins with the deployment's.
_NAMED: Mapping[str, tuple[str, ...]] = {
    "dynamodb": regional("dynamodb", "table/ringwall-{deployment}-*"),
    "events": regional("events", "rule/ringwall-{deployment}-*"),
    "iam": worldwide("iam", "role/ringwall/{deployment}/*"),
    # GetFunction tells where the code of a function is, GetFunctionConfiguration its environment.
    "lambda": regional("lambda", "function:ringwall-{deployment}-*"),
    "sns": regional("sns", "ringwall-{deployment}-*"),
    "sqs": regional("sqs", "ringwall-{deployment}-*"),
}


def _reading() -> Iterator[Grant]:
    kinds = registry().values()
    listed, looked = set(listing_actions(kinds)), set(detail_actions(kinds))
    narrow = {a for a in looked - listed if a.partition(":")[0] in _NAMED}
    yield Grant(tuple(sorted((listed | looked) - narrow)))
    for service, on in _NAMED.items():
        actions = sorted(a for a in narrow if a.partition(":")[0] == service)
        if actions:
            yield Grant(tuple(actions), on)


def _keeping(places: Places) -> Iterator[Grant]:
    """Yield what the function needs beside answering: its journal, its log, what it gave up."""
    yield Grant(
        (
            "dynamodb:BatchGetItem",
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
        ),
        (places.journal,),
    )
    # Lambda acts for the function by the same role: its log, and the queue of dead letters.
    yield Grant(("logs:CreateLogStream", "logs:PutLogEvents"), (f"{places.own_logs}:*",))
    yield Grant(("sqs:SendMessage",), (places.queue,))


def _looking(places: Places) -> Iterator[Grant]:
    """Yield what an alarm needs to be given a name: the flow logs."""
    if places.flow_logs:
        # The group by itself, and with `:*` for its streams: documents of AWS have both forms.
        yield Grant(("logs:FilterLogEvents",), (f"{places.flow_logs}*",))
    if places.bucket:
        yield Grant(("s3:ListBucket",), (places.bucket,))
        yield Grant(("s3:GetObject",), (f"{places.bucket}/*",))


def _telling(places: Places, notices: Notices) -> Iterator[Grant]:
    """Yield what the channels need that are declared."""
    yield Grant(("sns:Publish",), (places.topic,))
    alias = ("ForAnyValue:StringEquals", "kms:ResourceAliases", places.key_alias)
    yield Grant(("kms:Decrypt", "kms:GenerateDataKey"), regional("kms", "key/*"), (alias,))
    if notices.webhook:
        yield from _address(notices.webhook)
    if notices.security_hub:
        # What an account writes itself is of its own product, `default` (Security Hub user guide,
        # "BatchImportFindings").
        yield Grant(
            ("securityhub:BatchImportFindings",),
            regional("securityhub", "product/{account}/default"),
        )
        yield Grant(("securityhub:BatchUpdateFindings",), regional("securityhub", "hub/default"))
    if notices.findings:
        bucket, _, prefix = notices.findings.removeprefix("s3://").partition("/")
        folder = "/".join([*filter(None, [prefix.strip("/")]), "*"])
        arn = f"arn:{{partition}}:s3:::{bucket}"
        yield Grant(("s3:ListBucket",), (arn,), (("StringLike", "s3:prefix", folder),))
        yield Grant(("s3:PutObject",), (f"{arn}/{folder}",))


def _address(webhook: str) -> Iterator[Grant]:
    """Yield what reads a webhook's address, and the key of ours with which it may be encrypted.

    AWS's own keys need no grant; another is used for this one secret alone, by its encryption
    context (KMS developer guide, "How AWS Systems Manager Parameter Store uses AWS KMS", "How AWS
    Secrets Manager uses AWS KMS").
    """
    if webhook.startswith(PARAMETER):
        name = webhook.removeprefix(PARAMETER).lstrip("/")
        action, service, context = "ssm:GetParameter", "ssm", "PARAMETER_ARN"
        (arn,) = regional("ssm", f"parameter/{name}")
    else:
        # Secrets Manager adds a hyphen and six characters to a secret's name.
        name = webhook.removeprefix(MANAGED)
        action, service, context = "secretsmanager:GetSecretValue", "secretsmanager", "SecretARN"
        (arn,) = regional("secretsmanager", f"secret:{name}-??????")
    yield Grant((action,), (arn,))
    yield Grant(
        ("kms:Decrypt",),
        regional("kms", "key/*"),
        (
            ("StringEquals", "kms:ViaService", f"{service}.{{region}}.amazonaws.com"),
            ("StringLike", f"kms:EncryptionContext:{context}", arn),
        ),
    )
