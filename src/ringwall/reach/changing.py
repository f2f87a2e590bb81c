"""A network and changed nodes → the changed network, which shares what they do not touch.

Rules:
- What can be changed in place are rules of security groups, entries of network ACLs, routes, the
  associations of subnets with tables and ACLs, and what transit gateways' tables hold.
- Whatever else changes, there is None: the network is to be read anew.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from typing import TypeVar

from ringwall.model.graph import Node, ResourceGraph
from ringwall.reach.blocks import Block
from ringwall.reach.elements import Acl, Entry, Group, Lead, Route, RouteTable, Rule, Subnet
from ringwall.reach.network import Network, by_subnet
from ringwall.reach.reading_filters import read_entry, read_rule
from ringwall.reach.reading_routes import read_lawful, read_routes, read_transit_tables
from ringwall.reach.values import Change

Item = TypeVar("Item", Rule, Entry, Route)


@dataclass(slots=True)
class Changed:
    """The changed network, and the keys of what is not the same in it.

    `groups` are those whose rules of one direction (True: egress) changed; `vpcs` are the VPCs in
    which ACLs, tables or subnets changed, or to which transit gateways' routes changed.
    """

    network: Network
    groups: set[tuple[str, bool]] = field(default_factory=set)
    acls: set[str] = field(default_factory=set)
    tables: set[str] = field(default_factory=set)
    transit: set[str] = field(default_factory=set)
    subnets: set[str] = field(default_factory=set)
    vpcs: set[str] = field(default_factory=set)


class _NotInPlaceError(Exception):
    """A change that cannot be made in place; it never leaves this module."""


def change(network: Network, graph: ResourceGraph, changes: Sequence[Change]) -> Changed | None:
    """Make changes in place; None if they are not of a kind that can be."""
    if not all(_is_plain(network, *each) for each in changes):
        return None
    found = Changed(copy(network))
    found.network.graph = graph
    found.network.values = network.values.with_changes(graph, changes)
    try:
        for each in changes:
            HANDLERS[_type(*each)](found, *each)
        _renew_subnets(found)
    except _NotInPlaceError:
        return None
    return found


def _type(before: Node | None, after: Node | None) -> str:
    node = after or before
    assert node is not None
    return node.type


def _is_plain(network: Network, before: Node | None, after: Node | None) -> bool:
    """Tell whether a change is of a listed type, and gives no id that means something else."""
    if _type(before, after) not in HANDLERS:
        return False
    return all(
        not node.physical_id or network.values.key(node.physical_id) in {node.key, node.physical_id}
        for node in (before, after)
        if node is not None
    )


Properties = Mapping[str, object]


def _parents(
    before: Node | None, after: Node | None, parent: Callable[[Properties], str]
) -> Iterator[tuple[str, bool]]:
    """Yield the parents of a child before and after, each once, and whether it is after."""
    old = parent(before.properties) if before is not None else None
    new = parent(after.properties) if after is not None else None
    if old is not None and old != new:
        yield old, False
    if new is not None:
        yield new, True


def _placed(
    items: Sequence[Item], before: Node | None, fresh: Sequence[Item], at: int | None = None
) -> tuple[Item, ...]:
    """Put items in the place of those of a node, else at `at`, by default at the end."""
    old = [n for n, item in enumerate(items) if before is not None and item.node is before]
    place = old[0] if old else (len(items) if at is None else at)
    gone = set(old)
    found: list[Item] = [item for n, item in enumerate(items) if n not in gone]
    place -= sum(n < place for n in gone)
    found[place:place] = fresh
    return tuple(found)


def _rule(found: Changed, before: Node | None, after: Node | None) -> None:
    network, egress = found.network, _type(before, after).endswith("Egress")
    names = network.group_names
    network.groups = dict(network.groups)
    for key, holds in _parents(before, after, lambda p: names.name(p.get("GroupId"))):
        group = network.groups.get(key)
        if group is None:
            continue
        fresh: list[Rule] = []
        if after is not None and holds:
            fresh = [read_rule(network.values, after, names, network.lists.name)]
        rules = _placed(group.rules(egress=egress), before, fresh)
        network.groups[key] = _with_rules(group, rules, egress=egress)
        found.groups.add((key, egress))


def _with_rules(group: Group, rules: tuple[Rule, ...], *, egress: bool) -> Group:
    return replace(group, egress=rules) if egress else replace(group, ingress=rules)


def _entry(found: Changed, before: Node | None, after: Node | None) -> None:
    network = found.network
    network.acls = dict(network.acls)
    for parent, holds in _parents(before, after, _key_of(network, "NetworkAclId")):
        for key in (parent, f"default {parent}"):
            acl = network.acls.get(key)
            if acl is None or acl.node is None or acl.node.key != parent:
                continue
            fresh = [read_entry(network.values, after)] if after is not None and holds else []
            inline = [entry for entry in acl.entries if entry.node is acl.node]
            own = _placed([e for e in acl.entries if e.node is not acl.node], before, fresh)
            entries = tuple(sorted((*own, *inline), key=lambda e: e.number))
            if bool(entries) != bool(acl.entries):
                raise _NotInPlaceError  # a default ACL without entries is as if it was not there
            network.acls[key] = replace(acl, entries=entries)
            found.acls.add(key)


def _key_of(network: Network, name: str) -> Callable[[Properties], str]:
    return lambda properties: network.values.key(properties.get(name))


def _route(found: Changed, before: Node | None, after: Node | None) -> None:
    network = found.network
    network.tables = dict(network.tables)
    for key, holds in _parents(before, after, _key_of(network, "RouteTableId")):
        table = network.tables.get(key)
        if table is None:
            continue
        fresh: list[Route] = []
        if after is not None and holds:
            fresh = list(_lawful(network, table, after))
        ends = [n for n, route in enumerate(table.routes) if route.kind == "endpoint"]
        routes = _placed(table.routes, before, fresh, ends[0] if ends else None)
        network.tables[key] = replace(table, routes=routes)
        found.tables.add(key)
        found.vpcs.add(table.vpc)


def _lawful(network: Network, table: RouteTable, node: Node) -> Iterator[Route]:
    wholes = {
        part
        for subnet in network.subnets.values()
        if subnet.vpc == table.vpc
        for part in subnet.blocks
    }
    own = network.blocks.get(table.vpc, ())
    for route in read_routes(network.values, node, network.lists):
        yield read_lawful(table.key, route, own, wholes)


def _association(found: Changed, before: Node | None, after: Node | None) -> None:
    for key, _ in _parents(before, after, _key_of(found.network, "SubnetId")):
        if key in found.network.subnets:
            found.subnets.add(key)


def _transit(found: Changed, before: Node | None, after: Node | None) -> None:
    network = found.network
    network.transit_tables = dict(network.transit_tables)
    parent = _key_of(network, "TransitGatewayRouteTableId")
    for key, _ in _parents(before, after, parent):
        old = network.transit_tables.get(key)
        if old is None:
            continue
        new = read_transit_tables(
            network.values, network.attachments, network.blocks, network.lists, only=key
        )[key]
        if old.unknowns or new.unknowns:
            raise _NotInPlaceError
        network.transit_tables[key] = new
        found.transit.add(key)
        for route in set(old.routes) ^ set(new.routes):
            found.vpcs.add(_owner(network, route.destination))


def _owner(network: Network, block: Block) -> str:
    """Return the VPC that alone holds a block."""
    for vpc, blocks in network.blocks.items():
        if any(
            b.version == block.version and b.start <= block.start and block.end <= b.end
            for b in blocks
        ):
            return vpc
    raise _NotInPlaceError


def _renew_subnets(found: Changed) -> None:
    """Give subnets, and what stands in them, the tables and ACLs that hold now."""
    network = found.network
    if not (found.acls or found.tables or found.subnets):
        return
    for name in ("_acls_by_name", "_default_acls"):
        network.__dict__.pop(name, None)  # what was derived of ACLs
    tables = acls = None
    if found.subnets:
        tables = by_subnet(network.values, "SubnetRouteTableAssociation")
        acls = by_subnet(network.values, "SubnetNetworkAclAssociation")
    fresh: dict[str, Subnet] = {}
    for key, subnet in network.subnets.items():
        table, acl = subnet.table, subnet.acl
        if key in found.subnets and tables is not None and acls is not None:
            table = network.table_of(tables.get(key), subnet.vpc)
            acl = network.acl_of(acls.get(key), subnet.vpc)
        if isinstance(table, RouteTable) and table.key in found.tables:
            table = network.tables[table.key]
        if isinstance(acl, Acl) and acl.key in found.acls:
            acl = network.acls[acl.key]
        if table is not subnet.table or acl is not subnet.acl:
            fresh[key] = replace(subnet, table=table, acl=acl)
            found.vpcs.add(subnet.vpc)
    found.subnets = set(fresh)
    _renew(network, fresh, found.tables)
    found.vpcs.update(_beyond(network, found.tables))


def _renew(network: Network, subnets: Mapping[str, Subnet], tables: set[str]) -> None:
    """Put subnets, and what refers to them or to these tables, in the place of namesakes."""
    network.subnets = {**network.subnets, **subnets}
    if "interfaces" in network.__dict__:
        moved = {
            key: replace(network.interfaces[key], subnet=subnet)
            for subnet in subnets.values()
            for key in network.interfaces_of.get(subnet.key, ())
        }
        network.interfaces = {**network.interfaces, **moved}
    if "nats" in network.__dict__:
        network.nats = {
            key: replace(nat, table=network.tables[nat.table.key])
            if isinstance(nat.table, RouteTable) and nat.table.key in tables
            else nat
            for key, nat in network.nats.items()
        }


def _beyond(network: Network, tables: set[str]) -> Iterator[str]:
    """Yield the VPCs of gateways with which changed tables are associated."""
    gateways = {gateway for gateway, table in network.edge_tables.items() if table in tables}
    for vpc, node in network.internet_gateways.items():
        if gateways & {node.key, node.physical_id}:
            yield vpc
    for vpc, keys in network.private_gateways.items():
        if gateways & set(keys):
            yield vpc
    for nat in network.nats.values():
        if isinstance(nat.table, RouteTable) and nat.table.key in tables:
            yield nat.vpc


def passed_through(network: Network) -> frozenset[str]:
    """Return the VPCs through which packets may go that are neither from nor to them.

    A change in any other VPC touches packets from it and to it alone.
    """
    found = set(_overlapping(network))
    for attachment in network.attachments.values():
        for key in attachment.subnets:
            subnet = network.subnets.get(key)
            if subnet is not None and subnet.vpc != attachment.vpc:
                found.add(subnet.vpc)
    for key in network.transit_tables:
        found |= set(led_by_transit(network, key))
    for key in network.tables:
        found |= set(led_by_table(network, key))
    for subnet in network.subnets.values():
        if isinstance(subnet.table, RouteTable) and subnet.table.vpc != subnet.vpc:
            found |= {subnet.table.vpc, subnet.vpc}
    return frozenset(found)


def led_by_transit(network: Network, key: str) -> Iterator[str]:
    """Yield the VPCs to which a transit gateway's table leads packets that are not to them."""
    for route in network.transit_tables[key].routes:
        if isinstance(route.attachment, str) and route.attachment in network.attachments:
            vpc = network.attachments[route.attachment].vpc
            whole = route.destination
            own = network.blocks.get(vpc, ())
            if vpc and not any(
                b.version == whole.version and b.start <= whole.start and whole.end <= b.end
                for b in own
            ):
                yield vpc


