"""AWS::WAFv2::IPSet: addresses that a web ACL names.

Rule: its addresses are the responder's, as are numbers 1-99 of a network ACL: read and listed,
never written. So nothing of an IP set is ever updated but its tags.
"""

from collections.abc import Iterable
from typing import Any

from ringwall.model.calls import Call, Idempotence
from ringwall.model.graph import Node
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.kind import Detail, Listing, Reads, ResourceType
from ringwall.resources.ownership import to_tag_list
from ringwall.resources.web_application_firewall import (
    EXTRACT,
    IP_SET,
    NOT_FOUND,
    SCOPE,
    arn_of,
    locked,
    may_be_ours,
    named,
    tag,
    tags_of,
)

IP_SETS = Listing("wafv2", "list_ip_sets", "IPSets", request={"Scope": SCOPE})
TAGS = tags_of(IP_SETS)
CONTENT = Detail(
    "wafv2",
    "get_ip_set",
    IP_SETS.name,
    item_id=arn_of,
    request=named,
    items="IPSet",
    wanted=may_be_ours,
)


def read(reads: Reads) -> Iterable[Node]:
    """Yield every IP set, with the addresses of those that may be ours."""
    for item in reads.items(IP_SETS):
        arn = arn_of(item)
        properties: dict[str, Any] = {"Name": item["Name"], "Scope": SCOPE}
        content = reads.detail(CONTENT, arn)
        if content is not None:
            properties["IPAddressVersion"] = content["IPAddressVersion"]
            properties["Addresses"] = sorted(content.get("Addresses") or ())
        observed = {"Arn": arn, "Id": item["Id"]}
        yield ec2_node(reads, IP_SET, arn, properties, observed, reads.detail(TAGS, arn))


def create(node: Node) -> tuple[Call, ...]:
    """Create it empty."""
    request = {**node.properties, "Addresses": [], "Tags": to_tag_list(node.tags)}
    return (
        Call("wafv2", "create_ip_set", request, extract=EXTRACT, idempotent_by=Idempotence.TAG),
    )


def delete(node: Node) -> tuple[Call, ...]:
    """Delete it with its addresses; AWS refuses while a web ACL names it."""
    return (Call("wafv2", "delete_ip_set", locked(node, "get_ip_set"), ignore=NOT_FOUND),)


RESOURCE = ResourceType(
    name=IP_SET,
    listings=(IP_SETS,),
    details=(TAGS, CONTENT),
    read=read,
    create=create,
    delete=delete,
    tag=tag,
    # Nothing renames it, and nothing goes by its name.
    initial=frozenset({"Name"}),
    others=frozenset({"Addresses"}),
    replace=frozenset({"IPAddressVersion", "Scope"}),
    permissions={"apply": ("wafv2:TagResource",)},
)
