"""AWS::Lambda::Function: code from a zip in S3, or from a file beside the blueprint.

Rules:
- `Code` is where the zip is, which Lambda does not tell again: a difference in it is no drift.
  `CodeSha256`, in Base64 as Lambda tells it, says what runs, and is what a change goes by.
- A function is looked at when the deployment's name is in its own.
- Of an environment, values are kept whose names begin with RINGWALL_; others may be secrets, and a
  digest tells them apart.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call, Idempotence, Wait
from ringwall.model.graph import Address, Node, Ref, ResourceGraph
from ringwall.resources.derived_names import digest
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.flow_log import LOG_GROUP
from ringwall.resources.kind import Detail, Item, Listing, Reads, ResourceType
from ringwall.resources.ownership import to_tag_list

TYPE = "AWS::Lambda::Function"
ROLE = "AWS::IAM::Role"
FUNCTIONS = Listing("lambda", "list_functions", "Functions")
GONE = frozenset({"ResourceNotFoundException"})
OWN_VARIABLES = "RINGWALL_"


def listed_name(item: Item) -> str:
    """Return the name of a listed function."""
    return str(item["FunctionName"])


def is_named_for(item: Item, deployment: str) -> bool:
    """Tell whether a listed function bears a name that this deployment gives."""
    return listed_name(item).startswith(f"ringwall-{deployment}-")


def function_detail(operation: str, items: str) -> Detail:
    """Return a call that is made for each function of the deployment."""
    return Detail(
        "lambda",
        operation,
        FUNCTIONS.name,
        item_id=listed_name,
        request=lambda item: {"FunctionName": listed_name(item)},
        items=items,
        wanted=is_named_for,
    )


CONFIGURATION = function_detail("get_function_configuration", "@")
CONCURRENCY = function_detail("get_function_concurrency", "ReservedConcurrentExecutions")
FUNCTION_TAGS = function_detail("get_function", "Tags")
# What CreateFunction and UpdateFunctionConfiguration take alike.
CONFIGURED = (
    "DeadLetterConfig",
    "Description",
    "Environment",
    "Handler",
    "LoggingConfig",
    "MemorySize",
    "Role",
    "Runtime",
    "Timeout",
)
DEFAULTS: Mapping[str, Any] = {
    "Architectures": ["x86_64"],
    "Description": "",
    "MemorySize": 128,
    "Timeout": 3,
}


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in Lambda's defaults, and leave out what is empty."""
    full = {**DEFAULTS, **properties}
    if "LoggingConfig" in full:
        full["LoggingConfig"] = {"LogFormat": "Text", **full["LoggingConfig"]}
    return {name: value for name, value in full.items() if value not in ({}, None)}


def _arn_name(arn: str) -> str:
    return arn.rpartition(":")[2].rpartition("/")[2]


def _variables(told: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value if name.startswith(OWN_VARIABLES) else f"(not shown) #{digest(value)}"
        for name, value in sorted(told.items())
    }


def _properties(told: Mapping[str, Any]) -> dict[str, Any]:
    names = (*CONFIGURED, "Architectures", "CodeSha256", "FunctionName")
    found = {name: told[name] for name in names if told.get(name) is not None}
    found["Role"] = Ref(ROLE, _arn_name(told["Role"]), "Arn")
    target = (told.get("DeadLetterConfig") or {}).get("TargetArn")
    found["DeadLetterConfig"] = {"TargetArn": target} if target else {}
    variables = _variables((told.get("Environment") or {}).get("Variables") or {})
    found["Environment"] = {"Variables": variables} if variables else {}
    logging = told.get("LoggingConfig") or {}
    if logging.get("LogGroup"):
        group = Ref(LOG_GROUP, logging["LogGroup"])
        format_name = logging.get("LogFormat", "Text")
        found["LoggingConfig"] = {"LogFormat": format_name, "LogGroup": group}
    return found


def read(reads: Reads) -> Iterable[Node]:
    """Yield the functions that were looked at."""
    for item in reads.items(FUNCTIONS):
        name = listed_name(item)
        told = reads.detail(CONFIGURATION, name)
        if told is None:
            continue
        properties = _properties(told)
        reserved = reads.detail(CONCURRENCY, name)
        if reserved is not None:
            properties["ReservedConcurrentExecutions"] = reserved
        tags = to_tag_list(reads.detail(FUNCTION_TAGS, name) or {})
        observed = {"Arn": told.get("FunctionArn"), "LastUpdateStatus": told.get("State")}
        yield ec2_node(reads, TYPE, name, normalise(properties), observed, tags)


