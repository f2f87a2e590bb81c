"""What a plan's resources imply and say only together: main tables, peerings, lines outside."""

from typing import Any

from ringwall.formats.cloudformation.joining import lose_learned
from ringwall.formats.cloudformation.values import is_unknown, reasons
from ringwall.formats.terraform.arguments import IPV6_BLOCK
from ringwall.formats.terraform.document import Instance
from ringwall.formats.terraform.forms import EC2
from ringwall.formats.terraform.planned import MAIN, Planned
from ringwall.model.graph import Node, Ref, references
from ringwall.resources import registry
from ringwall.resources.ec2 import canonical_cidr

TABLE = f"{EC2}RouteTable"
ASSOCIATION = "Ringwall::EC2::MainRouteTableAssociation"
ATTACHMENT = f"{EC2}TransitGatewayAttachment"
LINE, PEERING, ROUTE = f"{EC2}VPNConnection", f"{EC2}VPCPeeringConnection", f"{EC2}Route"
PENDING = "pending-acceptance"


def complete(work: Planned) -> None:
    """Complete a draft that holds all resources of a plan."""
    _ids(work)
    _chosen_blocks(work)
    _main_tables(work)
    _peerings(work)
    _far_sides(work)
    _lines(work)
    _learned(work)


def _ids(work: Planned) -> None:
    """Give what exists its id, so that questions can name it so."""
    for instance in work.managed():
        ref, text = work.names(instance, "id"), instance.values.get("id")
        node = work.draft.nodes.get((ref.type, ref.key)) if ref is not None else None
        if node is not None and isinstance(text, str) and text and "|" not in text:
            work.draft.replace(node, physical_id=text)


def _chosen_blocks(work: Planned) -> None:
    """Tell which IPv6 block AWS chose for a VPC that exists."""
    for instance in work.managed():
        block, ref = instance.values.get("ipv6_cidr_block"), work.names(instance, IPV6_BLOCK)
        node = work.draft.nodes.get((ref.type, ref.key)) if ref is not None else None
        if node is None or not isinstance(block, str) or not block:
            continue
        try:
            observed = {**node.observed, "Ipv6CidrBlock": canonical_cidr(block)}
        except ValueError:
            work.lose(instance, f"ipv6_cidr_block: {block[:60]!r} is no block")
            continue
        work.draft.replace(node, observed=observed)


def _main_tables(work: Planned) -> None:
    """Add the main table of each VPC whose main table something names: AWS makes one.

    A VPC whose main table is another (aws_main_route_table_association) keeps that one.
    """
    nodes = work.draft.nodes
    named = {
        ref.key
        for node in list(nodes.values())
        for ref in references(node.properties)
        if ref.type == TABLE and (TABLE, ref.key) not in nodes
    }
    for key in sorted(named):
        vpc = work.vpc_of_main(Ref(TABLE, key))
        home = nodes.get((vpc.type, vpc.key)) if vpc is not None else None
        if home is None or not key.endswith(f"/{MAIN}"):
            continue
        _like(work, home, TABLE, key, {"VpcId": home.ref})
        _like(
            work, home, ASSOCIATION, home.key, {"VpcId": home.ref, "RouteTableId": Ref(TABLE, key)}
        )


def _like(
    work: Planned,
    source: Node,
    kind: str,
    key: str,
    properties: dict[str, Any],
    observed: dict[str, Any] | None = None,
) -> None:
    """Add a node that stands where another does."""
    place = (source.account, source.region)
    node = Node(kind, key, *place, properties, observed or {}, origin=source.origin)
    work.draft.nodes.setdefault((kind, key), node)


def _of(work: Planned, kind: str) -> list[tuple[Instance, Node]]:
    found = []
    for node in [node for node in work.draft.nodes.values() if node.type == kind]:
        instance = work.instance_of(node.ref)
        if instance is not None:
            found.append((instance, node))
    return found


def _peerings(work: Planned) -> None:
    """Tell which peerings wait for somebody outside the plan to accept them."""
    for instance, node in _of(work, PEERING):
        status = instance.values.get("accept_status")
        accepted = work.arguments.get(instance, "auto_accept") is True
        for other in work.further[instance.address, "accepted"]:
            accepted = accepted or work.arguments.get(other, "auto_accept") is True
        if not isinstance(status, str):
            status = "active" if accepted else PENDING
        work.draft.replace(node, observed={**node.observed, "Status": status})


def _far_sides(work: Planned) -> None:
    """Tell that of a peering of two transit gateways of the plan one side's tables are read."""
    for _, node in _of(work, ATTACHMENT):
        far = (node.observed.get("AccepterTgwInfo") or {}).get("TransitGatewayId")
        if isinstance(far, Ref) and (far.type, far.key) in work.draft.nodes:
            work.draft.lose(str(node), "the tables of its other side are not read")


def _lines(work: Planned) -> None:
    """Give VPN connections their static routes."""
    for instance, node in _of(work, LINE):
        routes = []
        for block in work.further[instance.address, "route"]:
            if isinstance(block, str):
                routes.append({"DestinationCidrBlock": block, "State": "available"})
            else:
                work.lose(instance, *(reasons(block) if is_unknown(block) else ["a route is none"]))
        if routes:
            work.draft.replace(node, observed={**node.observed, "Routes": routes})


def _learned(work: Planned) -> None:
    """Add the routes that tables learn of a virtual private gateway, as far as they are static.

    "VPN static routes" are propagated as they are (Site-to-Site VPN guide, static and dynamic
    routing); what BGP announces is not in a plan.
    """
    lines = [node for _, node in _of(work, LINE)]
    for gateway, tables in work.propagations.items():
        own = [line for line in lines if line.properties.get("VpnGatewayId") == gateway]
        if not own or not all(line.properties.get("StaticRoutesOnly") is True for line in own):
            owner = work.draft.nodes.get((gateway.type, gateway.key))
            if owner is not None:
                for table in tables:
                    lose_learned(work.draft, owner, gateway, table)
            work.draft.lose(str(gateway), "the routes that it learns by BGP are not in the plan")
        for line in own:
            for item in line.observed.get("Routes", ()):
                for table in tables:
                    _learn(work, line, gateway, table, item["DestinationCidrBlock"])


def _learn(work: Planned, line: Node, gateway: Ref, table: object, block: str) -> None:
    properties = {"RouteTableId": table, "DestinationCidrBlock": block, "GatewayId": gateway}
    kind = registry()[ROUTE]
    assert kind.key is not None
    try:
        normal = kind.normalise(properties)
    except ValueError:
        work.draft.lose(str(line), f"{block[:60]!r} is no block")
        return
    observed = {"Origin": "EnableVgwRoutePropagation", "State": "active"}
    # A static route of the table's own to the same block goes first, and keeps its place.
    _like(work, line, ROUTE, kind.key(normal), normal, observed)
