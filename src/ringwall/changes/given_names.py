"""Names that AWS takes at creation alone, as derived from a blueprint → as they are given at AWS.

Rules:
- A role or bucket whose name was derived keeps the one that it has, and what names it by that name
  follows: another version of Ringwall may derive another, and a new name would be a new resource.
- A group is found by its tags, so that it keeps its name through every change of its key. A new
  group whose name a group of ours holds, which was renamed, takes the next free one.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from ringwall.model.graph import Address, Node, Ref, ResourceGraph
from ringwall.resources import resource_type
from ringwall.resources.derived_names import TAIL
from ringwall.resources.ownership import DEPLOYMENT_TAG, is_ours

GROUP = "AWS::EC2::SecurityGroup"
NAMES: Mapping[str, str] = {"AWS::IAM::Role": "RoleName", "AWS::S3::Bucket": "BucketName"}
_CUT = 60  # 0.1 cut what was longer than AWS takes


def as_given(desired: ResourceGraph, observed: ResourceGraph) -> ResourceGraph:
    """Return what is wanted, under the names that its resources have or can be given."""
    return _free_group_names(_keep_names(desired, observed), observed)


def _keep_names(desired: ResourceGraph, observed: ResourceGraph) -> ResourceGraph:
    changed: dict[Address, Node] = {}
    for type_name, name in NAMES.items():
        for node in desired.of_type(type_name):
            there = observed.get((node.type, node.key))
            old = str(node.properties.get(name))
            new = str(there.properties.get(name)) if there is not None else old
            if new == old or not (_is_derived(node, old) and _is_derived(node, new)):
                continue
            for other in (node, *_children(desired, node.ref)):
                properties = resource_type(other.type).normalise(
                    {n: _named(value, old, new) for n, value in other.properties.items()}
                )
                changed[other.type, other.key] = replace(other, properties=properties)
    return desired.with_nodes(changed.values()) if changed else desired


def _children(graph: ResourceGraph, ref: Ref) -> list[Node]:
    return [n for n in graph if n.properties.get(resource_type(n.type).parent) == ref]


def _is_derived(node: Node, name: str) -> bool:
    """Tell whether a name is one that a version of Ringwall derives for a node."""
    stem = f"ringwall-{node.tags.get(DEPLOYMENT_TAG)}-{node.key}"
    if not name.startswith(stem):
        return False
    return len(name) >= _CUT or TAIL.fullmatch(name.removeprefix(stem)) is not None


def _named(value: object, old: str, new: str) -> object:
    """Put a name in the place of another, alone or in the ARN of a bucket."""
    match value:
        case str():
            return re.sub(rf"(?<=:::){re.escape(old)}(?=/|$)|^{re.escape(old)}$", new, value)
        case Mapping():
            return {name: _named(item, old, new) for name, item in value.items()}
        case list() | tuple():
            return [_named(item, old, new) for item in value]
        case _:
            return value


def _free_group_names(desired: ResourceGraph, observed: ResourceGraph) -> ResourceGraph:
    # "A security group name … must be unique within the VPC" (EC2 API, CreateSecurityGroup).
    names: dict[Ref, set[str]] = defaultdict(set)
    ours: dict[Ref, set[str]] = defaultdict(set)
    deployment = next((node.tags.get(DEPLOYMENT_TAG, "") for node in desired.of_type(GROUP)), "")
    for node in observed.of_type(GROUP):
        vpc, name = node.properties["VpcId"], node.properties.get("GroupName", "")
        names[vpc].add(name)
        if is_ours(node.tags, deployment):
            ours[vpc].add(name)
    renamed = []
    for node in desired.of_type(GROUP):
        vpc, name = node.properties["VpcId"], node.properties.get("GroupName", "")
        if (node.type, node.key) in observed or not name or name not in ours[vpc]:
            continue
        held = names[vpc]
        free = next(f"{name}-{n}" for n in range(2, len(held) + 3) if f"{name}-{n}" not in held)
        held.add(free)
        renamed.append(replace(node, properties={**node.properties, "GroupName": free}))
    return desired.with_nodes(renamed) if renamed else desired
