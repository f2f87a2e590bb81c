"""A position and a route table → the route that is taken, or the end of the path there."""

from dataclasses import replace

from ringwall.model.graph import Unknown
from ringwall.trace import codes
from ringwall.trace.elements import Route, RouteTable
from ringwall.trace.filters import Outcome
from ringwall.trace.network import Network
from ringwall.trace.path import Path, Position, Step
from ringwall.trace.routing import is_never_forwarded, lookup

MOST_TABLES = 16  # a packet that asks more tables than this is going in circles
# R3: what a route that is more specific than a local one may lead to (VPC guide, "Routes that are
# more specific than the local route").
LEGAL_INSIDE = frozenset(
    {
        "local",
        "nat-gateway",
        "network-interface",
        "instance",
        "gateway-load-balancer-endpoint",
        "vpc-endpoint",
    }
)


def consult(
    network: Network, position: Position, table: RouteTable | Unknown, name: str
) -> tuple[Position, Route] | Path:
    """Look a packet's destination up; `name` stands for a table that is not in the input."""
    host = position.goal.host
    if is_never_forwarded(host):
        text = f"{host} is never forwarded"
        return position.end(
            Step("route-table", name, text, Outcome.DROP, code=codes.NEVER_FORWARDED)
        )
    if isinstance(table, Unknown):
        return position.end(Step("route-table", name, str(table), Outcome.UNKNOWN, unknown=table))
    found = lookup(table, host)
    step = Step("route-table", table.key, "", node=table.node)
    if isinstance(found, Unknown):
        undetermined = found.what.startswith("order of")
        outcome = Outcome.UNDETERMINED if undetermined else Outcome.UNKNOWN
        return position.end(replace(step, text=str(found), outcome=outcome, unknown=found))
    if found is None:
        text = f"no route to {host}"
        return position.end(replace(step, text=text, outcome=Outcome.DROP, code=codes.NO_ROUTE))
    step = replace(step, rule=str(found), rule_node=found.node if found.origin != "local" else None)
    lost = found.target if isinstance(found.target, Unknown) else _illegal(network, table, found)
    if lost is not None or isinstance(found.target, Unknown):
        return position.end(
            replace(
                step, text=str(lost), outcome=Outcome.UNKNOWN, rule_node=found.node, unknown=lost
            )
        )
    text = f"{found} -> {f'{found.target.kind} {found.target.key}'.strip()}"
    if found.blackhole:  # R7
        text = f"{text} is a blackhole"
        return position.end(replace(step, text=text, outcome=Outcome.DROP, code=codes.BAD_ROUTE))
    where = position.subnet.key if position.subnet else ""
    here = f"{table.key} {where} {position.source} {host}"
    visited = position.visited | {here}
    is_back = here in position.visited
    position = replace(position.add(replace(step, text=text)), visited=visited)
    if is_back or len(visited) > MOST_TABLES:
        text = "the packet goes in circles"
        return position.end(Step("route-table", table.key, text, Outcome.DROP, code=codes.LOOP))
    return position, found


def _illegal(network: Network, table: RouteTable, found: Route) -> Unknown | None:
    """Return why AWS would not take a route inside a VPC's block, None if it would.

    R3: "you can add a route that is more specific than the local route; the destination must match
    the entire CIDR block of a subnet in your VPC" (VPC guide).
    """
    part = found.destination
    if part is None or found.origin == "local" or isinstance(found.target, Unknown):
        return None
    own = network.blocks.get(table.vpc, ())
    is_inside = any(
        block.version == part.version and block.start <= part.start and part.end <= block.end
        for block in own
    )
    if not is_inside or (part in own and found.target.kind in LEGAL_INSIDE):
        return None
    whole = any(
        part in subnet.blocks for subnet in network.subnets.values() if subnet.vpc == table.vpc
    )
    if whole and found.target.kind in LEGAL_INSIDE:
        return None
    why = "a route inside the VPC leads to a whole subnet by an interface, NAT gateway or endpoint"
    return Unknown(f"route {found} of {table.key}", why)
