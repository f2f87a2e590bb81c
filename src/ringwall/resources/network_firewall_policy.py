"""AWS::NetworkFirewall::FirewallPolicy: read only."""

from collections.abc import Iterable
from typing import Any

from ringwall.model.graph import Node, Ref
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.inspection import SERVICE, arn_of, detail, may_have_firewall
from ringwall.resources.kind import Item, Listing, Reads, ResourceType

POLICIES = Listing(SERVICE, "list_firewall_policies", "FirewallPolicies")
POLICY = detail(
    "describe_firewall_policy",
    POLICIES,
    "FirewallPolicyArn",
    "{FirewallPolicyResponse: FirewallPolicyResponse, FirewallPolicy: FirewallPolicy}",
)
REFERENCES = ("StatelessRuleGroupReferences", "StatefulRuleGroupReferences")


def read(reads: Reads) -> Iterable[Node]:
    """Yield every policy that was described; its key is its ARN."""
    for item in reads.items(POLICIES):
        arn = arn_of(item)
        answer = reads.detail(POLICY, arn)
        if answer is None:
            continue
        about = answer.get("FirewallPolicyResponse") or {}
        properties: dict[str, Any] = {
            "FirewallPolicyName": about.get("FirewallPolicyName") or item.get("Name", "")
        }
        if answer.get("FirewallPolicy"):
            properties["FirewallPolicy"] = _with_references(answer["FirewallPolicy"])
        observed = {"FirewallPolicyStatus": about.get("FirewallPolicyStatus")}
        yield ec2_node(reads, RESOURCE.name, arn, properties, observed, about.get("Tags"))


def _with_references(policy: Item) -> dict[str, Any]:
    found = dict(policy)
    for name in REFERENCES:
        if name in found:
            found[name] = [
                {**each, "ResourceArn": Ref("AWS::NetworkFirewall::RuleGroup", each["ResourceArn"])}
                for each in found[name]
            ]
    return found


RESOURCE = ResourceType(
    name="AWS::NetworkFirewall::FirewallPolicy",
    listings=(POLICIES,),
    details=(POLICY,),
    survey=True,
    possible=may_have_firewall,
    read=read,
)
