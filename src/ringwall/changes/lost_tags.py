"""Ownership tags that a hand changed → the keys that were meant, or why a plan waits for a person.

Rules:
- What bears our deployment and a key that nobody wants, under the name of what is wanted and not
  there, has lost no more than its key: it is taken for that, and gets its key again. Names are
  derived from keys, so that a rename in the blueprint never leaves the two at odds.
- What lacks one of both tags is not ours, and is left alone. It blocks a plan that would make its
  like a second time: under its name, or over its addresses.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from ipaddress import ip_network

from ringwall.changes.ownership import Owner, owners
from ringwall.model.graph import Address, Node, Ref, ResourceGraph
from ringwall.model.plan import Action, Change
from ringwall.resources import resource_type
from ringwall.resources.ownership import DEPLOYMENT_TAG, KEY_TAG, NAME_TAG, is_ours, name_tag

ENDPOINT = "AWS::EC2::VPCEndpoint"
GATEWAY = "AWS::EC2::TransitGateway"
FLOW_LOG = "AWS::EC2::FlowLog"
SUBNET = "AWS::EC2::Subnet"
# Properties of which AWS allows one resource each.
PLACES: Mapping[str, tuple[str, ...]] = {
    "AWS::EC2::NatGateway": ("AllocationId",),
    "AWS::EC2::SecurityGroup": ("VpcId", "GroupName"),
    "AWS::EC2::TransitGatewayAttachment": ("TransitGatewayId", "VpcId"),
}
# Where no tag has the name, a property has it.
NAMES: Mapping[str, str] = {
    "AWS::IAM::Role": "RoleName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::Route53Resolver::FirewallDomainList": "Name",
    "AWS::Route53Resolver::FirewallRuleGroup": "Name",
    "AWS::Route53Resolver::FirewallRuleGroupAssociation": "Name",
    "AWS::Route53Resolver::ResolverQueryLoggingConfig": "Name",
}


def meant_keys(desired: ResourceGraph, observed: ResourceGraph) -> dict[Address, str]:
    """Return the keys of which the tags say something else, by (type, observed key)."""
    missing = {
        (node.type, name): node
        for node in desired
        if (node.type, node.key) not in observed and (name := _name(node))
    }
    found: dict[Address, str] = {}
    for node in observed if missing else ():
        wanted = missing.get((node.type, _name(node)))
        if wanted is None or (node.type, node.key) in desired.nodes:
            continue
        deployment = wanted.tags.get(DEPLOYMENT_TAG, "")
        if is_ours(node.tags, deployment) and not _is_named_by_key(node, deployment):
            found[node.type, node.key] = wanted.key
            del missing[node.type, _name(node)]
    return found


def lost(changes: Iterable[Change], observed: ResourceGraph, deployment: str) -> Iterator[str]:
    """Yield a line for each resource that would be made where there is one that lacks our tags."""
    changes = list(changes)
    made = {c.address: c.after for c in changes if c.action is Action.CREATE and c.after}
    made = {address: node for address, node in made.items() if node.tags}
    if not made:
        return
    whose = owners(observed, deployment)
    strangers = [
        node
        for type_name in sorted({type_name for type_name, _ in made})
        for node in observed.of_type(type_name)
        if whose[node.type, node.key] is Owner.FOREIGN
    ]
    index: dict[Hashable, list[Node]] = defaultdict(list)
    for node in strangers:
        for mark in _marks(node):
            index[mark].append(node)
    told: set[Address] = set()
    for node, address in (*_alike(made.values(), index, strangers), *_referred(changes, made)):
        # What is gone is referred to still, by its name.
        if whose.get(address) is Owner.FOREIGN and address not in told:
            told.add(address)
            yield _line(node, observed[address])
    for other in strangers:
        if other.tags.get(DEPLOYMENT_TAG) == deployment and (other.type, other.key) not in told:
            yield (
                f"{_short(other)} bears {DEPLOYMENT_TAG}={deployment} but no {KEY_TAG}: give it "
                "its key again, or take away the other tag too"
            )


def _alike(
    made: Iterable[Node], index: Mapping[Hashable, Iterable[Node]], strangers: Iterable[Node]
) -> Iterator[tuple[Node, Address]]:
    for node in made:
        for mark in _marks(node):
            yield from ((node, (other.type, other.key)) for other in index.get(mark, ()))
        for other in strangers if node.type == SUBNET else ():
            if _lies_over(node, other):
                yield node, (other.type, other.key)


def _referred(
    changes: Iterable[Change], made: Mapping[Address, Node]
) -> Iterator[tuple[Node, Address]]:
    """Yield what is made with what has its place in something of ours, where it cannot be changed.

    A subnet stays in the VPC that it was made in: if that is no longer ours, it was. A Transit
    Gateway may have been brought along until now.
    """
    for change in changes:
        forced = resource_type(change.type).replace if change.action is Action.REPLACE else ()
        for one in change.properties:
            if not (isinstance(one.before, Ref) and isinstance(one.after, Ref)):
                continue
            old, new = (one.before.type, one.before.key), (one.after.type, one.after.key)
            if one.name in forced and new in made and old[0] == new[0] != GATEWAY:
                yield made[new], old


def _line(node: Node, other: Node) -> str:
    tags = {DEPLOYMENT_TAG: node.tags[DEPLOYMENT_TAG], KEY_TAG: node.key}
    missing = [name for name, value in tags.items() if other.tags.get(name) != value]
    lacking = f"the tag{'s' * (len(missing) - 1)} {' and '.join(missing)}"
    given = " ".join(f"{name}={value}" for name, value in tags.items())
    return (
        f"{_short(node)} would be created, but {other.physical_id} stands in its place without "
        f"{lacking}: if it is the same, give it the tags {given}; if not, rename or delete it"
    )


def _name(node: Node) -> str:
    """Return the name that is derived from a node's key, "" if it has none."""
    return node.tags.get(NAME_TAG, "") or str(node.properties.get(NAMES.get(node.type, ""), ""))


