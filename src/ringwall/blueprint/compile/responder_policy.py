"""What a responder may do, as statements of an IAM policy.

Rules:
- What it reads of the network is read everywhere: describe calls know no single resource.
- What it changes are entries of network ACLs that bear the deployment's tag, and nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ringwall.resources.ownership import DEPLOYMENT_TAG


@dataclass(frozen=True, slots=True)
class Places:
    """The ARNs of what a responder works with; `key_alias` names the key of its topic."""

    deployment: str
    partition: str
    region: str
    account: str
    journal: str
    topic: str
    queue: str
    own_logs: str
    flow_logs: str
    key_alias: str

    def arn(self, service: str, resource: str) -> str:
        """Return an ARN of the account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"


def responder_actions(places: Places) -> list[dict[str, Any]]:
    """Return the statements of the responder's role: what the block of a source needs.

    Reading: the network (EC2 Describe calls), the flow logs by Insights. Changing: the items of its
    journal, network ACL entries of this deployment. Telling: its topic, its own log, its queue.
    A generator of permissions from playbooks takes this function's place: the compiler asks nothing
    but a list of statements of it.
    """
    tagged = {"StringEquals": {f"aws:ResourceTag/{DEPLOYMENT_TAG}": places.deployment}}
    return [
        _allow("Network", "*", *_DESCRIBE),
        # StopQuery and GetQueryResults know no log group ("Actions … for CloudWatch Logs").
        _allow("Queries", "*", "logs:GetQueryResults", "logs:StopQuery"),
        _allow(
            "FlowLogs",
            [places.flow_logs, f"{places.flow_logs}:*"],
            "logs:FilterLogEvents",
            "logs:StartQuery",
        ),
        _allow(
            "Journal",
            [places.journal, f"{places.journal}/index/*"],
            "dynamodb:ConditionCheckItem",
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:UpdateItem",
        ),
        _allow(
            "Block",
            places.arn("ec2", "network-acl/*"),
            "ec2:CreateNetworkAclEntry",
            "ec2:DeleteNetworkAclEntry",
            condition=tagged,
        ),
        _allow("Tell", places.topic, "sns:Publish"),
        _allow(
            "TellEncrypted",
            places.arn("kms", "key/*"),
            "kms:Decrypt",
            "kms:GenerateDataKey",
            condition={"ForAnyValue:StringEquals": {"kms:ResourceAliases": places.key_alias}},
        ),
        _allow("DeadLetters", places.queue, "sqs:SendMessage"),
        _allow(
            "OwnLog",
            f"{places.own_logs}:*",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
        ),
    ]


_DESCRIBE = (
    "ec2:DescribeAddresses",
    "ec2:DescribeFlowLogs",
    "ec2:DescribeInstances",
    "ec2:DescribeManagedPrefixLists",
    "ec2:DescribeNatGateways",
    "ec2:DescribeNetworkAcls",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeTransitGatewayAttachments",
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeVpcs",
)


def _allow(
    sid: str,
    resource: str | list[str],
    *actions: str,
    condition: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    statement = {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": resource}
    return statement if condition is None else {**statement, "Condition": dict(condition)}
