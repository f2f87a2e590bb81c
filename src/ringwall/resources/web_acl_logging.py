"""AWS::WAFv2::LoggingConfiguration: where a web ACL writes what it judged."""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call
from ringwall.model.graph import Node, Ref
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.kind import Listing, Reads, ResourceType
from ringwall.resources.web_application_firewall import NOT_FOUND, SCOPE, WEB_ACL

TYPE = "AWS::WAFv2::LoggingConfiguration"
LOG_GROUP = "AWS::Logs::LogGroup"
CONFIGURATIONS = Listing(
    "wafv2", "list_logging_configurations", "LoggingConfigurations", request={"Scope": SCOPE}
)


def key(properties: Mapping[str, Any]) -> str:
    """Return the web ACL's key: it has one configuration at most."""
    return str(properties["ResourceArn"].key)


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Sort the headers that are redacted; leave out what is empty."""
    full = {name: value for name, value in properties.items() if value}
    if "RedactedFields" in full:
        full["RedactedFields"] = sorted(full["RedactedFields"], key=repr)
    return full


def read(reads: Reads) -> Iterable[Node]:
    """Yield every configuration; log groups are references."""
    for item in reads.items(CONFIGURATIONS):
        arn = item["ResourceArn"]
        properties: dict[str, Any] = {
            "ResourceArn": Ref(WEB_ACL, arn, "Arn"),
            "LogDestinationConfigs": [
                _destination(each) for each in item.get("LogDestinationConfigs") or ()
            ],
            "RedactedFields": list(item.get("RedactedFields") or ()),
            "LoggingFilter": item.get("LoggingFilter"),
        }
        yield ec2_node(reads, TYPE, arn, normalise(properties), {})


def _destination(arn: str) -> Ref | str:
    # arn:aws:logs:region:account:log-group:NAME, with `:*` at its end or without.
    parts = arn.split(":", 6)
    if len(parts) == 7 and parts[2] == "logs" and parts[5] == "log-group":
        return Ref(LOG_GROUP, parts[6].removesuffix(":*"), "Arn")
    return arn


def create(node: Node) -> tuple[Call, ...]:
    """Put it; AWS lets itself write into the log group by a resource policy."""
    request = {"LoggingConfiguration": dict(node.properties)}
    return (Call("wafv2", "put_logging_configuration", request),)


def update(_before: Node, after: Node, _changed: frozenset[str]) -> tuple[Call, ...]:
    """Put another in its place."""
    return create(after)


def delete(node: Node) -> tuple[Call, ...]:
    """Delete it; what was logged stays."""
    request = {"ResourceArn": node.properties["ResourceArn"]}
    return (Call("wafv2", "delete_logging_configuration", request, ignore=NOT_FOUND),)


RESOURCE = ResourceType(
    name=TYPE,
    listings=(CONFIGURATIONS,),
    read=read,
    key=key,
    parent="ResourceArn",
    normalise=normalise,
    create=create,
    update=update,
    delete=delete,
    replace=frozenset({"ResourceArn"}),
    dies_with_parent=lambda _node: True,
    # "Amazon CloudWatch Logs" (AWS WAF guide, logging destinations).
    permissions={
        "apply": (
            "iam:CreateServiceLinkedRole",
            "logs:CreateLogDelivery",
            "logs:DeleteLogDelivery",
            "logs:DescribeLogGroups",
            "logs:DescribeResourcePolicies",
            "logs:PutResourcePolicy",
        ),
        "destroy": ("logs:DeleteLogDelivery",),
    },
)
