"""The engine under test, made of a graph and asked in the questions' terms."""

from dataclasses import replace
from ipaddress import ip_address

from ringwall.model.graph import ResourceGraph, Unknown
from ringwall.reach.answers import Told
from ringwall.reach.end import OUTER, End
from ringwall.reach.engine import Engine
from ringwall.reach.packets import Packet
from ringwall.reach.telling import tell
from ringwall.reach.ways import Site
from tests.networks.ends import End as Named
from tests.networks.questions import Question
from tests.reach.campaign import Ask
from tests.reach.oracle import Answer, Decider


def make_engine(graph: ResourceGraph) -> Ask:
    """Return what answers questions about a graph with exactly their addresses."""
    return _asking(Engine(graph), by_class=False)


def make_engine_of_classes(graph: ResourceGraph) -> Ask:
    """Return what answers by the engine's classes: an address inside is asked by its class's."""
    return _asking(Engine(graph), by_class=True)


def _asking(engine: Engine, *, by_class: bool) -> Ask:

    def ask(question: Question) -> Answer | None:
        source = end_of(engine, question.source, question.sender)
        destination = end_of(engine, question.destination, question.receiver)
        if source is None or destination is None:
            return None
        sites = (site_of(source, question.sender), site_of(destination, question.receiver))
        if by_class:
            classes = (class_of(engine, source, sites[0]), class_of(engine, destination, sites[1]))
            pair = engine.pair(*classes)
        else:
            pair = engine.walked(*sites)
        packet = Packet(question.protocol, question.port, question.code)
        index = engine.filters.packets.class_of(packet)
        ports = ((packet.port, packet.port + 1),) if question.protocol in {6, 17} else ()
        case = engine.case((source, destination), pair, index, ports)
        told = tell(engine, case)
        decider = None if case.unknowns else decider_of(told)
        clients = tuple((a, b - 1) for a, b in case.client_ports or ())
        open_rows = any(_is_open(unknown) for unknown in (*case.unknowns, *told.unknowns))
        return Answer(case.verdict.value, clients, decider, open_rows)

    return ask


# What the engine calls UNKNOWN by these words though the tracer has a model of it. Taking a word
# away makes the comparison strict about it.
OPEN: tuple[str, ...] = ("AWS::VpcLattice::",)


def _is_open(unknown: Unknown) -> bool:
    return any(word in str(unknown) for word in OPEN)


def end_of(engine: Engine, end: Named, address: str) -> End | None:
    """Return the engine's end that a question means: by name, subnet, interface and address."""
    named = engine.ends.named(end.name)
    value = ip_address(address)
    for each in () if isinstance(named, Unknown) else named:
        inside = (each.subnet.key if each.subnet else "") == end.subnet
        holds = any(block.holds(value.version, int(value)) for block in each.blocks)
        if inside and each.interface == end.interface and holds:
            return each
    if end.interface and end.groups:
        return end_of(engine, replace(end, name=end.groups[0], interface=""), address)
    return None


def site_of(end: End, address: str) -> Site:
    """Return the site of one address of an end."""
    value = ip_address(address)
    return end.at(value.version, int(value))


def class_of(engine: Engine, end: End, site: Site) -> Site:
    """Return the site that stands for an address inside; outside, where it is of many pieces, it.

    Addresses between two neighbouring cuts are one class.
    """
    number = engine.ends.cuts.number
    for each in () if end.kind in OUTER else engine.ends.sites(end):
        if each.spot.version == site.spot.version and number(each.spot) == number(site.spot):
            return each
    return site


def decider_of(told: Told) -> Decider | None:
    """Return the hop that decides."""
    for direction, hops in (("forward", told.forward), ("return", told.back)):
        for hop in hops:
            if hop.decisive:
                return Decider(hop.kind, hop.id, hop.rule, direction)
    return None
