"""What IAM would say of a recorded call: the resources that it is about, and a policy's answer.

Source: IAM user guide, "Policy evaluation logic" and "Condition operators"; what a call is about:
Service Authorization Reference. Every resource of a call must be allowed, and none denied.
"""

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from ringwall.resources.actions import actions_of
from tests.e2e.recording import Made

ACCOUNT, REGION = "123456789012", "us-east-1"
Context = Mapping[str, Any]
Question = tuple[str, str, Context]  # action, resource, context


def listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def allowed(statements: list[dict[str, Any]]) -> set[str]:
    return {a for s in statements if s["Effect"] == "Allow" for a in listed(s["Action"])}


def why_not(statements: list[dict[str, Any]], made: Made) -> list[str]:
    """Return what of a call a policy does not allow, in words."""
    found = []
    for action, resource, context in questions(made):
        applying = [s for s in statements if _applies(s, action, resource, context)]
        effects = {s["Effect"] for s in applying}
        if effects != {"Allow"}:
            found.append(f"{action} on {resource} with {context}: {sorted(effects)}")
    return found


def _applies(statement: dict[str, Any], action: str, resource: str, context: Context) -> bool:
    return (
        action in listed(statement["Action"])
        and any(fnmatchcase(resource, each) for each in listed(statement["Resource"]))
        and all(
            _holds(operator, context.get(key), listed(values))
            for operator, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        )
    )


def _holds(operator: str, told: Any, wanted: list[str]) -> bool:
    many = [] if told is None else listed(told)
    match operator:
        case "Null":
            return (told is None) == (wanted == ["true"])
        case "StringEquals":
            return told in wanted
        case "StringLike":
            return told is not None and any(fnmatchcase(told, each) for each in wanted)
        case "ForAllValues:StringEquals":
            return all(each in wanted for each in many)
        case "ForAnyValue:StringEquals":
            return any(each in wanted for each in many)
        case _:
            raise AssertionError(operator)


def _arn(service: str, resource: str, region: str = REGION, account: str = ACCOUNT) -> str:
    return f"arn:aws:{service}:{region}:{account}:{resource}"


def questions(made: Made) -> Iterator[Question]:
    """Yield what IAM is asked about a call."""
    request = made.request
    actions = actions_of(made.service, made.operation, request)
    if made.name in _ABOUT:
        yield from _ABOUT[made.name](made)
        return
    for action in sorted(actions):
        yield action, _read(action, request), {}


def _read(action: str, request: Mapping[str, Any]) -> str:
    """Return the object that is looked at, where the policy knows such; else that it is any."""
    service = action.split(":", maxsplit=1)[0]
    for member, make in _LOOKED.get(service, {}).items():
        if member in request:
            return str(make(str(request[member])))
    return "any"


def _same(text: str) -> str:
    return text


_LOOKED: dict[str, dict[str, Any]] = {
    "dynamodb": {
        "TableName": lambda name: _arn("dynamodb", f"table/{name}"),
        "ResourceArn": _same,
    },
    "events": {"Rule": lambda name: _arn("events", f"rule/{name}"), "ResourceARN": _same},
    "iam": {
        "RoleName": lambda name: _arn("iam", f"role{_path(name)}", ""),
        "InstanceProfileName": lambda name: _arn("iam", f"instance-profile/{name}", ""),
        "UserName": lambda name: _arn("iam", f"user/{name}", ""),
        "AccessKeyId": lambda _: _arn("iam", "user/whose-it-is", ""),
    },
    "lambda": {"FunctionName": lambda name: _arn("lambda", f"function:{name}")},
    "logs": {"logGroupName": lambda name: _arn("logs", f"log-group:{name}")},
    "s3": {"Bucket": lambda name: f"arn:aws:s3:::{name}"},
    "secretsmanager": {"SecretId": lambda name: _arn("secretsmanager", f"secret:{name}-AbCdEf")},
    "sns": {"TopicArn": _same, "SubscriptionArn": _same, "ResourceArn": _same},
    "sqs": {"QueueUrl": lambda url: _arn("sqs", url.rpartition("/")[2])},
    "ssm": {"Name": lambda name: _arn("ssm", f"parameter/{name.lstrip('/')}")},
}


