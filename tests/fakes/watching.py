"""CloudWatch, SNS, KMS, the filters of CloudWatch Logs and the index of tags, in memory."""

from typing import Any

from tests.fakes.memory import ACCOUNT, REGION, Answer, Memory, Request, operation

CLOUDWATCH, SNS, KMS, LOGS = "cloudwatch", "sns", "kms", "logs"
NO_KEY = NO_TOPIC = "NotFoundException"


def _arn(service: str, name: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{name}"


def _as_list(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def _as_map(tags: Any, key: str = "Key", value: str = "Value") -> dict[str, str]:
    return {tag[key]: tag[value] for tag in tags or ()}


# --- CloudWatch


@operation(CLOUDWATCH)
def put_metric_alarm(memory: Memory, request: Request) -> None:
    name = request["AlarmName"]
    there = memory.table("alarm").get(name)
    tags = there["tags"] if there else _as_map(request.get("Tags"))
    said = {key: value for key, value in request.items() if key != "Tags"}
    memory.table("alarm")[name] = {**said, "AlarmArn": _arn("cloudwatch", f"alarm:{name}")}
    memory.table("alarm")[name]["tags"] = tags


@operation(CLOUDWATCH)
def describe_alarms(memory: Memory, request: Request) -> Answer:
    prefix, names = request.get("AlarmNamePrefix", ""), request.get("AlarmNames")
    return {
        "MetricAlarms": [
            {key: value for key, value in alarm.items() if key != "tags"}
            for name, alarm in sorted(memory.table("alarm").items())
            if name.startswith(prefix) and (names is None or name in names)
        ]
    }


@operation(CLOUDWATCH)
def delete_alarms(memory: Memory, request: Request) -> None:
    for name in request["AlarmNames"]:
        memory.table("alarm").pop(name, None)


def _alarm(memory: Memory, request: Request) -> dict[str, Any]:
    name = request["ResourceARN"].partition(":alarm:")[2]
    return memory.get("alarm", name, "ResourceNotFoundException")


@operation(CLOUDWATCH, "list_tags_for_resource")
def list_alarm_tags(memory: Memory, request: Request) -> Answer:
    return {"Tags": _as_list(_alarm(memory, request)["tags"])}


@operation(CLOUDWATCH, "tag_resource")
def tag_alarm(memory: Memory, request: Request) -> None:
    _alarm(memory, request)["tags"] |= _as_map(request["Tags"])


@operation(CLOUDWATCH, "untag_resource")
def untag_alarm(memory: Memory, request: Request) -> None:
    for name in request["TagKeys"]:
        _alarm(memory, request)["tags"].pop(name, None)


# --- Metric filters


@operation(LOGS)
def put_metric_filter(memory: Memory, request: Request) -> None:
    memory.get("log_group", request["logGroupName"], "ResourceNotFoundException")
    name = f"{request['logGroupName']}:{request['filterName']}"
    memory.table("metric_filter")[name] = dict(request)


@operation(LOGS)
def describe_metric_filters(memory: Memory, _request: Request) -> Answer:
    groups = memory.table("log_group")
    filters = memory.table("metric_filter").values()
    return {"metricFilters": [one for one in filters if one["logGroupName"] in groups]}


@operation(LOGS)
def delete_metric_filter(memory: Memory, request: Request) -> None:
    name = f"{request['logGroupName']}:{request['filterName']}"
    memory.get("metric_filter", name, "ResourceNotFoundException")
    del memory.table("metric_filter")[name]


# --- SNS


def _topic(memory: Memory, arn: str) -> dict[str, Any]:
    return memory.get("topic", arn, NO_TOPIC)


@operation(SNS)
def create_topic(memory: Memory, request: Request) -> Answer:
    arn = _arn("sns", request["Name"])
    default = {"Policy": '{"Id": "__default_policy_ID", "Statement": []}'}
    made = {"attributes": default | dict(request.get("Attributes", {})), "subscriptions": {}}
    memory.table("topic").setdefault(arn, {**made, "tags": _as_map(request.get("Tags"))})
    return {"TopicArn": arn}


@operation(SNS)
def list_topics(memory: Memory, _request: Request) -> Answer:
    return {"Topics": [{"TopicArn": arn} for arn in sorted(memory.table("topic"))]}


@operation(SNS)
def get_topic_attributes(memory: Memory, request: Request) -> Answer:
    return {"Attributes": dict(_topic(memory, request["TopicArn"])["attributes"])}


@operation(SNS)
def set_topic_attributes(memory: Memory, request: Request) -> None:
    attributes = _topic(memory, request["TopicArn"])["attributes"]
    attributes[request["AttributeName"]] = request["AttributeValue"]


@operation(SNS)
def delete_topic(memory: Memory, request: Request) -> None:
    memory.table("topic").pop(request["TopicArn"], None)


@operation(SNS, "list_tags_for_resource")
def list_topic_tags(memory: Memory, request: Request) -> Answer:
    return {"Tags": _as_list(_topic(memory, request["ResourceArn"])["tags"])}


@operation(SNS, "tag_resource")
def tag_topic(memory: Memory, request: Request) -> None:
    _topic(memory, request["ResourceArn"])["tags"] |= _as_map(request["Tags"])


@operation(SNS, "untag_resource")
def untag_topic(memory: Memory, request: Request) -> None:
    for name in request["TagKeys"]:
        _topic(memory, request["ResourceArn"])["tags"].pop(name, None)


@operation(SNS)
def subscribe(memory: Memory, request: Request) -> Answer:
    topic = _topic(memory, request["TopicArn"])
    pair = f"{request['Protocol']} {request['Endpoint']}"
    arn = topic["subscriptions"].setdefault(pair, f"{request['TopicArn']}:{memory.new_id('sub')}")
    return {"SubscriptionArn": arn}


@operation(SNS)
def list_subscriptions_by_topic(memory: Memory, request: Request) -> Answer:
    topic = request["TopicArn"]
    found = []
    for pair, arn in _topic(memory, topic)["subscriptions"].items():
        protocol, _, endpoint = pair.partition(" ")
        one = {"TopicArn": topic, "Protocol": protocol, "Endpoint": endpoint}
        found.append({**one, "SubscriptionArn": arn, "Owner": ACCOUNT})
    return {"Subscriptions": found}


@operation(SNS)
def unsubscribe(memory: Memory, request: Request) -> None:
    for topic in memory.table("topic").values():
        kept = {
            pair: arn
            for pair, arn in topic["subscriptions"].items()
            if arn != request["SubscriptionArn"]
        }
        topic["subscriptions"] = kept


# --- KMS


def _key(memory: Memory, request: Request) -> dict[str, Any]:
    return memory.get("key", request["KeyId"], NO_KEY)


@operation(KMS)
def create_key(memory: Memory, request: Request) -> Answer:
    key_id = memory.new_id("key")
    metadata = {
        "KeyId": key_id,
        "Arn": _arn("kms", f"key/{key_id}"),
        "Description": request["Description"],
        "KeyState": "Enabled",
    }
    memory.table("key")[key_id] = {
        "metadata": metadata,
        "policy": request["Policy"],
        "rotates": False,
        "tags": _as_map(request.get("Tags"), "TagKey", "TagValue"),
    }
    return {"KeyMetadata": dict(metadata)}


@operation(KMS)
def describe_key(memory: Memory, request: Request) -> Answer:
    return {"KeyMetadata": dict(_key(memory, request)["metadata"])}


@operation(KMS)
def get_key_policy(memory: Memory, request: Request) -> Answer:
    return {"Policy": _key(memory, request)["policy"]}


@operation(KMS)
def put_key_policy(memory: Memory, request: Request) -> None:
    _key(memory, request)["policy"] = request["Policy"]


@operation(KMS)
def update_key_description(memory: Memory, request: Request) -> None:
    _key(memory, request)["metadata"]["Description"] = request["Description"]


@operation(KMS)
def get_key_rotation_status(memory: Memory, request: Request) -> Answer:
    return {"KeyRotationEnabled": _key(memory, request)["rotates"]}


@operation(KMS)
def enable_key_rotation(memory: Memory, request: Request) -> None:
    _key(memory, request)["rotates"] = True


@operation(KMS)
def disable_key_rotation(memory: Memory, request: Request) -> None:
    _key(memory, request)["rotates"] = False


@operation(KMS)
def schedule_key_deletion(memory: Memory, request: Request) -> None:
    metadata = _key(memory, request)["metadata"]
    memory.refuse_if(metadata["KeyState"] != "Enabled", "KMSInvalidStateException")
    metadata["KeyState"] = "PendingDeletion"


@operation(KMS)
def list_resource_tags(memory: Memory, request: Request) -> Answer:
    tags = _key(memory, request)["tags"].items()
    return {"Tags": [{"TagKey": key, "TagValue": value} for key, value in sorted(tags)]}


@operation(KMS, "tag_resource")
def tag_key(memory: Memory, request: Request) -> None:
    _key(memory, request)["tags"] |= _as_map(request["Tags"], "TagKey", "TagValue")


@operation(KMS, "untag_resource")
def untag_key(memory: Memory, request: Request) -> None:
    for name in request["TagKeys"]:
        _key(memory, request)["tags"].pop(name, None)


@operation(KMS)
def list_aliases(memory: Memory, _request: Request) -> Answer:
    return {
        "Aliases": [
            {"AliasName": name, "TargetKeyId": alias["TargetKeyId"]}
            for name, alias in sorted(memory.table("alias").items())
        ]
    }


@operation(KMS)
def create_alias(memory: Memory, request: Request) -> None:
    memory.refuse_if(request["AliasName"] in memory.table("alias"), "AlreadyExistsException")
    memory.table("alias")[request["AliasName"]] = {"TargetKeyId": request["TargetKeyId"]}


@operation(KMS)
def update_alias(memory: Memory, request: Request) -> None:
    alias = memory.get("alias", request["AliasName"], NO_KEY)
    alias["TargetKeyId"] = request["TargetKeyId"]


@operation(KMS)
def delete_alias(memory: Memory, request: Request) -> None:
    memory.get("alias", request["AliasName"], NO_KEY)
    del memory.table("alias")[request["AliasName"]]


@operation("resourcegroupstaggingapi")
def get_resources(memory: Memory, request: Request) -> Answer:
    (wanted,) = request["TagFilters"]
    return {
        "ResourceTagMappingList": [
            {"ResourceARN": key["metadata"]["Arn"], "Tags": _as_list(key["tags"])}
            for key in memory.table("key").values()
            if key["tags"].get(wanted["Key"]) in wanted["Values"]
        ]
    }


# --- What answers: nothing of it is made in memory


@operation("sqs")
def list_queues(_memory: Memory, _request: Request) -> Answer:
    return {}


@operation("dynamodb")
def list_tables(_memory: Memory, _request: Request) -> Answer:
    return {"TableNames": []}


@operation("lambda")
def list_functions(_memory: Memory, _request: Request) -> Answer:
    return {"Functions": []}


@operation("events")
def list_rules(_memory: Memory, _request: Request) -> Answer:
    return {"Rules": []}


@operation(LOGS)
def describe_query_definitions(_memory: Memory, _request: Request) -> Answer:
    return {"queryDefinitions": []}


@operation(CLOUDWATCH)
def list_dashboards(_memory: Memory, _request: Request) -> Answer:
    return {"DashboardEntries": []}
