"""close-exposure: take away, or narrow, the rule by which packets get where they should not.

Rules:
- The rule is the one that the way itself names; it is taken away in the graph, and the same
  question is asked again until it is DENY: what is not verified is not proposed.
- A rule about all of IPv4 goes with the same about all of IPv6, and the other way round.
- If what must hold needs the rule for others, it is narrowed to them; if it cannot be, what breaks
  is told with its counterexample.
- Nothing is closed without a person: a rule that looks wrong may be somebody's only way in.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ringwall.errors import QuestionError
from ringwall.model.graph import Node, Unknown
from ringwall.model.ports import PortSpec, parse_ports
from ringwall.model.words import counted
from ringwall.playbooks import entries, group_rules
from ringwall.playbooks.entries import GONE
from ringwall.playbooks.measures import Measure, Request
from ringwall.playbooks.narrowing import QUOTA, to_cidrs
from ringwall.playbooks.parties import canonical, physical
from ringwall.playbooks.playbook import Playbook, Proposal, Refusal, Situation
from ringwall.playbooks.proof import Broken, broken
from ringwall.playbooks.records import Action, Incident
from ringwall.reach.blocks import Block
from ringwall.reach.end import OUTER
from ringwall.reach.engine import Engine
from ringwall.reach.explain import Explanation
from ringwall.reach.remedies import Question
from ringwall.reach.verdicts import UNDECIDED, Verdict
from ringwall.reach.what_if import engine_after

ROUNDS: Final = 8  # of rules that let the same packets pass
_ENTRY: Final = "AWS::EC2::NetworkAclEntry"
_NO_ACL: Final = ("InvalidNetworkAclID.NotFound",)  # with it went what would be taken back
_NOT_CLOSED: Final = frozenset({Verdict.ALLOW, Verdict.PARTIAL, Verdict.ONE_WAY})
RESIDUAL: Final = (
    "connections that are tracked live on until they are idle",
    "an apply knows it by the ledger alone: without that, it gives back what a blueprint declares",
    "given back, the rule has another id",
)


@dataclass(frozen=True, slots=True)
class _Closed:
    """Measures that close a way, verified on `engine`, the network afterwards."""

    measures: tuple[Measure, ...]
    rules: tuple[Node, ...]
    engine: Engine


def work(playbook: Playbook, incident: Incident, situation: Situation) -> Proposal | Refusal:
    """Close the way of an incident's packets."""
    question = _question(incident)
    if isinstance(question, Refusal):
        return question
    try:
        first = question.ask(situation.engine)
    except QuestionError as error:
        return Refusal(error.message, hint=error.hint or "")
    asked = f"{question.source} to {question.destination}, {question.port}"
    if first.verdict is Verdict.DENY:
        return Refusal(f"{asked} is DENY already: there is no need")
    if first.verdict in UNDECIDED:
        why = "; ".join(map(str, first.unknowns)) or "it is not known what becomes of it"
        return Refusal(f"{asked} is {first.verdict.value}: {why}")
    closed = _closed(situation.engine, question)
    if isinstance(closed, Refusal):
        return closed
    breaks = broken(situation.engine, closed.engine, situation.expected)
    if breaks:
        closed, breaks = _narrowed(situation, question, closed, breaks)
    return _proposal(playbook, situation, (asked, question), closed, breaks)


def _question(incident: Incident) -> Question | Refusal:
    ends: dict[str, str] = {}
    for role in ("source", "destination"):
        for party in incident.parties:
            name = canonical(party) or party.name
            if party.role == role and name and role not in ends:
                ends[role] = name
    if len(ends) < 2:
        return Refusal("the incident names no source and destination")
    port = incident.evidence.get("port")
    if not port:
        return Refusal("the incident names no port", hint="say it: port=443")
    protocol = str(incident.evidence.get("protocol") or "tcp").lower()
    spec = _ports(str(port), {"6": "tcp", "17": "udp"}.get(protocol, protocol))
    if spec is None:
        return Refusal(f"{port}/{protocol} is no port")
    return Question(ends["source"], ends["destination"], spec)


def _ports(port: str, protocol: str) -> PortSpec | None:
    try:
        return parse_ports(port if "/" in port or not port.isdigit() else f"{port}/{protocol}")
    except QuestionError:
        return None


def _closed(engine: Engine, question: Question) -> _Closed | Refusal:
    """Take rules away until nothing passes; each is one that the way names at that moment."""
    measures: list[Measure] = []
    rules: list[Node] = []
    current = engine
    for _ in range(ROUNDS):
        found = question.ask(current)
        if found.verdict is Verdict.DENY:
            return _Closed(tuple(measures), tuple(rules), current)
        if found.verdict not in _NOT_CLOSED:
            return Refusal(f"without {rules[-1].key if rules else 'it'} it is not known")
        rule = next(_removable(current, found), None)
        if rule is None:
            why = "no rule of a group and no entry of a network ACL lets it pass by itself"
            return Refusal(why, hint="ringwall explain says which way it takes")
        for each in (rule, *_twins(current, rule)):
            rules.append(each)
            measures.append(_without(current, each))
            current = engine_after(current, measures[-1].nodes)
    return Refusal(f"more than {ROUNDS} rules let it pass")


def _removable(engine: Engine, found: Explanation) -> Iterator[Node]:
    """Yield what lets a packet pass on its way: rules of groups, those of its end foremost."""
    told = found.told
    nodes = [hop.node for hop in told.forward if hop.node is not None] if told is not None else []
    for kind in ("AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"):
        for node in reversed(nodes):
            if node.type == kind and (node.type, node.key) in engine.network.graph:
                yield node
    for node in nodes:
        if node.type == _ENTRY and node.properties.get("RuleAction") == "allow":
            yield node


