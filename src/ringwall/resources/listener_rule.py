"""AWS::ElasticLoadBalancingV2::ListenerRule: read only; the default rule is the listener's own."""

from collections.abc import Iterable
from typing import Any

from ringwall.model.graph import Node, Ref
from ringwall.resources.balancing import LISTENER, actions, may_have_balancer
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.kind import Detail, Reads, ResourceType
from ringwall.resources.listener import LISTENERS
from ringwall.resources.load_balancer import LOAD_BALANCERS

# DescribeRules wants to be told a listener. Only those of application load balancers have rules.
RULES = Detail(
    "elbv2",
    "describe_rules",
    of=LISTENERS.name,
    item_id=lambda item: str(item["ListenerArn"]),
    request=lambda item: {"ListenerArn": item["ListenerArn"]},
    items="Rules",
    wanted=lambda item, _deployment: "/app/" in str(item["ListenerArn"]),
)


def read(reads: Reads) -> Iterable[Node]:
    """Yield every rule but the default ones."""
    for listener, rules in reads.details.get(RULES.name, {}).items():
        for item in rules or ():
            if item.get("IsDefault"):
                continue
            priority = str(item.get("Priority") or "")
            properties: dict[str, Any] = {
                "ListenerArn": Ref(LISTENER, listener),
                "Priority": int(priority) if priority.isdecimal() else priority,
                "Conditions": list(item.get("Conditions") or ()),
                "Actions": actions(item.get("Actions")),
            }
            yield ec2_node(reads, RESOURCE.name, item["RuleArn"], properties, {})


RESOURCE = ResourceType(
    name="AWS::ElasticLoadBalancingV2::ListenerRule",
    listings=(LOAD_BALANCERS,),
    details=(LISTENERS, RULES),
    survey=True,
    possible=may_have_balancer,
    read=read,
)
