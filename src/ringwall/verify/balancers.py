"""Load balancers → where their nodes stand, and which groups these bear.

Rule: a load balancer makes connections of its own, so that it is no way between other ends; what it
opens to its clients is a claim about itself (ELB guide). Of ends that may be its nodes nothing is
claimed.
"""

from ringwall.model.graph import Node
from ringwall.verify.values import Values

_V1, _V2 = "AWS::ElasticLoadBalancing::", "AWS::ElasticLoadBalancingV2::"
# What says nothing about packets between ends that are no load balancer's.
TYPES = (f"{_V1}LoadBalancer", _V2, "AWS::EC2::VPCEndpointService")
NOT_FOLLOWED = "the connections that a load balancer makes on are not followed"


def is_node(interface: Node) -> bool:
    """Tell whether an interface is a node of a load balancer."""
    observed = interface.observed
    described = str(observed.get("Description", "")).startswith("ELB ")
    return described or str(observed.get("InterfaceType", "")).endswith("load_balancer")


class Balancers:
    """The subnets and groups of all load balancers of a network."""

    def __init__(self, values: Values) -> None:
        self._subnets: set[str] = set()
        self._groups: set[str] = set()
        self._lost = ""
        for name in (f"{_V1}LoadBalancer", f"{_V2}LoadBalancer"):
            for node in values.of_type(name):
                self._add(values, node)
        for node in values.ec2("NetworkInterface"):
            if is_node(node):
                self._subnets.add(values.key(node.properties.get("SubnetId")))
                self._groups.update(values.groups(node.properties.get("GroupSet")))

    def _add(self, values: Values, node: Node) -> None:
        given = node.properties
        mapped = [item.get("SubnetId") for item in given.get("SubnetMappings") or ()]
        subnets = (*values.keys(given.get("Subnets")), *values.keys(mapped))
        self._subnets.update(subnets)
        self._groups.update(values.groups(given.get("SecurityGroups")))
        if not subnets or "" in subnets:
            self._lost = f"the subnets of {node} are not in the input"

    def of_group(self, group: str) -> str:
        """Return why nothing is claimed of a group, "" if no load balancer bears it."""
        return f"a load balancer bears {group}: {NOT_FOLLOWED}" if group in self._groups else ""

    def of_subnet(self, subnet: str) -> str:
        """Return why nothing is claimed of all that is in a subnet, "" if no node is there."""
        if self._lost:
            return self._lost
        return f"a load balancer stands in {subnet}: {NOT_FOLLOWED}" * (subnet in self._subnets)
