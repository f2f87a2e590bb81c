"""What AWS delivers to the responder, as its documents show it."""

import json

ACCOUNT, REGION = "123456789012", "us-east-1"
ALARM_ARN = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:prod-suspicious-traffic"


def alarm(**changes):
    return {
        "AlarmName": "prod-suspicious-traffic",
        "AlarmDescription": None,
        "AWSAccountId": ACCOUNT,
        "AlarmConfigurationUpdatedTimestamp": "2026-11-20T01:45:48.392+0000",
        "NewStateValue": "ALARM",
        "NewStateReason": "Threshold Crossed: 1 datapoint [120.0] was greater than 100.0.",
        "StateChangeTime": "2026-11-26T08:41:36.123+0000",
        "Region": "US East (N. Virginia)",
        "AlarmArn": ALARM_ARN,
        "OldStateValue": "OK",
        "Trigger": {
            "MetricName": "RejectedRecords",
            "Namespace": "Ringwall/prod",
            "StatisticType": "Statistic",
            "Statistic": "SUM",
            "Unit": None,
            "Dimensions": [{"value": "vpc-1", "name": "VpcId"}],
            "Period": 300,
            "EvaluationPeriods": 2,
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": 100.0,
        },
    } | changes


def sns(*messages):
    return {
        "Records": [
            {
                "EventSource": "aws:sns",
                "EventVersion": "1.0",
                "Sns": {
                    "Type": "Notification",
                    "MessageId": f"m-{number}",
                    "TopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms",
                    "Message": message if isinstance(message, str) else json.dumps(message),
                },
            }
            for number, message in enumerate(messages)
        ]
    }


def sqs(*bodies):
    return {
        "Records": [
            {
                "messageId": f"q-{number}",
                "eventSource": "aws:sqs",
                "body": body if isinstance(body, str) else json.dumps(body),
            }
            for number, body in enumerate(bodies)
        ]
    }


def eventbridge(kind, detail, **changes):
    return {
        "version": "0",
        "id": "cd2d702e-ab31-411b-9344-793ce56b1bc7",
        "detail-type": kind,
        "source": "aws.test",
        "account": ACCOUNT,
        "time": "2026-11-26T08:42:00Z",
        "region": REGION,
        "resources": [],
        "detail": detail,
    } | changes


def alarm_change():
    return eventbridge(
        "CloudWatch Alarm State Change",
        {
            "alarmName": "prod-suspicious-traffic",
            "configuration": {
                "metrics": [
                    {
                        "id": "m1",
                        "metricStat": {
                            "metric": {"name": "RejectedRecords", "namespace": "Ringwall/prod"},
                            "period": 300,
                            "stat": "Sum",
                        },
                    }
                ]
            },
            "state": {
                "value": "ALARM",
                "reason": "Threshold Crossed",
                "timestamp": "2026-11-26T08:41:36.123+0000",
            },
        },
        resources=[ALARM_ARN],
    )


INSTANCE = {
    "resourceType": "Instance",
    "instanceDetails": {
        "instanceId": "i-0abc",
        "networkInterfaces": [
            {
                "networkInterfaceId": "eni-0abc",
                "privateIpAddress": "10.0.1.5",
                "publicIp": "203.0.113.5",
                "ipv6Addresses": [],
                "subnetId": "subnet-1",
                "vpcId": "vpc-1",
            }
        ],
    },
}
ACCESS_KEY = {
    "resourceType": "AccessKey",
    "accessKeyDetails": {
        "accessKeyId": "ASIAEXAMPLE",
        "principalId": "AROAEXAMPLE:i-0abc",
        "userName": "web-role",
        "userType": "AssumedRole",
    },
}


def finding(kind, action, resource=None, role="TARGET", **changes):
    return {
        "schemaVersion": "2.0",
        "accountId": ACCOUNT,
        "region": REGION,
        "partition": "aws",
        "id": "8ab1",
        "arn": f"arn:aws:guardduty:{REGION}:{ACCOUNT}:detector/d/finding/8ab1",
        "type": kind,
        "resource": resource or INSTANCE,
        "service": {
            "serviceName": "guardduty",
            "action": action,
            "resourceRole": role,
            "eventFirstSeen": "2026-11-26T08:00:00Z",
            "eventLastSeen": "2026-11-26T08:30:00Z",
            "archived": False,
            "count": 7,
        },
        "severity": 8,
        "title": f"{kind} of i-0abc",
        "description": "…",
        "createdAt": "2026-11-26T08:05:00.100Z",
        "updatedAt": "2026-11-26T08:35:00.200Z",
    } | changes


