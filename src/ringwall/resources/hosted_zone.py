"""AWS::Route53::HostedZone: a private zone, seen by several VPCs.

Rule: CreateHostedZone takes no tags, so the zone's comment says whose it is from the first moment,
and goes on saying it whatever becomes of the tags; the comment is ours alone and no property.

Rule: a zone whose comment names no region is of the region of its VPCs.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ringwall.model.calls import Call, Idempotence, Token, Wait
from ringwall.model.graph import Node, Ref
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.kind import Detail, Item, Listing, Reads, ResourceType
from ringwall.resources.ownership import (
    DEPLOYMENT_TAG,
    KEY_TAG,
    REGION_TAG,
    from_tag_list,
    ownership_tags,
    to_tag_list,
)

TYPE = "AWS::Route53::HostedZone"
ZONES = Listing("route53", "list_hosted_zones", "HostedZones")
NO_SUCH = frozenset({"NoSuchHostedZone"})
_NAMED = (DEPLOYMENT_TAG, KEY_TAG, REGION_TAG)
_COMMENT = re.compile(rf"{DEPLOYMENT_TAG}=(\S+) {KEY_TAG}=(\S+)(?: {REGION_TAG}=(\S+))?")


def comment(tags: Mapping[str, str]) -> str:
    """Return the comment that says whose a zone is, and for which region."""
    return " ".join(f"{name}={tags[name]}" for name in _NAMED if name in tags)


def zone_id(item: Item) -> str:
    """Return a zone's id without the prefix `/hostedzone/`."""
    return str(item["Id"]).rpartition("/")[2]


def _claimed(item: Item) -> dict[str, str]:
    found = _COMMENT.fullmatch(str(item.get("Config", {}).get("Comment", "")))
    if not found:
        return {}
    region = {REGION_TAG: found[3]} if found[3] else {}
    return ownership_tags(found[1], found[2]) | region


def is_claimed(item: Item, deployment: str) -> bool:
    """Tell whether a zone's comment makes it one of this deployment."""
    return _claimed(item).get(DEPLOYMENT_TAG) == deployment


def zone_name(text: str) -> str:
    """Return a domain name in lower case, without the last dot."""
    return text.lower().removesuffix(".")


