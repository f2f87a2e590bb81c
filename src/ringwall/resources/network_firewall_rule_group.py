"""AWS::NetworkFirewall::RuleGroup: read only; groups that AWS or vendors manage are not listed."""

from collections.abc import Iterable
from typing import Any

from ringwall.model.graph import Node
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.inspection import SERVICE, arn_of, detail, may_have_firewall
from ringwall.resources.kind import Listing, Reads, ResourceType

GROUPS = Listing(SERVICE, "list_rule_groups", "RuleGroups")
GROUP = detail(
    "describe_rule_group",
    GROUPS,
    "RuleGroupArn",
    "{RuleGroupResponse: RuleGroupResponse, RuleGroup: RuleGroup}",
)


def read(reads: Reads) -> Iterable[Node]:
    """Yield every rule group that was described; its key is its ARN."""
    for item in reads.items(GROUPS):
        arn = arn_of(item)
        answer = reads.detail(GROUP, arn)
        if answer is None:
            continue
        about = answer.get("RuleGroupResponse") or {}
        properties: dict[str, Any] = {
            "RuleGroupName": about.get("RuleGroupName") or item.get("Name", "")
        }
        said = {**about, "RuleGroup": answer.get("RuleGroup")}
        properties |= {n: said[n] for n in ("Type", "Capacity", "RuleGroup") if said.get(n)}
        observed = {"RuleGroupStatus": about.get("RuleGroupStatus")}
        yield ec2_node(reads, RESOURCE.name, arn, properties, observed, about.get("Tags"))


RESOURCE = ResourceType(
    name="AWS::NetworkFirewall::RuleGroup",
    listings=(GROUPS,),
    details=(GROUP,),
    survey=True,
    possible=may_have_firewall,
    read=read,
)
