"""What the AWS WAF types share: names, tags, lock tokens, and which objects may be ours.

Rules:
- All are of scope REGIONAL: what protects CloudFront is of another region and of no network.
- Every change is made under a lock token, which AWS gives with each read: it is looked up just
  before, and what somebody changed in between is looked up again.
"""

from collections.abc import Mapping
from typing import Any

from ringwall.model.calls import Call, Lookup
from ringwall.model.graph import Node, Ref
from ringwall.resources.kind import Detail, Item, Listing
from ringwall.resources.ownership import to_tag_list

WEB_ACL = "AWS::WAFv2::WebACL"
IP_SET = "AWS::WAFv2::IPSet"
SCOPE = "REGIONAL"
NOT_FOUND = frozenset({"WAFNonexistentItemException"})


def waf_name(deployment: str, *parts: str) -> str:
    """Return `deployment-part-…`: of 128 characters that AWS takes, no blueprint asks for more."""
    return "-".join((deployment, *parts))


def may_be_ours(item: Item, deployment: str) -> bool:
    """Tell by its name whether an object may be ours, so that strangers cost no further call."""
    return bool(deployment) and str(item.get("Name", "")).startswith(f"{deployment}-")


def arn_of(item: Item) -> str:
    """Return the ARN of a listed object."""
    return str(item["ARN"])


def named(item: Item) -> dict[str, Any]:
    """Return what names a listed object in a request."""
    return {"Name": item["Name"], "Scope": SCOPE, "Id": item["Id"]}


def tags_of(listing: Listing) -> Detail:
    """Return the detail that reads the tags of what a listing lists."""
    return Detail(
        "wafv2",
        "list_tags_for_resource",
        listing.name,
        item_id=arn_of,
        request=lambda item: {"ResourceARN": item["ARN"]},
        items="TagInfoForResource.TagList",
        wanted=may_be_ours,
        variant=listing.operation.removeprefix("list_"),
    )


def tag(node: Node, tags: Mapping[str, str]) -> tuple[Call, ...]:
    """Set tags on an object by its ARN."""
    request = {"ResourceARN": node.ref, "Tags": to_tag_list(tags)}
    return (Call("wafv2", "tag_resource", request),)


def locked(node: Node, read: str) -> dict[str, Any]:
    """Return what names an object of ours in a request that changes it; `read` gives its lock.

    It keeps the name that it was made with, which its ARN ends in: …/webacl/NAME/ID.
    """
    own: tuple[Any, Any] = (node.properties["Name"], Ref(node.type, node.key, "Id"))
    parts = node.physical_id.split("/")
    made = (parts[-2], parts[-1]) if len(parts) > 2 else own
    name = {"Name": made[0], "Scope": SCOPE, "Id": made[1]}
    return {**name, "LockToken": Lookup("wafv2", read, dict(name), "LockToken")}


EXTRACT = {"id": "Summary.ARN", "Arn": "Summary.ARN", "Id": "Summary.Id"}
