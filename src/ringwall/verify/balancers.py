"""Load balancers → where their nodes stand, and which groups these bear.

Rule: a load balancer makes connections of its own, so that it is no way between other ends; what it
opens to its clients is a claim about itself (ELB guide). That packets do not get to a node may be
claimed, not that they get to its targets; nothing is claimed of a node that asks no groups.
"""

from collections.abc import Iterator
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Balancer:
    """A load balancer; its nodes have addresses of its subnets, public ones with `public`.

    `addresses` are the public ones that are known, `versions` the families of all.
    """

    key: str
    subnets: tuple[str, ...]
    groups: tuple[str, ...]
    public: bool
    addresses: tuple[str, ...]
    versions: tuple[int, ...]


class Balancers:
    """The load balancers of a network."""

    def __init__(self, values: Values) -> None:
        self.all = tuple(
            _balancer(values, node)
            for name in (f"{_V1}LoadBalancer", f"{_V2}LoadBalancer")
            for node in values.of_type(name)
        )
        self._open = {key for each in self.all if not each.groups for key in each.subnets}
        for node in values.ec2("NetworkInterface"):
            if is_node(node) and not values.groups(node.properties.get("GroupSet")):
                self._open.add(values.key(node.properties.get("SubnetId")))
        lost = (each.key for each in self.all if not each.subnets or "" in each.subnets)
        self._lost = next(lost, "")

    def bearing(self, group: str) -> Iterator[Balancer]:
        """Yield those whose nodes bear a group."""
        yield from (each for each in self.all if group in each.groups)

    def doubt(self, subnet: str) -> str:
        """Return why nothing is claimed of all that is in a subnet, "" for no reason."""
        if self._lost:
            return f"the subnets of load balancer {self._lost} are not in the input"
        return f"a load balancer without groups stands in {subnet}" if subnet in self._open else ""


def _balancer(values: Values, node: Node) -> Balancer:
    given = node.properties
    mapped = [item.get("SubnetId") for item in given.get("SubnetMappings") or ()]
    subnets = (*values.keys(given.get("Subnets")), *values.keys(mapped))
    groups = values.groups(given.get("SecurityGroups"))
    zones = node.observed.get("AvailabilityZones") or ()
    static = [
        each for z in zones if isinstance(z, dict) for each in z.get("LoadBalancerAddresses") or ()
    ]
    addresses = tuple(str(each["IpAddress"]) for each in static if each.get("IpAddress"))
    # "ipv4" is the default; a classic one in a VPC has no other (ELB API, IpAddressType).
    family = given.get("IpAddressType") or ("" if node.physical_id else "ipv4")
    versions = (4,) if family == "ipv4" or node.type.startswith(_V1) else (4, 6)
    public = given.get("Scheme") != "internal"
    return Balancer(node.key, subnets, groups, public, addresses, versions)
