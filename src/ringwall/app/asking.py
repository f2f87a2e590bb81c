"""Who reaches whom in a network; what becomes possible from one network to another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ringwall.app.sources import open_network
from ringwall.app.workspace import CloudSettings
from ringwall.errors import QuestionError
from ringwall.model.graph import Address, Node
from ringwall.model.ports import ANY, parse_ports
from ringwall.reach.difference import difference
from ringwall.reach.differing import Difference
from ringwall.reach.exposure import Exposure, reached_from, who_reaches
from ringwall.reach.proposals import allowed, entered, removed, routed
from ringwall.reach.relations import Board
from ringwall.reach.what_if import WhatIf, what_if


def reach_network(
    network: str,
    *,
    to: str,
    source: str,
    ports: Sequence[str],
    blueprint: str,
    settings: CloudSettings,
    parameters: Mapping[str, str] | None = None,
    absent: Sequence[str] = (),
) -> Exposure:
    """Answer who reaches `to`, or what `source` reaches; one of the two is "".

    Raises QuestionError for names and ports that are none, and unless one of the two is given.
    """
    if bool(to) == bool(source):
        msg = "ask for one end: --to NAME or --from NAME"
        raise QuestionError(msg, hint="for both ends: `ringwall explain NETWORK SRC DST PORT`")
    specs = [parse_ports(text) for part in ports for text in part.split(",")]
    source_of = open_network(
        network, settings, blueprint=blueprint, parameters=parameters, absent=absent
    )
    board = Board(source_of.engine())
    ask = who_reaches if to else reached_from
    return ask(board, to or source, specs or [ANY])


def diff_networks(
    before: str,
    after: str,
    *,
    blueprint: str,
    settings: CloudSettings,
    parameters: Mapping[str, str] | None = None,
    absent: Sequence[str] = (),
) -> Difference:
    """Compare two networks of any source."""
    old, new = (
        open_network(name, settings, blueprint=blueprint, parameters=parameters, absent=absent)
        for name in (before, after)
    )
    return difference(old.graph, new.graph, (old.networks, new.networks))


@dataclass(frozen=True, slots=True)
class Proposed:
    """Changes as people write them.

    `allow` are group, way, port and peer of rules to add; `entry` network ACL, way, number, action,
    port and CIDR of entries; `route` table, CIDR and target of routes; `remove` names.
    """

    remove: Sequence[str] = ()
    allow: Sequence[tuple[str, str, str, str]] = ()
    entry: Sequence[tuple[str, str, int, str, str, str]] = ()
    route: Sequence[tuple[str, str, str]] = ()


def change_network(
    network: str,
    proposed: Proposed,
    *,
    blueprint: str,
    settings: CloudSettings,
    parameters: Mapping[str, str] | None = None,
    absent: Sequence[str] = (),
) -> WhatIf:
    """Answer what changes would do; raises QuestionError for what names nothing, and for none."""
    if proposed == Proposed():
        msg = "ask about a change: --remove NAME, --allow GROUP in|out PORT PEER, --entry, --route"
        raise QuestionError(msg, hint="for two networks: `ringwall diff BEFORE AFTER`")
    source = open_network(
        network, settings, blueprint=blueprint, parameters=parameters, absent=absent
    )
    engine = source.engine()
    asked: list[Node | Address] = [removed(engine.network, name) for name in proposed.remove]
    asked += [
        allowed(engine.network, group, way, parse_ports(port), peer)
        for group, way, port, peer in proposed.allow
    ]
    made: dict[Address, Node] = {}
    for acl, way, number, action, port, cidr in proposed.entry:
        ports = parse_ports(port)
        node = entered(engine.network, acl, (way, number, action), ports, cidr, made)
        made[node.type, node.key] = node
    asked += made.values()
    asked += [node for each in proposed.route for node in routed(engine.network, *each)]
    return what_if(engine, asked)