def _path(role: str) -> str:
    deployment = re.match(r"ringwall-(site|gate)-", role)
    return f"/ringwall/{deployment[1]}/{role}" if deployment else f"/{role}"


def _tagged(made: Made, own: str) -> Context:
    return {f"aws:ResourceTag/{k}": v for k, v in made.context.get(own, {}).items()}


def _entry(made: Made) -> Iterator[Question]:
    [action] = actions_of(made.service, made.operation, made.request)
    own = made.request["NetworkAclId"]
    yield action, _arn("ec2", f"network-acl/{own}"), _tagged(made, own)


def _rules(made: Made) -> Iterator[Question]:
    [action] = actions_of(made.service, made.operation, made.request)
    own = made.request["GroupId"]
    yield action, _arn("ec2", f"security-group/{own}"), _tagged(made, own)


def _group(made: Made) -> Iterator[Question]:
    vpc, given = made.request["VpcId"], _given(made.request)
    yield "ec2:CreateSecurityGroup", _arn("ec2", f"vpc/{vpc}"), _tagged(made, vpc)
    fresh = _arn("ec2", "security-group/*")
    yield "ec2:CreateSecurityGroup", fresh, given
    yield "ec2:CreateTags", fresh, {**given, "ec2:CreateAction": "CreateSecurityGroup"}


def _given(request: Mapping[str, Any]) -> dict[str, Any]:
    tags = [t for each in request.get("TagSpecifications", ()) for t in each["Tags"]]
    keys = {"aws:TagKeys": [t["Key"] for t in tags]} if tags else {}
    return {f"aws:RequestTag/{t['Key']}": t["Value"] for t in tags} | keys


def _snapshots(made: Made) -> Iterator[Question]:
    own = made.request["InstanceSpecification"]["InstanceId"]
    fresh, given = "arn:aws:ec2:us-east-1::snapshot/*", _given(made.request)
    yield "ec2:CreateSnapshots", _arn("ec2", f"instance/{own}"), {}
    yield "ec2:CreateSnapshots", _arn("ec2", "volume/vol-1"), {}
    yield "ec2:CreateSnapshots", fresh, given
    yield "ec2:CreateTags", fresh, {**given, "ec2:CreateAction": "CreateSnapshots"}


def _tagging(made: Made) -> Iterator[Question]:
    [action] = actions_of(made.service, made.operation, made.request)
    keys = [tag["Key"] for tag in made.request["Tags"]]
    for own in made.request["Resources"]:
        yield action, _arn("ec2", f"instance/{own}"), {"aws:TagKeys": keys} if keys else {}


def _on(kind: str, member: str, service: str = "ec2", region: str = REGION) -> Any:
    def about(made: Made) -> Iterator[Question]:
        [action] = actions_of(made.service, made.operation, made.request)
        yield action, _arn(service, f"{kind}/{made.request[member]}", region), {}

    return about


def _moved(made: Made) -> Iterator[Question]:
    action = "ec2:ModifyNetworkInterfaceAttribute"
    own = made.request["NetworkInterfaceId"]
    yield action, _arn("ec2", f"network-interface/{own}"), {}
    yield from ((action, _arn("ec2", f"security-group/{g}"), {}) for g in made.request["Groups"])


def _by_arn(made: Made) -> Iterator[Question]:
    [action] = actions_of(made.service, made.operation, made.request)
    for arn in made.context:
        yield action, arn, _tagged(made, arn)


def _scaled(made: Made) -> Iterator[Question]:
    name = made.request["AutoScalingGroupName"]
    own = f"autoScalingGroup:6e0f:autoScalingGroupName/{name}"
    yield "autoscaling:DetachInstances", _arn("autoscaling", own), {}


def _targets(made: Made) -> Iterator[Question]:
    [action] = actions_of(made.service, made.operation, made.request)
    yield action, made.request["TargetGroupArn"], {}


