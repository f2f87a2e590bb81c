"""AWS::CloudWatch::Dashboard: pictures of metrics and logs; its body is kept as an object.

Rules:
- The body is compared as an object: AWS stores JSON text, whose spaces and order say nothing.
- Dashboards are named `ringwall_<deployment>_<key>`, for no slash may stand there, and looked for
  under that prefix; words of a blueprint hold no underscore.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call, JsonText
from ringwall.model.graph import Node, Ref, Value
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.identifiers import reference
from ringwall.resources.kind import Detail, Listing, Reads, ResourceType
from ringwall.resources.ownership import to_tag_list

TYPE = "AWS::CloudWatch::Dashboard"
DASHBOARDS = Listing(
    "cloudwatch",
    "list_dashboards",
    "DashboardEntries",
    request={"DashboardNamePrefix": "ringwall_{deployment}_"},
)
BODY = Detail(
    "cloudwatch",
    "get_dashboard",
    DASHBOARDS.name,
    item_id=lambda item: str(item["DashboardName"]),
    request=lambda item: {"DashboardName": item["DashboardName"]},
    items="DashboardBody",
)
TAGS = Detail(
    "cloudwatch",
    "list_tags_for_resource",
    DASHBOARDS.name,
    item_id=lambda item: str(item["DashboardName"]),
    request=lambda item: {"ResourceARN": item["DashboardArn"]},
    items="Tags",
    variant="dashboards",
)
GONE = frozenset({"ResourceNotFound", "DashboardNotFoundError"})


def name_of(deployment: str, key: str) -> str:
    """Return the name of a dashboard: `ringwall_<deployment>_<key>`."""
    return f"ringwall_{deployment}_{key.replace('/', '_')}"


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Take JSON text apart, with references for the ids in it."""
    full = dict(properties)
    body = full.get("DashboardBody")
    if isinstance(body, str):
        full["DashboardBody"] = _referring(json.loads(body))
    return full


def _referring(value: Value) -> Value:
    """Put references in the place of texts that are ids: they are dimensions of metrics."""
    if isinstance(value, str):
        return reference(value) if " " not in value and len(value) < 64 else value
    if isinstance(value, Mapping):
        return {name: _referring(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_referring(item) for item in value]
    return value


def read(reads: Reads) -> Iterable[Node]:
    """Yield the dashboards under the deployment's prefix."""
    for item in reads.items(DASHBOARDS):
        name = item["DashboardName"]
        body = reads.detail(BODY, name)
        if body is None:
            continue
        properties = {"DashboardName": name, "DashboardBody": body}
        observed = {"Arn": item.get("DashboardArn")}
        tags = reads.detail(TAGS, name)
        yield ec2_node(reads, TYPE, name, normalise(properties), observed, tags)


def _put(node: Node, **more: Value) -> Call:
    request = {
        "DashboardName": node.properties["DashboardName"],
        "DashboardBody": JsonText(node.properties["DashboardBody"]),
    }
    return Call("cloudwatch", "put_dashboard", request | more)


def create(node: Node) -> tuple[Call, ...]:
    """Put it with its tags, and ask for the ARN, which PutDashboard does not answer."""
    name = node.properties["DashboardName"]
    named = Call(
        "cloudwatch",
        "get_dashboard",
        {"DashboardName": name},
        extract={"id": "DashboardName", "Arn": "DashboardArn"},
    )
    return (_put(node, Tags=to_tag_list(node.tags)), named)


def update(_before: Node, after: Node, _changed: frozenset[str]) -> tuple[Call, ...]:
    """Put another body; the tags of one that is there are not put again."""
    return (_put(after),)


def delete(node: Node) -> tuple[Call, ...]:
    """Delete it."""
    request = {"DashboardNames": [node.properties["DashboardName"]]}
    return (Call("cloudwatch", "delete_dashboards", request, ignore=GONE),)


def tag(node: Node, tags: Mapping[str, str]) -> tuple[Call, ...]:
    """Set tags."""
    request = {"ResourceARN": Ref(TYPE, node.key, "Arn"), "Tags": to_tag_list(tags)}
    return (Call("cloudwatch", "tag_resource", request),)


RESOURCE = ResourceType(
    name=TYPE,
    listings=(DASHBOARDS,),
    details=(BODY, TAGS),
    read=read,
    normalise=normalise,
    create=create,
    update=update,
    delete=delete,
    tag=tag,
    replace=frozenset({"DashboardName"}),
)