def connection(direction="INBOUND", **remote):
    return {
        "actionType": "NETWORK_CONNECTION",
        "networkConnectionAction": {
            "connectionDirection": direction,
            "remoteIpDetails": remote or {"ipAddressV4": "198.51.100.7"},
            "localIpDetails": {"ipAddressV4": "10.0.1.5"},
            "localPortDetails": {"port": 22, "portName": "SSH"},
            "remotePortDetails": {"port": 50000, "portName": "Unknown"},
            "protocol": "TCP",
            "blocked": False,
        },
    }


def probe(*addresses):
    return {
        "actionType": "PORT_PROBE",
        "portProbeAction": {
            "blocked": False,
            "portProbeDetails": [
                {
                    "localPortDetails": {"port": 80, "portName": "HTTP"},
                    "localIpDetails": {"ipAddressV4": "10.0.1.5"},
                    "remoteIpDetails": {"ipAddressV4": each},
                }
                for each in addresses
            ],
        },
    }


API_CALL = {
    "actionType": "AWS_API_CALL",
    "awsApiCallAction": {
        "api": "ListBuckets",
        "serviceName": "s3.amazonaws.com",
        "callerType": "Remote IP",
        "remoteIpDetails": {"ipAddressV4": "198.51.100.9"},
    },
}
DNS_REQUEST = {
    "actionType": "DNS_REQUEST",
    "dnsRequestAction": {"domain": "Evil.Example.", "protocol": "UDP", "blocked": False},
}


def guardduty(*args, **kwargs):
    return eventbridge("GuardDuty Finding", finding(*args, **kwargs))


def asff(**changes):
    return {
        "SchemaVersion": "2018-10-08",
        "Id": f"arn:aws:guardduty:{REGION}:{ACCOUNT}:detector/d/finding/8ab1",
        "ProductArn": f"arn:aws:securityhub:{REGION}::product/aws/guardduty",
        "GeneratorId": f"arn:aws:guardduty:{REGION}:{ACCOUNT}:detector/d",
        "AwsAccountId": ACCOUNT,
        "Types": ["TTPs/Initial Access/UnauthorizedAccess:EC2-SSHBruteForce"],
        "FirstObservedAt": "2026-11-26T08:00:00Z",
        "LastObservedAt": "2026-11-26T08:30:00Z",
        "CreatedAt": "2026-11-26T08:05:00.100Z",
        "UpdatedAt": "2026-11-26T08:35:00.200Z",
        "Severity": {"Label": "HIGH", "Normalized": 70},
        "Title": "198.51.100.7 guesses passwords of i-0abc",
        "Description": "…",
        "Resources": [
            {
                "Type": "AwsEc2Instance",
                "Id": f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-0abc",
                "Details": {"AwsEc2Instance": {"IpV4Addresses": ["10.0.1.5", "203.0.113.5"]}},
            }
        ],
        "Action": {
            "ActionType": "NETWORK_CONNECTION",
            "NetworkConnectionAction": {
                "ConnectionDirection": "INBOUND",
                "RemoteIpDetails": {"IpAddressV4": "198.51.100.7"},
                "LocalPortDetails": {"Port": 22, "PortName": "SSH"},
                "Protocol": "TCP",
                "Blocked": False,
            },
        },
        "Workflow": {"Status": "NEW"},
        "RecordState": "ACTIVE",
    } | changes


def imported(*findings):
    return eventbridge("Security Hub Findings - Imported", {"findings": list(findings)})


def detected(**changes):
    return {
        "schema": "ringwall/traffic-detect/1",
        "store": "logs",
        "engine": "duckdb",
        "detections": ["RW501"],
        "counts": {"high": 1},
        "findings": [
            {
                "id": "0123456789abcdef0123",
                "detection": "RW501",
                "name": "rejected-sources",
                "title": "a source that is rejected again and again",
                "severity": "low",
                "confidence": "medium",
                "attacks": ["T1595"],
                "entities": [{"role": "source", "address": "198.51.100.7", "name": "scanner"}],
                "first": "2026-11-26T08:00:00Z",
                "last": "2026-11-26T08:59:59Z",
                "text": "scanner (198.51.100.7) has 2,000 rejected records",
                "evidence": {"records": 2000},
                "records": [],
            }
            | changes
        ],
        "unjudged": [],
        "suppressed": [],
        "expired_suppressions": [],
        "coverage": {},
    }
