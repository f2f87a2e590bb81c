"""A network and what is asked for → files of logs, and the truth about them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ringwall.blueprint.syntax import Blueprint
from ringwall.lab.traffic.asking import Asking
from ringwall.lab.traffic.attacks import ATTACKS, Deed, Order
from ringwall.lab.traffic.attacks.attack import no_occasion
from ringwall.lab.traffic.benign import LOOKUPS, benign_hour
from ringwall.lab.traffic.benign.lookups import lookups
from ringwall.lab.traffic.conversations import Book, Columns, chosen, joined
from ringwall.lab.traffic.counts import Counts
from ringwall.lab.traffic.courses import Courses
from ringwall.lab.traffic.delivery import Layout
from ringwall.lab.traffic.estate import Estate
from ringwall.lab.traffic.lines import Flow, Transit, fields_of
from ringwall.lab.traffic.meant import Meant, kinds_of, meant_by, meant_by_rules
from ringwall.lab.traffic.names import Query, Resolver, rules_of
from ringwall.lab.traffic.outside import World
from ringwall.lab.traffic.populating import estate_of
from ringwall.lab.traffic.scene import HOUR, Scene
from ringwall.lab.traffic.truth import Truth
from ringwall.lab.traffic.writing import Writer
from ringwall.model.graph import ResourceGraph
from ringwall.trace.network import Network

FLOW_LOG = "AWS::EC2::FlowLog"
QUERY_LOG = "AWS::Route53Resolver::ResolverQueryLoggingConfigAssociation"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for; `begin` in seconds since 1970.

    `version`: of flow log fields, 2 to 10. `aggregation`: 60 or 600 seconds, 0 as the network's
    flow logs have it.
    """

    seed: int
    hours: int
    begin: int
    attacks: tuple[Order, ...] = ()
    version: int = 10
    aggregation: int = 0
    scale: float = 1.0
    hive: bool = False
    hourly: bool = False


def scene_of(graph: ResourceGraph, blueprint: Blueprint | None, wish: Wish) -> Scene:
    """Return the scene of a network before anything happens in it."""
    network = Network(graph)
    kinds = kinds_of(blueprint) if blueprint is not None else {}
    window = wish.aggregation or aggregation_of(network)
    estate = estate_of(network, wish.seed, kinds=kinds, window=window)
    scene = Scene(
        estate=estate,
        courses=Courses(estate),
        world=World(network),
        meant=_meant(estate, blueprint),
        seed=wish.seed,
        begin=wish.begin,
        end=wish.begin + wish.hours * HOUR,
        scale=wish.scale,
    )
    there = len(estate.machines)
    for order in wish.attacks:
        ATTACKS[order.kind].prepare(scene, order)
    if len(estate.machines) > there:
        scene = replace(scene, meant=_meant(estate, blueprint))
    return scene


def _meant(estate: Estate, blueprint: Blueprint | None) -> tuple[Meant, ...]:
    return meant_by(blueprint, estate) if blueprint is not None else meant_by_rules(estate)


def make(
    scene: Scene,
    wish: Wish,
    folder: Path,
    *,
    network: str,
    told: Callable[[int, int], None] = lambda *_: None,
) -> Truth:
    """Write the logs of a scene into a folder, and return what is true of them.

    `told` is called after each hour. Raises InputError where the network gives an attack no
    occasion, before anything is written, and OutsideError where the folder cannot be written.
    """
    deeds, talks = _attacks(scene, wish.attacks)
    counts = Counts.of(LOOKUPS + 1 + len(deeds))
    layout = Layout(folder, scene.estate.account, scene.estate.region, wish.hive, wish.hourly)
    writer = Writer(
        scene=scene,
        layout=layout,
        flow=Flow(fields_of(wish.version), scene.world.known),
        transit=Transit(scene.world.known, scene.estate.account),
        counts=counts,
        logged=logged_traffic(scene.estate.network),
        attacks=LOOKUPS + 1,
    )
    asking = Asking(Resolver(scene, rules_of(scene)), layout, logged_queries(scene.estate.network))
    asked = [query for deed in deeds for query in deed.queries]
    for start in range(scene.begin, scene.end, HOUR):
        end = start + HOUR
        begun = chosen(talks, (talks["opens"] >= start) & (talks["opens"] < end))
        writer.hour(joined([benign_hour(scene, start, end), begun]), start, end)
        questions = lookups(scene, start, end, LOOKUPS)
        asking.hour([*questions, *(q for q in asked if start <= q.moment < end)])
        told((end - scene.begin) // HOUR, wish.hours)
    writer.close()
    return Truth(scene, deeds, counts, asking, network, wish.version)


def _attacks(scene: Scene, orders: Sequence[Order]) -> tuple[list[Deed], Columns]:
    """Return what the attacks do, and their conversations."""
    deeds, parts = [], []
    for label, order in enumerate(orders, LOOKUPS + 1):
        if order.version == 6 and not scene.world.has_ipv6:
            raise no_occasion(order, "the network has no addresses of IPv6")
        book = Book(label)
        rng: np.random.Generator = scene.numbers("attack", order.number, order.kind)
        deed = ATTACKS[order.kind].plan(scene, order, book, rng)
        deed.queries = [_labelled(query, label) for query in deed.queries]
        deeds.append(deed)
        parts.append(book.take())
    return deeds, joined(parts)


def _labelled(query: Query, label: int) -> Query:
    return replace(query, label=label)


def logged_traffic(network: Network) -> dict[str, str]:
    """Return the VPCs with a flow log, and which traffic it has; all, where no VPC has one."""
    found = {}
    for node in network.graph.of_type(FLOW_LOG):
        vpc = network.values.key(node.properties.get("ResourceId"))
        if vpc in network.vpcs:
            found[vpc] = str(node.properties.get("TrafficType") or "ALL")
    return found or dict.fromkeys(network.vpcs, "ALL")


def aggregation_of(network: Network) -> int:
    """Return the longest window of a network's flow logs, in seconds; 60 where it has none."""
    found = {
        int(node.properties.get("MaxAggregationInterval") or 600)
        for node in network.graph.of_type(FLOW_LOG)
    }
    return max(found, default=60)


def logged_queries(network: Network) -> frozenset[str]:
    """Return the VPCs whose queries are logged; all, where no VPC's are."""
    found = {
        network.values.key(node.properties.get("ResourceId"))
        for node in network.graph.of_type(QUERY_LOG)
    }
    return frozenset(found & network.vpcs.keys() or network.vpcs)
