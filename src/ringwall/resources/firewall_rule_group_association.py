"""AWS::Route53Resolver::FirewallRuleGroupAssociation: a VPC whose queries a group filters."""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call, Idempotence, Token, Wait
from ringwall.model.graph import Node, Ref
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.kind import Listing, Reads, ResourceType
from ringwall.resources.kind import closes as exposure
from ringwall.resources.ownership import to_tag_list
from ringwall.resources.resolver import NOT_FOUND, resolver_tag, resolver_tags

TYPE = "AWS::Route53Resolver::FirewallRuleGroupAssociation"
ASSOCIATIONS = Listing(
    "route53resolver", "list_firewall_rule_group_associations", "FirewallRuleGroupAssociations"
)
TAGS = resolver_tags(ASSOCIATIONS)
UNPROTECTED = "DISABLED"


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in AWS's default: no protection against mutation."""
    return {"MutationProtection": UNPROTECTED, **properties}


def read(reads: Reads) -> Iterable[Node]:
    """Yield every association that is not being deleted."""
    for item in reads.items(ASSOCIATIONS):
        if item.get("Status") == "DELETING":
            continue
        properties: dict[str, Any] = {
            "VpcId": Ref("AWS::EC2::VPC", item["VpcId"]),
            "FirewallRuleGroupId": Ref(
                "AWS::Route53Resolver::FirewallRuleGroup", item["FirewallRuleGroupId"]
            ),
            "Priority": int(item["Priority"]),
            "Name": item.get("Name", ""),
        }
        if item.get("MutationProtection"):
            properties["MutationProtection"] = item["MutationProtection"]
        observed = {
            "Arn": item.get("Arn"),
            "Status": item.get("Status"),
            "ManagedOwnerName": item.get("ManagedOwnerName"),
        }
        tags = reads.detail(TAGS, item["Id"])
        yield ec2_node(reads, TYPE, item["Id"], normalise(properties), observed, tags)


def _state(node: Node, state: str) -> Wait:
    return Wait(
        "get_firewall_rule_group_association",
        {"FirewallRuleGroupAssociationId": node.ref},
        "FirewallRuleGroupAssociation.Status",
        success=frozenset({state}),
        gone_codes=NOT_FOUND,
    )


def create(node: Node) -> tuple[Call, ...]:
    """Associate the VPC; priorities of 100 and below are AWS Firewall Manager's."""
    request = {
        "CreatorRequestId": Token(),
        **node.properties,
        "Tags": to_tag_list(node.tags),
    }
    return (
        Call(
            "route53resolver",
            "associate_firewall_rule_group",
            request,
            extract={
                "id": "FirewallRuleGroupAssociation.Id",
                "Arn": "FirewallRuleGroupAssociation.Arn",
            },
            idempotent_by=Idempotence.TOKEN,
            waits_for=(_state(node, "COMPLETE"),),
        ),
    )


def _set(node: Node, properties: Mapping[str, Any]) -> Call:
    request = {"FirewallRuleGroupAssociationId": node.ref, **properties}
    wait = _state(node, "COMPLETE")
    return Call(
        "route53resolver", "update_firewall_rule_group_association", request, waits_for=(wait,)
    )


def update(_before: Node, after: Node, changed: frozenset[str]) -> tuple[Call, ...]:
    """Set priority, name and protection."""
    return (_set(after, {name: after.properties[name] for name in sorted(changed)}),)


def delete(node: Node) -> tuple[Call, ...]:
    """Lift its protection, then disassociate the VPC."""
    protected = node.properties.get("MutationProtection", UNPROTECTED) != UNPROTECTED
    lift = (_set(node, {"MutationProtection": UNPROTECTED}),) if protected else ()
    return (
        *lift,
        Call(
            "route53resolver",
            "disassociate_firewall_rule_group",
            {"FirewallRuleGroupAssociationId": node.ref},
            waits_for=(_state(node, "gone"),),
            ignore=NOT_FOUND,
        ),
    )


RESOURCE = ResourceType(
    name=TYPE,
    listings=(ASSOCIATIONS,),
    details=(TAGS,),
    read=read,
    normalise=normalise,
    create=create,
    update=update,
    delete=delete,
    tag=resolver_tag,
    replace=frozenset({"VpcId", "FirewallRuleGroupId"}),
    exposure=exposure,
    permissions={"apply": ("ec2:DescribeVpcs", "route53resolver:TagResource")},
)
