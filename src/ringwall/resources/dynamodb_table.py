"""AWS::DynamoDB::Table: the journal of a responder, on demand, with its way back in time.

Rules:
- A table is looked at when the deployment's name is in its own.
- Deleting takes its protection off first. Of a table that could be restored to any second, AWS
  keeps a backup for 35 days ("Point-in-time recovery", DynamoDB guide).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call, Idempotence, Wait
from ringwall.model.graph import Node, Ref
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.kind import Detail, Item, Listing, Reads, ResourceType
from ringwall.resources.ownership import to_tag_list

TYPE = "AWS::DynamoDB::Table"
TABLES = Listing("dynamodb", "list_tables", "TableNames")
# What asks a journal what stands, and what writes to it, too.
LOOKING = ("dynamodb:GetItem", "dynamodb:Query")
KEEPING = (*LOOKING, "dynamodb:BatchGetItem", "dynamodb:DeleteItem", "dynamodb:PutItem")
GONE = frozenset({"ResourceNotFoundException"})


def _is_named_for(item: Item, deployment: str) -> bool:
    return str(item).startswith(f"ringwall-{deployment}-")  # the listing answers texts


def _by_name(operation: str, items: str) -> Detail:
    return Detail(
        "dynamodb",
        operation,
        TABLES.name,
        item_id=str,
        request=lambda item: {"TableName": str(item)},
        items=items,
        wanted=_is_named_for,
    )


DESCRIBED = _by_name("describe_table", "[Table]")
BACKUPS = _by_name(
    "describe_continuous_backups",
    "ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus",
)
TAGS = Detail(
    "dynamodb",
    "list_tags_of_resource",
    DESCRIBED.name,
    item_id=lambda item: str(item["TableName"]),
    request=lambda item: {"ResourceArn": item["TableArn"]},
    items="Tags",
)
DEFAULTS: Mapping[str, Any] = {
    "BillingMode": "PROVISIONED",
    "DeletionProtectionEnabled": False,
    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": False},
}
_KEYS = ("AttributeName", "KeyType")


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in AWS's defaults, and sort what has no order."""
    full: dict[str, Any] = {**DEFAULTS, **properties}
    attributes = map(dict, full.get("AttributeDefinitions", ()))
    full["AttributeDefinitions"] = sorted(attributes, key=lambda one: str(one["AttributeName"]))
    indexes = [_index(one) for one in full.pop("GlobalSecondaryIndexes", ())]
    if indexes:
        full["GlobalSecondaryIndexes"] = sorted(indexes, key=lambda one: str(one["IndexName"]))
    return full


def _index(one: Mapping[str, Any]) -> dict[str, Any]:
    return {name: one[name] for name in ("IndexName", "KeySchema", "Projection")}


def read(reads: Reads) -> Iterable[Node]:
    """Yield the tables that were looked at, but those that are being deleted."""
    for item in reads.items(TABLES):
        name = str(item)
        for told in reads.detail(DESCRIBED, name) or ():
            if told.get("TableStatus") == "DELETING":
                continue
            recovers = reads.detail(BACKUPS, name) == "ENABLED"
            properties = {
                "TableName": name,
                "AttributeDefinitions": told.get("AttributeDefinitions", ()),
                "KeySchema": told.get("KeySchema", ()),
                "GlobalSecondaryIndexes": told.get("GlobalSecondaryIndexes") or (),
                "BillingMode": (told.get("BillingModeSummary") or {}).get(
                    "BillingMode", "PROVISIONED"
                ),
                "DeletionProtectionEnabled": bool(told.get("DeletionProtectionEnabled")),
                "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": recovers},
            }
            observed = {"Arn": told.get("TableArn"), "TableStatus": told.get("TableStatus")}
            tags = reads.detail(TAGS, name)
            yield ec2_node(reads, TYPE, name, normalise(properties), observed, tags)


def _state(node: Node, success: str) -> Wait:
    return Wait(
        "describe_table",
        {"TableName": node.properties["TableName"]},
        "Table.TableStatus",
        success=frozenset({success}),
        gone_codes=GONE,
    )


def _recovery(node: Node) -> Call:
    request = {
        "TableName": node.properties["TableName"],
        "PointInTimeRecoverySpecification": node.properties["PointInTimeRecoverySpecification"],
    }
    return Call("dynamodb", "update_continuous_backups", request)


def create(node: Node) -> tuple[Call, ...]:
    """Create it, wait until it is there, then keep its past."""
    request = {
        name: value
        for name, value in node.properties.items()
        if name != "PointInTimeRecoverySpecification"
    }
    made = Call(
        "dynamodb",
        "create_table",
        {**request, "Tags": to_tag_list(node.tags)},
        extract={"id": "TableDescription.TableName", "Arn": "TableDescription.TableArn"},
        idempotent_by=Idempotence.TAG,
        waits_for=(_state(node, "ACTIVE"),),
    )
    recovers = node.properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
    return (made, _recovery(node)) if recovers else (made,)


def update(_before: Node, after: Node, changed: frozenset[str]) -> tuple[Call, ...]:
    """Set what differs of billing, protection and recovery."""
    name = {"TableName": after.properties["TableName"]}
    calls = [
        Call(
            "dynamodb",
            "update_table",
            {**name, each: after.properties[each]},
            waits_for=(_state(after, "ACTIVE"),),
        )
        for each in ("BillingMode", "DeletionProtectionEnabled")
        if each in changed
    ]
    if "PointInTimeRecoverySpecification" in changed:
        calls.append(_recovery(after))
    return tuple(calls)


def delete(node: Node) -> tuple[Call, ...]:
    """Take its protection off, then delete it."""
    name = {"TableName": node.properties["TableName"]}
    open_to_it = {**name, "DeletionProtectionEnabled": False}
    return (
        Call("dynamodb", "update_table", open_to_it, ignore=GONE),
        Call("dynamodb", "delete_table", name, ignore=GONE, waits_for=(_state(node, "gone"),)),
    )


def tag(node: Node, tags: Mapping[str, str]) -> tuple[Call, ...]:
    """Set tags."""
    request = {"ResourceArn": Ref(TYPE, node.key, "Arn"), "Tags": to_tag_list(tags)}
    return (Call("dynamodb", "tag_resource", request),)


RESOURCE = ResourceType(
    name=TYPE,
    listings=(TABLES,),
    details=(DESCRIBED, BACKUPS, TAGS),
    read=read,
    normalise=normalise,
    create=create,
    update=update,
    delete=delete,
    tag=tag,
    # AWS changes keys and indexes in place one at a time, or not at all.
    replace=frozenset({"TableName", "KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes"}),
    # CreateTable with tags ("Actions … for Amazon DynamoDB").
    permissions={"apply": ("dynamodb:TagResource",)},
)
