"""`Ref` and `Fn::GetAtt` of a resource into references, as each type gives them."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from ringwall.formats.cloudformation.functions import DNS_ENTRY
from ringwall.formats.cloudformation.kinds import REFERENCES
from ringwall.formats.cloudformation.stacks import Resource
from ringwall.formats.cloudformation.values import is_unknown, unknown
from ringwall.model.graph import Ref

if TYPE_CHECKING:
    from ringwall.formats.cloudformation.evaluate import Evaluator

VPC = "AWS::EC2::VPC"
CIDR_BLOCK = "AWS::EC2::VPCCidrBlock"
# Types that the graph knows under another name.
NORMAL_TYPES = {
    "AWS::EC2::TransitGatewayVpcAttachment": "AWS::EC2::TransitGatewayAttachment",
    "AWS::EC2::TransitGatewayPeeringAttachment": "AWS::EC2::TransitGatewayAttachment",
}
# What `Ref` gives where it is not the id: the attribute.
_REF_ATTRIBUTES = {"AWS::EC2::EIP": "PublicIp"}
# Attributes that are the id, or what stands for it, in the properties of others.
_IDS_WORDS = """
AllocationId EgressOnlyInternetGatewayId FirewallArn FirewallPolicyArn GroupId Id InstanceId
InternetGatewayId ListenerArn LoadBalancerArn NatGatewayId NetworkAclId PrefixListId
RouteTableId RuleGroupArn SubnetId TargetGroupArn TransitGatewayAttachmentId
TransitGatewayRouteTableId VPCGatewayId VPNGatewayId VpcId CustomerGatewayId VPNConnectionId
ResolverQueryLoggingConfigId ServiceId
"""
_IDS = frozenset(_IDS_WORDS.split())
WHOLE_IPV6 = "ipv6/56/0"


class Attributes:
    """The values of resources' attributes, without asking AWS."""

    def __init__(self, work: "Evaluator") -> None:
        self._work = work

    def ref(self, resource: Resource) -> Ref:
        """Return what `Ref` of a resource gives."""
        kind = NORMAL_TYPES.get(resource.type, resource.type)
        return Ref(kind, resource.key, _REF_ATTRIBUTES.get(kind, "id"))

    def get(self, resource: Resource, attribute: str) -> Any:  # noqa: ANN401
        """Return what `Fn::GetAtt` gives."""
        kind = NORMAL_TYPES.get(resource.type, resource.type)
        match resource.type, attribute:
            case "AWS::EC2::VPC", "DefaultSecurityGroup":
                return Ref("Ringwall::EC2::DefaultSecurityGroup", resource.key)
            case "AWS::EC2::VPC", "DefaultNetworkAcl":
                return Ref("Ringwall::EC2::DefaultNetworkAcl", resource.key)
            case "AWS::EC2::VPC", "Ipv6CidrBlocks":
                return self._vpc_ipv6(resource)
            case "AWS::EC2::Subnet", "Ipv6CidrBlocks":
                block = self._written(resource, "Ipv6CidrBlock")
                return [block] if block is not None else []
            case "AWS::EC2::VPC" | "AWS::EC2::Subnet", "CidrBlock" | "AvailabilityZone":
                value = self._written(resource, attribute)
                return value if value is not None else unknown(f"{attribute} of {resource}")
            case "AWS::EC2::VPCEndpoint", "DnsEntries":
                return [Ref(kind, resource.key, DNS_ENTRY)]
            case _, name if name in REFERENCES and kind not in REFERENCES[name]:
                value = self._written(resource, name)
                return value if value is not None else unknown(f"{name} of {resource}")
            case _:
                return Ref(kind, resource.key, "id" if attribute in _IDS else attribute)

    def _written(self, resource: Resource, name: str) -> Any:  # noqa: ANN401
        tree = resource.properties.get(name)
        return None if tree is None else self._work.value(resource.stack, tree)

    @cached_property
    def _blocks(self) -> list[Resource]:
        """Return the blocks of VPCs, of all stacks."""
        every = (each for stack in self._work.stacks for each in stack.resources.values())
        return [each for each in every if each.type == CIDR_BLOCK]

    def _vpc_ipv6(self, vpc: Resource) -> Any:  # noqa: ANN401
        """Return the IPv6 blocks that templates give a VPC."""
        found: list[Any] = []
        for resource in self._blocks:
            if self._work.exists(resource) is not True:
                continue
            owner = self._written(resource, "VpcId")
            if not isinstance(owner, Ref) or owner.key != vpc.key:
                continue
            if self._written(resource, "AmazonProvidedIpv6CidrBlock") in (True, "true"):
                found.append(Ref(CIDR_BLOCK, f"{vpc.key}/ipv6", WHOLE_IPV6))
            block = self._written(resource, "Ipv6CidrBlock")
            if isinstance(block, str) or is_unknown(block):
                found.append(block)
        return found or unknown(f"the IPv6 blocks of {vpc} are not in the input")
