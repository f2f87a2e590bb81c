"""A Terraform plan → the graph of what it builds.

Input: the text of `terraform show -json` of a plan, or of a state. Output: a ResourceGraph of the
shape that the compiler makes of a blueprint, every node with the address that asked for it.

Rules:
- Resources are brought into CloudFormation's terms, and go the way of a template's from there.
- A security group of Terraform's lets nothing out unless a rule says so: "by default, AWS creates
  an ALLOW ALL egress rule … Terraform will remove this default rule" (aws_security_group).
- What the plan does not know, and what it hides, is unknown under the argument's name.
"""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from ringwall.formats.cloudformation.draft import Draft
from ringwall.formats.cloudformation.evaluate import Evaluator
from ringwall.formats.cloudformation.joining import join
from ringwall.formats.cloudformation.resources import read_resource
from ringwall.formats.cloudformation.stacks import Resource, Stack
from ringwall.formats.cloudformation.tree import Tree
from ringwall.formats.cloudformation.values import Fault, Faults, is_unknown, reasons
from ringwall.formats.terraform.completing import complete
from ringwall.formats.terraform.document import Instance, open_plan
from ringwall.formats.terraform.forms import EC2, FORMS
from ringwall.formats.terraform.kinds import ALIASES, JOINED, is_beside_packets
from ringwall.formats.terraform.places import Places
from ringwall.formats.terraform.planned import Planned
from ringwall.formats.terraform.shapes import SHAPES
from ringwall.formats.terraform.standing import KEY, PARTS, STANDING
from ringwall.formats.terraform.wanted import WANTED
from ringwall.model.graph import Node, Origin, Ref, ResourceGraph, Value, references
from ringwall.resources.ownership import PROTECT_TAG

HINT = "`terraform show -json` writes what is read; `terraform validate` tells what Terraform takes"
# What is read by itself; what belongs to another resource is in JOINED.
READ = frozenset({*FORMS, *SHAPES, *STANDING})
# VPCs come first, what stands in subnets after them, rules and entries last.
_STAGES = {
    f"{EC2}VPC": 0,
    f"{EC2}Subnet": 1,
    f"{EC2}SecurityGroupIngress": 3,
    f"{EC2}SecurityGroupEgress": 3,
    f"{EC2}NetworkAclEntry": 3,
}


def read(text: str, *, file: str = "plan.json") -> ResourceGraph:
    """Read a plan; raises InputError with every fault found, each with the resource's address."""
    plan = open_plan(text, file)
    faults = Faults()
    stack = Stack(file, "", Tree(0, "mapping"))
    draft = Draft(Evaluator((stack,), faults, account="", region="", parameters={}))
    for address, why in plan.doubts:
        draft.lose(address, why)
    work = Planned(plan, draft)
    places = Places(plan, work.arguments.references)
    work.name_others()
    work.join()
    managed = list(work.managed())
    for instance in managed:
        if instance.type not in READ:
            if instance.type not in JOINED and instance.type not in ALIASES:
                _not_modelled(work, places, instance)
            continue
        for resource in _resources(work, places, instance):
            stack.resources[f"{len(stack.resources)}"] = resource
    resources = [*stack.resources.values(), *_propagations(work, places)]
    resources.sort(key=lambda resource: _STAGES.get(resource.type, 2))
    for stage, found in groupby(resources, key=lambda resource: _STAGES.get(resource.type, 2)):
        if stage > 1:
            work.adopt()
        for resource in found:
            _read_one(draft, resource)
    complete(work)
    join(draft, resources, default_egress=False)
    faults.check(HINT)
    return ResourceGraph(draft.nodes, tuple(draft.unknowns))


def _resources(work: Planned, places: Places, instance: Instance) -> list[Resource]:
    found = []
    for index, (kind, properties) in enumerate(work.items(instance)):
        key = work.keys[instance.address]
        if KEY in properties:
            key = f"{key}/{properties.pop(KEY)}"
        tags = instance.values.get("tags_all") or instance.values.get("tags")
        tagged = {"Tags": _tags(tags, instance)} if index == 0 and isinstance(tags, Mapping) else {}
        found.append(_resource(work, places, instance, kind, {**properties, **tagged}, key))
    return found


