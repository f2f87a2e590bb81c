"""What responses changed and hold, against what is wanted and what is there.

Rules:
- What a response made in something of ours stays: denials, addresses, domains. What it took away (a
  rule, an entry) is not given back by a plan, but by undoing it.
- What lets pass is a response's in the place of a wider rule that it took away, and while that is
  wanted; else nobody declared it.
- What is recorded is compared by what it says, not by its place alone: what a hand wrote over it is
  not the response's.
- A network is judged without what stands by a response, for it does not stand for good. What nobody
  accounts for counts, before a plan and after it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from typing import Any, Final

from ringwall.changes.ownership import RESPONDER_NUMBERS, Owner, owner
from ringwall.model.graph import Address, Node, Ref, ResourceGraph, Value
from ringwall.model.plan import Action, Plan
from ringwall.resources import network_acl_entry
from ringwall.resources import security_group_rules as rules
from ringwall.resources.ownership import is_responders
from ringwall.resources.security_group_rules import EGRESS, INGRESS, Direction
from ringwall.resources.web_application_firewall import IP_SET

ENTRY: Final = "AWS::EC2::NetworkAclEntry"
DEFAULT_ACL: Final = "Ringwall::EC2::DefaultNetworkAcl"
GROUP: Final = "AWS::EC2::SecurityGroup"
INTERFACE: Final = "AWS::EC2::NetworkInterface"
DOMAIN_LIST: Final = "AWS::Route53Resolver::FirewallDomainList"
RULES: Final[Mapping[str, Direction]] = {each.type_name: each for each in (INGRESS, EGRESS)}
INSIDE: Final[Mapping[str, str]] = {IP_SET: "Addresses", DOMAIN_LIST: "Domains"}


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that a response made in a resource, or took away, by the resource's physical id.

    `says` is what, in the words of this module (`entry_text`, `rule_text`), an address or a domain,
    or "" for an interface that was put into quarantine. `before` is what stood there: wider rules;
    an interface's groups. `source` names the measure: the action's id, and its place there.
    """

    resource: str
    says: str
    source: tuple[str, int]
    made: bool = True
    before: tuple[str, ...] = ()


def entry_text(properties: Mapping[str, Value]) -> str:
    """Return what an entry of a network ACL says, with its number if that is the responder's."""
    said = network_acl_entry.normalise(properties)
    number = said["RuleNumber"]
    place = f"{number} " if number in RESPONDER_NUMBERS else ""
    way = "egress" if said["Egress"] else "ingress"
    peer = said.get("CidrBlock") or said.get("Ipv6CidrBlock")
    more = "".join(f" {sorted(said[n].items())}" for n in ("PortRange", "Icmp") if n in said)
    return f"{way} {place}{said['RuleAction']} {said['Protocol']} {peer}{more}"


def rule_text(properties: Mapping[str, Value], direction: Direction, peer: str) -> str:
    """Return what a rule of a security group says; `peer` is a block, or the id of another."""
    return f"{direction.side} {rules.ports_text(rules.normalise(properties))} {peer}"


