"""AWS::IAM::Role, with its inline policies.

Rule: a policy of ours bears the name of its role, so that its document is read without a call for
names first; a policy of any other name is seen by its name, and is drift.

Rule: a role is of the region at the end of its name, which nobody can change; where there is none,
of its tag's, then of the one whose flow logs may take it on.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call, Idempotence
from ringwall.model.graph import Node
from ringwall.resources.derived_names import region_in_name
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.kind import Detail, Item, Listing, Reads, ResourceType
from ringwall.resources.ownership import REGION_TAG, from_tag_list, to_tag_list
from ringwall.resources.policy_document import normal_document, to_text

TYPE = "AWS::IAM::Role"
ROLES = Listing("iam", "list_roles", "Roles", request={"PathPrefix": "/ringwall/{deployment}/"})
NO_SUCH = frozenset({"NoSuchEntity"})
_FLOW_LOG = re.compile(r"arn:[a-z-]+:ec2:([a-z0-9-]+):")


def _name(item: Item) -> str:
    return str(item["RoleName"])


def _detail(operation: str, items: str) -> Detail:
    return Detail(
        "iam",
        operation,
        ROLES.name,
        item_id=_name,
        request=lambda item: {"RoleName": item["RoleName"]},
        items=items,
    )


TAGS = _detail("list_role_tags", "Tags")
POLICY_NAMES = _detail("list_role_policies", "PolicyNames")
MANAGED_POLICIES = _detail("list_attached_role_policies", "AttachedPolicies[].PolicyArn")
POLICY = Detail(
    "iam",
    "get_role_policy",
    ROLES.name,
    item_id=_name,
    request=lambda item: {"RoleName": item["RoleName"], "PolicyName": item["RoleName"]},
    items="PolicyDocument",
)


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Bring the documents into normal form; a single inline policy takes the role's name."""
    full: dict[str, Any] = {"Path": "/", **properties}
    if "AssumeRolePolicyDocument" in full:
        full["AssumeRolePolicyDocument"] = normal_document(full["AssumeRolePolicyDocument"])
    policies = [
        {
            "PolicyName": policy["PolicyName"],
            "PolicyDocument": normal_document(policy.get("PolicyDocument") or {"Statement": []}),
        }
        for policy in full.get("Policies") or ()
    ]
    if len(policies) == 1 and "RoleName" in full and policies[0]["PolicyDocument"]["Statement"]:
        policies[0]["PolicyName"] = full["RoleName"]
    full["Policies"] = sorted(policies, key=lambda policy: str(policy["PolicyName"]))
    full["ManagedPolicyArns"] = sorted(full.get("ManagedPolicyArns") or ())
    return {n: v for n, v in full.items() if v or n not in {"Policies", "ManagedPolicyArns"}}


def _region(reads: Reads, item: Item, tags: Iterable[Mapping[str, Any]] | None) -> str:
    """Return the region that a role serves, "" if nothing tells."""
    tagged = from_tag_list(tags).get(REGION_TAG)
    trusted = _FLOW_LOG.search(str(item.get("AssumeRolePolicyDocument")))
    named = region_in_name(_name(item), reads.account, reads.region)
    return named or tagged or (trusted[1] if trusted else "")


def read(reads: Reads) -> Iterable[Node]:
    """Yield the roles under the deployment's path, but those of other regions."""
    for item in reads.items(ROLES):
        name = _name(item)
        tags = reads.detail(TAGS, name) or item.get("Tags")
        if _region(reads, item, tags) not in {"", reads.region}:
            continue
        documents = {name: reads.detail(POLICY, name)}
        properties = {
            "RoleName": name,
            "Path": item["Path"],
            "AssumeRolePolicyDocument": item.get("AssumeRolePolicyDocument", {"Statement": []}),
            "Policies": [
                {"PolicyName": one, "PolicyDocument": documents.get(one)}
                for one in reads.detail(POLICY_NAMES, name) or ()
            ],
            "ManagedPolicyArns": reads.detail(MANAGED_POLICIES, name) or (),
        }
        yield ec2_node(reads, TYPE, name, normalise(properties), {"Arn": item["Arn"]}, tags)


