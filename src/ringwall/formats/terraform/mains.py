"""Main route tables that a plan uses without making them: AWS makes one with every VPC."""

from ringwall.formats.terraform.forms import EC2
from ringwall.formats.terraform.planned import MAIN, Planned
from ringwall.model.graph import Node, Ref, references

TABLE = f"{EC2}RouteTable"
ASSOCIATION = "Ringwall::EC2::MainRouteTableAssociation"


def main_tables(work: Planned) -> None:
    """Add the main table of each VPC whose main table something names.

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
        place = (home.account, home.region)
        nodes[TABLE, key] = Node(TABLE, key, *place, {"VpcId": home.ref}, origin=home.origin)
        ends = {"VpcId": home.ref, "RouteTableId": Ref(TABLE, key)}
        made = Node(ASSOCIATION, home.key, *place, ends, origin=home.origin)
        nodes.setdefault((made.type, made.key), made)