VPCS = Detail(
    "route53",
    "get_hosted_zone",
    ZONES.name,
    item_id=zone_id,
    request=lambda item: {"Id": zone_id(item)},
    items="VPCs",
    wanted=is_claimed,
)
TAGS = Detail(
    "route53",
    "list_tags_for_resource",
    ZONES.name,
    item_id=zone_id,
    request=lambda item: {"ResourceType": "hostedzone", "ResourceId": zone_id(item)},
    items="ResourceTagSet.Tags",
    wanted=is_claimed,
)


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Bring the name into normal form, sort the VPCs, leave out the comment."""
    full = {n: v for n, v in properties.items() if n != "HostedZoneConfig"}
    full["Name"] = zone_name(full["Name"])
    if "VPCs" in full:
        full["VPCs"] = sorted(full["VPCs"])
    return full


def zones(reads: Reads) -> Iterator[tuple[Item, dict[str, str]]]:
    """Yield the zones whose comment claims them, and what it says, but those of other regions."""
    for item in reads.items(ZONES):
        claimed = _claimed(item)
        regions = {str(vpc["VPCRegion"]) for vpc in reads.detail(VPCS, zone_id(item)) or ()}
        if REGION_TAG in claimed:
            regions = {claimed[REGION_TAG]}
        if claimed and (not regions or reads.region in regions):
            yield item, claimed


def read(reads: Reads) -> Iterable[Node]:
    """Yield the private zones whose comment claims them for some deployment in this region."""
    for item, claimed in zones(reads):
        properties: dict[str, Any] = {"Name": item["Name"]}
        vpcs = reads.detail(VPCS, zone_id(item))
        if vpcs is not None:
            properties["VPCs"] = [Ref("AWS::EC2::VPC", vpc["VPCId"]) for vpc in vpcs]
        read_tags = reads.detail(TAGS, zone_id(item))
        said = from_tag_list(read_tags)
        observed = {
            "Comment": item.get("Config", {}).get("Comment"),
            "Tags": said if read_tags is not None else None,
        }
        yield ec2_node(
            reads, TYPE, zone_id(item), normalise(properties), observed, to_tag_list(said | claimed)
        )


def insync(type_name: str, key: str) -> Wait:
    """Wait until a change, of which the call extracted the id, is known to all name servers."""
    return Wait(
        "get_change",
        {"Id": Ref(type_name, key, "ChangeId")},
        "ChangeInfo.Status",
        success=frozenset({"INSYNC"}),
    )


def _vpc(node: Node, vpc: Ref) -> dict[str, Any]:
    return {"VPCRegion": node.region, "VPCId": vpc}


def _associate(node: Node, vpc: Ref) -> Call:
    request = {"HostedZoneId": node.ref, "VPC": _vpc(node, vpc)}
    return Call("route53", "associate_vpc_with_hosted_zone", request)


def _disassociate(node: Node, vpc: Ref) -> Call:
    request = {"HostedZoneId": node.ref, "VPC": _vpc(node, vpc)}
    return Call(
        "route53",
        "disassociate_vpc_from_hosted_zone",
        request,
        ignore=frozenset({"VPCAssociationNotFound"}),
    )


def create(node: Node) -> tuple[Call, ...]:
    """Create it with the first VPC, associate the others, tag it."""
    first, *others = node.properties["VPCs"]
    request = {
        "Name": node.properties["Name"],
        "VPC": _vpc(node, first),
        "CallerReference": Token(),
        "HostedZoneConfig": {"Comment": comment(node.tags), "PrivateZone": True},
    }
    made = Call(
        "route53",
        "create_hosted_zone",
        request,
        extract={"id": "HostedZone.Id"},
        # The same CallerReference again is refused (HostedZoneAlreadyExists), not answered.
        idempotent_by=Idempotence.TAG,
    )
    return (made, *(_associate(node, vpc) for vpc in others), *tag(node, node.tags))


def update(before: Node, after: Node, _changed: frozenset[str]) -> tuple[Call, ...]:
    """Associate the VPCs that are new, then let go of the others: a zone keeps one at least."""
    old, new = (node.properties.get("VPCs", []) for node in (before, after))
    return (
        *(_associate(after, vpc) for vpc in new if vpc not in old),
        *(_disassociate(after, vpc) for vpc in old if vpc not in new),
    )


def delete(node: Node) -> tuple[Call, ...]:
    """Delete it; AWS refuses while it has records of anybody's."""
    return (Call("route53", "delete_hosted_zone", {"Id": node.ref}, ignore=NO_SUCH),)


def tag(node: Node, tags: Mapping[str, str]) -> tuple[Call, ...]:
    """Set tags, and the comment where they name another key."""
    request = {
        "ResourceType": "hostedzone",
        "ResourceId": node.ref,
        "AddTags": to_tag_list(tags),
    }
    calls = (Call("route53", "change_tags_for_resource", request),) if tags else ()
    said = node.observed.get("Comment")
    if said is not None and said != comment(node.tags):
        text = {"Id": node.ref, "Comment": comment(node.tags)}
        return (*calls, Call("route53", "update_hosted_zone_comment", text))
    return calls


RESOURCE = ResourceType(
    name=TYPE,
    listings=(ZONES,),
    details=(VPCS, TAGS),
    read=read,
    normalise=normalise,
    create=create,
    update=update,
    delete=delete,
    tag=tag,
    replace=frozenset({"Name"}),
    worldwide=True,
    # "AssociateVPCWithHostedZone" in the Route 53 API reference: it looks at the VPC.
    permissions={
        "apply": ("ec2:DescribeVpcs", "ec2:DescribeRegions", "route53:AssociateVPCWithHostedZone")
    },
    price=lambda _node: ("hosted-zone", 1),
)