def _put(node: Node, policy: Mapping[str, Any]) -> Call:
    request = {
        "RoleName": node.properties["RoleName"],
        "PolicyName": policy["PolicyName"],
        "PolicyDocument": to_text(policy["PolicyDocument"]),
    }
    return Call("iam", "put_role_policy", request)


def _drop(node: Node, policy: Mapping[str, Any]) -> Call:
    request = {"RoleName": node.properties["RoleName"], "PolicyName": policy["PolicyName"]}
    return Call("iam", "delete_role_policy", request, ignore=NO_SUCH)


def _attach(node: Node, arn: str, *, attach: bool) -> Call:
    operation = "attach_role_policy" if attach else "detach_role_policy"
    request = {"RoleName": node.properties["RoleName"], "PolicyArn": arn}
    return Call("iam", operation, request, ignore=frozenset() if attach else NO_SUCH)


def create(node: Node) -> tuple[Call, ...]:
    """Create it, then put its policies."""
    request: dict[str, Any] = {
        "RoleName": node.properties["RoleName"],
        "Path": node.properties["Path"],
        "AssumeRolePolicyDocument": to_text(node.properties["AssumeRolePolicyDocument"]),
        "Tags": to_tag_list(node.tags),
    }
    made = Call(
        "iam",
        "create_role",
        request,
        extract={"id": "Role.RoleName", "Arn": "Role.Arn"},
        idempotent_by=Idempotence.TAG,
    )
    return (
        made,
        *(_put(node, policy) for policy in node.properties.get("Policies", ())),
        *(_attach(node, a, attach=True) for a in node.properties.get("ManagedPolicyArns", ())),
    )


def update(before: Node, after: Node, changed: frozenset[str]) -> tuple[Call, ...]:
    """Put the documents that differ and take away what is not wanted."""
    calls: list[Call] = []
    if "AssumeRolePolicyDocument" in changed:
        document = to_text(after.properties["AssumeRolePolicyDocument"])
        request = {"RoleName": after.properties["RoleName"], "PolicyDocument": document}
        calls.append(Call("iam", "update_assume_role_policy", request))
    old, new = (node.properties.get("Policies", []) for node in (before, after))
    kept = {policy["PolicyName"] for policy in new}
    calls += [_put(after, policy) for policy in new if policy not in old]
    calls += [_drop(after, policy) for policy in old if policy["PolicyName"] not in kept]
    was, wanted = (node.properties.get("ManagedPolicyArns", []) for node in (before, after))
    calls += [_attach(after, arn, attach=True) for arn in wanted if arn not in was]
    calls += [_attach(after, arn, attach=False) for arn in was if arn not in wanted]
    return tuple(calls)


def delete(node: Node) -> tuple[Call, ...]:
    """Take its policies away, then delete it."""
    return (
        *(_drop(node, policy) for policy in node.properties.get("Policies", ())),
        *(_attach(node, a, attach=False) for a in node.properties.get("ManagedPolicyArns", ())),
        Call("iam", "delete_role", {"RoleName": node.properties["RoleName"]}, ignore=NO_SUCH),
    )


def tag(node: Node, tags: Mapping[str, str]) -> tuple[Call, ...]:
    """Set tags."""
    request = {"RoleName": node.properties["RoleName"], "Tags": to_tag_list(tags)}
    return (Call("iam", "tag_role", request),)


RESOURCE = ResourceType(
    name=TYPE,
    listings=(ROLES,),
    details=(TAGS, POLICY_NAMES, POLICY, MANAGED_POLICIES),
    read=read,
    normalise=normalise,
    create=create,
    update=update,
    delete=delete,
    tag=tag,
    replace=frozenset({"RoleName", "Path"}),
    worldwide=True,
    # CreateRole with tags ("Controlling access to and for IAM users and roles using tags").
    permissions={"apply": ("iam:TagRole",)},
)
