"""What surveys ask of a lab."""

import pytest
from botocore.exceptions import ClientError


def _state(ec2, gateways):
    return ec2.describe_transit_gateways(TransitGatewayIds=gateways)["TransitGateways"][0]["State"]


def test_what_a_lab_cannot_have_is_answered_as_none(client):
    assert client("ec2").describe_client_vpn_endpoints()["ClientVpnEndpoints"] == []
    direct, firewall = client("directconnect"), client("network-firewall")
    assert direct.describe_direct_connect_gateways()["directConnectGateways"] == []
    assert firewall.list_firewall_policies()["FirewallPolicies"] == []
    assert firewall.list_rule_groups()["RuleGroups"] == []
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        firewall.describe_rule_group(RuleGroupArn="arn:none")


def test_an_association_tells_its_groups(client):
    lattice = client("vpc-lattice")
    network = lattice.create_service_network(name="shared")["id"]
    made = lattice.create_service_network_vpc_association(
        serviceNetworkIdentifier=network,
        vpcIdentifier="vpc-0123456789abcdef0",
        securityGroupIds=["sg-0123456789abcdef0"],
    )
    asked = {"serviceNetworkVpcAssociationIdentifier": made["id"]}
    assert lattice.get_service_network_vpc_association(**asked)["securityGroupIds"] == [
        "sg-0123456789abcdef0"
    ]
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        lattice.get_service_network_vpc_association(
            serviceNetworkVpcAssociationIdentifier="snva-0123456789abcdef0"
        )


def test_peerings_are_listed_without_other_attachments(ec2, until):
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    near, far = (
        ec2.create_transit_gateway()["TransitGateway"]["TransitGatewayId"] for _ in range(2)
    )
    for gateway in (near, far):
        until(lambda asked=[gateway]: _state(ec2, asked), "available")
    ec2.create_transit_gateway_vpc_attachment(TransitGatewayId=near, VpcId=vpc, SubnetIds=[subnet])
    made = ec2.create_transit_gateway_peering_attachment(
        TransitGatewayId=near,
        PeerTransitGatewayId=far,
        PeerAccountId="123456789012",
        PeerRegion="us-east-1",
    )["TransitGatewayPeeringAttachment"]
    listed = ec2.describe_transit_gateway_peering_attachments()["TransitGatewayPeeringAttachments"]
    assert [one["TransitGatewayAttachmentId"] for one in listed] == [
        made["TransitGatewayAttachmentId"]
    ]
