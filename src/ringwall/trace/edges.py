"""Route tables of gateways: where a packet goes that comes in, and what may not go out past it.

R16: ingress routing of internet gateways and virtual private gateways (VPC guide, "Gateway route
tables").
"""

from collections.abc import Iterator
from dataclasses import replace

from ringwall.model.graph import Node, Unknown
from ringwall.trace import codes
from ringwall.trace.arrival import arrive
from ringwall.trace.elements import RouteTable, Target
from ringwall.trace.endpoints import pass_endpoint
from ringwall.trace.filters import Outcome
from ringwall.trace.middleboxes import Entrance, is_own_address, middleboxes, pass_interface
from ringwall.trace.network import Network
from ringwall.trace.path import Path, Position, Step
from ringwall.trace.routing import lookup
from ringwall.trace.tables import consult

INTERFACES = frozenset({"network-interface", "instance"})
ENDPOINTS = frozenset({"gateway-load-balancer-endpoint", "vpc-endpoint"})


def edge_table(network: Network, gateway: Node) -> RouteTable | Unknown | None:
    """Return the table with which a gateway is associated, None if it has none."""
    tables = network.edge_tables
    key = tables.get(gateway.key) or tables.get(gateway.physical_id)
    if not key:
        return None
    return network.tables.get(key) or Unknown(f"route table {key}", "not in the input")


def enter(
    network: Network, position: Position, gateway: Node, kind: str
) -> Iterator[Path | Position]:
    """Go on from a gateway into its VPC: by its table where it has one, else to the destination.

    `kind` is internet-gateway or virtual-private-gateway.
    """
    table = edge_table(network, gateway)
    if table is None:
        yield from arrive(network, position)
        return
    asked = consult(network, position, table, f"table of {gateway.key}")
    if isinstance(asked, Path):
        yield asked
        return
    position, found = asked
    leads = found.target
    assert isinstance(leads, Target)
    own = leads.kind in INTERFACES and is_own_address(network, leads, position.goal)
    if leads.kind == "local" or own:
        yield from arrive(network, position)
    elif leads.kind in INTERFACES and found.origin != "list":
        yield from pass_interface(network, position, leads, Entrance(kind))
    elif leads.kind in ENDPOINTS and found.origin != "list":
        if kind != "internet-gateway":
            # "... traffic from a virtual private gateway to a Gateway Load Balancer endpoint is
            # dropped" (VPC guide, gateway route table rules).
            text = f"a {kind} reaches no Gateway Load Balancer endpoint"
            yield position.end(
                Step(leads.kind, leads.key, text, Outcome.DROP, code=codes.CANNOT_ROUTE)
            )
            return
        yield from pass_endpoint(network, position, leads)
    else:
        unknown = Unknown(f"route {found} of {table}", f"a gateway's route to a {leads.kind}")
        yield position.end(
            Step(leads.kind, leads.key, str(unknown), Outcome.UNKNOWN, unknown=unknown)
        )


def redirected(network: Network, position: Position, gateway: Node) -> tuple[Step, ...]:
    """Return the step that stops what goes out past the middlebox that guards its subnet.

    "Subnets whose traffic is redirected to a middlebox appliance can't use a direct route to the
    internet gateway" (Reachability Analyzer guide, INGRESS_RTB_TRAFFIC_REDIRECTION).
    """
    table = edge_table(network, gateway)
    if table is None:
        return ()
    step = Step("internet-gateway", gateway.key, "", node=gateway)
    found: object = table
    if not isinstance(table, Unknown):
        found = lookup(table, position.source)
    if isinstance(found, Unknown):
        return (replace(step, text=str(found), outcome=Outcome.UNKNOWN, unknown=found),)
    target = getattr(found, "target", None)
    if not isinstance(target, Target) or target.kind == "local":
        return ()
    box = middleboxes(network).get(target.key)
    last = position.via.middleboxes[-1:]
    if last == (box.key if box else target.key,):
        return ()
    text = f"what comes back to {position.source} is led to {target.kind} {target.key}"
    return (replace(step, text=text, outcome=Outcome.DROP, code=codes.INGRESS_REDIRECTION),)
