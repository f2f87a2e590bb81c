"""The edge of a VPC toward the internet: addresses, ingress tables, Block Public Access."""

from dataclasses import replace

from ringwall.model.graph import Node, Unknown
from ringwall.reach import codes
from ringwall.reach.blocks import ON_INTERNET, to_block
from ringwall.reach.edges import Ground
from ringwall.reach.elements import Lead, Route, RouteTable, Subnet
from ringwall.reach.filters import Spot
from ringwall.reach.ways import Position, Step

NAT64 = to_block("64:ff9b::/96")  # RFC 6052
MIDDLEBOXES = frozenset({"network-interface", "instance", "gateway-load-balancer-endpoint"})


def is_on_internet(spot: Spot) -> bool:
    """Tell whether an address is reachable on the internet at all."""
    return spot.address in ON_INTERNET[spot.version]


def embedded(spot: Spot) -> Spot | None:
    """Return the IPv4 address on the internet that a NAT64 address holds, None if it holds none."""
    if not NAT64.holds(spot.version, spot.address):
        return None
    inner = Spot(4, spot.address & 0xFFFFFFFF)
    return inner if is_on_internet(inner) else None


def redirected(ground: Ground, gateway: Node, position: Position) -> str:
    """Return the middlebox to which a gateway's table leads an address, "" if it was passed last.

    R16: "the subnet's traffic to the internet must go through the same appliance" (VPC guide).
    """
    table = edge_table(ground, gateway)
    if not isinstance(table, RouteTable):
        return ""
    found = ground.routing.lookup(table, position.source)
    lead = found.lead if isinstance(found, Route) else None
    if not isinstance(lead, Lead) or lead.kind not in MIDDLEBOXES:
        return ""
    passed = interface_name(ground, lead)
    return "" if passed == position.left else passed


def edge_table(ground: Ground, gateway: Node) -> RouteTable | Unknown | None:
    """Return the route table that is associated with a gateway, None if none is."""
    tables = ground.network.edge_tables
    key = tables.get(gateway.key) or tables.get(gateway.physical_id)
    if not key:
        return None
    return ground.network.tables.get(key) or Unknown(f"route table {key}", "not in the input")


def interface_name(ground: Ground, lead: Lead) -> str:
    """Return the name of the middlebox that a route leads to."""
    return (
        ground.network.first_interfaces.get(lead.key, "") if lead.kind == "instance" else lead.key
    )


def public_access(
    ground: Ground, vpc: str, subnet: Subnet | None, *, only_outward: bool
) -> list[Step]:
    """Ask VPC Block Public Access.

    F17: block-bidirectional stops all traffic of internet and egress-only gateways, block-ingress
    all but that of NAT and egress-only gateways; exclusions hold for a VPC or a subnet (VPC guide,
    Block Public Access).
    """
    mode, node = ground.network.public_access(vpc)
    step = Step("block-public-access", mode, "", node=node)
    lost = ground.network.lost("AWS::EC2::VPCBlockPublicAccessOptions")
    if lost and node is None:
        return [step.unsure(lost)]
    if mode == "off":
        return []
    exclusions = ground.network.public_access_exclusions
    excluded = exclusions.get(subnet.key if subnet else "") or exclusions.get(vpc) or ""
    if excluded == "allow-bidirectional":
        return []
    if only_outward and (mode == "block-ingress" or excluded == "allow-egress"):
        return []
    lost = ground.network.lost("AWS::EC2::VPCBlockPublicAccessExclusion")
    if lost and mode in {"block-bidirectional", "block-ingress"}:
        return [step.unsure(lost)]
    if mode not in {"block-bidirectional", "block-ingress"}:
        unknown = Unknown("VPC Block Public Access", f"mode {mode!r} is not modelled")
        return [replace(step, node=None).unsure(unknown)]
    return [step.dropped(f"VPC Block Public Access is {mode}", codes.BLOCK_PUBLIC_ACCESS)]