def _name(node: Node) -> dict[str, Any]:
    return {"FunctionName": node.properties["FunctionName"]}


def _wait(node: Node, path: str, success: str) -> Wait:
    return Wait(
        "get_function_configuration",
        _name(node),
        path,
        success=frozenset({success}),
        failure=frozenset({"Failed"}),
    )


def _reserve(node: Node) -> Call:
    reserved = node.properties.get("ReservedConcurrentExecutions")
    if reserved is None:
        return Call("lambda", "delete_function_concurrency", _name(node))
    request = {**_name(node), "ReservedConcurrentExecutions": reserved}
    return Call("lambda", "put_function_concurrency", request)


def _configured(node: Node) -> dict[str, Any]:
    return {name: node.properties[name] for name in CONFIGURED if name in node.properties}


def create(node: Node) -> tuple[Call, ...]:
    """Create it, wait until it can be called, and reserve its concurrency."""
    request = {
        **_name(node),
        **_configured(node),
        "Architectures": node.properties["Architectures"],
        "Code": node.properties["Code"],
        "Tags": dict(node.tags),
    }
    made = Call(
        "lambda",
        "create_function",
        request,
        extract={"id": "FunctionName", "Arn": "FunctionArn"},
        idempotent_by=Idempotence.TAG,
        waits_for=(_wait(node, "State", "Active"),),
    )
    reserved = "ReservedConcurrentExecutions" in node.properties
    return (made, _reserve(node)) if reserved else (made,)


def update(before: Node, after: Node, changed: frozenset[str]) -> tuple[Call, ...]:
    """Change code, configuration and concurrency, each when the one before has settled."""
    settled = (_wait(after, "LastUpdateStatus", "Successful"),)
    calls: list[Call] = []
    if changed & {"CodeSha256", "Architectures"}:
        architectures = {"Architectures": after.properties["Architectures"]}
        request = {**_name(after), **after.properties.get("Code", {}), **architectures}
        calls.append(Call("lambda", "update_function_code", request, waits_for=settled))
    if changed & set(CONFIGURED):
        empty: dict[str, Any] = {
            "DeadLetterConfig": {"TargetArn": ""},
            "Environment": {"Variables": {}},
        }
        gone = {n: v for n, v in empty.items() if n in before.properties and n in changed}
        request = {**_name(after), **gone, **_configured(after)}
        call = Call("lambda", "update_function_configuration", request, waits_for=settled)
        calls.append(call)
    if "ReservedConcurrentExecutions" in changed:
        calls.append(_reserve(after))
    return tuple(calls)


def delete(node: Node) -> tuple[Call, ...]:
    """Delete it."""
    return (Call("lambda", "delete_function", _name(node), ignore=GONE),)


def depends(node: Node, graph: ResourceGraph) -> Iterable[Address]:
    """Yield the queue of dead letters, which is named by its ARN: its id is a URL."""
    name = _arn_name(node.properties.get("DeadLetterConfig", {}).get("TargetArn", ""))
    for queue in graph.of_type("AWS::SQS::Queue"):
        if queue.properties.get("QueueName") == name:
            yield (queue.type, queue.key)


def tag(node: Node, tags: Mapping[str, str]) -> tuple[Call, ...]:
    """Set tags."""
    request = {"Resource": Ref(TYPE, node.key, "Arn"), "Tags": dict(tags)}
    return (Call("lambda", "tag_resource", request),)


RESOURCE = ResourceType(
    name=TYPE,
    listings=(FUNCTIONS,),
    details=(CONFIGURATION, CONCURRENCY, FUNCTION_TAGS),
    read=read,
    normalise=normalise,
    create=create,
    update=update,
    delete=delete,
    tag=tag,
    replace=frozenset({"FunctionName"}),
    initial=frozenset({"Code"}),
    depends=depends,
    # "Actions … for AWS Lambda": the role is passed, the zip is read by who creates.
    permissions={
        "apply": (
            "iam:PassRole",
            "lambda:TagResource",
            "lambda:GetFunction",
            "s3:GetObject",
            "s3:GetObjectVersion",
        )
    },
)
