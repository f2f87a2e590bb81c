"""Interfaces of a drawn network that take packets of others: routers, NAT instances, appliances."""

from tests.builders import ref
from tests.networks.features import Feature
from tests.networks.ground import APPLIANCE
from tests.networks.plans import ANYWHERE, OUTSIDE, Drawing, SubnetPlan, VpcPlan

AWAY = ("8.8.8.0/24", "8.8.0.0/16", "52.94.0.0/22")


def interfaces_of(d: Drawing, vpc: VpcPlan) -> list[str]:
    """The live interfaces of instances in a VPC."""
    return [
        key
        for key in d.interfaces
        if d.builder.nodes["AWS::EC2::NetworkInterface", key]
        .properties["SubnetId"]
        .key.startswith(f"{vpc.key}/")
    ]


def routers(d: Drawing, vpc: VpcPlan) -> None:
    """Interfaces as targets of routes: of other blocks, and of subnets of the same VPC (R3)."""
    inside = interfaces_of(d, vpc)
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
        _between(d, vpc)


def _between(d: Drawing, vpc: VpcPlan) -> None:
    """Lead what goes from one tier to another through an interface, mostly both ways."""
    inside = interfaces_of(d, vpc)
    tiers = [tier for tier in vpc.tiers.values() if tier.tables]
    here, there = d.rng.choice(tiers), d.rng.choice(tiers)
    key = d.rng.choice(inside)
    if d.has(Feature.APPLIANCES) and d.chance(0.6):
        key = machine(d, d.rng.choice(d.rng.choice(tiers).subnets), "forwards")
    ways = [(here, there), (there, here)]
    for one, other in ways[: 2 if d.chance(0.8) else 1]:
        for table in one.tables:
            for subnet in other.subnets[:2]:
                d.route(table, subnet.cidr, f"eni:{key}")


def machine(d: Drawing, subnet: SubnetPlan, does: str, *, public: bool = False) -> str:
    """Add an interface of a machine that passes packets on, in a group that admits nearly all."""
    vpc, key = subnet.key.split("/")[0], d.new_id("eni")
    group = f"{vpc}/g-machines"
    if ("AWS::EC2::SecurityGroup", group) not in d.builder.nodes:
        low = d.rng.choice(("all", "all", "tcp/0-8100"))
        d.builder.group(group, "", f"in {low} {ANYWHERE[4]}", f"out all {ANYWHERE[4]}")
    address = f"52.0.1.{len(d.interfaces) + 4}" if public else ""
    d.builder.interface(key, subnet.key, d.address(subnet), group, public=address)
    d.change("NetworkInterface", key, SourceDestCheck=d.chance(0.1))
    d.tag("NetworkInterface", key, APPLIANCE, does)
    d.interfaces.append(key)
    return key


def nat_instance(d: Drawing, vpc: VpcPlan) -> None:
    """An instance with a public address that stands in for those without (R15)."""
    if "public" not in vpc.tiers:
        return
    key = machine(d, d.rng.choice(vpc.tiers["public"].subnets), "translates", public=d.chance(0.9))
    for name in ("app", "data"):
        for table in vpc.tiers[name].tables if name in vpc.tiers else ():
            d.route(table, ANYWHERE[4], f"eni:{key}")


def edge_table(d: Drawing, vpc: VpcPlan) -> None:
    """Ingress routing (R16): what a gateway lets in goes to an interface first, and out by it."""
    inside = interfaces_of(d, vpc)
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
    through = d.rng.choice(inside)
    public = vpc.tiers.get("public")
    if public is not None and d.chance(0.7):
        through = machine(d, d.rng.choice(public.subnets), "forwards", public=d.chance(0.85))
        others = [each for each in vpc.tiers.values() if each is not public]
        tier = d.rng.choice(others) if others else tier
        for table in tier.tables:
            d.drop_route(table, ANYWHERE[4])
            d.route(table, ANYWHERE[4], f"eni:{through}")
    for subnet in tier.subnets[:2]:
        if d.chance(0.8):
            d.change("Subnet", subnet.key, MapPublicIpOnLaunch=True)
        d.route(key, subnet.cidr, f"eni:{through}")
