"""Rows of the contract switched off in the engine, one by one: what each would answer without.

Rule: a switch takes one row out of the engine and touches nothing else of it; where a row is a way
of its own, nothing gets along it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from ipaddress import ip_interface
from typing import Any

import pytest

from ringwall.model.graph import Node, Unknown
from ringwall.reach import (
    codes,
    connecting,
    crossings,
    edges,
    links,
    middleboxes,
    network,
    packets,
    premises,
    reading_filters,
    reading_routes,
    routing,
    transit,
    walk,
)
from ringwall.reach.blocks import Block
from ringwall.reach.crossings import TARGETS
from ringwall.reach.edges import Ground, acl_step, arrive
from ringwall.reach.elements import Acl, Entry, Interface, RouteTable
from ringwall.reach.filters import Filters
from ringwall.reach.firewalls import Inspector
from ringwall.reach.levels import PASS_ALL
from ringwall.reach.network import Network
from ringwall.reach.relays import Relay
from ringwall.reach.verdicts import Verdict, Verdicts
from ringwall.reach.walk import Walker
from ringwall.reach.ways import Kind, Position, Step, Way
from tests.networks.features import Feature

F = Feature
Make = Callable[[Any], Any]  # what was there → what stands in its place


@dataclass(frozen=True, slots=True)
class Switch:
    """How a row is switched off: what is put in the place of what, and networks that need it."""

    places: tuple[tuple[Any, str, Make], ...]
    features: tuple[Feature, ...] = ()

    def turn(self, patch: pytest.MonkeyPatch) -> None:
        """Switch the row off until the patch ends."""
        for owner, name, make in self.places:
            if isinstance(owner, dict):
                patch.setitem(owner, name, make(owner[name]))
            else:
                patch.setattr(owner, name, make(getattr(owner, name)))


def _off(owner: Any, name: str, make: Make, *features: Feature) -> Switch:
    return Switch(((owner, name, make),), features)


def _say(answer: Any) -> Make:
    """Always give one answer."""
    return lambda _was: lambda *_args, **_named: answer


def _closed(_was: Any) -> Any:
    """Let nothing get along a way."""

    def follow(_ground: Ground, position: Position, *_rest: Any) -> Iterator[Way]:
        yield position.end(Step("switched-off", "", "").dropped("", codes.CANNOT_ROUTE))

    return follow


def _no_main_tables(was: Any) -> Any:
    def table(self: Network, association: Node | None, vpc: str) -> RouteTable | Unknown:
        bare = RouteTable("no main table", vpc, ())
        return bare if association is None else was(self, association, vpc)

    return table


def _one_block(was: Any) -> Any:
    return lambda values, blocks, lists: was(values, {v: b[:1] for v, b in blocks.items()}, lists)


def _by_the_router(_was: Any) -> Any:
    def leave(ground: Ground, position: Position) -> Iterator[Way]:
        if position.subnet is None:
            yield from arrive(ground, position)
        else:
            step = acl_step(ground, position.subnet, position.goal.spot, egress=True)
            yield from crossings.route(ground, position.add(step))

    return leave


def _first_of_lists(was: Any) -> Any:
    def best(table: RouteTable, spot: Any) -> Any:
        found = was(table, spot)
        if isinstance(found, Unknown) and routing.is_undetermined(found):
            return next(r for r in table.routes if r.kind == "list" and routing._matches(r, spot))
        return found

    return best


def _no_blackholes(was: Any) -> Any:
    return lambda ground, position, step, found: was(
        ground, position, step, replace(found, blackhole=False)
    )


def _always_public(was: Any) -> Any:
    return lambda ground, position, *rest: was(ground, replace(position, sender_public=True), *rest)


def _of_interface(**changed: Any) -> Make:
    def make(was: Any) -> Any:
        def interface(self: Network, *args: Any) -> Interface:
            found: Interface = was(self, *args)
            return replace(found, **changed)

        return interface

    return make


def _forwarding(was: Any) -> Any:
    def interface(self: Network, *args: Any) -> Interface:
        found: Interface = was(self, *args)
        return replace(found, does="forwards") if found.does == "translates" else found

    return interface


def _public_nats(was: Any) -> Any:
    return lambda self, node: replace(was(self, node), public=True)


def _last_rank(was: Any) -> Any:
    return lambda stack: was([replace(route, rank=-route.rank) for route in stack])


def _first_subnet(_was: Any) -> Any:
    def entry(ground: Ground, attachment: Any, _zone: str) -> Any:
        return next(iter(transit.attachment_subnets(ground, attachment)), None)

    return entry


def _one_propagated_block(was: Any) -> Any:
    return lambda nodes, attachments, blocks, attachment: was(
        nodes, attachments, {v: b[:1] for v, b in blocks.items()}, attachment
    )


def _straight(_was: Any) -> Any:
    def follow(ground: Ground, position: Position, _found: Any, name: str) -> Iterator[Way]:
        for reached in transit.cross(ground, position, name):
            yield from (reached,) if isinstance(reached, Way) else arrive(ground, reached)

    return follow


def _any_exit(_was: Any) -> Any:
    return lambda ground, far, _zone: transit.attachment_subnets(ground, far)


def _endpoints_start(was: Any) -> Any:
    def depart(self: Walker, position: Position, sender: Any, name: str) -> Iterator[Way]:
        if sender.kind is Kind.ENDPOINT:
            sender = replace(sender, kind=Kind.INTERFACE)
        return was(self, position, sender, name)  # type: ignore[no-any-return]

    return depart


def _first_group(was: Any) -> Any:
    return lambda self, members, remote, *, egress: was(self, members[:1], remote, egress=egress)


def _stateless(was: Any) -> Any:
    def ask(*args: Any, tracked: bool | None = None, **named: Any) -> Step:
        return was(*args, tracked=False, **named)  # type: ignore[no-any-return]

    return ask


def _not_over(via_off: str) -> Make:
    def make(was: Any) -> Any:
        return lambda self, via, vpc, *, egress: (
            False if via == via_off else was(self, via, vpc, egress=egress)
        )

    return make


def _not_itself(was: Any) -> Any:
    def references(self: Filters, members: Any, egress: bool) -> dict[str, int]:
        found: dict[str, int] = was(self, members, egress)
        return {name: level for name, level in found.items() if name not in members}

    return references


def _any_type(was: Any) -> Any:
    return lambda each, low, high: each.protocol in packets.ECHO or was(each, low, high)


def _named_protocols_alone(was: Any) -> Any:
    def mask(self: Any, protocol: int, low: int, high: int) -> Any:
        found = was(self, protocol, low, high)
        return found if protocol in packets.NAMES or protocol == -1 else found & False

    return mask


def _last_entry_first(was: Any) -> Any:
    def compiled(self: Filters, acl: Acl, egress: bool, version: int) -> Any:
        return was(self, replace(acl, entries=acl.entries[::-1]), egress, version)

    return compiled


def _any_client(was: Any) -> Any:
    def by_port(self: Verdicts, row: Any, protocol: int) -> Any:
        found = was(self, row, protocol)
        return (Verdict.ALLOW, None) if found[0] is Verdict.PARTIAL else found

    return by_port


def _open_acl(_was: Any) -> Any:
    def ask(_ground: Ground, subnet: Any, _spot: Any, **_named: Any) -> Step:
        return Step("network-acl", subnet.key, "not asked")

    return ask


def _uncut(was: Any) -> Any:
    def entry(values: Any, item: Any, node: Node) -> Entry:
        found: Entry = was(values, item, node)
        cidr = item.get("CidrBlock")
        if cidr is None or not isinstance(found.block, Block):
            return found
        start = int(ip_interface(cidr).ip)
        return replace(found, block=Block(4, start, start + found.block.end - found.block.start))

    return entry


def _policies_drop(was: Any) -> Any:
    def follow(position: Position, node: Node) -> Way:
        if "PolicyDocument" not in node.properties:
            return was(position, node)  # type: ignore[no-any-return]
        return position.end(Step("gateway-endpoint", node.key, "").dropped("", codes.CANNOT_ROUTE))

    return follow


def _both_families(was: Any) -> Any:
    def addresses(self: Filters, rule: Any) -> Any:
        found = was(self, rule)
        if isinstance(found, tuple) and any(b.version == 4 and b.length == 0 for b in found):
            return (*found, Block(6, 0, 1 << 128, 0))
        return found

    return addresses


STATE = tuple((owner, "group_step", _stateless) for owner in (edges, walk, middleboxes))
RUNNING = _of_interface(is_running=True)
BETWEEN = (F.APPLIANCES, F.SPECIFIC_ROUTES, F.GROUP_REFERENCES)
SWITCHES: dict[str, Switch] = {
    "R1": _off(Network, "table_of", _no_main_tables, F.MAIN_TABLES),
    "R2": _off(routing, "_length", _say(0), F.TRANSIT),
    "R3": _off(network, "read_tables", _one_block, F.SECONDARY_CIDRS),
    "R4": _off(walk, "arrive", _by_the_router, F.ACLS),
    "R5": _off(routing, "PRIORITY", lambda was: {**was, "propagated": -1}, F.VPN),
    "R6": _off(routing, "best_route", _first_of_lists, F.OVERLAPPING_LISTS),
    "R7": _off(crossings, "_follow", _no_blackholes, F.BLACKHOLES),
    "R8": _off(crossings, "is_never_forwarded", _say(False), F.RESERVED_ROUTES, F.INTERNET),
    "R9": _off(TARGETS, "internet-gateway", _always_public, F.PUBLIC_ADDRESSES),
    "R10": _off(TARGETS, "egress-only-internet-gateway", _closed, F.EGRESS_ONLY),
    "R11": _off(Filters, "translated", _say(PASS_ALL), F.NAT, F.OTHER_PROTOCOLS),
    "R12": _off(Network, "_nat", _public_nats, F.PRIVATE_NAT, F.INTERNET),
    "R13": _off(crossings, "embedded", _say(None), F.NAT64),
    "R14": _off(Network, "_interface", RUNNING, F.INTERFACE_ROUTES, F.APPLIANCES),
    "R15": _off(Network, "_interface", _forwarding, F.NAT_INSTANCES),
    "R16": _off(crossings, "edge_table", _say(None), F.EDGE_TABLES),
    "R17": _off(links, "peering_status", _say("active"), F.IDLE_PEERING),
    "R18": _off(routing, "_chosen", _last_rank, F.TRANSIT_STATIC),
    "R19": _off(transit, "entry_subnet", _first_subnet, F.TRANSIT_MISSING_ZONES),
    "R20": _off(reading_routes, "_promised", _one_propagated_block, F.TRANSIT, F.SECONDARY_CIDRS),
    "R21": _off(transit, "_table_of_peer", _say(None), F.TRANSIT_PEERING),
    "R22": _off(
        TARGETS,
        "transit-gateway",
        _straight,
        F.ATTACHMENT_TABLES,
        F.INTERFACES,
    ),
    "R23": _off(transit, "exit_subnets", _any_exit, F.TRANSIT, F.ACLS),
    "R24": _off(walk, "entrances", _say(()), F.VPN),
    "R25": Switch(
        tuple((owner, "announces", _say(True)) for owner in (premises, walk)), (F.DIRECT_CONNECT,)
    ),
    "R26": _off(TARGETS, "vpc-endpoint", _closed, F.GATEWAY_ENDPOINTS),
    "R27": _off(Walker, "_depart", _endpoints_start, F.INTERFACE_ENDPOINTS),
    "R28": _off(
        walk, "symmetry", lambda _was: lambda _g, _way, back, _ends: back, F.INSPECTION_ENDPOINTS
    ),
    "F1": _off(Filters, "groups", _first_group, F.SEVERAL_GROUPS),
    "F2": Switch(STATE),
    "F3": _off(
        walk, "BEHIND", lambda _was: "", F.APPLIANCES, F.SPECIFIC_ROUTES, F.GROUP_REFERENCES
    ),
    "F4": _off(Filters, "crosses", _not_over("peering"), F.PEERING, F.GROUP_REFERENCES),
    "F5": _off(Network, "transit_references", _say(False), F.TRANSIT_REFERENCES),
    "F6": _off(Filters, "references", _not_itself, F.SELF_REFERENCES),
    "F7": _off(packets, "_means", _any_type, F.ICMP),
    "F8": _off(packets.PacketClasses, "mask", _named_protocols_alone, F.OTHER_PROTOCOLS),
    "F9": _off(Filters, "_compile_acl", _last_entry_first, F.ACLS),
    "F10": _off(Verdicts, "_by_port", _any_client, F.EPHEMERAL_PIECES),
    "F11": _off(transit, "acl_step", _open_acl, F.ATTACHMENT_ACLS),
    "F13": _off(reading_filters, "_entry", _uncut, F.ACLS),
    "F14": _off(Relay, "_out_of_zone", _say(None), F.APPLICATION_BALANCERS),
    "F15": _off(connecting, "preserves", _say(False), F.NETWORK_BALANCERS),
    "F16": _off(Inspector, "forward", _say(PASS_ALL), F.NETWORK_FIREWALL),
    "F17": _off(crossings, "public_access", _say(()), F.PUBLIC_ACCESS),
    "F19": _off(crossings, "gateway_endpoint", _policies_drop, F.GATEWAY_ENDPOINTS),
    "F20": _off(Filters, "_addresses", _both_families, F.DUAL_STACK),
    "F21": _off(Network, "_interface", _of_interface(takes_others=True), F.SPECIFIC_ROUTES),
}
