"""How a drawn network reaches what lies outside: gateways, NAT, interfaces as routers, VPN."""

from ipaddress import ip_network

from tests.builders import ref
from tests.networks.features import Feature
from tests.networks.plans import ANYWHERE, OUTSIDE, Drawing, Tier, VpcPlan

AWAY = ("8.8.8.0/24", "8.8.0.0/16", "52.94.0.0/22")


def draw_gateways(d: Drawing) -> None:
    """Draw what each VPC has of its own; what is odd comes first, so that its routes win."""
    for vpc in d.vpcs.values():
        _routers(d, vpc)
        _odd_routes(d, vpc)
        if d.has(Feature.VPN) and d.chance(0.7):
            _vpn(d, vpc)
        if d.has(Feature.INTERNET) and ("public" in vpc.tiers or d.chance(0.3)):
            _internet(d, vpc)
            _nat(d, vpc)
        if d.has(Feature.PRIVATE_NAT) and "app" in vpc.tiers and d.chance(0.6):
            _private_nat(d, vpc)
        if d.has(Feature.EGRESS_ONLY) and vpc.v6:
            d.builder.add("EgressOnlyInternetGateway", vpc.key, {"VpcId": ref("VPC", vpc.key)})
            for tier in _inner(vpc):
                for table in tier.tables:
                    d.route(table, "::/0", f"eigw:{vpc.key}")
    if d.has(Feature.PUBLIC_ACCESS):
        _public_access(d)


def _inner(vpc: VpcPlan) -> list[Tier]:
    return [tier for tier in vpc.tiers.values() if tier.name in {"app", "data"}]


def _internet(d: Drawing, vpc: VpcPlan) -> None:
    vpc.has_gateway = True
    d.builder.internet_gateway(vpc.key)
    if d.has(Feature.MISSING) and d.chance(0.2):
        d.drop("VPCGatewayAttachment", f"{vpc.key}/internet-gateway")
    tiers = [vpc.tiers["public"]] if "public" in vpc.tiers else _inner(vpc)[:1]
    for tier in tiers:
        for table in tier.tables:
            d.route(table, ANYWHERE[4], f"igw:{vpc.key}")
            if vpc.v6:
                d.route(table, ANYWHERE[6], f"igw:{vpc.key}")
    if d.has(Feature.EDGE_TABLES):
        _edge_table(d, vpc)


def _edge_table(d: Drawing, vpc: VpcPlan) -> None:
    """Ingress routing: what the gateway lets in goes to an interface first."""
    inside = _interfaces_of(d, vpc)
    if not inside:
        return
    key = f"{vpc.key}/edge"
    d.builder.add(
        "RouteTable",
        key,
        {"VpcId": ref("VPC", vpc.key)},
        observed={"GatewayAssociations": [vpc.key]},
    )
    link = {"GatewayId": ref("InternetGateway", vpc.key), "RouteTableId": ref("RouteTable", key)}
    d.builder.add("GatewayRouteTableAssociation", vpc.key, link)
    tier = d.rng.choice(list(vpc.tiers.values()))
    for subnet in tier.subnets[:1]:
        d.route(key, subnet.cidr, f"eni:{d.rng.choice(inside)}")


def _nat(d: Drawing, vpc: VpcPlan) -> None:
    if "public" not in vpc.tiers:
        return
    leads = ""
    if d.has(Feature.REGIONAL_NAT):
        leads = f"{vpc.key}/nat/regional"
        properties = {
            "ConnectivityType": "public",
            "AvailabilityMode": "regional",
            "VpcId": ref("VPC", vpc.key),
        }
        d.builder.add("NatGateway", leads, properties, observed={"State": "available"})
    elif d.has(Feature.NAT):
        subnet = d.rng.choice(vpc.tiers["public"].subnets)
        leads = f"{vpc.key}/nat/{subnet.zone}"
        state = d.rng.choice(("", "available", "available", "failed"))
        d.builder.nat(leads, subnet.key, state=state)
        if d.chance(0.5):
            address = {"PrivateIp": d.address(subnet), "PublicIp": "52.1.0.1"}
            d.observe("NatGateway", leads, NatGatewayAddresses=[address])
    if not leads:
        return
    for tier in _inner(vpc):
        for table in tier.tables:
            d.route(table, ANYWHERE[4], f"nat:{leads}")
            if d.has(Feature.NAT64) and vpc.v6:
                d.route(table, "64:ff9b::/96", f"nat:{leads}")
    if d.has(Feature.NAT64):
        for tier in _inner(vpc):
            for subnet in tier.subnets:
                d.change("Subnet", subnet.key, EnableDns64=True)


def _private_nat(d: Drawing, vpc: VpcPlan) -> None:
    subnet = d.rng.choice(vpc.tiers["app"].subnets)
    key = f"{vpc.key}/nat/private"
    d.builder.nat(key, subnet.key, public=False)
    others = [other for other in d.vpcs.values() if not other.overlaps(vpc)]
    for table in vpc.tiers["data"].tables if "data" in vpc.tiers else ():
        for other in others:
            d.route(table, other.cidrs[0], f"nat:{key}")
        d.route(table, ANYWHERE[4], f"nat:{key}")


def _interfaces_of(d: Drawing, vpc: VpcPlan) -> list[str]:
    return [
        key
        for key in d.interfaces
        if d.builder.nodes["AWS::EC2::NetworkInterface", key]
        .properties["SubnetId"]
        .key.startswith(f"{vpc.key}/")
    ]


