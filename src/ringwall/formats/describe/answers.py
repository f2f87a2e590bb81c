"""Which call an answer is of: by its members, told apart by what their items hold."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from ringwall.resources import registry
from ringwall.resources.kind import Detail, Listing

Document = Mapping[str, Any]
# Calls whose answers have a member of the same name: what an item of the first call holds.
TELLING: Mapping[str, tuple[str, str, str]] = {
    "PrefixLists": (
        "PrefixListArn",
        "ec2:describe_managed_prefix_lists",
        "ec2:describe_prefix_lists",
    ),
}
# Members that a call per object has, too: what an item of it holds.
OF_OBJECTS: Mapping[str, str] = {"Rules": "RuleArn"}
# The member in which VPC Lattice answers every list.
SHARED = "items"
# Members that only say how the answer was cut, and answers that no resource type reads.
PAGING = frozenset({"NextToken", "nextToken", "Marker", "NextMarker", "IsTruncated", "MaxItems"})
PAGING |= {"ResponseMetadata", "Owner", "Prefix", "AdditionalRoutesAvailable"}
# What says nothing about which packets pass, or repeats what other answers say.
BESIDE = frozenset(
    {
        "DhcpOptions",
        "KeyPairs",
        "Volumes",
        "Snapshots",
        "Images",
        "Tags",
        "AvailabilityZones",
        "Regions",
        "AccountAttributes",
        "TransitGatewayRouteTableAssociations",
        "Account",
        "UserId",
        "Arn",
    }
)


@cache
def listings() -> Mapping[str, tuple[Listing, ...]]:
    """Return every listing by the member in which its items stand."""
    found: dict[str, dict[str, Listing]] = {}
    for kind in registry().values():
        for listing in (*kind.listings, *kind.surveyed):
            found.setdefault(member_of(listing), {})[listing.name] = listing
    return {member: tuple(by_name.values()) for member, by_name in found.items()}


@cache
def listings_by_name() -> Mapping[str, Listing]:
    """Return every listing by its name."""
    return {each.name: each for group in listings().values() for each in group}


@cache
def details() -> Mapping[str, Detail]:
    """Return every call per object by its name."""
    return {d.name: d for kind in registry().values() for d in kind.details}


def member_of(listing: Listing) -> str:
    """Return the member of an answer in which a listing's items stand: `Vpcs`."""
    return listing.items.strip("[]").split("[")[0].split(".")[0]


def items_of(listing: Listing, document: Document) -> list[Any] | None:
    """Return the items of an answer; None if they are no list of objects.

    `Vpcs` is a list, `[Options]` one object; `Reservations[].Instances[]` are lists in a list.
    """
    member, *inner = listing.items.replace("[]", "").strip("[]").split(".")
    value = document.get(member)
    found: list[Any] = value if isinstance(value, list) else [value]
    for name in inner:
        lists = [each.get(name) or [] for each in found if isinstance(each, Mapping)]
        if len(lists) < len(found) or not all(isinstance(each, list) for each in lists):
            return None
        found = [item for each in lists for item in each]
    return found if all(isinstance(item, Mapping) for item in found) else None


def named(member: str, items: Iterable[Mapping[str, Any]]) -> Listing:
    """Return the listing whose items these are."""
    candidates = listings()[member]
    if member in TELLING and len(candidates) > 1:
        mark, first, second = TELLING[member]
        has_mark = any(mark in item for item in items)
        return listings_by_name()[first if has_mark else second]
    return candidates[0]


def is_of_object(member: str, items: object) -> bool:
    """Tell whether items of a listing's member are what a call per object answered."""
    mark = OF_OBJECTS.get(member)
    return mark is not None and isinstance(items, list) and any(mark in item for item in items)


def alike(listing: Listing) -> tuple[Listing, ...]:
    """Return the listings of one call, which ask for other names: their answers look alike."""
    same = (listing.service, listing.operation)
    among = listings()[member_of(listing)]
    return tuple(each for each in among if (each.service, each.operation) == same)


def is_service_networks(path: str, value: Any) -> bool:  # noqa: ANN401  (JSON)
    """Tell whether `items` are service networks: by ARNs, an empty list by its file's name."""
    if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        return False
    if not value:
        file = path.rsplit("/", 1)[-1].lower()
        return "servicenetworks." in file.replace("-", "").replace("_", "")
    return all(":servicenetwork/" in str(item.get("arn")) for item in value)
