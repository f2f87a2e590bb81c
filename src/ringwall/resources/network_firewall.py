"""AWS::NetworkFirewall::Firewall: read only, with its endpoints in the zones."""

from collections.abc import Iterable
from typing import Any

from ringwall.model.graph import Node, Ref
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.inspection import SERVICE, arn_of, detail, may_have_firewall
from ringwall.resources.kind import Listing, Reads, ResourceType

FIREWALLS = Listing(SERVICE, "list_firewalls", "Firewalls")
FIREWALL = detail(
    "describe_firewall",
    FIREWALLS,
    "FirewallArn",
    "{Firewall: Firewall, FirewallStatus: FirewallStatus}",
)
ATTACHMENT = ("SubnetId", "EndpointId", "Status")


def read(reads: Reads) -> Iterable[Node]:
    """Yield every firewall that was described; its key is its ARN."""
    for item in reads.items(FIREWALLS):
        arn = arn_of(item)
        answer = reads.detail(FIREWALL, arn) or {}
        said, status = answer.get("Firewall") or {}, answer.get("FirewallStatus") or {}
        if status.get("Status") == "DELETING":
            continue
        properties: dict[str, Any] = {
            "FirewallName": said.get("FirewallName") or item.get("FirewallName", "")
        }
        if said.get("FirewallPolicyArn"):
            policy = Ref("AWS::NetworkFirewall::FirewallPolicy", said["FirewallPolicyArn"])
            properties["FirewallPolicyArn"] = policy
        if said.get("VpcId"):
            properties["VpcId"] = Ref("AWS::EC2::VPC", said["VpcId"])
        if said.get("SubnetMappings"):
            properties["SubnetMappings"] = [
                {"SubnetId": Ref("AWS::EC2::Subnet", each["SubnetId"])}
                for each in said["SubnetMappings"]
            ]
        observed = {
            "Status": status.get("Status"),
            "SyncStates": {
                zone: {"Attachment": {n: held[n] for n in ATTACHMENT if held.get(n)}}
                for zone, state in (status.get("SyncStates") or {}).items()
                if (held := state.get("Attachment"))
            },
        }
        yield ec2_node(reads, RESOURCE.name, arn, properties, observed, said.get("Tags"))


RESOURCE = ResourceType(
    name="AWS::NetworkFirewall::Firewall",
    listings=(FIREWALLS,),
    details=(FIREWALL,),
    survey=True,
    possible=may_have_firewall,
    read=read,
)
