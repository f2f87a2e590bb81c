"""How the VPCs of a drawn network reach each other: peering and transit gateways."""

from itertools import combinations

from tests.builders import ref
from tests.networks.appliances import interfaces_of
from tests.networks.features import Feature
from tests.networks.flows import OVERLAP, SERVICES
from tests.networks.ground import add_tier
from tests.networks.plans import ANYWHERE, ESTATE, OUTSIDE, Drawing, VpcPlan

GATEWAY, SECOND = "tgw-1", "tgw-2"
TABLES = ("red", "blue")


def draw_connections(d: Drawing) -> None:
    """Draw peerings, then a transit gateway for what no peering has taken."""
    if d.has(Feature.PEERING):
        for one, other in combinations(d.vpcs.values(), 2):
            if d.chance(0.6) and not one.overlaps(other):
                _peering(d, one, other)
    if d.has(Feature.TRANSIT):
        _transit(d)


def _peering(d: Drawing, one: VpcPlan, other: VpcPlan) -> None:
    key = f"pcx-{one.key}-{other.key}"
    status = "active"
    if d.has(Feature.IDLE_PEERING) and d.chance(0.6):
        status = d.rng.choice(("pending-acceptance", "expired", "provisioning", "deleted"))
    ends = {"VpcId": ref("VPC", one.key), "PeerVpcId": ref("VPC", other.key)}
    d.builder.add("VPCPeeringConnection", key, ends, observed={"Status": status})
    sides = [(one, other), (other, one)]
    if d.has(Feature.ONE_SIDED_ROUTES) and d.chance(0.7):
        sides = [d.rng.choice(sides)]
    for here, there in sides:
        for table in here.tables():
            if d.chance(0.85):
                for version in d.versions(here.key, there.key):
                    for block in there.blocks(version):
                        d.route(table, block, f"pcx:{key}")


def _transit(d: Drawing) -> None:
    switch = "enable" if d.has(Feature.TRANSIT_REFERENCES) else "disable"
    d.builder.add(
        "TransitGateway", GATEWAY, {"SecurityGroupReferencingSupport": switch, "Description": ""}
    )
    two = d.has(Feature.TRANSIT_PEERING) and len(d.vpcs) > 1
    home: dict[str, str] = {}
    for number, vpc in enumerate(d.vpcs.values()):
        gateway = SECOND if two and number == len(d.vpcs) - 1 else GATEWAY
        home[vpc.key] = gateway
        table = "far" if gateway == SECOND else d.rng.choice(TABLES)
        _attach(d, vpc, gateway, table)
    attached = [vpc for vpc in d.vpcs.values() if home[vpc.key] == GATEWAY]
    for table in TABLES:
        d.builder.transit_table(table)
        for vpc in attached:
            if d.chance(0.8):
                d.builder.propagate(vpc.key, table)
        _transit_routes(d, table, attached)
    if two:
        _second(d, list(d.vpcs.values())[-1], attached)
    if d.has(Feature.DIRECT_CONNECT):
        _direct_connect(d)
    for vpc in d.vpcs.values():
        _routes_to(d, vpc, home[vpc.key])


def _attach(d: Drawing, vpc: VpcPlan, gateway: str, table: str) -> None:
    base = next(iter(vpc.tiers.values()))
    zones = tuple(subnet.zone for subnet in base.subnets)
    if d.has(Feature.TRANSIT_MISSING_ZONES) and len(zones) > 1 and d.chance(0.6):
        zones = zones[: len(zones) - 1]
    wants = {Feature.ATTACHMENT_ACLS, Feature.ATTACHMENT_TABLES}
    if d.features & wants or d.chance(0.6):
        subnets = add_tier(d, vpc, "transit", zones).subnets
    else:
        tier = d.rng.choice(list(vpc.tiers.values()))
        subnets = [subnet for subnet in tier.subnets if subnet.zone in zones]
    options = {}
    if d.has(Feature.APPLIANCE_MODE) and d.chance(0.6):
        options["ApplianceModeSupport"] = "enable"
    if d.has(Feature.TRANSIT_REFERENCES) and d.chance(0.3):
        options["SecurityGroupReferencingSupport"] = "disable"
    lost = d.has(Feature.TRANSIT_UNASSOCIATED) and d.chance(0.5)
    keys = [subnet.key for subnet in subnets]
    d.builder.attach(vpc.key, keys, table=None if lost else table, gateway=gateway, **options)
    if d.has(Feature.ATTACHMENT_TABLES) and "transit" in vpc.tiers:
        _odd_table(d, vpc)


