"""AWS::Route53Resolver::ResolverQueryLoggingConfigAssociation: a VPC whose queries are logged.

It belongs to its configuration: whoever else logs a VPC's queries does so with one of their own.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call, Wait
from ringwall.model.graph import Node, Ref
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.kind import Listing, Reads, ResourceType
from ringwall.resources.resolver import NOT_FOUND

TYPE = "AWS::Route53Resolver::ResolverQueryLoggingConfigAssociation"
ASSOCIATIONS = Listing(
    "route53resolver",
    "list_resolver_query_log_config_associations",
    "ResolverQueryLogConfigAssociations",
)
CONFIG = "AWS::Route53Resolver::ResolverQueryLoggingConfig"
PHYSICAL = "rqlc-"  # how the id of a configuration begins


def key(properties: Mapping[str, Any]) -> str:
    """Return the VPC's key, and the configuration's id where that is a stranger's."""
    vpc, config = properties["ResourceId"].key, properties["ResolverQueryLogConfigId"].key
    return f"{vpc}/{config}" if config.startswith(PHYSICAL) else str(vpc)


def read(reads: Reads) -> Iterable[Node]:
    """Yield every association that is not deleted or failed."""
    for item in reads.items(ASSOCIATIONS):
        if item.get("Status") in {"DELETING", "FAILED"}:
            continue
        properties = {
            "ResolverQueryLogConfigId": Ref(CONFIG, item["ResolverQueryLogConfigId"]),
            "ResourceId": Ref("AWS::EC2::VPC", item["ResourceId"]),
        }
        observed = {
            "Status": item.get("Status"),
            "Error": item.get("Error"),
            "ErrorMessage": item.get("ErrorMessage"),
        }
        yield ec2_node(reads, TYPE, item["Id"], properties, observed)


def create(node: Node) -> tuple[Call, ...]:
    """Associate the VPC."""
    active = Wait(
        "get_resolver_query_log_config_association",
        {"ResolverQueryLogConfigAssociationId": node.ref},
        "ResolverQueryLogConfigAssociation.Status",
        success=frozenset({"ACTIVE"}),
        failure=frozenset({"FAILED", "ACTION_NEEDED"}),
    )
    return (
        Call(
            "route53resolver",
            "associate_resolver_query_log_config",
            dict(node.properties),
            extract={"id": "ResolverQueryLogConfigAssociation.Id"},
            waits_for=(active,),
        ),
    )


def delete(node: Node) -> tuple[Call, ...]:
    """Disassociate the VPC, and wait until it is so: the configuration cannot go before."""
    gone = Wait(
        "get_resolver_query_log_config_association",
        {"ResolverQueryLogConfigAssociationId": node.ref},
        "ResolverQueryLogConfigAssociation.Status",
        success=frozenset({"gone"}),
        gone_codes=NOT_FOUND,
    )
    return (
        Call(
            "route53resolver",
            "disassociate_resolver_query_log_config",
            dict(node.properties),
            waits_for=(gone,),
            ignore=NOT_FOUND,
        ),
    )


RESOURCE = ResourceType(
    name=TYPE,
    listings=(ASSOCIATIONS,),
    read=read,
    key=key,
    parent="ResolverQueryLogConfigId",
    create=create,
    delete=delete,
    replace=frozenset({"ResolverQueryLogConfigId", "ResourceId"}),
    permissions={"apply": ("ec2:DescribeVpcs",)},
)
