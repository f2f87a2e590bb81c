"""AWS::Logs::QueryDefinition: a question to the logs that is kept in CloudWatch.

Rule: it bears no tags and has no parent, so that its name says whose it is: what is called
`ringwall/<deployment>/<key>` has our tags in the graph, and none at AWS. A definition that somebody
renames is somebody's.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call, Idempotence
from ringwall.model.graph import Node, Ref
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.flow_log import LOG_GROUP
from ringwall.resources.kind import Listing, Reads, ResourceType
from ringwall.resources.ownership import ownership_tags, to_tag_list

TYPE = "AWS::Logs::QueryDefinition"
DEFINITIONS = Listing(
    "logs",
    "describe_query_definitions",
    "queryDefinitions",
    request={"queryDefinitionNamePrefix": "ringwall/{deployment}/"},
)
GONE = frozenset({"ResourceNotFoundException"})
PREFIX = "ringwall"


def name_of(deployment: str, key: str) -> str:
    """Return the name of a definition: `ringwall/<deployment>/<key>`."""
    return f"{PREFIX}/{deployment}/{key}"


def _tags(name: str) -> dict[str, str]:
    """Return the tags that a name stands for; words of a blueprint hold no slash."""
    prefix, _, rest = name.partition("/")
    deployment, _, key = rest.partition("/")
    return ownership_tags(deployment, key) if prefix == PREFIX and deployment and key else {}


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Write the query without spaces at the ends of its lines, and sort the groups."""
    full = dict(properties)
    lines = str(full.get("QueryString", "")).strip().splitlines()
    full["QueryString"] = "\n".join(line.strip() for line in lines)
    groups = sorted(full.pop("LogGroupNames", ()), key=str)
    return {**full, "LogGroupNames": groups} if groups else full


def read(reads: Reads) -> Iterable[Node]:
    """Yield the definitions under the deployment's prefix."""
    for item in reads.items(DEFINITIONS):
        properties = {
            "Name": item["name"],
            "QueryString": item.get("queryString", ""),
            "LogGroupNames": [Ref(LOG_GROUP, name) for name in item.get("logGroupNames") or ()],
        }
        tags = to_tag_list(_tags(item["name"]))
        one = item["queryDefinitionId"]
        yield ec2_node(reads, TYPE, one, normalise(properties), {}, tags)


def _request(node: Node) -> dict[str, Any]:
    return {
        "name": node.properties["Name"],
        "queryString": node.properties["QueryString"],
        "logGroupNames": node.properties.get("LogGroupNames", []),
    }


def create(node: Node) -> tuple[Call, ...]:
    """Put it, without an id: AWS gives it one, and another to whoever puts it again."""
    made = Call(
        "logs",
        "put_query_definition",
        _request(node),
        extract={"id": "queryDefinitionId"},
        idempotent_by=Idempotence.TAG,
    )
    return (made,)


def update(_before: Node, after: Node, _changed: frozenset[str]) -> tuple[Call, ...]:
    """Put it again under its id."""
    request = {**_request(after), "queryDefinitionId": after.ref}
    return (Call("logs", "put_query_definition", request),)


def delete(node: Node) -> tuple[Call, ...]:
    """Delete it."""
    request = {"queryDefinitionId": node.ref}
    return (Call("logs", "delete_query_definition", request, ignore=GONE),)


RESOURCE = ResourceType(
    name=TYPE,
    listings=(DEFINITIONS,),
    read=read,
    normalise=normalise,
    create=create,
    update=update,
    delete=delete,
)
