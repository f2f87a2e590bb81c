"""VPCs with their addresses into VPC, subnet, gateway and NAT nodes.

Rules:
- An internet gateway only where a tier is public; an egress-only one only where a private tier
  has IPv6 and may go out.
- One NAT gateway stands in the first zone, one per zone in each, in the first public tier.
"""

from ringwall.blueprint.compile.draft import Draft
from ringwall.blueprint.compile.site import PRIVATE, Site, Tier, VpcSite
from ringwall.model.graph import Ref
from ringwall.resources.ownership import SEGMENT_TAG


def compile_networks(draft: Draft, site: Site) -> None:
    """Add every VPC with its blocks, subnets, gateways and NAT gateways."""
    for vpc in site.vpcs:
        draft.add(
            "AWS::EC2::VPC",
            vpc.name,
            {
                "CidrBlock": vpc.cidr,
                "EnableDnsSupport": True,
                # Private DNS of endpoints needs both (VPC guide, interface endpoints).
                "EnableDnsHostnames": True,
                "InstanceTenancy": "default",
            },
            vpc.origin,
            tags={SEGMENT_TAG: vpc.segment} if vpc.segment else None,
        )
        for cidr in vpc.secondary:
            _add_block(draft, vpc, {"CidrBlock": cidr})
        if vpc.dual_stack:
            _add_block(draft, vpc, {"AmazonProvidedIpv6CidrBlock": True})
        for tier in vpc.tiers:
            _add_subnets(draft, vpc, tier)
        _add_gateways(draft, vpc)
        _add_nat(draft, vpc)


def _add_block(draft: Draft, vpc: VpcSite, block: dict[str, object]) -> None:
    draft.add_child("AWS::EC2::VPCCidrBlock", {"VpcId": vpc.ref, **block}, vpc.origin)


def _add_subnets(draft: Draft, vpc: VpcSite, tier: Tier) -> None:
    for subnet in tier.subnets:
        # A zone's id (use1-az1) holds a hyphen before its last part, a name (us-east-1a) a digit.
        zone = "AvailabilityZoneId" if "-az" in subnet.zone else "AvailabilityZone"
        draft.add(
            "AWS::EC2::Subnet",
            subnet.key,
            {
                "VpcId": vpc.ref,
                "CidrBlock": subnet.cidr,
                zone: subnet.zone,
                "MapPublicIpOnLaunch": tier.map_public_ip,
                "Ipv6CidrBlock": subnet.ipv6,
                "AssignIpv6AddressOnCreation": subnet.ipv6 is not None,
            },
            tier.origin,
        )


def has_internet_gateway(vpc: VpcSite) -> bool:
    """Say whether a VPC has an internet gateway."""
    return any(tier.is_public for tier in vpc.tiers)


def has_egress_only_gateway(vpc: VpcSite) -> bool:
    """Say whether private tiers of a VPC go out by IPv6."""
    private = any(tier.kind == PRIVATE for tier in vpc.tiers)
    return vpc.dual_stack and private and vpc.nat != "none"


def _add_gateways(draft: Draft, vpc: VpcSite) -> None:
    if has_internet_gateway(vpc):
        gateway = draft.add("AWS::EC2::InternetGateway", vpc.name, {}, vpc.origin)
        draft.add_child(
            "AWS::EC2::VPCGatewayAttachment",
            {"VpcId": vpc.ref, "InternetGatewayId": gateway},
            vpc.origin,
        )
    if has_egress_only_gateway(vpc):
        draft.add("AWS::EC2::EgressOnlyInternetGateway", vpc.name, {"VpcId": vpc.ref}, vpc.origin)


def _add_nat(draft: Draft, vpc: VpcSite) -> None:
    if vpc.nat_tier is None:
        return
    subnets = {subnet.zone: subnet for subnet in vpc.nat_tier.subnets}
    for zone in vpc.nat_zones:
        key = nat_key(vpc, zone)
        address = draft.add("AWS::EC2::EIP", key, {"Domain": "vpc"}, vpc.origin)
        draft.add(
            "AWS::EC2::NatGateway",
            key,
            {
                "SubnetId": subnets[zone].ref,
                "AllocationId": address,
                "ConnectivityType": "public",
            },
            vpc.origin,
        )


def nat_key(vpc: VpcSite, zone: str) -> str:
    """Return the key of the NAT gateway that serves a zone."""
    return f"{vpc.name}/nat/{zone if vpc.zoned_tables else vpc.zones[0]}"


def nat_ref(vpc: VpcSite, zone: str) -> Ref:
    """Refer to the NAT gateway that serves a zone."""
    return Ref("AWS::EC2::NatGateway", nat_key(vpc, zone))