@dataclass(frozen=True)
class Responses:
    """The effects of the responses that stand, against what is wanted and there, aligned."""

    effects: tuple[Effect, ...]
    desired: ResourceGraph
    observed: ResourceGraph

    def held(self) -> ResourceGraph:
        """Return what is wanted as long as they stand: a plan leaves alone what they hold."""
        if not self.effects:
            return self.desired
        lists = [node for each in self.desired.of_type(DOMAIN_LIST) if (node := self._filled(each))]
        taken = [(node.type, node.key) for node in self._taken()]
        return self.desired.without(taken).with_nodes([*lists, *self._narrow()])

    def lifted(self) -> ResourceGraph:
        """Return what would be there if all of them were taken back."""
        if not self.effects:
            return self.observed
        gone = [(n.type, n.key) for n in (*self._denials(), *self._narrow())]
        back = [*self._taken(), *self._freed(), *self._defaults()]
        return self.observed.without(gone).with_nodes(back)

    def effect(self, resource: str, says: str) -> Effect | None:
        """Return the effect by which something stands in a resource, None for none."""
        return self._made.get((resource, says))

    @cached_property
    def _made(self) -> Mapping[tuple[str, str], Effect]:
        return {(e.resource, e.says): e for e in reversed(self.effects) if e.made}

    def is_there(self, effect: Effect) -> bool | None:
        """Tell whether an effect is to be seen, None where its resource is not in the account.

        What was not read may be there.
        """
        texts = self._there.get(effect.resource)
        if effect.resource in self._unread or (texts is None and self.observed.unknowns):
            return True
        return None if texts is None else (effect.says in texts) == effect.made

    @cached_property
    def _unread(self) -> Collection[str]:
        """Return the sets and lists of which only the name was read."""
        return {
            node.physical_id
            for kind, name in INSIDE.items()
            for node in self.observed.of_type(kind)
            if name not in node.properties
        }

    @cached_property
    def _there(self) -> Mapping[str, Collection[str]]:
        """Return what is in each resource that responses change, by its physical id."""
        found: dict[str, set[str]] = {}
        for node in self.observed:
            if node.type in {"AWS::EC2::NetworkAcl", GROUP, DEFAULT_ACL, *INSIDE}:
                found.setdefault(node.physical_id, set()).update(inside(node))
            elif node.type == ENTRY or node.type in RULES:
                resource, text = self.mark(node)
                found.setdefault(resource, set()).add(text)
            elif node.type == INTERFACE:
                found[node.physical_id] = {""} if self._is_quarantined(node) else set()
        return found

    def mark(self, node: Node) -> tuple[str, str]:
        """Return the physical id of the parent of an entry or a rule, and what the node says."""
        said = node.properties
        if node.type == ENTRY:
            return self._id(said["NetworkAclId"]), entry_text(said)
        direction = RULES[node.type]
        peer = next((said[name] for name in direction.peers if name in said), "")
        return self._id(said["GroupId"]), rule_text(said, direction, self._id(peer))

    def _id(self, value: Value) -> str:
        if not isinstance(value, Ref):
            return str(value)
        node = self.observed.get(value)
        return node.physical_id if node is not None else value.key

    def _marked(self, graph: ResourceGraph, types: Collection[str]) -> Iterator[tuple[Node, Any]]:
        touched = {effect.resource for effect in self.effects}
        for type_name in types:
            for node in graph.of_type(type_name):
                mark = self.mark(node)
                if mark[0] in touched:
                    yield node, mark

    def _denials(self) -> list[Node]:
        return [
            node
            for node, mark in self._marked(self.observed, [ENTRY])
            if mark in self._made and node.properties["RuleAction"] == "deny"
        ]

    def _taken(self) -> list[Node]:
        """Return what is wanted and not there, for a response took it away."""
        taken = {(e.resource, e.says) for e in self.effects if not e.made}
        there = {mark for _, mark in self._marked(self.observed, [ENTRY, *RULES])}
        return [
            node
            for node, mark in self._marked(self.desired, [ENTRY, *RULES])
            if mark in taken - there and (node.type, node.key) not in self.observed
        ]

    def _narrow(self) -> list[Node]:
        """Return the rules that stand in the place of wider ones that are wanted."""
        wanted = {mark for _, mark in self._marked(self.desired, RULES)}
        return [
            node
            for node, (resource, text) in self._marked(self.observed, RULES)
            if (node.type, node.key) not in self.desired
            and (made := self.effect(resource, text)) is not None
            and any((resource, wider) in wanted for wider in made.before)
        ]

    def _filled(self, wanted: Node) -> Node | None:
        """Return a domain list with what responses put into it, None where that is nothing."""
        there = self.observed.get((wanted.type, wanted.key))
        listed = wanted.properties.get("Domains") or ()
        held = [
            each
            for each in (inside(there) if there is not None else ())
            if there is not None and each not in listed and self.effect(there.physical_id, each)
        ]
        if not held:
            return None
        return replace(
            wanted, properties={**wanted.properties, "Domains": sorted([*listed, *held])}
        )

    def _freed(self) -> Iterator[Node]:
        """Yield the interfaces that are in quarantine, with the groups that they had."""
        before = {e.resource: e.before for e in self.effects if e.made and not e.says}
        groups = {node.physical_id: node.ref for node in self.observed.of_type(GROUP)}
        for node in self.observed.of_type(INTERFACE):
            own = before.get(node.physical_id)
            if own and self._is_quarantined(node) and all(each in groups for each in own):
                refs = sorted(groups[each] for each in own)
                yield replace(node, properties={**node.properties, "GroupSet": refs})

    def _is_quarantined(self, interface: Node) -> bool:
        bears = [self.observed.get(each) for each in interface.properties.get("GroupSet") or ()]
        return bool(bears) and all(g is not None and is_responders(g.tags) for g in bears)

    def _defaults(self) -> Iterator[Node]:
        """Yield the default network ACLs in which responses denied something, without it."""
        for node in self.observed.of_type(DEFAULT_ACL):
            entries = node.properties.get("Entries") or ()
            kept = [e for e in entries if not self.effect(node.physical_id, entry_text(e))]
            if len(kept) < len(entries):
                yield replace(node, properties={**node.properties, "Entries": kept})