def _is_named_by_key(node: Node, deployment: str) -> bool:
    return node.tags.get(NAME_TAG) == name_tag(deployment, node.tags[KEY_TAG])


def _marks(node: Node) -> Iterator[Hashable]:
    """Yield by what a node is known without our tags: its name, and what AWS allows one of."""
    places = PLACES.get(node.type)
    if places and all(name in node.properties for name in places):
        yield (node.type, *(node.properties[name] for name in places))
    if node.type == FLOW_LOG:
        # Others may log the same VPC to somewhere else.
        where = ("ResourceId", "TrafficType", "LogDestination", "LogGroupName")
        yield (FLOW_LOG, *(node.properties.get(name) for name in where))
    if node.type == ENDPOINT:
        yield from _ways(node)
    # What bears both tags of another deployment is that one's.
    name = _name(node)
    if name and not (node.physical_id and node.tags.get(DEPLOYMENT_TAG) and node.tags.get(KEY_TAG)):
        yield (node.type, name)


def _ways(node: Node) -> Iterator[Hashable]:
    """Yield the tables that an endpoint has a route in, or the VPC whose names it answers."""
    service = node.properties.get("ServiceName")
    for table in node.properties.get("RouteTableIds", ()):
        yield (ENDPOINT, service, table)
    if node.properties.get("PrivateDnsEnabled"):
        yield (ENDPOINT, service, node.properties.get("VpcId"))


def _lies_over(node: Node, other: Node) -> bool:
    if other.type != SUBNET:
        return False
    blocks = [n.properties.get("CidrBlock") for n in (node, other)]
    if node.properties["VpcId"] != other.properties["VpcId"] or not all(blocks):
        return False
    first, second = (ip_network(str(block)) for block in blocks)
    return first.overlaps(second)


def _short(node: Node) -> str:
    return f"{node.type.rsplit('::', 1)[-1]} {node.key}"
