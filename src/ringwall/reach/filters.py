"""Network ACLs and security groups → the level vector of every address.

Rule: a rule that cannot be read may have matched, so it turns a drop into UNKNOWN, never into
silence.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from copy import copy
from dataclasses import dataclass
from itertools import product

import numpy as np

from ringwall.model.graph import Unknown
from ringwall.reach.blocks import FAMILIES, Block, address_text
from ringwall.reach.elements import Acl, Group, Rule
from ringwall.reach.firewalls import Inspector, policy_keys
from ringwall.reach.levels import (
    DROP_ALL,
    UNKNOWN_ALL,
    LevelStore,
    Outcome,
)
from ringwall.reach.network import Network
from ringwall.reach.packets import EPHEMERAL, ICMP, ICMPV6, TCP, UDP, Key, PacketClasses
from ringwall.reach.piecewise import Piecewise, cuts_of, piecewise


@dataclass(frozen=True, slots=True)
class Spot:
    """One address as filters see it; `lists` are the prefix lists that hold it by name alone."""

    version: int
    address: int
    lists: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return address_text(self.version, self.address)


@dataclass(frozen=True, slots=True)
class Remote:
    """The other end as a group sees it.

    `groups` are those of the interface whose private address the packet bears, none after the
    address was rewritten; `via` says what lies between: "" (the same VPC), "peering",
    "transit-gateway" or "internet"; `vpc` is where the other end is, "" outside. Whether the packet
    stands for the `doubted` groups, too, is not known.
    """

    spot: Spot
    groups: frozenset[str] = frozenset()
    via: str = ""
    vpc: str = ""
    doubted: frozenset[str] = frozenset()


Members = tuple[str, ...]  # the groups of an interface


class Filters:
    """The filters of a network as level vectors, each computed when it is first asked."""

    def __init__(
        self, network: Network, others: Iterable[Network] = (), like: "Filters | None" = None
    ) -> None:
        self.network = network
        keys = rule_keys(network).union(*map(rule_keys, others))
        self.packets: PacketClasses = like.packets if like else PacketClasses(keys)
        self.levels: LevelStore = like.levels if like else LevelStore(len(self.packets))
        self.inspector = Inspector(self.packets, self.levels)
        self._acls: dict[tuple[str, bool, int], Piecewise[int]] = {}
        self._groups: dict[tuple[Members, bool, int], Piecewise[int]] = {}
        self._references: dict[tuple[Members, bool], dict[str, int]] = {}
        # Which sets of groups were asked about, by each of their groups.
        self._bearing: dict[str, set[Members]] = defaultdict(set)
        self._chosen: dict[int, int] = {}
        self._crossing: dict[str, bool | Unknown] = {}

    def of_changed(
        self, network: Network, acls: Collection[str], groups: Collection[tuple[str, bool]]
    ) -> "Filters":
        """Return the filters of a network in which these ACLs, and groups by direction, changed.

        They have a store of their own, so that these stay as they are.
        """
        keys = rule_keys_of(
            (network.acls[key] for key in acls), (network.groups[key] for key, _ in groups)
        )
        other = copy(self)
        other.network = network
        columns = None
        if not self.packets.holds(keys):
            other.packets = self.packets.with_rules(keys)
            firsts = (self.packets.class_of(each.first) for each in other.packets.classes)
            columns = np.fromiter(firsts, dtype=np.int32)
        other.levels = self.levels.with_columns(columns)
        other._own()
        for acl, egress, version in product(acls, (False, True), FAMILIES):
            other._acls.pop((acl, egress, version), None)
        for group, egress in groups:
            for members in self._bearing.get(group, ()):
                other._references.pop((members, egress), None)
                for version in FAMILIES:
                    other._groups.pop((members, egress, version), None)
        return other

    def of_like(self, like: "Filters") -> "Filters":
        """Return these filters, with the classes and the store of `like`."""
        other = copy(self)
        other.packets, other.levels = like.packets, like.levels
        other._own()
        return other

    def _own(self) -> None:
        """Keep what is found from now on apart from what others found."""
        self.inspector = Inspector(self.packets, self.levels)
        self._acls, self._groups = dict(self._acls), dict(self._groups)
        self._references = dict(self._references)
        self._chosen, self._crossing = dict(self._chosen), dict(self._crossing)

    def acl(self, acl: Acl, spot: Spot, *, egress: bool) -> int:
        """Return what an ACL says of packets to (`egress`) or from an address."""
        return self.acl_pieces(acl, egress, spot.version).at(spot.address)

    def acl_pieces(self, acl: Acl, egress: bool, version: int) -> Piecewise[int]:
        """Return an ACL's answers over all addresses of a family."""
        key = (acl.key, egress, version)
        found = self._acls.get(key)
        if found is None:
            found = self._acls[key] = self._compile_acl(acl, egress, version)
        return found

    def _compile_acl(self, acl: Acl, egress: bool, version: int) -> Piecewise[int]:
        """F9: entries are evaluated lowest number first, the first match decides, `*` denies.

        Source: VPC guide, network ACL basics. F20: a block holds addresses of its own family alone.
        """
        entries = [
            entry
            for entry in acl.entries
            if entry.egress == egress
            and (isinstance(entry.block, Unknown) or entry.block.version == version)
        ]
        blocks = [entry.block for entry in entries if isinstance(entry.block, Block)]
        cuts = cuts_of(version, blocks)
        starts = np.array(cuts, dtype=object if version == 6 else np.int64)
        found = np.zeros((len(cuts), len(self.packets)), dtype=np.uint8)
        for entry in reversed(entries):
            mask = self.packets.mask(entry.protocol, entry.low, entry.high)
            if isinstance(entry.block, Unknown):
                found[:, mask] = Outcome.UNKNOWN
                continue
            inside = (starts >= entry.block.start) & (starts < entry.block.end)
            outcome = Outcome.PASS if entry.allow else Outcome.DROP
            found[np.ix_(inside.astype(bool), mask)] = outcome
        numbers = [self.levels.number(row) for row in found]
        return piecewise(cuts, dict(zip(cuts, numbers, strict=True)).__getitem__)

    def nat_port(self, number: int) -> int:
        """Return what an ACL says of replies to a NAT gateway.

        R11: a NAT gateway uses source ports 1024-65535 (VPC guide, NAT gateway basics). Which of
        them it takes nobody can say, so replies must pass on all of them.
        """
        found = self._chosen.get(number)
        if found is None:
            row = self.levels.row(number).copy()
            for protocol in (TCP, UDP):
                ports = self.packets.ports_in_order(protocol)
                seen = {int(row[index]) for _, end, index in ports if end > EPHEMERAL[0]}
                same = seen in ({int(Outcome.PASS)}, {int(Outcome.DROP)})
                row[self.packets.indices(protocol)] = seen.pop() if same else Outcome.UNDETERMINED
            found = self._chosen[number] = self.levels.number(row)
        return found

    def groups(self, members: Members, remote: Remote, *, egress: bool) -> int:
        """Return what the groups of an interface say of new connections to or from an end.

        F1: the rules of all groups of the interface are taken together, and what none allows is
        denied (VPC guide, security group rules).
        """
        spot = remote.spot
        found = self.group_pieces(members, egress, spot.version).at(spot.address)
        if spot.lists:
            found = self.levels.join(found, self._listed(members, egress, spot.lists))
        references = self.references(members, egress)
        for group in (remote.groups | remote.doubted) & references.keys():
            crossing = self.stands_for(group, remote, egress=egress)
            found = self.levels.join(found, self.through(references[group], crossing))
        return found

    def stands_for(self, group: str, remote: Remote, *, egress: bool) -> bool | Unknown:
        """Tell whether a reference to one of the groups of an end matches it."""
        crosses = self.crosses(remote.via, remote.vpc, egress=egress)
        if group in remote.groups or crosses is not True:
            return crosses
        why = "whether it admits its members through a network load balancer is not documented"
        return Unknown(f"security group {group}", why)

    def through(self, number: int, crossing: bool | Unknown) -> int:
        """Return a reference's vector as far as references match across what lies between."""
        if crossing is True:
            return number
        if crossing is False:
            return DROP_ALL
        row = self.levels.row(number)
        unknown = np.where(row == Outcome.PASS, Outcome.UNKNOWN, row)
        return self.levels.number(unknown.astype(np.uint8))

    def crosses(self, via: str, vpc: str, *, egress: bool) -> bool | Unknown:
        """Tell whether references to a group's members match across what lies between.

        F3, F6: they match private addresses of members, not what was rewritten. F4: over an active
        peering. F5 (verify): over a transit gateway inbound only, where it is switched on.
        """
        if via in {"", "peering"}:  # a peering of one Region
            return True
        if via != "transit-gateway" or egress:
            return False
        if vpc not in self._crossing:
            self._crossing[vpc] = self.network.transit_references(vpc)
        return self._crossing[vpc]

    def group_pieces(self, members: Members, egress: bool, version: int) -> Piecewise[int]:
        """Return what rules about addresses say, over all addresses of a family."""
        key = (members, egress, version)
        found = self._groups.get(key)
        if found is None:
            found = self._groups[key] = self._compile_groups(members, egress, version)
            self._note(members)
        return found

    def _compile_groups(self, members: Members, egress: bool, version: int) -> Piecewise[int]:
        always = DROP_ALL
        parts: list[tuple[tuple[Block, ...], int]] = []
        for member in members:
            group = self.network.groups.get(member)
            if group is None:
                always = self.levels.join(always, UNKNOWN_ALL)
                continue
            for rule in group.rules(egress=egress):
                blocks = self._addresses(rule)
                if isinstance(blocks, Unknown):
                    always = self.levels.join(always, self._mask(rule, Outcome.UNKNOWN))
                elif blocks:
                    parts.append((blocks, self._mask(rule, Outcome.PASS)))
        cuts = cuts_of(version, (block for blocks, _ in parts for block in blocks))

        def value(address: int) -> int:
            found = always
            for blocks, number in parts:
                if any(block.holds(version, address) for block in blocks):
                    found = self.levels.join(found, number)
            return found

        return piecewise(cuts, value)

    def _addresses(self, rule: Rule) -> tuple[Block, ...] | Unknown:
        """Return the addresses that a rule names; none for one about a group."""
        match rule.peer:
            case Block():
                return (rule.peer,)
            case Unknown():
                return rule.peer
            case name if rule.kind == "list":
                return self.list_blocks(name)
            case name:
                if name not in self.network.groups:
                    return Unknown(f"security group {name}", "not in the input")
                return ()

    def list_blocks(self, name: str) -> tuple[Block, ...] | Unknown:
        """Return the blocks of a prefix list.

        Those of a gateway endpoint's service that are not in the input are AWS's public addresses:
        an end that means them bears the list's name.
        """
        known = self.network.lists.blocks.get(name)
        if known is not None:
            return known
        if name in self.network.lists.services:
            return ()
        return Unknown(f"prefix list {name}", "its CIDRs are not in the input")

    def _listed(self, members: Members, egress: bool, lists: frozenset[str]) -> int:
        found = DROP_ALL
        for member in members:
            group = self.network.groups.get(member)
            for rule in group.rules(egress=egress) if group else ():
                if rule.kind == "list" and rule.peer in lists:
                    found = self.levels.join(found, self._mask(rule, Outcome.PASS))
        return found

    def references(self, members: Members, egress: bool) -> dict[str, int]:
        """Return what rules about groups say, by the group that they name."""
        key = (members, egress)
        found = self._references.get(key)
        if found is None:
            found = {}
            for member in members:
                group = self.network.groups.get(member)
                for rule in group.rules(egress=egress) if group else ():
                    if rule.kind == "group" and rule.peer in self.network.groups:
                        name = str(rule.peer)
                        number = self._mask(rule, Outcome.PASS)
                        found[name] = self.levels.join(found.get(name, DROP_ALL), number)
            self._references[key] = found
            self._note(members)
        return found

    def _note(self, members: Members) -> None:
        for member in members:
            self._bearing[member].add(members)

    def admits(self, rule: Rule, remote: Remote, *, egress: bool) -> bool | Unknown:
        """Tell whether a rule's peer holds the other end; its ports are not looked at."""
        spot = remote.spot
        blocks = self._addresses(rule)
        if isinstance(blocks, Unknown):
            return blocks
        if rule.kind == "group":
            name = str(rule.peer)
            member = name in remote.groups or name in remote.doubted
            return self.stands_for(name, remote, egress=egress) if member else False
        if rule.kind == "list" and rule.peer in spot.lists:
            return True
        return any(block.holds(spot.version, spot.address) for block in blocks)

    def _mask(self, rule: Rule, outcome: Outcome) -> int:
        mask = self.packets.mask(rule.protocol, rule.low, rule.high)
        return self.levels.number(np.where(mask, outcome, Outcome.DROP).astype(np.uint8))

    def translated(self) -> int:
        """Return what becomes of packets at a translator of addresses.

        R11: "a NAT gateway supports the following protocols: TCP, UDP, and ICMP" (VPC guide). How
        ICMPv6 becomes ICMP is not modelled.
        """
        protocols = self.packets.protocols
        row = np.where(np.isin(protocols, (TCP, UDP, ICMP)), Outcome.PASS, Outcome.DROP)
        row[protocols == ICMPV6] = Outcome.UNKNOWN
        return self.levels.number(row.astype(np.uint8))


def rule_keys(network: Network) -> set[Key]:
    """Return protocol, low and high of every rule of every filter, and of every listener."""
    found = rule_keys_of(network.acls.values(), network.groups.values())
    for balancer in network.services.balancers.values():
        for listener in balancer.listeners:
            found |= {(protocol, listener.port, listener.port) for protocol in listener.protocols}
    return found | policy_keys(network.services.policies.values())


def rule_keys_of(acls: Iterable[Acl], groups: Iterable[Group]) -> set[Key]:
    """Return protocol, low and high of the rules of some filters."""
    found: set[Key] = set()
    for acl in acls:
        found |= {(e.protocol, e.low, e.high) for e in acl.entries}
    for group in groups:
        for rule in (*group.ingress, *group.egress):
            if rule.kind != "unknown":
                found.add((rule.protocol, rule.low, rule.high))
    return found
