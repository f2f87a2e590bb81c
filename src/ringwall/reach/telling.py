"""A case → its witness followed from end to end and back, hop by hop."""

from collections.abc import Iterator
from dataclasses import replace

from ringwall.model.graph import Node, Origin
from ringwall.reach.answers import Blocker, Case, Filter, Hop, Told
from ringwall.reach.deciding import Decision, decide
from ringwall.reach.engine import Engine
from ringwall.reach.filters import Spot
from ringwall.reach.levels import Outcome
from ringwall.reach.packets import NO_REPLY, TCP, UDP, WHOLE_EPHEMERAL, Packet
from ringwall.reach.verdicts import Verdict
from ringwall.reach.ways import AskAcl, AskGroups, Step, Way

CLIENT_PORT = 49_152  # the first port of IANA's dynamic range: the witness's
Decided = tuple[tuple[Step, Decision], ...]


def witness_packet(engine: Engine, case: Case) -> Packet:
    """Return the packet that shows a case: a client port that is typical of its verdict."""
    each = engine.filters.packets.classes[case.index]
    if each.protocol not in {TCP, UDP}:
        return each.first
    blocked = WHOLE_EPHEMERAL - case.client_ports if case.client_ports is not None else None
    port = case.ports[0][0] if case.ports else each.first.port
    return Packet(each.protocol, port, 0, blocked.first() if blocked else CLIENT_PORT)


def reply_to(engine: Engine, packet: Packet) -> Packet | None:
    """Return the reply, or None where none is called for (an ICMP error, for instance)."""
    if packet.protocol in {TCP, UDP}:
        return Packet(packet.protocol, packet.source_port, 0, packet.port)
    packets = engine.filters.packets
    reply = int(packets.reply[packets.class_of(packet)])
    if reply == NO_REPLY:
        return None
    return replace(packet, port=packets.classes[reply].first.port)


def tell(engine: Engine, case: Case) -> Told:
    """Follow the witness of a case and its reply."""
    return tell_packet(engine, case, witness_packet(engine, case))


def tell_packet(engine: Engine, case: Case, packet: Packet) -> Told:
    """Follow one packet of a case and its reply."""
    pair = case.pair
    names = (case.source.name, case.destination.name)
    answer = reply_to(engine, packet)
    ways = engine.ways(pair.source, pair.destination, names)
    there = _at(engine, pair.forward, packet)
    asked = engine.filters.packets.class_of(packet)
    replies = engine.filters.levels.part(pair.back, asked)
    back = _at(engine, replies, answer) if answer is not None else Outcome.PASS
    # Of several possible ways the one that shows the verdict is told.
    fitting = [each for each in ways if _of(engine, each[0], packet) is there] or [ways[0]]
    shown, homes = fitting[0]
    if there is Outcome.PASS and answer is not None:
        ends = ((w, h, _at(engine, engine.reached(h, asked), answer)) for w, h in fitting)
        shown, homes = next(((w, h) for w, h, end in ends if end is back), fitting[0])
    decided = _decided(engine, shown, packet)
    home: Decided = ()
    if answer is not None and homes:
        back_by = [(w, _of(engine, w, answer, asked)) for w in homes]
        suited = [w for w, end in back_by if end is back]
        suited += [w for w, end in back_by if end is not Outcome.PASS]
        home = _decided(engine, (suited or [homes[0]])[0], answer)
    verdict = verdict_of(there, back)
    decisive = _decisive(verdict, decided, home)
    return Told(
        verdict=verdict,
        packet=packet,
        case=case,
        forward=tuple(_hop(engine, n, s, d, s is decisive) for n, (s, d) in enumerate(decided, 1)),
        back=tuple(_hop(engine, n, s, d, s is decisive) for n, (s, d) in enumerate(home, 1)),
        replies=answer is not None,
        blockers=(
            *_blockers(engine, decided, "forward"),
            *_blockers(engine, home, "return"),
        ),
        unknowns=tuple(d.unknown for _, d in (*decided, *home) if d.unknown is not None),
    )


