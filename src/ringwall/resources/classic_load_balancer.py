"""AWS::ElasticLoadBalancing::LoadBalancer: read only; a load balancer of the first generation."""

from collections.abc import Iterable
from typing import Any

from ringwall.model.graph import Node, Ref
from ringwall.resources.balancing import may_have_balancer, ports
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.kind import Detail, Item, Listing, Reads, ResourceType

LOAD_BALANCERS = Listing("elb", "describe_load_balancers", "LoadBalancerDescriptions")


def _of_each(operation: str, items: str) -> Detail:
    return Detail(
        "elb",
        operation,
        of=LOAD_BALANCERS.name,
        item_id=lambda item: str(item["LoadBalancerName"]),
        request=lambda item: {"LoadBalancerName": item["LoadBalancerName"]},
        items=items,
    )


HEALTH = _of_each("describe_instance_health", "InstanceStates")
ATTRIBUTES = _of_each("describe_load_balancer_attributes", "LoadBalancerAttributes")
INSTANCE = "AWS::EC2::Instance"


def read(reads: Reads) -> Iterable[Node]:
    """Yield every classic load balancer; names are unique in an account and region, ARNs anywhere.

    Its ARN is made as the service makes it ("Actions, resources, and condition keys for Elastic
    Load Balancing", Service Authorization Reference): no call answers it.
    """
    for item in reads.items(LOAD_BALANCERS):
        name = item["LoadBalancerName"]
        properties: dict[str, Any] = {
            "LoadBalancerName": name,
            "Subnets": sorted(Ref("AWS::EC2::Subnet", i) for i in item.get("Subnets") or ()),
            "SecurityGroups": sorted(
                Ref("AWS::EC2::SecurityGroup", i) for i in item.get("SecurityGroups") or ()
            ),
            "Listeners": [_listener(each) for each in item.get("ListenerDescriptions") or ()],
            "Instances": sorted(
                Ref(INSTANCE, each["InstanceId"]) for each in item.get("Instances") or ()
            ),
        }
        if item.get("Scheme"):
            properties["Scheme"] = item["Scheme"]
        attributes = reads.detail(ATTRIBUTES, name)
        if attributes is not None:
            cross = attributes.get("CrossZoneLoadBalancing") or {}
            properties["CrossZone"] = bool(cross.get("Enabled", False))
        health = reads.detail(HEALTH, name)
        observed = {
            "VPCId": item.get("VPCId") or None,
            "DNSName": item.get("DNSName") or None,
            "InstanceStates": None if health is None else [_state(each) for each in health],
        }
        place = f"{reads.region}:{reads.account}"
        arn = f"arn:aws:elasticloadbalancing:{place}:loadbalancer/{name}"
        yield ec2_node(reads, RESOURCE.name, arn, properties, observed)


def _listener(item: Item) -> dict[str, Any]:
    said = item.get("Listener") or {}
    found: dict[str, Any] = dict(ports(said, "LoadBalancerPort", "InstancePort"))
    return found | {n: said[n] for n in ("Protocol", "InstanceProtocol") if said.get(n)}


def _state(item: Item) -> dict[str, Any]:
    return {"InstanceId": Ref(INSTANCE, item["InstanceId"]), "State": item.get("State", "")}


RESOURCE = ResourceType(
    name="AWS::ElasticLoadBalancing::LoadBalancer",
    listings=(LOAD_BALANCERS,),
    details=(HEALTH, ATTRIBUTES),
    survey=True,
    possible=may_have_balancer,
    read=read,
)
