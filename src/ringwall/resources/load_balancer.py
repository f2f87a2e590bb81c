"""AWS::ElasticLoadBalancingV2::LoadBalancer: read only; application, network and gateway."""

from collections.abc import Iterable
from typing import Any

from ringwall.model.graph import Node, Ref
from ringwall.resources.balancing import TYPE, may_have_balancer
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.kind import Detail, Item, Listing, Reads, ResourceType

LOAD_BALANCERS = Listing("elbv2", "describe_load_balancers", "LoadBalancers")
ATTRIBUTES = Detail(
    "elbv2",
    "describe_load_balancer_attributes",
    of=LOAD_BALANCERS.name,
    item_id=lambda item: str(item["LoadBalancerArn"]),
    request=lambda item: {"LoadBalancerArn": item["LoadBalancerArn"]},
    items="Attributes",
)
ENFORCES = "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"


def read(reads: Reads) -> Iterable[Node]:
    """Yield every load balancer; its key is its ARN."""
    for item in reads.items(LOAD_BALANCERS):
        zones = item.get("AvailabilityZones") or ()
        subnets = [zone["SubnetId"] for zone in zones if zone.get("SubnetId")]
        properties: dict[str, Any] = {
            "Name": item.get("LoadBalancerName", ""),
            "Type": item.get("Type") or "application",
            "Subnets": sorted(Ref("AWS::EC2::Subnet", each) for each in subnets),
        }
        groups = item.get("SecurityGroups") or ()
        if groups:
            properties["SecurityGroups"] = sorted(
                Ref("AWS::EC2::SecurityGroup", each) for each in groups
            )
        for name in ("Scheme", "IpAddressType", ENFORCES):
            if item.get(name):
                properties[name] = item[name]
        attributes = reads.detail(ATTRIBUTES, item["LoadBalancerArn"])
        if attributes is not None:
            properties["LoadBalancerAttributes"] = pairs(attributes)
        observed = {
            "DNSName": item.get("DNSName") or None,
            "State": (item.get("State") or {}).get("Code"),
            "AvailabilityZones": [dict(zone) for zone in zones],
            "VpcId": item.get("VpcId") or None,
        }
        yield ec2_node(reads, RESOURCE.name, item["LoadBalancerArn"], properties, observed)


def pairs(attributes: Iterable[Item]) -> list[dict[str, Any]]:
    """Return attributes as CloudFormation writes them, sorted by key."""
    found = ({"Key": each["Key"], "Value": each.get("Value", "")} for each in attributes)
    return sorted(found, key=lambda each: str(each["Key"]))


RESOURCE = ResourceType(
    name=TYPE,
    listings=(LOAD_BALANCERS,),
    details=(ATTRIBUTES,),
    survey=True,
    possible=may_have_balancer,
    read=read,
)