def verdict_of(there: Outcome, back: Outcome) -> Verdict:
    """Return the verdict about one packet and its reply."""
    match there, back:
        case (Outcome.DROP, _):
            return Verdict.DENY
        case (Outcome.UNKNOWN, _) | (Outcome.PASS, Outcome.UNKNOWN):
            return Verdict.UNKNOWN
        case (Outcome.UNDETERMINED, _) | (Outcome.PASS, Outcome.UNDETERMINED):
            return Verdict.UNDETERMINED
        case (_, Outcome.DROP):
            return Verdict.ONE_WAY
        case _:
            return Verdict.ALLOW


def _at(engine: Engine, level: int, packet: Packet) -> Outcome:
    index = engine.filters.packets.class_of(packet)
    return Outcome(int(engine.filters.levels.row(level)[index]))


def _of(engine: Engine, way: Way, packet: Packet, asked: int | None = None) -> Outcome:
    return _at(engine, engine.walker.level(way, asked), packet)


def _decided(engine: Engine, way: Way, packet: Packet) -> Decided:
    found: list[tuple[Step, Decision]] = []
    for step in way.steps:
        decision = decide(engine.filters, step, packet)
        found += ((step, decision), *decision.inner)
    return tuple(found)


def _decisive(verdict: Verdict, there: Decided, home: Decided) -> Step | None:
    """Return the step that decides: the first that does not pass, else the last rule asked."""
    stopped = [step for step, decision in there if decision.outcome is not Outcome.PASS]
    stopped += [step for step, decision in home if decision.outcome is not Outcome.PASS]
    if verdict is not Verdict.ALLOW:
        return stopped[0] if stopped else None
    asked = [step for step, _ in there if step.ask is not None]
    return asked[-1] if asked else None


def _blockers(engine: Engine, steps: Decided, direction: str) -> Iterator[Blocker]:
    for step, decision in steps:
        if decision.outcome is Outcome.DROP:
            yield Blocker(
                code=step.code,
                resource=_id(step),
                rule=decision.rule,
                text=decision.text,
                origin=_origin(step, decision),
                direction=direction,
                filter=_filter(engine, step),
            )


def _filter(engine: Engine, step: Step) -> Filter | None:
    """Return the filter that a step asked, with the subnet's block of the other end."""
    match step.ask:
        case AskGroups(members, remote, egress) if members:
            return Filter(members[0], egress, _around(engine, remote.spot))
        case AskAcl(acl, spot, egress):
            return Filter(acl.key, egress, _around(engine, spot))
        case _:
            return None


def _around(engine: Engine, spot: Spot) -> str:
    """Return the block of the subnet that holds an address, the address itself outside."""
    for subnet in engine.network.subnets.values():
        for block in subnet.blocks:
            if block.holds(spot.version, spot.address):
                return str(block)
    return f"{spot}/{32 if spot.version == 4 else 128}"


def _id(step: Step) -> str:
    return (step.node.physical_id or step.node.key) if step.node is not None else step.name


def _origin(step: Step, decision: Decision) -> Origin | None:
    for node in (decision.node, step.rule_node, step.node):
        if isinstance(node, Node) and node.origin is not None:
            return node.origin
    return None


def _hop(engine: Engine, number: int, step: Step, decision: Decision, decisive: bool) -> Hop:
    passed = decision.outcome is Outcome.PASS
    way = f"{step.text} " if step.ask is not None and step.text and passed else ""
    rule = decision.rule or step.rule
    if step.rule_node is not None and step.rule_node.physical_id:
        rule = f"{step.rule_node.physical_id} {rule}"
    return Hop(
        number=number,
        kind=step.kind,
        id=_id(step),
        name=engine.ends.naming.title(step.name),
        outcome=decision.outcome,
        rule=rule,
        text=f"{way}{decision.text}",
        origin=_origin(step, decision),
        code="" if passed else step.code,
        decisive=decisive,
        node=decision.node or step.rule_node,
    )
