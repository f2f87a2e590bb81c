"""CloudFormation templates → the graph of what they build.

Input: the texts of one or more templates, those of nested stacks and of stacks that import from
each other among them. Output: a ResourceGraph of the shape that the compiler makes of a blueprint,
every node with the file and line that asked for it.

Rules:
- A resource's key is its tag `ringwall:key`, else its logical id; where two of a type have the same
  one, `<stack>/<logical id>`.
- Nothing that cannot be computed gets a default: it stands in the graph's unknowns, or where the
  engines find it, under its name.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ringwall.errors import InputError
from ringwall.formats.cloudformation.draft import Draft, normal_type
from ringwall.formats.cloudformation.evaluate import Evaluator
from ringwall.formats.cloudformation.joining import join, lose_all_learned
from ringwall.formats.cloudformation.kinds import is_beside_packets
from ringwall.formats.cloudformation.resources import read_resource
from ringwall.formats.cloudformation.stacks import Resource, Stack, check_parameters, open_stacks
from ringwall.formats.cloudformation.values import Fault, Faults, is_unknown
from ringwall.model.graph import ResourceGraph
from ringwall.resources.ownership import KEY_TAG

MAX_FILES = 500
# What others are found by comes first, rules and entries after what they belong to.
_FIRST = {"AWS::EC2::VPC": 0, "AWS::EC2::Subnet": 1}
_LAST = frozenset(
    {
        "AWS::EC2::SecurityGroupIngress",
        "AWS::EC2::SecurityGroupEgress",
        "AWS::EC2::NetworkAclEntry",
    }
)


def read(
    texts: Mapping[str, str],
    *,
    account: str = "",
    region: str = "",
    parameters: Mapping[str, str] | None = None,
) -> ResourceGraph:
    """Read templates by file name into one graph.

    `parameters` are values of the parameters of templates that no other one nests; `AWS::StackName`
    may be among them, and `AWS::Region` and `AWS::AccountId` where these are not given
    otherwise. Raises InputError with every fault found, each with its file and line.
    """
    if len(texts) > MAX_FILES:
        msg = f"{len(texts)} templates are given; {MAX_FILES} is the most"
        raise InputError(msg, hint="give the templates of one network")
    faults = Faults()
    stacks = open_stacks(texts, faults)
    given = parameters or {}
    wrong = list(check_parameters(stacks, given))
    if wrong:
        raise InputError(wrong[0], hint="write --parameter NAME=VALUE with a name of a template")
    work = Evaluator(stacks, faults, account=account, region=region, parameters=given)
    resources = [resource for stack in stacks for resource in stack.resources.values()]
    _name(resources)
    draft = Draft(work)
    _transforms(draft, stacks)
    ordered = sorted(resources, key=lambda r: _FIRST.get(r.type, 3 if r.type in _LAST else 2))
    present = [resource for resource in ordered if _exists(draft, resource)]
    for resource in present:
        _read_one(draft, resource)
    join(draft, present)
    lose_all_learned(draft)
    faults.check()
    return ResourceGraph(draft.nodes, tuple(draft.unknowns))


def _read_one(draft: Draft, resource: Resource) -> None:
    try:
        read_resource(draft, resource)
    except Fault as fault:
        draft.fault(resource, fault.line or resource.line, fault.what)


def _name(resources: list[Resource]) -> None:
    for resource in resources:
        resource.key = _tagged_key(resource) or resource.logical_id
    count = Counter((normal_type(resource), resource.key) for resource in resources)
    for resource in resources:
        if count[normal_type(resource), resource.key] > 1:
            resource.key = f"{resource.stack.name}/{resource.logical_id}"


def _tagged_key(resource: Resource) -> str:
    for name in ("Tags", "HostedZoneTags"):
        tree = resource.properties.get(name)
        for tag in tree.items if tree is not None else ():
            key, value = tag.get("Key"), tag.get("Value")
            if key is not None and value is not None and key.scalar == KEY_TAG:
                return value.scalar if isinstance(value.scalar, str) else ""
    return ""


def _exists(draft: Draft, resource: Resource) -> bool:
    try:
        found = _in_its_stack(draft, resource)
    except Fault as fault:
        draft.fault(resource, fault.line, fault.what)
        return False
    if found is True:
        return True
    if is_unknown(found) and not is_beside_packets(resource.type):
        what = f"{resource.type.rsplit('::', 1)[-1]} {resource.key}"
        draft.lose(what, f"whether it is there: {found.key}")
    return False


def _in_its_stack(draft: Draft, resource: Resource) -> Any:  # noqa: ANN401
    """Return whether a resource is there: its condition, and those of the stacks around it."""
    stack: Stack | None = resource.stack
    found = draft.work.exists(resource)
    while found is True and stack is not None and stack.parent is not None:
        found = draft.work.exists(stack.parent.resources[stack.name.rpartition("/")[2]])
        stack = stack.parent
    return found


def _transforms(draft: Draft, stacks: tuple[Stack, ...]) -> None:
    for stack in stacks:
        transform = stack.tree.get("Transform")
        if transform is not None:
            why = "macros rewrite the template on AWS; give the processed template"
            draft.lose(f"Transform of {stack.file}", why)
