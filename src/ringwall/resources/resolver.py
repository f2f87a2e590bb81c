"""What the Route 53 Resolver types share: names, tags, and which objects may be ours."""

from collections.abc import Mapping
from hashlib import sha256

from ringwall.model.calls import Call
from ringwall.model.graph import Node, Ref
from ringwall.resources.kind import Detail, Item, Listing
from ringwall.resources.ownership import to_tag_list

# Name of the Route 53 Resolver API reference: 64 characters of letters, digits, `-`, `_`, `'`, ` `.
LONGEST = 64
NOT_FOUND = frozenset({"ResourceNotFoundException"})


def resolver_name(deployment: str, key: str) -> str:
    """Return `deployment-key` as the Resolver takes it; a long name ends in a digest of itself."""
    name = "".join(c if c.isascii() and c.isalnum() else "-" for c in f"{deployment}-{key}")
    if len(name) <= LONGEST:
        return name
    return f"{name[: LONGEST - 9]}-{sha256(f'{deployment}-{key}'.encode()).hexdigest()[:8]}"


def may_be_ours(item: Item, deployment: str) -> bool:
    """Tell by its name whether an object may be ours, so that strangers cost no further call."""
    return str(item.get("Name", "")).startswith(f"{deployment}-"[:LONGEST])


def object_id(item: Item) -> str:
    """Return the id of an object of the Resolver."""
    return str(item["Id"])


def resolver_tags(listing: Listing) -> Detail:
    """Return the detail that reads the tags of what a listing lists."""
    return Detail(
        "route53resolver",
        "list_tags_for_resource",
        listing.name,
        item_id=object_id,
        request=lambda item: {"ResourceArn": item["Arn"]},
        items="Tags",
        wanted=may_be_ours,
        variant=listing.operation.removeprefix("list_"),
    )


def resolver_tag(node: Node, tags: Mapping[str, str]) -> tuple[Call, ...]:
    """Set tags on an object by its ARN."""
    request = {"ResourceArn": Ref(node.type, node.key, "Arn"), "Tags": to_tag_list(tags)}
    return (Call("route53resolver", "tag_resource", request),)
