"""AWS::EC2::PrefixList: read only; a customer's or AWS's own named set of blocks."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ringwall.model.graph import Node
from ringwall.resources.ec2 import canonical_cidr, ec2_node
from ringwall.resources.enums import ENUMS
from ringwall.resources.kind import Detail, Item, Listing, Reads, ResourceType

PREFIX_LISTS = Listing("ec2", "describe_managed_prefix_lists", "PrefixLists")
AWS_OWNER = "AWS"
GONE_STATES = ENUMS["PrefixListState"].gone


def _request(item: Item) -> Mapping[str, Any]:
    return {"PrefixListId": item["PrefixListId"]}


# AWS forces one call a list. There are few: AWS's own (about a dozen a region) and the customer's.
ENTRIES = Detail(
    "ec2",
    "get_managed_prefix_list_entries",
    PREFIX_LISTS.name,
    item_id=lambda item: str(item["PrefixListId"]),
    request=_request,
    items="Entries[].Cidr",
)


def read(reads: Reads) -> Iterable[Node]:
    """Yield every prefix list; AWS's own have the key `aws:<name>`.

    `observed["Cidrs"]` is absent where the entries were not read.
    """
    for item in reads.items(PREFIX_LISTS):
        if item.get("State") in GONE_STATES:
            continue
        name = item["PrefixListName"]
        is_aws = item.get("OwnerId") == AWS_OWNER
        properties = {
            "PrefixListName": name,
            "AddressFamily": item.get("AddressFamily"),
            "MaxEntries": item.get("MaxEntries"),
        }
        cidrs = reads.detail(ENTRIES, item["PrefixListId"])
        observed = {
            "PrefixListName": name,
            "Cidrs": None if cidrs is None else sorted(canonical_cidr(cidr) for cidr in cidrs),
            "OwnerId": item.get("OwnerId"),
            "State": item.get("State"),
            "Version": item.get("Version"),
        }
        known = {name: value for name, value in properties.items() if value is not None}
        node = ec2_node(
            reads, RESOURCE.name, item["PrefixListId"], known, observed, item.get("Tags")
        )
        yield replace(node, key=f"aws:{name}") if is_aws else node


RESOURCE = ResourceType(
    name="AWS::EC2::PrefixList",
    listings=(PREFIX_LISTS,),
    details=(ENTRIES,),
    read=read,
    # AWS's lists are made by AWS; a customer's are somebody else's, as they bear no tags of ours.
    implicit=lambda node: node.key.startswith("aws:"),
)