def _routers(d: Drawing, vpc: VpcPlan) -> None:
    """Interfaces as targets of routes: of other blocks, and of subnets of the same VPC (R3)."""
    inside = _interfaces_of(d, vpc)
    tables = vpc.tables()
    if not inside or not tables:
        return
    if d.has(Feature.INTERFACE_ROUTES):
        table = d.rng.choice(tables)
        d.route(table, d.rng.choice((*AWAY, "10.0.0.0/7", OUTSIDE)), f"eni:{d.rng.choice(inside)}")
        if d.chance(0.3):
            node = d.builder.nodes["AWS::EC2::NetworkInterface", inside[0]]
            instance = node.observed["Attachment"]["InstanceId"]
            properties = {
                "RouteTableId": ref("RouteTable", table),
                "DestinationCidrBlock": "10.192.0.0/12",
                "InstanceId": ref("Instance", instance),
            }
            d.builder.add("Route", f"{table}>10.192.0.0/12", properties)
    if d.has(Feature.SPECIFIC_ROUTES):
        subnet = d.rng.choice([s for tier in vpc.tiers.values() for s in tier.subnets])
        d.route(d.rng.choice(tables), subnet.cidr, f"eni:{d.rng.choice(inside)}")


def _odd_routes(d: Drawing, vpc: VpcPlan) -> None:
    tables = vpc.tables()
    if not tables:
        return
    if d.has(Feature.BLACKHOLES):
        to = d.rng.choice((*AWAY, "10.0.0.0/15", OUTSIDE))
        d.route(d.rng.choice(tables), to, f"pcx:{d.new_id('pcx')}", state="blackhole")
    if d.has(Feature.RESERVED_ROUTES):
        d.route(d.rng.choice(tables), "169.254.168.0/21", f"igw:{vpc.key}")
    if d.has(Feature.MISSING) and d.chance(0.5):
        table = d.rng.choice(tables)
        what = d.rng.choice(("nat:nat-gone", "pcx:pcx-gone", "gwlbe:vpce-gone"))
        d.route(table, d.rng.choice(AWAY), what)
    if d.has(Feature.MISSING) and d.chance(0.3):
        table = d.rng.choice(tables)
        properties = {
            "RouteTableId": ref("RouteTable", table),
            "DestinationCidrBlock": "172.16.0.0/12",
            "CoreNetworkArn": "arn:aws:networkmanager::111122223333:core-network/core-1",
        }
        d.builder.add("Route", f"{table}>172.16.0.0/12", properties)


def _public_access(d: Drawing) -> None:
    mode = d.rng.choice(("off", "block-ingress", "block-bidirectional"))
    d.builder.add("VPCBlockPublicAccessOptions", "account", {"InternetGatewayBlockMode": mode})
    modes = ("allow-bidirectional", "allow-egress")
    for vpc in d.vpcs.values():
        subnets = [subnet for tier in vpc.tiers.values() for subnet in tier.subnets]
        place = d.rng.choice(
            ({"VpcId": ref("VPC", vpc.key)}, {"SubnetId": ref("Subnet", subnets[0].key)})
        )
        if d.chance(0.5):
            excluded = {**place, "InternetGatewayExclusionMode": d.rng.choice(modes)}
            d.builder.add("VPCBlockPublicAccessExclusion", f"{vpc.key}/excluded", excluded)


def _vpn(d: Drawing, vpc: VpcPlan) -> None:
    """A virtual private gateway with a VPN connection, static and propagated routes."""
    key = f"{vpc.key}/vgw"
    attached = [{"VpcId": ref("VPC", vpc.key), "State": "attached"}]
    d.builder.add(
        "VPNGateway",
        key,
        {"Type": "ipsec.1", "AmazonSideAsn": 64512},
        observed={"State": "available", "VpcAttachments": attached},
    )
    link = {"VpcId": ref("VPC", vpc.key), "VpnGatewayId": ref("VPNGateway", key)}
    d.builder.add("VPCGatewayAttachment", f"{vpc.key}/vpn-gateway", link)
    far = {"IpAddress": "198.51.100.7", "BgpAsn": 65000, "Type": "ipsec.1"}
    d.builder.add("CustomerGateway", key, far, observed={"State": "available"})
    d.builder.add(
        "VPNConnection",
        key,
        {
            "VpnGatewayId": ref("VPNGateway", key),
            "CustomerGatewayId": ref("CustomerGateway", key),
            "StaticRoutesOnly": True,
            "Type": "ipsec.1",
        },
        observed={
            "State": "available",
            "Routes": [{"DestinationCidrBlock": OUTSIDE, "State": "available"}],
            "VgwTelemetry": [{"OutsideIpAddress": "52.9.9.9", "Status": "UP"}],
        },
    )
    tables = [table for table in vpc.tables() if d.chance(0.7)]
    for table in tables:
        d.route(table, OUTSIDE, f"vgw:{key}", origin="EnableVgwRoutePropagation")
        if d.chance(0.3):
            d.route(table, str(next(ip_network(OUTSIDE).subnets())), f"vgw:{key}")
    if tables:
        d.builder.add(
            "VPNGatewayRoutePropagation",
            key,
            {
                "RouteTableIds": [ref("RouteTable", table) for table in tables],
                "VpnGatewayId": ref("VPNGateway", key),
            },
        )
