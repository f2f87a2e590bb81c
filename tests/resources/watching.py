"""Wanted nodes of every type that watches a network, in normal form."""

from typing import Any

from ringwall.model.graph import Node
from tests.resources.connectivity import LOGS, VPC, node
from tests.resources.wanted import ACCOUNT, ref

KEY = ref("AWS::KMS::Key", "notices")
TOPIC = ref("AWS::SNS::Topic", "notices")
NAT = ref("NatGateway", "v/nat/us-east-1a")
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": "*",
            "Resource": "*",
        }
    ],
}
LIMIT: dict[str, Any] = {
    "ComparisonOperator": "GreaterThanThreshold",
    "Threshold": 5,
    "EvaluationPeriods": 3,
    "AlarmActions": [TOPIC],
}

NODES: list[Node] = [
    node(
        "AWS::Logs::MetricFilter",
        "flow-logs:rejected",
        LogGroupName=LOGS,
        FilterName="rejected",
        FilterPattern="[a, b = REJECT, ...]",
        MetricTransformations=[
            {"MetricName": "R", "MetricNamespace": "N", "MetricValue": "1", "DefaultValue": 0}
        ],
    ),
    node(
        "AWS::Logs::MetricFilter",
        "flow-logs:by-vpc",
        LogGroupName=LOGS,
        FilterName="by-vpc",
        FilterPattern="[vpc_id, b = REJECT]",
        MetricTransformations=[
            {
                "MetricName": "R",
                "MetricNamespace": "N",
                "MetricValue": "$b",
                "Unit": "Bytes",
                "Dimensions": [{"Key": "VpcId", "Value": "$vpc_id"}],
            }
        ],
    ),
    node(
        "AWS::CloudWatch::Alarm",
        "ports",
        AlarmName="ringwall/fortress/ports",
        AlarmDescription="no ports",
        Namespace="AWS/NATGateway",
        MetricName="ErrorPortAllocation",
        Dimensions=[{"Name": "NatGatewayId", "Value": NAT}],
        Statistic="Sum",
        Period=300,
        TreatMissingData="notBreaching",
        **LIMIT,
    ),
    node(
        "AWS::CloudWatch::Alarm",
        "sum",
        AlarmName="ringwall/fortress/sum",
        DatapointsToAlarm=2,
        OKActions=[TOPIC],
        Metrics=[
            {"Id": "total", "Expression": "SUM(METRICS())", "Label": "total"},
            {
                "Id": "m1",
                "ReturnData": False,
                "MetricStat": {
                    "Metric": {
                        "Namespace": "N",
                        "MetricName": "R",
                        "Dimensions": [{"Name": "VpcId", "Value": VPC}],
                    },
                    "Period": 300,
                    "Stat": "Sum",
                },
            },
        ],
        **LIMIT,
    ),
    node(
        "AWS::SNS::Topic",
        "notices",
        TopicName="ringwall-fortress-notices",
        DisplayName="Ringwall",
        KmsMasterKeyId=KEY,
        SignatureVersion="2",
    ),
    node("AWS::SNS::TopicInlinePolicy", "notices", TopicArn=TOPIC, PolicyDocument=POLICY),
    node(
        "AWS::SNS::Subscription",
        "notices>email:a@example.org",
        TopicArn=TOPIC,
        Protocol="email",
        Endpoint="a@example.org",
    ),
    node(
        "AWS::KMS::Key",
        "notices",
        Description="Notices",
        EnableKeyRotation=True,
        KeyPolicy=POLICY,
    ),
    node(
        "AWS::KMS::Alias",
        "alias/ringwall/fortress/notices",
        AliasName="alias/ringwall/fortress/notices",
        TargetKeyId=KEY,
    ),
]