def _odd_table(d: Drawing, vpc: VpcPlan) -> None:
    """What comes from the gateway is sent on: out by NAT, back into the gateway, or nowhere."""
    nats = [key for key in d.keys("NatGateway") if key.startswith(f"{vpc.key}/")]
    for table in vpc.tiers["transit"].tables:
        choice = d.rng.random()
        if nats:
            d.route(table, ANYWHERE[4], f"nat:{nats[0]}")
        if choice < 0.3:
            d.route(table, OUTSIDE, f"tgw:{GATEWAY}")
        elif choice < 0.7 and (inside := interfaces_of(d, vpc)):
            subnet = d.rng.choice([s for t in vpc.tiers.values() if t.groups for s in t.subnets])
            d.route(table, subnet.cidr, f"eni:{d.rng.choice(inside)}")
        elif choice < 0.8:
            d.route(table, "10.64.0.0/10", f"tgw:{GATEWAY}")


def _transit_routes(d: Drawing, table: str, attached: list[VpcPlan]) -> None:
    builder = d.builder
    if not attached:
        return
    if d.has(Feature.TRANSIT_STATIC):
        vpc, hub = d.rng.choice(attached), d.rng.choice(attached)
        # A static route wins over a propagated one, wherever it leads (R18).
        builder.transit_route(table, vpc.cidrs[0], d.rng.choice((vpc, vpc, hub)).key)
        builder.transit_route(table, ANYWHERE[4], hub.key)
        if hub.v6:
            builder.transit_route(table, ESTATE[6], hub.key)
    if d.has(Feature.TRANSIT_BLACKHOLES):
        builder.transit_route(table, d.rng.choice(("10.1.0.0/17", "10.0.0.0/14", OUTSIDE)))
    if d.has(Feature.TRANSIT_EQUAL_ROUTES) and len(attached) > 1:
        reported = [
            {
                "DestinationCidrBlock": "10.200.0.0/16" if d.chance(0.4) else attached[0].cidrs[0],
                "State": "active",
                "TransitGatewayAttachments": [
                    {"TransitGatewayAttachmentId": ref("TransitGatewayAttachment", vpc.key)}
                    for vpc in attached[:2]
                ],
            }
        ]
        d.observe("TransitGatewayRouteTable", table, PropagatedRoutes=reported)
    if d.has(Feature.TRANSIT_LISTS) and ("AWS::EC2::PrefixList", SERVICES) in builder.nodes:
        link = {
            "TransitGatewayRouteTableId": ref("TransitGatewayRouteTable", table),
            "PrefixListId": ref("PrefixList", SERVICES),
            "TransitGatewayAttachmentId": ref("TransitGatewayAttachment", attached[0].key),
        }
        kind = "Ringwall::EC2::TransitGatewayPrefixListReference"
        builder.add(kind, f"{table}>{SERVICES}", link, observed={"State": "available"})


