"""Segments into the Transit Gateway, its route tables, attachments, propagations and routes.

Rules:
- Default association and propagation are off: what is not said does not flow.
- One route table a segment. A VPC's attachment is associated with its segment's table; it
  propagates into the table of every segment that has routes to its segment.
- Under central NAT a segment's table has a default route to the hub. Private addresses that the
  segment does not reach are blackholes there: the hub would forward them to any segment it knows,
  with the NAT gateway's address as their source.
"""

from ipaddress import IPv4Network

from ringwall.blueprint.compile.draft import Draft, Scope
from ringwall.blueprint.compile.site import ANYWHERE, Segment, Site, VpcSite
from ringwall.blueprint.syntax import Blueprint
from ringwall.model.graph import Origin, Ref

TRANSIT_GATEWAY = Ref("AWS::EC2::TransitGateway", "transit-gateway")
PRIVATE_BLOCKS = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")  # RFC 1918
DEFAULT_ASN = 64_512  # EC2's own default (CreateTransitGateway, AmazonSideAsn)


def compile_transit_gateway(draft: Draft, bp: Blueprint, site: Site) -> None:
    """Add the gateway unless it is brought along, a table a segment, an attachment a VPC."""
    wanted = bp.transit_gateway
    if wanted is None or site.transit_gateway is None:
        return
    if site.transit_gateway == TRANSIT_GATEWAY:
        draft.add(
            "AWS::EC2::TransitGateway",
            TRANSIT_GATEWAY.key,
            {
                "AmazonSideAsn": wanted.asn or DEFAULT_ASN,
                "AutoAcceptSharedAttachments": "disable",
                "DefaultRouteTableAssociation": "disable",
                "DefaultRouteTablePropagation": "disable",
                "Description": f"Transit Gateway of {draft.deployment}",
                "DnsSupport": _switch(on=wanted.dns_support),
                "SecurityGroupReferencingSupport": _switch(on=site.group_references),
                "VpnEcmpSupport": _switch(on=wanted.ecmp),
            },
            bp.origins.get(("transit_gateway",)),
            own=Scope(protect=wanted.protect),
        )
    for segment in site.segments:
        written = wanted.segments[segment.name]
        draft.add(
            "AWS::EC2::TransitGatewayRouteTable",
            segment.name,
            {"TransitGatewayId": site.transit_gateway},
            segment.origin,
            own=Scope(was=written.was, protect=written.protect),
        )
    for vpc in site.vpcs:
        if site.segment_of(vpc) is not None:
            _attach(draft, bp, site, vpc)
    for segment in site.segments:
        _propagate(draft, site, segment)
        _add_routes(draft, site, segment)


def _switch(*, on: bool) -> str:
    return "enable" if on else "disable"


def attachment_ref(vpc: str) -> Ref:
    """Refer to the attachment of a VPC."""
    return Ref("AWS::EC2::TransitGatewayAttachment", vpc)


def _table(segment: str) -> Ref:
    return Ref("AWS::EC2::TransitGatewayRouteTable", segment)


def _attach(draft: Draft, bp: Blueprint, site: Site, vpc: VpcSite) -> None:
    assert vpc.attachment is not None
    written = bp.vpcs[vpc.name].attachment
    attachment = draft.add(
        "AWS::EC2::TransitGatewayAttachment",
        vpc.name,
        {
            "TransitGatewayId": site.transit_gateway,
            "VpcId": vpc.ref,
            "SubnetIds": sorted(subnet.ref for subnet in vpc.attachment.subnets),
            "Options": {
                "ApplianceModeSupport": _switch(on=written.appliance_mode),
                "DnsSupport": "enable",
                "Ipv6Support": _switch(on=vpc.dual_stack),
                "SecurityGroupReferencingSupport": _switch(on=site.group_references),
            },
        },
        vpc.origin,
    )
    draft.add_child(
        "AWS::EC2::TransitGatewayRouteTableAssociation",
        {
            "TransitGatewayAttachmentId": attachment,
            "TransitGatewayRouteTableId": _table(vpc.segment),
        },
        bp.origins.get(("vpcs", vpc.name, "segment"), vpc.origin),
    )


def _propagate(draft: Draft, site: Site, segment: Segment) -> None:
    for vpc in site.vpcs:
        if vpc.segment in segment.routes_to:
            draft.add_child(
                "AWS::EC2::TransitGatewayRouteTablePropagation",
                {
                    "TransitGatewayAttachmentId": attachment_ref(vpc.name),
                    "TransitGatewayRouteTableId": _table(segment.name),
                },
                segment.origin,
            )


def _add_routes(draft: Draft, site: Site, segment: Segment) -> None:
    for route in segment.routes:
        _add_route(draft, segment, route.cidr, route.vpc, route.origin)
    hubs = [vpc.egress for vpc in site.vpcs if vpc.segment == segment.name and vpc.egress]
    if not hubs:
        return
    # The first route of a destination stays: what the blueprint says goes before.
    _add_route(draft, segment, ANYWHERE, hubs[0], segment.origin)
    for cidr in _unreached(site, segment):
        _add_route(draft, segment, cidr, "", segment.origin)


def _unreached(site: Site, segment: Segment) -> list[str]:
    """Return the private blocks, and the other VPC blocks a segment does not reach."""
    private = [IPv4Network(block) for block in PRIVATE_BLOCKS]
    others = [
        cidr
        for vpc in site.vpcs
        if vpc.segment not in segment.routes_to
        for cidr in vpc.cidrs
        if not any(IPv4Network(cidr).subnet_of(block) for block in private)
    ]
    return [*PRIVATE_BLOCKS, *others]


def _add_route(draft: Draft, segment: Segment, cidr: str, vpc: str, origin: Origin | None) -> None:
    target = {"TransitGatewayAttachmentId": attachment_ref(vpc)} if vpc else {"Blackhole": True}
    draft.add_child(
        "AWS::EC2::TransitGatewayRoute",
        {
            "TransitGatewayRouteTableId": _table(segment.name),
            "DestinationCidrBlock": cidr,
            **target,
        },
        origin,
    )