def _twins(engine: Engine, rule: Node) -> Iterator[Node]:
    """Yield what says the same of everything in the other family: closed alone, one is half."""
    whole = {"CidrIp": "0.0.0.0/0", "CidrIpv6": "::/0"}
    own = {name: rule.properties[name] for name in whole if name in rule.properties}
    if not own or own.items() - whole.items():
        return
    names = ("GroupId", "IpProtocol", "FromPort", "ToPort")
    for node in engine.network.values.of_type(rule.type):
        said = node.properties
        same = all(said.get(name) == rule.properties.get(name) for name in names)
        if same and any(said.get(name) == whole[name] for name in whole.keys() - own.keys()):
            yield node


def _without(engine: Engine, rule: Node) -> Measure:
    values = engine.network.values
    return (
        _without_entry(engine, rule) if rule.type == _ENTRY else group_rules.removed(values, rule)
    )


def _without_entry(engine: Engine, entry: Node) -> Measure:
    said = entry.properties
    acl = engine.network.values.node("AWS::EC2::NetworkAcl", said["NetworkAclId"])
    own = physical(acl) if acl is not None else engine.network.values.key(said["NetworkAclId"])
    at = {"NetworkAclId": own, "Egress": bool(said["Egress"]), "RuleNumber": said["RuleNumber"]}
    names = ("RuleAction", "CidrBlock", "Ipv6CidrBlock", "PortRange")
    request = at | {"Protocol": str(said["Protocol"])} | {n: said[n] for n in names if n in said}
    if "Icmp" in said:
        request["IcmpTypeCode"] = said["Icmp"]
    way = "outgoing" if said["Egress"] else "incoming"
    return Measure(
        f"remove {way} entry {said['RuleNumber']} of network ACL {own}",
        own,
        (Request("ec2", "delete_network_acl_entry", at, GONE),),
        (Request("ec2", "create_network_acl_entry", request, _NO_ACL),),
        ((entry.type, entry.key),),
    )


def _narrowed(
    situation: Situation, question: Question, closed: _Closed, breaks: tuple[Broken, ...]
) -> tuple[_Closed, tuple[Broken, ...]]:
    """Narrow the rules to whom what breaks is about, if it closes the way and breaks less."""
    engine, names = situation.engine, {each.name for each in breaks}
    needed = [
        block
        for each in situation.expected
        if each.name in names
        for block in _outer_blocks(engine, (*each.sources, *each.destinations))
    ]
    values = engine.network.values
    measures: list[Measure] = []
    for rule, removed in zip(closed.rules, closed.measures, strict=True):
        own = values.block(rule.properties.get("CidrIp") or rule.properties.get("CidrIpv6"))
        pieces = [p for n in needed if isinstance(own, Block) and (p := own.common(n)) is not None]
        pieces = [p for p in dict.fromkeys(pieces) if p.length > getattr(own, "length", -1)]
        is_group = rule.type in group_rules.TYPES
        narrow = group_rules.narrowed(values, rule, pieces) if is_group and pieces else removed
        measures.append(narrow)
    after = engine_after(engine, [node for each in measures for node in each.nodes])
    left = broken(engine, after, situation.expected)
    if question.ask(after).verdict is not Verdict.DENY or len(left) >= len(breaks):
        return closed, breaks
    return _Closed(tuple(measures), closed.rules, after), left


def _outer_blocks(engine: Engine, names: Sequence[str]) -> Iterator[Block]:
    for name in names:
        found = engine.ends.of_names((name,))
        for end in () if isinstance(found, Unknown) else found:
            if end.kind in OUTER:
                for block in end.blocks:
                    pieces = to_cidrs(block)
                    yield from pieces if len(pieces) <= QUOTA else ()


def _proposal(
    playbook: Playbook,
    situation: Situation,
    question: tuple[str, Question],
    closed: _Closed,
    breaks: tuple[Broken, ...],
) -> Proposal:
    asked, own = question
    return Proposal(
        playbook.id,
        f"close {asked}",
        closed.measures,
        (
            f"{asked} is DENY afterwards, for all of its addresses",
            f"{counted(len(situation.expected), 'expectation')}: {len(breaks)} would break",
        ),
        playbook.residual,
        playbook.seconds(situation),
        about=(f"{own.source} > {own.destination} > {own.port}",),
        breaks=breaks,
        reach=len({each.target for each in closed.measures}),
        facts={"rules": [each.key for each in closed.rules]},
    )


def lacks(action: Action, situation: Situation) -> tuple[str, ...]:
    """Return whether the way that an action closes is open again."""
    open_ = [text for text, verdict in _state(action.facts.get("before", ()), situation)
             if verdict in {each.value for each in _NOT_CLOSED}]  # fmt: skip
    return tuple(f"{text} is open" for text in open_)


def state(about: Sequence[str], situation: Situation) -> Mapping[str, Any]:
    """Return the verdict about each question."""
    return dict(_state(about, situation))


def _state(about: Sequence[str], situation: Situation) -> Iterator[tuple[str, str]]:
    for text in about:
        source, destination, port = text.split(" > ")
        try:
            found = Question(source, destination, parse_ports(port)).ask(situation.engine)
        except QuestionError as error:
            yield text, error.message
        else:
            yield text, found.verdict.value


PLAYBOOKS = (
    Playbook(
        id="close-exposure",
        title="take away, or narrow, the rule by which packets get where they should not",
        answers=(
            "RW520",
            "Recon:EC2/PortProbeUnprotectedPort",
            "Recon:EC2/PortProbeEMRUnprotectedPort",
        ),
        grants=(*entries.GRANTS, *group_rules.GRANTS),
        hours=0,
        residual=RESIDUAL,
        work=work,
        lacks=lacks,
        state=state,
        by_person=True,
    ),
)
