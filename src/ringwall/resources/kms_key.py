"""AWS::KMS::Key: a symmetric key of ours, with its policy and yearly rotation.

Rules:
- Of the account's keys those are looked at that an alias of the deployment names, or that bear its
  tag: what is said of every key would cost a call each, and the owner of another may forbid it.
- A key that waits for its deletion is gone: nothing can use it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ringwall.model.calls import Call, Idempotence
from ringwall.model.graph import Node, Ref, Value
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.kind import Detail, Item, Listing, Reads, ResourceType
from ringwall.resources.ownership import DEPLOYMENT_TAG
from ringwall.resources.policy_document import normal_document, to_text

TYPE = "AWS::KMS::Key"
ALIASES = Listing("kms", "list_aliases", "Aliases")
TAGGED = Listing(
    "resourcegroupstaggingapi",
    "get_resources",
    "ResourceTagMappingList",
    request={
        "ResourceTypeFilters": ["kms:key"],
        "TagFilters": [{"Key": DEPLOYMENT_TAG, "Values": ["{deployment}"]}],
    },
)
GONE = frozenset({"NotFoundException", "KMSInvalidStateException"})
# ScheduleKeyDeletion takes 7 to 30 days: what was encrypted is readable until then.
PENDING_DAYS = 7


def alias_prefix(deployment: str) -> str:
    """Return how the aliases of a deployment begin."""
    return f"alias/ringwall/{deployment}/"


def key_reference(text: str) -> Ref | str:
    """Return the key that an id or ARN names; an alias stays text."""
    if ":alias/" in text or text.startswith("alias/"):
        return text
    return Ref(TYPE, text.rpartition("/")[2])


def _by_alias(item: Item) -> str:
    return str(item.get("TargetKeyId") or "")


def _by_tag(item: Item) -> str:
    return str(item["ResourceARN"]).rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class _KeyDetail:
    """What KMS tells once per key, asked for keys by their aliases and by their tags."""

    by_alias: Detail
    by_tag: Detail

    def of(self, reads: Reads, key_id: str) -> Value:
        told = reads.detail(self.by_alias, key_id)
        return reads.detail(self.by_tag, key_id) if told is None else told


def _detail(operation: str, items: str, **request: str) -> _KeyDetail:
    return _KeyDetail(
        Detail(
            "kms",
            operation,
            ALIASES.name,
            item_id=_by_alias,
            request=lambda item: {"KeyId": _by_alias(item), **request},
            items=items,
            wanted=lambda item, deployment: (
                str(item["AliasName"]).startswith(alias_prefix(deployment))
                and bool(_by_alias(item))
            ),
        ),
        Detail(
            "kms",
            operation,
            TAGGED.name,
            item_id=_by_tag,
            request=lambda item: {"KeyId": _by_tag(item), **request},
            items=items,
            variant="tagged",
        ),
    )


METADATA = _detail("describe_key", "KeyMetadata")
POLICY = _detail("get_key_policy", "Policy", PolicyName="default")
ROTATION = _detail("get_key_rotation_status", "KeyRotationEnabled")
TAGS = _detail("list_resource_tags", "Tags")
DETAILS = (METADATA, POLICY, ROTATION, TAGS)


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in AWS's defaults, and bring the policy into normal form."""
    full = {"Description": "", "EnableKeyRotation": False, **properties}
    if "KeyPolicy" in full:
        full["KeyPolicy"] = normal_document(full["KeyPolicy"])
    return full


def read(reads: Reads) -> Iterable[Node]:
    """Yield the keys that were looked at and can be used."""
    named = [_by_alias(item) for item in reads.items(ALIASES)]
    tagged = [_by_tag(item) for item in reads.items(TAGGED)]
    for key_id in dict.fromkeys((*named, *tagged)):
        told = METADATA.of(reads, key_id)
        if told is None or told.get("KeyState") in {"PendingDeletion", "PendingReplicaDeletion"}:
            continue
        properties = {
            "Description": told.get("Description", ""),
            "EnableKeyRotation": bool(ROTATION.of(reads, key_id)),
            "KeyPolicy": POLICY.of(reads, key_id) or {"Statement": []},
        }
        tags = [
            {"Key": tag["TagKey"], "Value": tag["TagValue"]} for tag in TAGS.of(reads, key_id) or ()
        ]
        observed = {"Arn": told.get("Arn"), "KeyState": told.get("KeyState")}
        yield ec2_node(reads, TYPE, key_id, normalise(properties), observed, tags)


def _tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"TagKey": key, "TagValue": value} for key, value in sorted(tags.items())]


def _rotation(node: Node, ref: Ref) -> Call:
    switch = "enable" if node.properties["EnableKeyRotation"] else "disable"
    return Call("kms", f"{switch}_key_rotation", {"KeyId": ref})


def create(node: Node) -> tuple[Call, ...]:
    """Create it with its policy, and let it rotate."""
    made = Call(
        "kms",
        "create_key",
        {
            "Description": node.properties["Description"],
            "Policy": to_text(node.properties["KeyPolicy"]),
            "Tags": _tag_list(node.tags),
        },
        extract={"id": "KeyMetadata.KeyId", "Arn": "KeyMetadata.Arn"},
        idempotent_by=Idempotence.TAG,
    )
    rotates = (_rotation(node, node.ref),) if node.properties["EnableKeyRotation"] else ()
    return (made, *rotates)


def update(_before: Node, after: Node, changed: frozenset[str]) -> tuple[Call, ...]:
    """Put what differs."""
    calls: list[Call] = []
    if "KeyPolicy" in changed:
        policy = to_text(after.properties["KeyPolicy"])
        request = {"KeyId": after.ref, "PolicyName": "default", "Policy": policy}
        calls.append(Call("kms", "put_key_policy", request))
    if "Description" in changed:
        text = {"KeyId": after.ref, "Description": after.properties["Description"]}
        calls.append(Call("kms", "update_key_description", text))
    if "EnableKeyRotation" in changed:
        calls.append(_rotation(after, after.ref))
    return tuple(calls)


def delete(node: Node) -> tuple[Call, ...]:
    """Let it be deleted in seven days, the shortest time that KMS takes."""
    request = {"KeyId": node.ref, "PendingWindowInDays": PENDING_DAYS}
    return (Call("kms", "schedule_key_deletion", request, ignore=GONE),)


def tag(node: Node, tags: Mapping[str, str]) -> tuple[Call, ...]:
    """Set tags."""
    return (Call("kms", "tag_resource", {"KeyId": node.ref, "Tags": _tag_list(tags)}),)


RESOURCE = ResourceType(
    name=TYPE,
    listings=(ALIASES, TAGGED),
    details=tuple(each for pair in DETAILS for each in (pair.by_alias, pair.by_tag)),
    read=read,
    normalise=normalise,
    create=create,
    update=update,
    delete=delete,
    tag=tag,
    # CreateKey with tags, and with a policy ("Actions … for AWS Key Management Service").
    permissions={"apply": ("kms:TagResource", "kms:PutKeyPolicy")},
)
