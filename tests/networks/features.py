"""What a drawn network may contain: one flag a semantic, and which of them need another."""

from collections.abc import Iterable
from enum import StrEnum
from random import Random


class Feature(StrEnum):
    """A semantic that a test can ask a drawn network to contain."""

    SECONDARY_CIDRS = "secondary blocks of a VPC"
    OVERLAPPING_VPCS = "two VPCs with one block"
    MAIN_TABLES = "subnets of the main table"
    DUAL_STACK = "IPv6 beside IPv4"
    ACLS = "network ACLs of flows, with denials between"
    EPHEMERAL_PIECES = "replies let back to a part of the client ports"
    ICMP = "ICMP by type and code"
    OTHER_PROTOCOLS = "protocols 47 and 50, and all protocols"
    LIST_RULES = "rules of groups by prefix list"
    LIST_ROUTES = "routes by prefix list"
    OVERLAPPING_LISTS = "overlapping prefix lists in one route table"
    GROUP_REFERENCES = "rules of groups by group"
    SELF_REFERENCES = "rules of groups by themselves"
    DEFAULT_GROUPS = "default groups with AWS's rules"
    INTERFACES = "live interfaces"
    SEVERAL_GROUPS = "interfaces with several groups"
    SEVERAL_ADDRESSES = "interfaces with several addresses and prefixes"
    PUBLIC_ADDRESSES = "interfaces with public addresses"
    BLACKHOLES = "routes to nowhere"
    RESERVED_ROUTES = "routes over reserved addresses"
    INTERNET = "internet gateways"
    EGRESS_ONLY = "egress-only internet gateways"
    NAT = "public NAT gateways"
    PRIVATE_NAT = "private NAT gateways"
    REGIONAL_NAT = "regional NAT gateways"
    NAT64 = "NAT64 through a NAT gateway"
    PUBLIC_ACCESS = "VPC Block Public Access"
    PEERING = "peering connections"
    IDLE_PEERING = "peering connections that are not active"
    ONE_SIDED_ROUTES = "routes there and none back"
    TRANSIT = "a transit gateway"
    TRANSIT_STATIC = "static routes of a transit gateway"
    TRANSIT_BLACKHOLES = "blackholes of a transit gateway"
    TRANSIT_EQUAL_ROUTES = "equal routes of a transit gateway"
    TRANSIT_LISTS = "prefix lists in tables of a transit gateway"
    TRANSIT_MISSING_ZONES = "attachments without a zone"
    TRANSIT_UNASSOCIATED = "attachments without a table"
    APPLIANCE_MODE = "attachments in appliance mode"
    ATTACHMENT_ACLS = "ACLs of attachments' subnets"
    ATTACHMENT_TABLES = "odd route tables of attachments' subnets"
    TRANSIT_REFERENCES = "group references across a transit gateway"
    TRANSIT_PEERING = "two transit gateways that are peered"
    GATEWAY_ENDPOINTS = "gateway endpoints"
    INTERFACE_ENDPOINTS = "interface endpoints"
    INTERFACE_ROUTES = "routes to interfaces"
    APPLIANCES = "interfaces that pass on packets of others"
    NAT_INSTANCES = "instances that translate addresses"
    SPECIFIC_ROUTES = "routes more specific than local"
    EDGE_TABLES = "route tables of internet gateways"
    VPN = "virtual private gateways with VPN connections"
    DIRECT_CONNECT = "Direct Connect gateways"
    INSPECTION_ENDPOINTS = "endpoints of gateway load balancers"
    NETWORK_FIREWALL = "Network Firewall"
    APPLICATION_BALANCERS = "application load balancers"
    NETWORK_BALANCERS = "network load balancers"
    CLASSIC_BALANCERS = "classic load balancers"
    ENDPOINT_SERVICES = "endpoint services"
    LATTICE = "VPC Lattice"
    MISSING = "pieces that are not in the input"


