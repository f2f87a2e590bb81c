"""AWS::Lambda::Permission: who may call a function, one statement of its policy.

Rules:
- It bears no tags and belongs to its function: in one of ours the set is exclusive.
- Its statement's id follows from what it allows.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call
from ringwall.model.graph import Node, Ref
from ringwall.resources.derived_names import digest
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.identifiers import key_of
from ringwall.resources.kind import Reads, ResourceType
from ringwall.resources.lambda_function import FUNCTIONS, GONE, function_detail, listed_name
from ringwall.resources.lambda_function import TYPE as FUNCTION

TYPE = "AWS::Lambda::Permission"
POLICY = function_detail("get_policy", "Policy")
PROPERTIES = ("Action", "FunctionName", "Principal", "SourceAccount", "SourceArn")


def key(properties: Mapping[str, Any]) -> str:
    """Return `function<principal:source`."""
    who = f"{properties['Principal']}:{key_of(properties.get('SourceArn', '*'))}"
    return f"{key_of(properties['FunctionName'])}<{who}"


def _condition(statement: Mapping[str, Any], name: str) -> str:
    """Return what a condition asks of a key; AWS writes `AWS:SourceArn`."""
    for tests in (statement.get("Condition") or {}).values():
        for each, value in tests.items():
            if each.lower() == name:
                return str(value)
    return ""


def _source(arn: str) -> Ref | str:
    service = arn.split(":")[2:3]
    if service == ["sns"]:
        return Ref("AWS::SNS::Topic", arn)
    if service == ["events"] and ":rule/" in arn:
        return Ref("AWS::Events::Rule", arn.rpartition("/")[2], "Arn")
    return arn


def _principal(value: object) -> str:
    return str(next(iter(value.values()), "*")) if isinstance(value, Mapping) else str(value)


def read(reads: Reads) -> Iterable[Node]:
    """Yield the statements of the functions that were looked at."""
    for item in reads.items(FUNCTIONS):
        name = listed_name(item)
        text = reads.detail(POLICY, name)
        for statement in json.loads(text)["Statement"] if text else ():
            properties = {
                "FunctionName": Ref(FUNCTION, name),
                "Action": statement["Action"],
                "Principal": _principal(statement["Principal"]),
            }
            arn, account = (
                _condition(statement, f"aws:{n}") for n in ("sourcearn", "sourceaccount")
            )
            properties |= {"SourceArn": _source(arn)} if arn else {}
            properties |= {"SourceAccount": account} if account else {}
            sid = statement["Sid"]
            yield ec2_node(reads, TYPE, f"{name}:{sid}", properties, {"Sid": sid})


def create(node: Node) -> tuple[Call, ...]:
    """Add the statement."""
    request = {name: node.properties[name] for name in PROPERTIES if name in node.properties}
    request["StatementId"] = f"ringwall-{digest(node.key)}"
    present = frozenset({"ResourceConflictException"})
    return (Call("lambda", "add_permission", request, ignore=present),)


def delete(node: Node) -> tuple[Call, ...]:
    """Remove the statement."""
    request = {
        "FunctionName": node.properties["FunctionName"],
        "StatementId": node.observed.get("Sid") or f"ringwall-{digest(node.key)}",
    }
    return (Call("lambda", "remove_permission", request, ignore=GONE),)


RESOURCE = ResourceType(
    name=TYPE,
    listings=(FUNCTIONS,),
    details=(POLICY,),
    read=read,
    key=key,
    parent="FunctionName",
    create=create,
    delete=delete,
    replace=frozenset(PROPERTIES),
    dies_with_parent=lambda _node: True,
)
