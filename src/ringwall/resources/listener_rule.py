"""AWS::ElasticLoadBalancingV2::ListenerRule; the default rule is the listener's own.

Rule: the rules of a listener of ours are a set of ours, told apart by their priorities: one that
nobody declared is drift.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call, Idempotence
from ringwall.model.graph import Node, Ref
from ringwall.resources.balancing import (
    LISTENER,
    NOT_FOUND,
    actions,
    may_be_ours,
    may_have_balancer,
    name_in,
    normal_actions,
)
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.kind import Detail, Item, Reads, ResourceType, opens
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
    wanted=lambda item, deployment: (
        "/app/" in str(item["ListenerArn"])
        and may_be_ours(name_in(item["ListenerArn"]), deployment)
    ),
    whole=True,
)
CONFIGS: Mapping[str, str] = {
    "host-header": "HostHeaderConfig",
    "path-pattern": "PathPatternConfig",
}


def key(properties: Mapping[str, Any]) -> str:
    """Return `listener/priority`."""
    return f"{properties['ListenerArn'].key}/{properties['Priority']}"


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Bring conditions and actions into normal form."""
    full = dict(properties)
    full["Conditions"] = [_condition(each) for each in full.get("Conditions", ())]
    full["Actions"] = normal_actions(full.get("Actions", ()))
    return full


def _condition(item: Item) -> dict[str, Any]:
    """Return a condition with its values in one place: AWS repeats them in `Values`."""
    full = dict(item)
    config = CONFIGS.get(str(full.get("Field")))
    if config is not None and full.get("Values") and not full.get(config):
        full[config] = {"Values": full["Values"]}
    return {n: v for n, v in full.items() if n != "Values" or config is None}


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


def create(node: Node) -> tuple[Call, ...]:
    """Create it; AWS takes one rule a priority."""
    return (
        Call(
            "elbv2",
            "create_rule",
            dict(node.properties),
            extract={"id": "Rules[0].RuleArn"},
            # Found again by its place: the listener and the priority.
            idempotent_by=Idempotence.TAG,
        ),
    )


def update(_before: Node, after: Node, _changed: frozenset[str]) -> tuple[Call, ...]:
    """Set conditions and actions."""
    request = {name: after.properties[name] for name in ("Conditions", "Actions")}
    return (Call("elbv2", "modify_rule", {"RuleArn": after.ref, **request}),)


def delete(node: Node) -> tuple[Call, ...]:
    """Delete it."""
    gone = NOT_FOUND | {"RuleNotFound"}
    return (Call("elbv2", "delete_rule", {"RuleArn": node.ref}, ignore=gone),)


RESOURCE = ResourceType(
    name="AWS::ElasticLoadBalancingV2::ListenerRule",
    listings=(LOAD_BALANCERS,),
    details=(LISTENERS, RULES),
    possible=may_have_balancer,
    read=read,
    key=key,
    parent="ListenerArn",
    normalise=normalise,
    create=create,
    update=update,
    delete=delete,
    replace=frozenset({"ListenerArn", "Priority"}),
    dies_with_parent=lambda _node: True,
    exposure=opens,
)
