"""How a drawn network reaches what lies outside: gateways, NAT, interfaces as routers, VPN."""

from ipaddress import ip_network

from tests.builders import ref
from tests.networks.appliances import AWAY, edge_table, nat_instance, routers
from tests.networks.features import Feature
from tests.networks.plans import ANYWHERE, OUTSIDE, Drawing, Tier, VpcPlan


def draw_gateways(d: Drawing) -> None:
    """Draw what each VPC has of its own; what is odd comes first, so that its routes win."""
    for vpc in d.vpcs.values():
        routers(d, vpc)
        _odd_routes(d, vpc)
        if d.has(Feature.VPN) and d.chance(0.7):
            _vpn(d, vpc)
        if d.has(Feature.INTERNET) and ("public" in vpc.tiers or d.chance(0.3)):
            if d.has(Feature.NAT_INSTANCES):
                nat_instance(d, vpc)
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
        edge_table(d, vpc)


def _nat(d: Drawing, vpc: VpcPlan) -> None:
    if "public" not in vpc.tiers:
        return
    leads = ""
    if d.has(Feature.REGIONAL_NAT):
        leads = _regional_nat(d, vpc)
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


def _regional_nat(d: Drawing, vpc: VpcPlan) -> str:
    """A NAT gateway without a subnet, with a table of its own, in some zones."""
    key, table = f"{vpc.key}/nat/regional", f"{vpc.key}/regional"
    d.builder.add("RouteTable", table, {"VpcId": ref("VPC", vpc.key)})
    d.route(table, ANYWHERE[4], f"igw:{vpc.key}")
    zones = [subnet.zone for subnet in vpc.tiers["public"].subnets if d.chance(0.8)]
    addresses = [
        {"PublicIp": f"52.2.0.{number}", "AvailabilityZone": zone}
        for number, zone in enumerate(zones, 1)
    ]
    observed = {"State": "available", "NatGatewayAddresses": addresses}
    if d.chance(0.9):
        observed["RouteTableId"] = table
    properties = {
        "ConnectivityType": "public",
        "AvailabilityMode": "regional",
        "VpcId": ref("VPC", vpc.key),
    }
    d.builder.add("NatGateway", key, properties, observed=observed)
    return key


def _private_nat(d: Drawing, vpc: VpcPlan) -> None:
    subnet = d.rng.choice(vpc.tiers["app"].subnets)
    key = f"{vpc.key}/nat/private"
    d.builder.nat(key, subnet.key, public=False)
    others = [other for other in d.vpcs.values() if not other.overlaps(vpc)]
    for table in vpc.tiers["data"].tables if "data" in vpc.tiers else ():
        for other in others:
            d.route(table, other.cidrs[0], f"nat:{key}")
        if d.chance(0.7):
            d.drop_route(table, ANYWHERE[4])
        d.route(table, ANYWHERE[4], f"nat:{key}")
    if vpc.has_gateway and d.chance(0.8):  # which drops what a private one sends it (R12)
        for table in vpc.tiers["app"].tables:
            d.drop_route(table, ANYWHERE[4])
            d.route(table, ANYWHERE[4], f"igw:{vpc.key}")


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
    if d.chance(0.4):
        _direct_connect(d, key)
    tables = [table for table in vpc.tables() if d.chance(0.7)]
    for table in tables:
        _learned(d, vpc, table, key)
    if tables:
        d.builder.add(
            "VPNGatewayRoutePropagation",
            key,
            {
                "RouteTableIds": [ref("RouteTable", table) for table in tables],
                "VpnGatewayId": ref("VPNGateway", key),
            },
        )


def _learned(d: Drawing, vpc: VpcPlan, table: str, gateway: str) -> None:
    """Routes that a table learned from a gateway, and static ones that come before them (R5)."""
    for destination in (OUTSIDE, vpc.cidrs[0], str(next(ip_network(vpc.cidrs[0]).subnets()))):
        if destination == OUTSIDE or d.chance(0.25):
            d.route(table, destination, f"vgw:{gateway}", origin="EnableVgwRoutePropagation")
    if d.chance(0.3):
        d.route(table, str(next(ip_network(OUTSIDE).subnets())), f"vgw:{gateway}")
    if d.chance(0.4):
        d.route(table, OUTSIDE, f"igw:{vpc.key}")


def _direct_connect(d: Drawing, gateway: str) -> None:
    """A Direct Connect gateway that announces a part of what lies behind a private gateway."""
    d.builder.add(
        "AWS::DirectConnect::DirectConnectGateway",
        f"dx-{gateway}",
        {"DirectConnectGatewayName": "dx", "AmazonSideAsn": 64600},
        observed={
            "State": "available",
            "AssociatedGateway": [
                {
                    "id": gateway,
                    "type": "virtualPrivateGateway",
                    "allowedPrefixes": ["10.0.0.0/17", "10.1.0.0/16"],
                }
            ],
        },
    )
