"""Ownership tags that a hand changed → the keys that were meant, or why a plan waits for a person.

Rules:
- What bears our deployment and a key that nobody wants, and stands in the place of what is wanted
  and not there, has lost no more than its key: it is taken for that, and gets its key again. Its
  place is its name, what AWS allows one of, or what of ours goes on referring to it. What bears
  the name of its key was renamed in the blueprint, and is not.
- What lacks one of both tags is not ours, and is left alone. It blocks a plan that would make its
  like a second time: under its name, over its addresses, or for what still refers to it.
"""

from collections import defaultdict
from collections.abc import Container, Hashable, Iterable, Iterator, Mapping
from ipaddress import ip_network

from ringwall.changes.ownership import Owner, owners
from ringwall.model.graph import Address, Node, Ref, ResourceGraph, Value, references
from ringwall.model.plan import Action, Change
from ringwall.resources import resource_type
from ringwall.resources.derived_names import is_named_by_key, name_of
from ringwall.resources.ownership import DEPLOYMENT_TAG, KEY_TAG, is_ours

ATTACHMENT = "AWS::EC2::TransitGatewayAttachment"
ENDPOINT = "AWS::EC2::VPCEndpoint"
GATEWAY = "AWS::EC2::TransitGateway"
FLOW_LOG = "AWS::EC2::FlowLog"
SUBNET = "AWS::EC2::Subnet"
ZONE = "AWS::Route53::HostedZone"
# Properties of which AWS allows one resource each.
PLACES: Mapping[str, tuple[str, ...]] = {
    "AWS::EC2::NatGateway": ("AllocationId",),
    "AWS::EC2::SecurityGroup": ("VpcId", "GroupName"),
    SUBNET: ("VpcId", "CidrBlock"),
    ATTACHMENT: ("TransitGatewayId", "VpcId"),
    "AWS::EC2::VPCBlockPublicAccessExclusion": ("VpcId",),
    "AWS::CloudWatch::Alarm": ("AlarmName",),
    "AWS::CloudWatch::Dashboard": ("DashboardName",),
    "AWS::DynamoDB::Table": ("TableName",),
    "AWS::Events::Rule": ("Name",),
    "AWS::IAM::Role": ("RoleName",),
    "AWS::Lambda::Function": ("FunctionName",),
    "AWS::Logs::LogGroup": ("LogGroupName",),
    "AWS::Route53Resolver::FirewallRuleGroupAssociation": ("VpcId", "FirewallRuleGroupId"),
    "AWS::S3::Bucket": ("BucketName",),
    "AWS::SNS::Topic": ("TopicName",),
    "AWS::SQS::Queue": ("QueueName",),
}


def meant_keys(desired: ResourceGraph, observed: ResourceGraph) -> dict[Address, str]:
    """Return the keys of which the tags say something else, by (type, observed key).

    A key that is set right may tell where another was meant: what is told under the keys so far.
    """
    missing = {
        (node.type, node.key): node
        for node in desired
        if name_of(node) and (node.type, node.key) not in observed
    }
    strays = {
        (node.type, node.key): node
        for node in (observed if missing else ())
        if (node.type, node.key) not in desired.nodes and _is_stray(node, missing.values())
    }
    if not strays:
        return {}
    places = {mark: address for address, node in missing.items() for mark in _marks(node)}
    found: dict[Address, str] = {}
    for stray, address in (
        *(
            (a, places[mark])
            for a, node in strays.items()
            for mark in _marks(node)
            if mark in places
        ),
        *_still_referred(desired, observed),
    ):
        if stray in strays and stray not in found and address in missing:
            found[stray] = missing.pop(address).key
    return found


def _is_stray(node: Node, missing: Iterable[Node]) -> bool:
    deployment = next(iter(missing)).tags.get(DEPLOYMENT_TAG, "")
    return is_ours(node.tags, deployment) and not is_named_by_key(node, deployment)


def _still_referred(
    desired: ResourceGraph, observed: ResourceGraph
) -> Iterator[tuple[Address, Address]]:
    """Yield what is referred to in the place of what is wanted there, and that."""
    for node in desired:
        there = observed.nodes.get((node.type, node.key))
        if there is not None:
            for name, value in node.properties.items():
                yield from _moved(there.properties.get(name), value)


def _moved(before: Value, after: Value) -> Iterator[tuple[Address, Address]]:
    """Yield what a value refers to and what takes its place there."""
    old, new = list(references(before)), list(references(after))
    for one, other in zip(old, new, strict=True) if len(old) == len(new) else ():
        if one.type == other.type and one.key != other.key:
            yield (one.type, one.key), (other.type, other.key)


