"""A packet into a segment that the transit gateway has no way to."""

from dataclasses import replace

import numpy as np

from ringwall.lab.traffic.attacks.attack import Attack, Deed, Order, groups_of, no_occasion, span
from ringwall.lab.traffic.conversations import SYN, Book
from ringwall.lab.traffic.courses import Course
from ringwall.lab.traffic.interfaces import Machine, made_id
from ringwall.lab.traffic.scene import Scene
from ringwall.lab.traffic.stations import SAME_VPC, Leg, Vantage
from ringwall.lab.traffic.talks import Within, course_of
from ringwall.trace.addresses import host
from ringwall.trace.packet import TCP
from ringwall.trace.routing import transit_lookup
from ringwall.trace.trace import Verdict

COUNT = {"hard": 1, "middle": 5, "easy": 50}
PORTS = (443, 22, 3306, 8080)


def plan(scene: Scene, order: Order, book: Book, rng: np.random.Generator) -> Deed:
    """Send SYNs that the gateway drops; of the hard one, its log has a single record."""
    found = _lost(scene, order) or _made(scene, order)
    if found is None:
        raise no_occasion(
            order, "no transit gateway keeps two of its VPCs apart", "a network with segments has"
        )
    pair, port, course, assumed = found
    count = COUNT[order.strength]
    begins, ends = span(scene, rng, early=0.6)
    book.add(
        course,
        count,
        opens=np.sort(rng.uniform(begins, ends, count)),
        sport=rng.integers(*order.client_ports, count),
        dport=port,
        packets=1,
        bytes=60 if order.version == 4 else 80,
        first=SYN,
    )
    facts = {"assumes": assumed} if assumed else {}
    return Deed(order, [pair.source], [pair.destination], [port], facts=facts)


def _pairs(scene: Scene, order: Order) -> list[tuple[Machine, Machine]]:
    rng = scene.random(order.kind, order.number)
    groups = groups_of(scene, order.version)
    pairs = [
        (rng.choice(a), rng.choice(b))
        for a in groups.values()
        for b in groups.values()
        if a[0].vpc != b[0].vpc
    ]
    rng.shuffle(pairs)
    return pairs


def _lost(scene: Scene, order: Order) -> tuple[Within, int, Course, str] | None:
    """Return a pair whose packets come to the gateway by the network's own routes."""
    for source, target in _pairs(scene, order)[:400]:
        pair = Within(source, target, order.version)
        for port in PORTS:
            course = course_of(scene, pair, TCP, port)
            if any(v.leg is not None and v.leg.lost for v in course.vantages):
                return pair, port, course, ""
    return None


def _made(scene: Scene, order: Order) -> tuple[Within, int, Course, str] | None:
    """Return a pair whose packets would come to the gateway by a route that somebody adds.

    Where a VPC's tables lead to nothing but what its segment may reach, the gateway never sees a
    trespass until somebody widens a table: so that is assumed, and said in the truth.
    """
    network, seed = scene.estate.network, scene.seed
    for source, target in _pairs(scene, order):
        entries = [i for i in scene.estate.transits.values() if i.vpc == source.vpc]
        entry = next((i for i in entries if i.zone == source.interface.zone), None)
        attachment = next(
            (a for a in network.attachments.values() if a.vpc == source.vpc and a.subnets), None
        )
        if entry is None or attachment is None:
            continue
        table = network.transit_tables.get(network.associations.get(attachment.key, ""))
        address = target.interface.address(order.version)
        if table is None or transit_lookup(table, host(address)) is not None:
            continue
        port = next((p for p in PORTS if _leaves(scene, source, address, order.version, p)), None)
        if port is None:
            continue
        gateway = network.graph.get(("AWS::EC2::TransitGateway", attachment.gateway))
        leg = Leg(
            gateway=(gateway.physical_id if gateway is not None else "")
            or made_id("tgw", seed, attachment.gateway),
            attachment=attachment.node.physical_id or made_id("tgw-attach", seed, attachment.key),
            source=entry,
            lost="no-route",
        )
        text = source.interface.address(order.version)
        leaving = Vantage(
            interface=source.interface,
            egress=True,
            reply=False,
            source=text,
            destination=address,
            packet_source=text,
            packet_destination=address,
            action="ACCEPT",
            protocol=TCP,
            version=order.version,
            path=SAME_VPC,
        )
        entering = replace(leaving, interface=entry, egress=False, path=0)
        seen = (
            leaving,
            replace(entering, destination=entry.address(order.version)),
            replace(entering, leg=leg),
        )
        course = scene.courses.made(seen, Verdict.DENY)
        assumed = f"a route to {target.vpc} by the transit gateway, added by hand in {source.vpc}"
        return Within(source, target, order.version), port, course, assumed
    return None


def _leaves(scene: Scene, source: Machine, address: str, version: int, port: int) -> bool:
    """Tell whether the source's own filters let a packet out of its subnet."""
    there = scene.world.at(address)
    return scene.courses.find(source, there, TCP, port, version=version, stays=True).accepted


SEGMENT_TRESPASS = Attack(
    "segment-trespass",
    "packets into a segment that the transit gateway has no way to",
    {"hard": "a single packet", "middle": "5", "easy": "50"},
    plan,
)
