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
    node(
        "AWS::SNS::Subscription",
        "notices>lambda:responder",
        TopicArn=TOPIC,
        Protocol="lambda",
        Endpoint=ref("AWS::Lambda::Function", "responder", "Arn"),
        FilterPolicyScope="MessageBody",
        FilterPolicy={"AlarmName": [{"anything-but": ["own"]}]},
    ),
    node(
        "AWS::SQS::Queue",
        "dead-letters",
        QueueName="ringwall-fortress-dead-letters",
        MessageRetentionPeriod=1_209_600,
    ),
    node(
        "AWS::DynamoDB::Table",
        "journal",
        TableName="ringwall-fortress-journal",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("sk", "pk")],
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "gsi1",
                "KeySchema": [{"AttributeName": "sk", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        DeletionProtectionEnabled=True,
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
    ),
    node(
        "AWS::Lambda::Function",
        "responder",
        FunctionName="ringwall-fortress-responder",
        Runtime="python3.13",
        Handler="ringwall.function.handler",
        Role=ref("AWS::IAM::Role", "responder", "Arn"),
        Architectures=["arm64"],
        MemorySize=1024,
        Timeout=300,
        ReservedConcurrentExecutions=2,
        Environment={"Variables": {"RINGWALL_DEPLOYMENT": "fortress"}},
        DeadLetterConfig={"TargetArn": "arn:aws:sqs:us-east-1:111122223333:q"},
        LoggingConfig={"LogGroup": LOGS, "LogFormat": "JSON"},
        Code={"S3Bucket": "packages", "S3Key": "ringwall.zip"},
        CodeSha256="0" * 43 + "=",
    ),
    node(
        "AWS::Lambda::Permission",
        "responder<sns.amazonaws.com:notices",
        FunctionName=ref("AWS::Lambda::Function", "responder"),
        Action="lambda:InvokeFunction",
        Principal="sns.amazonaws.com",
        SourceArn=TOPIC,
    ),
    node(
        "AWS::Events::Rule",
        "guardduty",
        Name="ringwall-fortress-guardduty",
        Description="Findings",
        EventPattern={"source": ["aws.guardduty"]},
        Targets=[{"Id": "topic", "Arn": TOPIC}],
    ),
    node(
        "AWS::Events::Rule",
        "schedule/drift",
        Name="ringwall-fortress-schedule-drift",
        ScheduleExpression="rate(60 minutes)",
        Targets=[
            {
                "Id": "responder",
                "Arn": ref("AWS::Lambda::Function", "responder", "Arn"),
                "Input": '{"ringwall":"drift"}',
            }
        ],
    ),
    node(
        "AWS::Logs::QueryDefinition",
        "port-scan",
        Name="ringwall/fortress/port-scan",
        QueryString="fields @message\n| limit 10",
        LogGroupNames=[LOGS],
    ),
    node(
        "AWS::CloudWatch::Dashboard",
        "overview",
        DashboardName="ringwall_fortress_overview",
        DashboardBody={"widgets": [{"metrics": [["N", "R", "VpcId", VPC]]}]},
    ),
]
