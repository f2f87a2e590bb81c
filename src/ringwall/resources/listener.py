"""AWS::ElasticLoadBalancingV2::Listener: read only; where a load balancer takes connections."""

from collections.abc import Iterable
from typing import Any

from ringwall.model.graph import Node, Ref
from ringwall.resources.balancing import LISTENER, TYPE, actions, may_have_balancer, ports
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.kind import Detail, Reads, ResourceType
from ringwall.resources.load_balancer import LOAD_BALANCERS

# DescribeListeners wants to be told a load balancer.
LISTENERS = Detail(
    "elbv2",
    "describe_listeners",
    of=LOAD_BALANCERS.name,
    item_id=lambda item: str(item["LoadBalancerArn"]),
    request=lambda item: {"LoadBalancerArn": item["LoadBalancerArn"]},
    items="Listeners",
)


def read(reads: Reads) -> Iterable[Node]:
    """Yield every listener; one of a gateway load balancer has neither protocol nor port."""
    for item in reads.objects(LISTENERS.name):
        properties: dict[str, Any] = {
            "LoadBalancerArn": Ref(TYPE, item["LoadBalancerArn"]),
            "DefaultActions": actions(item.get("DefaultActions")),
        }
        properties |= ports(item, "Port")
        if item.get("Protocol"):
            properties["Protocol"] = str(item["Protocol"])
        yield ec2_node(reads, RESOURCE.name, item["ListenerArn"], properties, {})


RESOURCE = ResourceType(
    name=LISTENER,
    listings=(LOAD_BALANCERS,),
    details=(LISTENERS,),
    survey=True,
    possible=may_have_balancer,
    read=read,
)