def _tags(tags: Mapping[str, Any], instance: Instance) -> dict[str, str]:
    secret = instance.sensitive if isinstance(instance.sensitive, Mapping) else {}
    hidden = secret.get("tags_all"), secret.get("tags")
    if True in hidden:
        return {}
    names = {name for part in hidden if isinstance(part, Mapping) for name in part if part[name]}
    return {
        name: value for name, value in tags.items() if isinstance(value, str) and name not in names
    }


def _resource(
    work: Planned,
    places: Places,
    instance: Instance,
    kind: str,
    properties: Mapping[str, Any],
    key: str,
) -> Resource:
    tree = Tree(0, "mapping")
    tree.entries["Properties"] = _tree(properties)
    tags = properties.get("Tags")
    if isinstance(tags, Mapping) and tags.get(PROTECT_TAG) == "true":
        tree.entries["DeletionPolicy"] = Tree(0, "scalar", "Retain")
    account, region = places.of(instance)
    stack = work.draft.work.stacks[0]
    return Resource(
        stack,
        instance.address,
        kind,
        tree,
        0,
        key,
        address=instance.address,
        account=account,
        region=region,
    )


def _tree(value: Value) -> Tree:
    """Return a value as the tree that it would have been written as."""
    if isinstance(value, Mapping):
        members = {name: _tree(item) for name, item in value.items() if item is not None}
        return Tree(0, "mapping", entries=members)
    if isinstance(value, list):
        return Tree(0, "list", items=[_tree(item) for item in value])
    return Tree(0, "scalar", value)


def _read_one(draft: Draft, resource: Resource) -> None:
    try:
        read_resource(draft, resource)
    except Fault as fault:
        draft.fault(resource, fault.line, fault.what)


def _propagations(work: Planned, places: Places) -> list[Resource]:
    found = []
    for gateway, tables in work.propagations.items():
        owner = work.instance_of(gateway)
        if owner is None:
            work.draft.lose(str(gateway), "route tables learn its routes; it is not in the plan")
            continue
        properties = {"VpnGatewayId": gateway, "RouteTableIds": list(dict.fromkeys(tables))}
        kind = f"{EC2}VPNGatewayRoutePropagation"
        found.append(_resource(work, places, owner, kind, properties, ""))
    return found


def _not_modelled(work: Planned, places: Places, instance: Instance) -> None:
    """Add what nobody understands as a node that is not modelled, with the VPCs it stands in."""
    if is_beside_packets(instance.type) or instance.type in PARTS:
        return
    written = instance.config.get("expressions")
    names = {*instance.values, *(written if isinstance(written, Mapping) else ())}
    found = {name: work.arguments.get(instance, name) for name in sorted(names)}
    named = [ref for ref in references(found) if not is_unknown(ref)]
    lost = [found[name] for name in found if name in WANTED]
    if next(reasons(lost), None) is not None or not named:
        work.lose(instance, f"{instance.type} is not modelled")
        return
    account, region = places.of(instance)
    node = Node(
        instance.type,
        instance.address,
        account,
        region,
        {"References": list(dict.fromkeys(named)), "Homes": _homes(work, named)},
        origin=Origin(work.draft.work.stacks[0].file, 0, address=instance.address),
    )
    work.draft.nodes.setdefault((node.type, node.key), node)


def _homes(work: Planned, named: list[Ref]) -> list[Ref]:
    """Return the VPCs in which the subnets and groups stand that a resource names."""
    found: dict[Ref, None] = {}
    for ref in named:
        instance = work.instance_of(ref)
        vpc = work.arguments.get(instance, "vpc_id") if instance is not None else None
        if isinstance(vpc, Ref) and not is_unknown(vpc):
            found[vpc] = None
    return list(found)
