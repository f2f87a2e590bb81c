"""What surveys ask of: objects that nothing in a lab can make are answered as none."""

import json

from moto.directconnect.responses import DirectConnectResponse
from moto.ec2.models.transit_gateway_attachments import (
    TransitGatewayAttachmentBackend,
    TransitGatewayPeeringAttachment,
)
from moto.networkfirewall.responses import NetworkFirewallResponse
from moto.vpclattice.responses import VPCLatticeResponse

from ringwall.lab.actions import Call, Described, Handler, add_ec2, add_json, refuse, wrap
from ringwall.lab.world import Moto


def _none(member: str) -> Handler:
    def answer(_call: Call) -> Described:
        return {member: []}

    return answer


def _absent(call: Call) -> Described:
    asked = next(iter(call.params.values()), "")
    return refuse("ResourceNotFoundException", f"{asked} was not found")


def _association(self: Moto) -> str:
    """GetServiceNetworkVpcAssociation."""
    asked = self.path.rsplit("/", 1)[-1]
    found = self.backend.service_network_vpc_associations.get(asked)
    if found is None:
        refuse("ResourceNotFoundException", f"{asked} was not found")
    return json.dumps(found.to_dict() | {"securityGroupIds": found.security_group_ids or []})


def install() -> None:
    """Answer what moto lacks of the calls that surveys make."""

    @wrap(TransitGatewayAttachmentBackend, "describe_transit_gateway_peering_attachments")
    def peerings(original: Moto, self: Moto, *args: Moto, **kwargs: Moto) -> Moto:
        found = original(self, *args, **kwargs)
        return [one for one in found if isinstance(one, TransitGatewayPeeringAttachment)]

    add_ec2({"DescribeClientVpnEndpoints": _none("ClientVpnEndpoints")})
    add_json(
        DirectConnectResponse,
        lambda self: self.directconnect_backend,
        {
            "DescribeDirectConnectGateways": _none("directConnectGateways"),
            "DescribeDirectConnectGatewayAssociations": _none("directConnectGatewayAssociations"),
        },
    )
    add_json(
        NetworkFirewallResponse,
        lambda self: self.networkfirewall_backend,
        {
            "ListFirewallPolicies": _none("FirewallPolicies"),
            "DescribeFirewallPolicy": _absent,
            "ListRuleGroups": _none("RuleGroups"),
            "DescribeRuleGroup": _absent,
        },
    )
    VPCLatticeResponse.get_service_network_vpc_association = _association  # type: ignore[attr-defined]
