"""A graph → its NAT gateways, and which virtual private gateways are attached to a VPC."""

from collections.abc import Mapping

from ringwall.model.graph import Node, Unknown
from ringwall.reach.blocks import to_block
from ringwall.reach.elements import Nat, RouteTable, Subnet
from ringwall.reach.values import Values

ZONE = ("AvailabilityZone", "AvailabilityZoneId")


def read_nat(
    values: Values, node: Node, home: Subnet | None, tables: Mapping[str, RouteTable]
) -> Nat:
    """Return a NAT gateway; `home` is its subnet, of which a regional one has none."""
    regional = node.properties.get("AvailabilityMode") == "regional"
    reported = node.observed.get("NatGatewayAddresses") or ()
    items = [item for item in reported if item.get("Status") != "failed"]
    own = [item.get("PrivateIp") or (regional and item.get("PublicIp")) for item in items]
    if not any(own):
        more = node.properties.get("SecondaryPrivateIpAddresses") or ()
        own = [node.properties.get("PrivateIpAddress"), *more]
    given = tuple(to_block(text).start for text in own if text)
    blocks = [block for block in home.blocks if block.version == 4] if home else []
    # AWS chooses the address, and reserves the first four of a subnet (VPC guide).
    chosen = (blocks[0].start + 5,) if blocks else ()
    table = tables.get(values.key(node.observed.get("RouteTableId")))
    zones = {item[name] for item in items for name in ZONE if item.get(name)}
    return Nat(
        key=node.key,
        subnet=values.key(node.properties.get("SubnetId")),
        public=node.properties.get("ConnectivityType", "public") == "public",
        addresses=given or chosen,
        state=str(node.observed.get("State", "available")),
        regional=regional,
        vpc=home.vpc if home else values.key(node.properties.get("VpcId")),
        table=table or Unknown(f"route table of {node.key}", "not in the input"),
        zones=frozenset(zones) if regional else frozenset(),
        node=node,
    )


def read_private_gateways(values: Values) -> dict[str, list[str]]:
    """Return the virtual private gateways that are attached to each VPC."""
    pairs = [
        (values.key(item.get("VpcId")), node.key)
        for node in values.ec2("VPNGateway")
        for item in node.observed.get("VpcAttachments") or ()
        if item.get("State", "attached") == "attached"
    ]
    pairs += [
        (values.key(node.properties.get("VpcId")), values.key(gateway))
        for node in values.ec2("VPCGatewayAttachment")
        if (gateway := node.properties.get("VpnGatewayId")) is not None
    ]
    return {vpc: list(dict.fromkeys(g for v, g in pairs if v == vpc)) for vpc, _ in pairs}
