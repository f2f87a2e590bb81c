"""A desired graph → the IAM actions that planning, applying or destroying it calls for.

Rules:
- The actions are read off the very calls that the resource files name, so that a new call cannot be
  forgotten.
- What changes or deletes a tagged EC2 resource is allowed on resources of the deployment alone.
- The policy was held against the calls, not against IAM itself: AWS enforces it, no emulator does.
"""

from collections.abc import Iterable
from typing import Any

from ringwall.model.arns import partition_of
from ringwall.model.calls import Call, Lookup
from ringwall.model.graph import Node, ResourceGraph
from ringwall.resources import deployable, registry
from ringwall.resources.actions import action_of, actions_of, detail_actions
from ringwall.resources.dynamodb_table import KEEPING, LOOKING
from ringwall.resources.dynamodb_table import TYPE as JOURNAL
from ringwall.resources.kind import ResourceType
from ringwall.resources.ownership import DEPLOYMENT_TAG, MADE_BY_TAG, RESPONDER

_READS = ("Describe", "Get", "List", "Search")
_LOCK = ("ssm:DeleteParameter", "ssm:GetParameter", "ssm:PutParameter")


def policy(graph: ResourceGraph, deployment: str, region: str, purpose: str) -> dict[str, Any]:
    """Return the IAM policy for `plan`, `apply` or `destroy` of a graph."""
    kinds = [registry()[name] for name in sorted({node.type for node in graph})]
    reads = _reads(deployable()) | {"sts:GetCallerIdentity"}
    writes: set[str] = set()
    if purpose != "plan":
        reads.add("ssm:GetParameter")
        writes |= set(_LOCK)
        for node in graph:
            writes |= _writes(node, purpose)
    for kind in kinds:
        writes |= set(kind.permissions.get(purpose, ()))
    reads |= {action for action in writes if _is_read(action)}
    statements = [*_statements(reads, writes - reads, deployment, region)]
    if any(kind.name == JOURNAL for kind in kinds):
        statements.append(_journal(purpose, deployment, region))
    return {"Version": "2012-10-17", "Statement": statements}


def _journal(purpose: str, deployment: str, region: str) -> dict[str, Any]:
    """Return what asks the responder's journal what stands; apply lets end what it deletes."""
    actions = KEEPING if purpose == "apply" else LOOKING
    table = f"table/ringwall-{deployment}-*"
    return {
        "Sid": "Journal",
        "Effect": "Allow",
        "Action": sorted(actions),
        "Resource": f"arn:{partition_of(region)}:dynamodb:{region}:*:{table}",
    }


def _reads(kinds: tuple[ResourceType, ...]) -> set[str]:
    """Return what plan, apply and drift read: what surveys ask alone is left to them."""
    listed = {action_of(each.service, each.operation) for kind in kinds for each in kind.listings}
    return listed | set(detail_actions(kinds))


def _writes(node: Node, purpose: str) -> set[str]:
    kind = registry()[node.type]
    calls: list[Call] = [*kind.delete(node)]
    if purpose == "apply":
        calls += kind.create(node)
        calls += kind.update(node, node, frozenset(node.properties))
        if kind.tag is not None:
            calls += kind.tag(node, node.tags)
    found: set[str] = set()
    for call in calls:
        found |= actions_of(call.service, call.operation, call.request)
        found |= {action_of(call.service, wait.operation) for wait in call.waits_for}
        found |= {
            action_of(value.service, value.operation)
            for value in call.request.values()
            if isinstance(value, Lookup)
        }
    return found


def _is_read(action: str) -> bool:
    return action.split(":")[1].startswith(_READS)


def _statements(
    reads: set[str], writes: set[str], deployment: str, region: str
) -> Iterable[dict[str, Any]]:
    yield {"Sid": "Read", "Effect": "Allow", "Action": sorted(reads), "Resource": "*"}
    owned = {
        a for a in writes if a.startswith("ec2:Delete") and a.removeprefix("ec2:Delete") in _TAGGED
    }
    if owned:
        yield {
            "Sid": "DeleteOwn",
            "Effect": "Allow",
            "Action": sorted(owned),
            "Resource": "*",
            "Condition": {
                "StringEquals": {
                    f"aws:ResourceTag/{DEPLOYMENT_TAG}": deployment,
                    "aws:RequestedRegion": region,
                }
            },
        }
    if "ec2:DeleteSecurityGroup" in owned:
        yield {
            "Sid": "DeleteMadeByResponder",
            "Effect": "Allow",
            "Action": ["ec2:DeleteSecurityGroup"],
            "Resource": "*",
            "Condition": {
                "StringEquals": {
                    f"aws:ResourceTag/{MADE_BY_TAG}": RESPONDER,
                    "aws:RequestedRegion": region,
                }
            },
        }
    world = {a for a in writes if a.startswith(("iam:", "route53:"))}  # services without regions
    regional = writes - owned - world
    if regional:
        yield {
            "Sid": "Write",
            "Effect": "Allow",
            "Action": sorted(regional),
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:RequestedRegion": region}},
        }
    if world:
        yield {"Sid": "WriteGlobal", "Effect": "Allow", "Action": sorted(world), "Resource": "*"}


# EC2 resources whose deletion takes `aws:ResourceTag` (Service Authorization Reference, EC2).
_TAGGED = frozenset(
    {
        "EgressOnlyInternetGateway", "FlowLogs", "InternetGateway", "NatGateway", "NetworkAcl",
        "NetworkAclEntry", "Route", "RouteTable", "SecurityGroup", "Subnet", "TransitGateway",
        "TransitGatewayRoute", "TransitGatewayRouteTable", "TransitGatewayVpcAttachment", "Vpc",
        "VpcEndpoints",
    }
)  # fmt: skip
