"""AWS::WAFv2::WebACLAssociation: which web ACL judges the requests of a load balancer.

Rule: a load balancer has one web ACL at most: that of one of ours is ours to say.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call
from ringwall.model.graph import Node, Ref
from ringwall.resources.balancing import TYPE as LOAD_BALANCER
from ringwall.resources.balancing import may_be_ours
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.kind import Detail, Reads, ResourceType, closes
from ringwall.resources.load_balancer import LOAD_BALANCERS
from ringwall.resources.web_application_firewall import NOT_FOUND, WEB_ACL

TYPE = "AWS::WAFv2::WebACLAssociation"
ASSOCIATED = Detail(
    "wafv2",
    "get_web_acl_for_resource",
    LOAD_BALANCERS.name,
    item_id=lambda item: str(item["LoadBalancerArn"]),
    request=lambda item: {"ResourceArn": item["LoadBalancerArn"]},
    items="WebACL.ARN",
    wanted=lambda item, deployment: (
        bool(deployment)
        and item.get("Type") == "application"
        and may_be_ours(item.get("LoadBalancerName"), deployment)
    ),
)


def key(properties: Mapping[str, Any]) -> str:
    """Return the load balancer's key."""
    return str(properties["ResourceArn"].key)


def read(reads: Reads) -> Iterable[Node]:
    """Yield the association of each load balancer that may be ours and has one."""
    for item in reads.items(LOAD_BALANCERS):
        arn = item["LoadBalancerArn"]
        web_acl = reads.detail(ASSOCIATED, arn)
        if web_acl:
            properties = {
                "ResourceArn": Ref(LOAD_BALANCER, arn),
                "WebACLArn": Ref(WEB_ACL, web_acl, "Arn"),
            }
            yield ec2_node(reads, TYPE, arn, properties, {})


def create(node: Node) -> tuple[Call, ...]:
    """Associate: it takes the place of whatever was associated."""
    return (Call("wafv2", "associate_web_acl", dict(node.properties)),)


def update(_before: Node, after: Node, _changed: frozenset[str]) -> tuple[Call, ...]:
    """Put another web ACL in its place; at no time there is none."""
    return create(after)


def delete(node: Node) -> tuple[Call, ...]:
    """Disassociate."""
    request = {"ResourceArn": node.properties["ResourceArn"]}
    return (Call("wafv2", "disassociate_web_acl", request, ignore=NOT_FOUND),)


RESOURCE = ResourceType(
    name=TYPE,
    listings=(LOAD_BALANCERS,),
    details=(ASSOCIATED,),
    read=read,
    key=key,
    parent="ResourceArn",
    create=create,
    update=update,
    delete=delete,
    replace=frozenset({"ResourceArn"}),
    dies_with_parent=lambda _node: True,
    exposure=closes,
    # "Actions … for AWS WAF V2": associating asks the load balancer's service, too.
    permissions={
        "plan": ("elasticloadbalancing:GetLoadBalancerWebACL", "wafv2:GetWebACL"),
        "apply": (
            "elasticloadbalancing:CreateWebACLAssociation",
            "elasticloadbalancing:DeleteWebACLAssociation",
            "elasticloadbalancing:SetWebACL",
        ),
        "destroy": (
            "elasticloadbalancing:DeleteWebACLAssociation",
            "elasticloadbalancing:SetWebACL",
        ),
    },
)