def _role(made: Made) -> Iterator[Question]:
    [action] = actions_of(made.service, made.operation, made.request)
    yield action, _arn("iam", f"role{_path(made.request['RoleName'])}", ""), {}


def _published(made: Made) -> Iterator[Question]:
    """SNS encrypts with the topic's key on behalf of who publishes."""
    topic = made.request["TopicArn"]
    yield "sns:Publish", topic, {}
    deployment = topic.rpartition(":")[2].split("-")[1]
    alias = {"kms:ResourceAliases": [f"alias/ringwall/{deployment}/notices"]}
    yield "kms:Decrypt", _arn("kms", "key/1"), alias
    yield "kms:GenerateDataKey", _arn("kms", "key/1"), alias


def _parameter(made: Made) -> Iterator[Question]:
    arn = _arn("ssm", f"parameter/{made.request['Name'].lstrip('/')}")
    yield "ssm:GetParameter", arn, {}
    via = {"kms:ViaService": f"ssm.{REGION}.amazonaws.com"}
    yield "kms:Decrypt", _arn("kms", "key/2"), {**via, "kms:EncryptionContext:PARAMETER_ARN": arn}


def _listed(made: Made) -> Iterator[Question]:
    prefix = {"s3:prefix": made.request.get("Prefix", "")}
    yield "s3:ListBucket", f"arn:aws:s3:::{made.request['Bucket']}", prefix


def _object(made: Made) -> Iterator[Question]:
    [action] = actions_of(made.service, made.operation, made.request)
    yield action, f"arn:aws:s3:::{made.request['Bucket']}/{made.request['Key']}", {}


def _imported(made: Made) -> Iterator[Question]:
    for finding in made.request["Findings"]:
        yield "securityhub:BatchImportFindings", finding["ProductArn"], {}


def _updated(made: Made) -> Iterator[Question]:
    yield "securityhub:BatchUpdateFindings", _arn("securityhub", "hub/default"), {}


def _transaction(made: Made) -> Iterator[Question]:
    for item in made.request["TransactItems"]:
        for name, part in item.items():
            action = actions_of("dynamodb", "transact_write_items", {"TransactItems": [{name: {}}]})
            yield next(iter(action)), _arn("dynamodb", f"table/{part['TableName']}"), {}


def _batch(made: Made) -> Iterator[Question]:
    for table in made.request["RequestItems"]:
        yield "dynamodb:BatchGetItem", _arn("dynamodb", f"table/{table}"), {}


_CLASSIC = _on("loadbalancer", "LoadBalancerName", "elasticloadbalancing")
_ABOUT: dict[str, Any] = {
    "autoscaling:detach_instances": _scaled,
    "dynamodb:batch_get_item": _batch,
    "dynamodb:transact_write_items": _transaction,
    "ec2:authorize_security_group_egress": _rules,
    "ec2:authorize_security_group_ingress": _rules,
    "ec2:create_network_acl_entry": _entry,
    "ec2:create_security_group": _group,
    "ec2:create_snapshots": _snapshots,
    "ec2:create_tags": _tagging,
    "ec2:delete_network_acl_entry": _entry,
    "ec2:delete_tags": _tagging,
    "ec2:modify_instance_attribute": _on("instance", "InstanceId"),
    "ec2:modify_network_interface_attribute": _moved,
    "ec2:revoke_security_group_egress": _rules,
    "ec2:revoke_security_group_ingress": _rules,
    "elb:deregister_instances_from_load_balancer": _CLASSIC,
    "elb:register_instances_with_load_balancer": _CLASSIC,
    "elbv2:deregister_targets": _targets,
    "elbv2:register_targets": _targets,
    "iam:delete_role_policy": _role,
    "iam:put_role_policy": _role,
    "route53resolver:update_firewall_domains": _by_arn,
    "s3:get_object": _object,
    "s3:list_objects_v2": _listed,
    "s3:put_object": _object,
    "securityhub:batch_import_findings": _imported,
    "securityhub:batch_update_findings": _updated,
    "sns:publish": _published,
    "ssm:get_parameter": _parameter,
    "wafv2:update_ip_set": _by_arn,
}
