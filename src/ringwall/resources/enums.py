"""The values that AWS may report where the meaning of a network depends on them.

Rule: every value of these enums is modelled, gone (what bears it is left out by its reader), or
unknown: whatever a packet meets of that kind is `Unknown` by name, never "unreachable". A value
that AWS adds stands in none of the three and fails a test.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Standing:
    """How the values of one enum (or the members of one shape) of the service model stand."""

    modelled: frozenset[str]
    unknown: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()

    @property
    def known(self) -> frozenset[str]:
        """Return every value that stands somewhere."""
        return self.modelled | self.unknown | self.gone


def _standing(modelled: str, *, unknown: str = "", gone: str = "") -> Standing:
    return Standing(*(frozenset(text.split()) for text in (modelled, unknown, gone)))


_CIDR_STATES = _standing(
    "associating associated", gone="disassociating disassociated failing failed"
)

# By shape of the EC2 service model.
ENUMS: Mapping[str, Standing] = MappingProxyType(
    {
        # Addresses and VPCs.
        "VpcState": _standing("pending available", gone="deleting"),
        "Tenancy": _standing("default dedicated host"),
        "VpcCidrBlockStateCode": _CIDR_STATES,
        "SubnetCidrBlockStateCode": _CIDR_STATES,
        "IpSource": _standing("amazon byoip none"),
        "SubnetState": _standing(
            "pending available", unknown="unavailable failed failed-insufficient-capacity"
        ),
        "DomainType": _standing("vpc", unknown="standard"),
        "ServiceManaged": _standing(
            "rnat", unknown="alb nlb rds igw-firewall lambda-network-connector"
        ),
        "BlockPublicAccessMode": _standing("off block-bidirectional block-ingress"),
        "InternetGatewayBlockMode": _standing("off block-bidirectional block-ingress"),
        "InternetGatewayExclusionMode": _standing("allow-bidirectional allow-egress"),
        # Filters.
        "RuleAction": _standing("allow deny"),
        "PrefixListState": _standing(
            "create-complete modify-complete restore-complete",
            unknown="create-in-progress modify-in-progress modify-failed restore-in-progress"
            " restore-failed delete-failed",
            gone="create-failed delete-in-progress delete-complete",
        ),
        # Routes and gateways.
        "RouteOrigin": _standing(
            "CreateRouteTable CreateRoute EnableVgwRoutePropagation", unknown="Advertisement"
        ),
        "RouteState": _standing("active blackhole", unknown="filtered"),
        "RouteTableAssociationStateCode": _standing(
            "associating associated", gone="disassociating disassociated failed"
        ),
        "AttachmentStatus": _standing("attaching attached", gone="detaching detached"),
        "NatGatewayState": _standing("pending available", gone="deleting deleted failed"),
        "ConnectivityType": _standing("public private"),
        "AvailabilityMode": _standing("zonal", unknown="regional"),
        "NatGatewayAddressStatus": _standing(
            "succeeded assigning associating", unknown="unassigning disassociating failed"
        ),
        "VpcPeeringConnectionStateReasonCode": _standing(
            "active",
            unknown="initiating-request pending-acceptance provisioning",
            gone="deleted deleting rejected failed expired",
        ),
        # Interfaces and endpoints.
        "NetworkInterfaceType": _standing(
            "interface efa natGateway vpc_endpoint transit_gateway lambda",
            unknown="efa-only trunk branch load_balancer network_load_balancer"
            " gateway_load_balancer gateway_load_balancer_endpoint global_accelerator_managed"
            " quicksight api_gateway_managed iot_rules_managed aws_codestar_connections_managed",
        ),
        "NetworkInterfaceStatus": _standing("available associated attaching in-use detaching"),
        "VpcEndpointType": _standing(
            "Interface Gateway GatewayLoadBalancer", unknown="Resource ServiceNetwork Tunnel"
        ),
        "State": _standing(  # of VPC endpoints
            "Available",
            unknown="PendingAcceptance Pending Rejected Partial Failed Expired",
            gone="Deleting Deleted",
        ),
        "ServiceState": _standing(  # of endpoint services
            "Pending Available Failed", gone="Deleting Deleted"
        ),
        # Instances.
        "InstanceStateName": _standing(
            "pending running stopping stopped", gone="shutting-down terminated"
        ),
        # VPN gateways and connections.
        "VpnState": _standing("pending available", gone="deleting deleted"),
        # Transit Gateways.
        "TransitGatewayState": _standing("pending available modifying", gone="deleting deleted"),
        "TransitGatewayAttachmentResourceType": _standing(
            "vpc vpn direct-connect-gateway peering",
            unknown="vpn-concentrator connect tgw-peering network-function client-vpn",
        ),
        "TransitGatewayAttachmentState": _standing(
            "available modifying pending",
            unknown="initiating initiatingRequest pendingAcceptance rollingBack",
            gone="deleting deleted failed failing rejected rejecting",
        ),
        "TransitGatewayRouteTableState": _standing("pending available", gone="deleting deleted"),
        "TransitGatewayAssociationState": _standing(
            "associating associated", gone="disassociating disassociated"
        ),
        "TransitGatewayPropagationState": _standing("enabling enabled", gone="disabling disabled"),
        "TransitGatewayRouteState": _standing("pending active blackhole", gone="deleting deleted"),
        "TransitGatewayRouteType": _standing("static propagated", unknown="system"),
        "TransitGatewayPrefixListReferenceState": _standing(
            "pending available modifying", gone="deleting"
        ),
    }
)

# Members of described objects that decide about packets: a new one is a new kind of destination,
# target, peer or match.
MEMBERS: Mapping[str, Standing] = MappingProxyType(
    {
        "Route": _standing(
            "DestinationCidrBlock DestinationIpv6CidrBlock DestinationPrefixListId"
            " EgressOnlyInternetGatewayId GatewayId NatGatewayId TransitGatewayId"
            " NetworkInterfaceId VpcPeeringConnectionId Origin State InstanceId InstanceOwnerId",
            unknown="LocalGatewayId CarrierGatewayId CoreNetworkArn OdbNetworkArn IpAddress"
            " IgwFirewall",
        ),
        "RouteTableAssociation": _standing(
            "Main RouteTableAssociationId RouteTableId SubnetId AssociationState GatewayId",
            unknown="PublicIpv4Pool",
        ),
        "NetworkAclEntry": _standing(
            "CidrBlock Egress IcmpTypeCode Ipv6CidrBlock PortRange Protocol RuleAction RuleNumber"
        ),
        "SecurityGroupRule": _standing(
            "SecurityGroupRuleId GroupId GroupOwnerId IsEgress IpProtocol FromPort ToPort CidrIpv4"
            " CidrIpv6 PrefixListId ReferencedGroupInfo Description Tags SecurityGroupRuleArn"
        ),
    }
)
