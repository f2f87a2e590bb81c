"""AWS::EC2::VPCEndpointService: read only; what is offered to others over PrivateLink."""

from collections.abc import Iterable
from typing import Any

from ringwall.model.graph import Node, Ref
from ringwall.resources.balancing import TYPE, may_have_balancer
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.enums import ENUMS
from ringwall.resources.kind import Listing, Reads, ResourceType

SERVICES = Listing("ec2", "describe_vpc_endpoint_service_configurations", "ServiceConfigurations")
GONE_STATES = ENUMS["ServiceState"].gone
BALANCERS = ("NetworkLoadBalancerArns", "GatewayLoadBalancerArns")


def read(reads: Reads) -> Iterable[Node]:
    """Yield every endpoint service of the account that is not deleted."""
    for item in reads.items(SERVICES):
        if item.get("ServiceState") in GONE_STATES:
            continue
        properties: dict[str, Any] = {
            "AcceptanceRequired": bool(item.get("AcceptanceRequired", False))
        }
        for name in BALANCERS:
            if item.get(name):
                properties[name] = sorted(Ref(TYPE, arn) for arn in item[name])
        observed = {
            "ServiceName": item.get("ServiceName"),
            "ServiceState": item.get("ServiceState"),
            "AvailabilityZones": list(item.get("AvailabilityZones") or ()),
        }
        yield ec2_node(
            reads, RESOURCE.name, item["ServiceId"], properties, observed, item.get("Tags")
        )


RESOURCE = ResourceType(
    name="AWS::EC2::VPCEndpointService",
    listings=(SERVICES,),
    survey=True,
    possible=may_have_balancer,  # each stands before one
    read=read,
)