def led_by_table(network: Network, key: str) -> Iterator[str]:
    """Yield the VPCs of middleboxes to which a table leads out of its own VPC."""
    table = network.tables[key]
    for route in table.routes:
        if isinstance(route.lead, Lead):
            vpc = _home_of(network, route.lead)
            if vpc not in {"", table.vpc}:
                yield vpc


def _home_of(network: Network, lead: Lead) -> str:
    """Return the VPC of a gateway, an interface or an endpoint that a route leads to, or ""."""
    if lead.kind == "gateway-load-balancer-endpoint":
        endpoint = network.services.inspections.get(lead.key)
        home = network.subnets.get(endpoint.subnet) if endpoint is not None else None
        return home.vpc if home is not None else ""
    if lead.kind == "nat-gateway":
        nat = network.nats.get(lead.key)
        return nat.vpc if nat is not None else ""
    name = network.first_interfaces.get(lead.key, "") if lead.kind == "instance" else lead.key
    box = network.interfaces.get(name) if lead.kind in {"instance", "network-interface"} else None
    return box.subnet.vpc if box is not None else ""


def _overlapping(network: Network) -> Iterator[str]:
    """Yield VPCs whose addresses another VPC has too."""
    parts = sorted(
        (block.version, block.start, block.end, vpc)
        for vpc, blocks in network.blocks.items()
        for block in blocks
    )
    widest: dict[int, tuple[int, str]] = {}
    for version, start, end, vpc in parts:
        last, other = widest.get(version, (-1, ""))
        if start < last and other != vpc:
            yield vpc
            yield other
        if end > last:
            widest[version] = (end, vpc)


Handler = Callable[[Changed, Node | None, Node | None], None]
HANDLERS: Mapping[str, Handler] = {
    "AWS::EC2::SecurityGroupIngress": _rule,
    "AWS::EC2::SecurityGroupEgress": _rule,
    "AWS::EC2::NetworkAclEntry": _entry,
    "AWS::EC2::Route": _route,
    "AWS::EC2::SubnetRouteTableAssociation": _association,
    "AWS::EC2::SubnetNetworkAclAssociation": _association,
    "AWS::EC2::TransitGatewayRoute": _transit,
    "AWS::EC2::TransitGatewayRouteTablePropagation": _transit,
}