def inside(node: Node) -> tuple[str, ...]:
    """Return the addresses or domains in a resource, what the entries of a default ACL say."""
    if node.type == DEFAULT_ACL:
        return tuple(map(entry_text, node.properties.get("Entries") or ()))
    return tuple(node.properties.get(INSIDE.get(node.type, "")) or ())


@dataclass(frozen=True, slots=True)
class Row:
    """What stands in a resource of ours by the responder's right.

    `inside` are addresses or domains, none for an entry or a group, which stand by themselves.
    `effect` is by which, None where nobody accounts for it.
    """

    node: Node
    inside: tuple[str, ...] = ()
    effect: Effect | None = None


def rows(temporary: Iterable[Node], known: Responses, deployment: str) -> list[Row]:
    """Return what stands, by type and key: what is `temporary`, and domains that responses added.

    Of one resource there is a row for each response, and one for what nobody accounts for.
    """
    lists = [
        node
        for node in known.observed.of_type(DOMAIN_LIST)
        if known.effects and owner(node, known.observed, deployment) is Owner.OURS
    ]
    found: list[Row] = []
    for node in sorted((*temporary, *lists), key=lambda each: (each.type, each.key)):
        if node.type == ENTRY or node.type in RULES:
            found.append(Row(node, (), known.effect(*known.mark(node))))
        elif node.type == GROUP:
            found.append(Row(node, (), _of_group(node, known)))
        else:
            found += _inside(node, known)
    return found


def _inside(node: Node, known: Responses) -> Iterator[Row]:
    pairs = [(each, known.effect(node.physical_id, each)) for each in inside(node)]
    if node.type == DOMAIN_LIST:  # the blueprint's own domains are in it, too
        pairs = [(each, effect) for each, effect in pairs if effect is not None]

    def by(pair: tuple[str, Effect | None]) -> tuple[str, int]:
        return pair[1].source if pair[1] else ("", -1)

    for _, some in groupby(sorted(pairs, key=by, reverse=True), by):
        same = list(some)
        yield Row(node, tuple(sorted(each for each, _ in same)), same[0][1])


def _of_group(node: Node, known: Responses) -> Effect | None:
    """Return by which response an interface was put into a quarantine group."""
    held = {
        each.physical_id
        for each in known.observed.of_type(INTERFACE)
        if node.ref in (each.properties.get("GroupSet") or ())
    }
    return next((e for e in known.effects if not e.says and e.resource in held), None)


def gone(plan: Plan) -> frozenset[Address]:
    """Return what a plan deletes, and what it makes anew."""
    return frozenset(c.address for c in plan.changes if c.action in {Action.DELETE, Action.REPLACE})


def goes(node: Node, deleted: Collection[Address]) -> bool:
    """Tell whether what stands goes with what is deleted: itself, or what it belongs to."""
    parents = (node.properties.get(name) for name in ("NetworkAclId", "GroupId"))
    places = [(each.type, each.key) for each in parents if isinstance(each, Ref)]
    return any(each in deleted for each in ((node.type, node.key), *places))