def _routes_to(d: Drawing, vpc: VpcPlan, gateway: str) -> None:
    lists = d.has(Feature.LIST_ROUTES)
    for table in vpc.tables():
        if d.chance(0.1):
            continue
        way = d.rng.random()
        if lists and way < 0.5:
            d.route(table, SERVICES, f"tgw:{gateway}")
            if d.has(Feature.OVERLAPPING_LISTS):
                nats = [key for key in d.keys("NatGateway") if key.startswith(vpc.key)]
                leads = f"nat:{nats[0]}" if nats else f"igw:{vpc.key}"
                d.route(table, OVERLAP, leads)
        elif way < 0.75:
            d.route(table, ESTATE[4], f"tgw:{gateway}")
        else:
            for other in d.vpcs.values():
                if other is not vpc and not vpc.overlaps(other):
                    d.route(table, other.cidrs[0], f"tgw:{gateway}")
        if vpc.v6:
            d.route(table, ESTATE[6], f"tgw:{gateway}")
        if d.has(Feature.TRANSIT_STATIC) and d.chance(0.4):
            d.route(table, ANYWHERE[4], f"tgw:{gateway}")
        if d.has(Feature.DIRECT_CONNECT):
            d.route(table, OUTSIDE, f"tgw:{gateway}")


def _second(d: Drawing, far: VpcPlan, attached: list[VpcPlan]) -> None:
    """A second gateway, peered with the first; static routes alone (R21)."""
    d.builder.add("TransitGateway", SECOND, {"Description": "", "AmazonSideAsn": 64513})
    d.builder.transit_table("far", SECOND)
    d.builder.propagate(far.key, "far")
    peer = "tgw-attach-peer"
    infos = {
        "RequesterTgwInfo": {"TransitGatewayId": GATEWAY, "Region": "us-east-1"},
        "AccepterTgwInfo": {"TransitGatewayId": SECOND, "Region": "us-east-1"},
    }
    d.builder.add(
        "TransitGatewayAttachment",
        peer,
        {"TransitGatewayId": ref("TransitGateway", GATEWAY)},
        observed={"ResourceType": "peering", "ResourceId": SECOND, "State": "available", **infos},
    )
    for table in ("red", "far"):
        link = {
            "TransitGatewayAttachmentId": ref("TransitGatewayAttachment", peer),
            "TransitGatewayRouteTableId": ref("TransitGatewayRouteTable", table),
        }
        d.builder.add("TransitGatewayRouteTableAssociation", f"{peer}/{table}", link)
    for table in TABLES:
        if d.chance(0.8):
            d.builder.transit_route(table, far.cidrs[0], peer)
    for vpc in attached:
        if d.chance(0.8) and not vpc.overlaps(far):
            d.builder.transit_route("far", vpc.cidrs[0], peer)


def _direct_connect(d: Drawing) -> None:
    d.builder.add(
        "AWS::DirectConnect::DirectConnectGateway",
        "dx-1",
        {"DirectConnectGatewayName": "dx", "AmazonSideAsn": 64600},
        observed={
            "State": "available",
            "AssociatedGateway": [
                {
                    "id": GATEWAY,
                    "type": "transitGateway",
                    "allowedPrefixes": ["10.0.0.0/16", "10.1.0.0/16"],
                },
                # Of another gateway: what is announced there is not announced here.
                {
                    "id": "tgw-elsewhere",
                    "type": "transitGateway",
                    "allowedPrefixes": ["10.0.0.0/8", "192.168.0.0/16"],
                },
            ],
        },
    )
    d.builder.add(
        "TransitGatewayAttachment",
        "tgw-attach-dx",
        {"TransitGatewayId": ref("TransitGateway", GATEWAY)},
        observed={
            "ResourceType": "direct-connect-gateway",
            "ResourceId": "dx-1",
            "State": "available",
        },
    )
    link = {
        "TransitGatewayAttachmentId": ref("TransitGatewayAttachment", "tgw-attach-dx"),
        "TransitGatewayRouteTableId": ref("TransitGatewayRouteTable", "red"),
    }
    d.builder.add("TransitGatewayRouteTableAssociation", "tgw-attach-dx", link)
    d.builder.add("TransitGatewayRouteTablePropagation", "red<tgw-attach-dx", link)
    reported = d.builder.nodes["AWS::EC2::TransitGatewayRouteTable", "red"].observed
    if "PropagatedRoutes" not in reported and d.chance(0.5):
        d.builder.transit_route("blue", OUTSIDE, "tgw-attach-dx")
