"""What people call the things of a network that bear no key of ours → the one that is called so.

Rules:
- A thing is called by its Name tag, a security group and a load balancer by its name, too, in any
  case of letters; `vpc/name` is what is called so in a VPC that is called so. What has no such name
  is called by its key.
- A name that several things bear names none of them.
"""

from ringwall.errors import QuestionError
from ringwall.model.graph import Node
from ringwall.verify.network import Network

# Types that a claim can be about: each has interfaces, or places for some.
_EC2 = ("VPC", "Subnet", "SecurityGroup", "Instance", "NetworkInterface", "VPCEndpoint")
ASKED = (
    *(f"AWS::EC2::{name}" for name in _EC2),
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::ElasticLoadBalancing::LoadBalancer",
)


def called(network: Network, text: str) -> Node | None:
    """Return the one thing that a name means, None for nothing; raises QuestionError for more."""
    nodes = [node for name in ASKED for node in network.values.of_type(name)]
    found = [node for node in nodes if text.lower() in _names(node)]
    found = found or [node for node in nodes if node.key == text]
    vpc, slash, rest = text.partition("/")
    if not found and slash:
        homes = {vpc, *(node.key for node in nodes if vpc.lower() in _names(node))}
        found = [n for n in nodes if rest.lower() in _names(n) and _home(network, n) in homes]
    if len(found) > 1:
        msg = f"{text!r} is the name of several: {', '.join(sorted(n.key for n in found)[:6])}"
        raise QuestionError(msg)
    return found[0] if found else None


def _names(node: Node) -> frozenset[str]:
    given = (node.properties.get(name) for name in ("GroupName", "Name", "LoadBalancerName"))
    texts = (node.tags.get("Name"), *given)
    return frozenset(text.lower() for text in texts if isinstance(text, str) and text)


def _home(network: Network, node: Node) -> str:
    """Return the VPC of a node, "" where none is told."""
    values = network.values
    subnet = network.subnets.get(values.key(node.properties.get("SubnetId")))
    if subnet is not None:
        return subnet.vpc
    return values.key(node.properties.get("VpcId") or node.observed.get("VpcId"))