def lost(changes: Iterable[Change], observed: ResourceGraph, deployment: str) -> Iterator[str]:
    """Yield a line for each resource that would be made where there is one that lacks our tags."""
    changes = list(changes)
    made = _made(changes)
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
    referred = _referred(changes, made, observed, whose)
    for node, address in (*_alike(made.values(), index, strangers), *referred):
        # What is gone is referred to still, by its name.
        if whose.get(address) is Owner.FOREIGN and address not in told:
            told.add(address)
            yield _line(node, observed[address], "created, but")
    for other in strangers:
        if other.tags.get(DEPLOYMENT_TAG) == deployment and (other.type, other.key) not in told:
            yield (
                f"{_short(other)} bears {DEPLOYMENT_TAG}={deployment} but no {KEY_TAG}: give it "
                "its key again, or take away the other tag too"
            )


def left(
    changes: Iterable[Change], observed: ResourceGraph, deployment: str, keep: Container[str]
) -> Iterator[str]:
    """Yield a line for each resource that a destroy would leave, because it lacks our tags.

    `changes` lead to what is wanted; types in `keep` are left anyway. A name tells nothing here: a
    stranger may bear it, and is nobody's to take away.
    """
    changes = list(changes)
    whose = owners(observed, deployment)
    told: set[Address] = set()
    for node, address in _referred(changes, _made(changes), observed, whose):
        if whose[address] is Owner.FOREIGN and address not in told and node.type not in keep:
            told.add(address)
            yield _line(node, observed[address], "left, for")


def _made(changes: Iterable[Change]) -> dict[Address, Node]:
    made = {c.address: c.after for c in changes if c.action is Action.CREATE and c.after}
    return {address: node for address, node in made.items() if node.tags}


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
    changes: Iterable[Change],
    made: Mapping[Address, Node],
    observed: ResourceGraph,
    whose: Mapping[Address, Owner],
) -> Iterator[tuple[Node, Address]]:
    """Yield what is made with what has its place in something of ours.

    A subnet stays in the VPC that it was made in: if that is no longer ours, it was. Elsewhere a
    hand may have put another in its place, which is put out of use: it is the same if it says
    the same. A Transit Gateway may have been brought along until now: such a one bears a name of
    its own, or serves others.
    """
    children: dict[Ref, list[Node]] = defaultdict(list)
    for change in changes:
        parent = resource_type(change.type).parent
        if parent and change.after and change.action is Action.CREATE:
            children[change.after.properties[parent]].append(change.after)
    shared = {
        node.properties["TransitGatewayId"].key
        for node in observed.of_type(ATTACHMENT)
        if whose[node.type, node.key] is not Owner.OURS
    }
    for change in changes:
        forced = resource_type(change.type).replace if change.action is Action.REPLACE else ()
        for one in change.properties:
            for old, new in _moved(one.before, one.after):
                there = observed.nodes.get(old)
                if new not in made or there is None:
                    continue
                node = made[new]
                named = name_of(there) not in {"", name_of(node)}
                if there.type == GATEWAY and (named or there.key in shared):
                    continue
                kept = one.name in forced and there.type != GATEWAY
                if kept or _says_the_same(there, node, children[node.ref], observed):
                    yield node, old


def _says_the_same(
    there: Node, wanted: Node, children: Iterable[Node], observed: ResourceGraph
) -> bool:
    """Tell whether it has the properties that are wanted, and all that is wanted inside of it."""
    initial = resource_type(wanted.type).initial
    if any(
        there.properties.get(name) != value
        for name, value in wanted.properties.items()
        if name not in initial
    ):
        return False
    for child in children:
        kind = resource_type(child.type)
        assert kind.key is not None
        if (child.type, kind.key({**child.properties, kind.parent: there.ref})) not in observed:
            return False
    return True


def _line(node: Node, other: Node, fate: str) -> str:
    tags = {DEPLOYMENT_TAG: node.tags[DEPLOYMENT_TAG], KEY_TAG: node.key}
    missing = [name for name, value in tags.items() if other.tags.get(name) != value]
    lacking = f"the tag{'s' * (len(missing) - 1)} {' and '.join(missing)}"
    given = " ".join(f"{name}={value}" for name, value in tags.items())
    return (
        f"{_short(node)} would be {fate} {other.physical_id} stands in its place without "
        f"{lacking}: if it is the same, give it the tags {given}; if not, rename or delete it"
    )


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
    if node.type == ZONE:
        # "already associated with another hosted zone that has the same name" is refused.
        yield from ((ZONE, node.properties["Name"], vpc) for vpc in node.properties.get("VPCs", ()))
    # What bears both tags of another deployment, and its name, is that one's.
    name, other = name_of(node), node.tags.get(DEPLOYMENT_TAG, "")
    if name and not (
        node.physical_id and is_ours(node.tags, other) and is_named_by_key(node, other)
    ):
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