F = Feature
NEEDS: dict[Feature, tuple[Feature, ...]] = {
    F.EPHEMERAL_PIECES: (F.ACLS,),
    F.OVERLAPPING_LISTS: (F.LIST_ROUTES,),
    F.LIST_ROUTES: (F.TRANSIT, F.INTERNET),
    F.SEVERAL_GROUPS: (F.INTERFACES,),
    F.SEVERAL_ADDRESSES: (F.INTERFACES,),
    F.PUBLIC_ADDRESSES: (F.INTERFACES, F.INTERNET),
    F.EGRESS_ONLY: (F.DUAL_STACK,),
    F.NAT: (F.INTERNET,),
    F.REGIONAL_NAT: (F.INTERNET,),
    F.NAT64: (F.NAT, F.INTERNET, F.DUAL_STACK),
    F.PUBLIC_ACCESS: (F.INTERNET,),
    F.IDLE_PEERING: (F.PEERING,),
    F.ONE_SIDED_ROUTES: (F.PEERING,),
    F.TRANSIT_STATIC: (F.TRANSIT,),
    F.TRANSIT_BLACKHOLES: (F.TRANSIT,),
    F.TRANSIT_EQUAL_ROUTES: (F.TRANSIT,),
    F.TRANSIT_LISTS: (F.TRANSIT,),
    F.TRANSIT_MISSING_ZONES: (F.TRANSIT,),
    F.TRANSIT_UNASSOCIATED: (F.TRANSIT,),
    F.APPLIANCE_MODE: (F.TRANSIT,),
    F.ATTACHMENT_ACLS: (F.TRANSIT,),
    F.ATTACHMENT_TABLES: (F.TRANSIT,),
    F.TRANSIT_REFERENCES: (F.TRANSIT, F.GROUP_REFERENCES),
    F.TRANSIT_PEERING: (F.TRANSIT,),
    F.INTERFACE_ROUTES: (F.INTERFACES,),
    F.SPECIFIC_ROUTES: (F.INTERFACES,),
    F.APPLIANCES: (F.INTERFACES,),
    F.NAT_INSTANCES: (F.INTERFACES, F.INTERNET),
    F.EDGE_TABLES: (F.INTERFACES, F.INTERNET),
    F.DIRECT_CONNECT: (F.TRANSIT,),
    F.INSPECTION_ENDPOINTS: (F.INTERNET,),
    F.NETWORK_FIREWALL: (F.INTERNET,),
    F.APPLICATION_BALANCERS: (F.INTERFACES,),
    F.NETWORK_BALANCERS: (F.INTERFACES,),
    F.CLASSIC_BALANCERS: (F.INTERFACES,),
    F.ENDPOINT_SERVICES: (F.NETWORK_BALANCERS,),
}
# How often a feature is drawn where nobody asks for it; what makes most of a network unknown to an
# engine that does not model it is rare, so that the rest is asked about too.
COMMON = frozenset(
    {F.ACLS, F.EPHEMERAL_PIECES, F.GROUP_REFERENCES, F.INTERNET, F.INTERFACES, F.NAT, F.TRANSIT}
)
RARE = frozenset(
    {
        F.EDGE_TABLES,
        F.TRANSIT_PEERING,
        F.REGIONAL_NAT,
        F.INSPECTION_ENDPOINTS,
        F.APPLICATION_BALANCERS,
        F.NETWORK_BALANCERS,
        F.CLASSIC_BALANCERS,
        F.ENDPOINT_SERVICES,
        F.LATTICE,
        F.MISSING,
        F.TRANSIT_LISTS,
        F.TRANSIT_EQUAL_ROUTES,
        F.TRANSIT_UNASSOCIATED,
        F.OVERLAPPING_VPCS,
        F.IDLE_PEERING,
        F.ONE_SIDED_ROUTES,
        F.INTERFACE_ROUTES,
        F.NAT_INSTANCES,
    }
)


SELDOM = frozenset({F.VPN, F.DIRECT_CONNECT, F.PUBLIC_ACCESS, F.NETWORK_FIREWALL})


def with_needs(features: Iterable[Feature]) -> frozenset[Feature]:
    """Return the features and all that they need."""
    found: set[Feature] = set()
    queue = list(features)
    while queue:
        feature = queue.pop()
        if feature not in found:
            found.add(feature)
            queue += NEEDS.get(feature, ())
    return frozenset(found)


def choose(rng: Random, seed: int) -> frozenset[Feature]:
    """Draw the features of a network; each feature is in the networks of some seeds in turn."""
    chosen = {list(Feature)[seed % len(Feature)]}
    for feature in Feature:
        chance = 0.75 if feature in COMMON else 0.06 if feature in RARE else 0.3
        chance = 0.14 if feature in SELDOM else chance
        if rng.random() < chance:
            chosen.add(feature)
    return with_needs(chosen)
