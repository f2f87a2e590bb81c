"""Facts → bit-vector formulas of Z3: which packets get from one class to another, and back.

Rules:
- A packet is source and destination address (32 or 128 bits), protocol, port and the client's port.
- What two rules, ACLs or tables have in common is one formula: they are kept by their contents, so
  that pairs, and VPCs with the same rules, share them.
- With `named` each of them is a Boolean of the solver with one definition, so that a question about
  many classes states it once; without, a formula is written out and holds no more than it needs.
"""

from collections.abc import Callable, Hashable, Iterable
from typing import Any

import z3

from benchmarks.z3_facts import Class, Entry, Facts, Prefix, Rule, Subnet

TCP, UDP = 6, 17
Formula = Any  # z3 has no types


class Encoding:
    """The formulas of one network; `definitions` grows as they are asked for."""

    def __init__(self, facts: Facts, *, named: bool) -> None:
        self.facts, self._named = facts, named
        self.source = z3.BitVec("source", facts.bits)
        self.destination = z3.BitVec("destination", facts.bits)
        self.protocol = z3.BitVec("protocol", 8)
        self.port = z3.BitVec("port", 16)
        self.client = z3.BitVec("client", 16)
        self.definitions: list[Formula] = []
        self._kept: dict[Hashable, Formula] = {}
        self._vpcs = {vpc: number for number, vpc in enumerate(facts.attached, 1)}

    def packet(self) -> Formula:
        """Return what every packet is: TCP or UDP."""
        return z3.Or(self.protocol == TCP, self.protocol == UDP)

    def reaches(self, sender: Class, receiver: Class) -> Formula:
        """Return when a packet of one class reaches another and its reply comes back."""
        one, other = sender.subnet, receiver.subnet
        near = one.vpc == other.vpc
        parts = [
            self.within(self.source, one.block),
            self.within(self.destination, other.block),
            self.groups(sender.groups, receiver.groups, near=near, egress=True),
            self.groups(receiver.groups, sender.groups, near=near, egress=False),
        ]
        if one.key == other.key:
            return z3.And(parts)
        there = self.way(one, other, self.destination, self.source, self.port)
        back = self.way(other, one, self.source, self.destination, self.client)
        return z3.And([*parts, *there, *back])

    def way(
        self, one: Subnet, other: Subnet, to: Formula, sender: Formula, port: Formula
    ) -> list[Formula]:
        """Return what a packet meets from subnet to subnet: ACLs and tables, the gateway's too."""
        found = [self.acl(one.acl_out, to, port)]
        if one.vpc == other.vpc:
            return [
                *found,
                self.leads(one, to, "local"),
                self.acl(other.acl_in, sender, port),
            ]
        entry = self.facts.attached.get(one.vpc, {}).get(one.zone)
        exits = self.facts.attached.get(other.vpc, {})
        if entry is None or other.zone not in exits:
            return [z3.BoolVal(False)]
        # Without appliance mode the packet stays in its zone where the attachment has it.
        choices = [exits[entry.zone]] if entry.zone in exits else list(exits.values())
        found += [
            self.leads(one, to, "tgw"),
            self.acl(entry.acl_in, sender, port),
            self.carries(self.facts.table_of.get(one.vpc, ""), to, other.vpc),
        ]
        for leaving in choices:
            found.append(self.leads(leaving, to, "local"))
            if leaving.key != other.key:
                found.append(self.acl(leaving.acl_out, to, port))
                found.append(self.acl(other.acl_in, sender, port))
        return found

    def within(self, address: Formula, block: Prefix) -> Formula:
        """Return whether an address is in a block."""
        first, length = block
        if length == 0:
            return z3.BoolVal(True)
        bits = self.facts.bits
        shift = bits - length
        return z3.Extract(bits - 1, shift, address) == z3.BitVecVal(first >> shift, length)

    def groups(
        self, mine: tuple[str, ...], others: tuple[str, ...], *, near: bool, egress: bool
    ) -> Formula:
        """Return whether the groups of an interface admit; references hold inside a VPC alone."""
        rules = self.facts.egress if egress else self.facts.ingress
        address = self.destination if egress else self.source
        admitting = tuple(
            (protocol, low, high, block, "")
            for group in mine
            for protocol, low, high, block, peer in rules.get(group, ())
            if not peer or (near and peer in others)
        )
        key = ("groups", egress, admitting)
        return self._keep(key, lambda: z3.Or([self._rule(r, address) for r in admitting]))

    def _rule(self, rule: Rule, address: Formula) -> Formula:
        protocol, low, high, block, _ = rule
        parts = self._ports(protocol, low, high, self.port)
        return z3.And([*parts, self.within(address, block)] if block else parts)

    def _ports(self, protocol: int, low: int, high: int, port: Formula) -> list[Formula]:
        if protocol == -1:
            return []
        found = [self.protocol == protocol]
        if low > 0:
            found.append(z3.UGE(port, low))
        if high < 65_535:
            found.append(z3.ULE(port, high))
        return found

    def acl(self, entries: tuple[Entry, ...], remote: Formula, port: Formula) -> Formula:
        """Return whether an ACL lets a packet pass: the first entry that matches decides."""
        return self._keep(
            ("acl", entries, str(remote), str(port)), lambda: self._first(entries, remote, port)
        )

    def _first(self, entries: tuple[Entry, ...], remote: Formula, port: Formula) -> Formula:
        found: Formula = z3.BoolVal(False)
        for allow, protocol, low, high, block in reversed(entries):
            matches = [*self._ports(protocol, low, high, port), self.within(remote, block)]
            found = z3.If(z3.And(matches), z3.BoolVal(allow), found)
        return found

    def leads(self, subnet: Subnet, to: Formula, target: str) -> Formula:
        """Return whether a subnet's table leads to a kind of target: the longest prefix decides."""
        routes = subnet.table

        def build() -> Formula:
            found: Formula = z3.BoolVal(False)
            for block, leads in reversed(routes):
                found = z3.If(self.within(to, block), z3.BoolVal(leads == target), found)
            return found

        return self._keep(("leads", routes, str(to), target), build)

    def carries(self, table: str, to: Formula, vpc: str) -> Formula:
        """Return whether the gateway's table leads to a VPC's attachment."""
        routes = self.facts.transit.get(table, [])
        if not self._named:
            return self._written_out(routes, to, vpc)

        def build() -> Formula:
            found: Formula = z3.BitVecVal(0, 16)
            for block, leads in reversed(routes):
                found = z3.If(self.within(to, block), z3.BitVecVal(self._vpcs[leads], 16), found)
            return found

        return self._keep(("transit", table, str(to)), build) == self._vpcs[vpc]

    def _written_out(self, routes: Iterable[tuple[Prefix, str]], to: Formula, vpc: str) -> Formula:
        """Return the same for one VPC alone: its routes, and what is more specific than they."""
        found: Formula = z3.BoolVal(False)
        mine = [block for block, leads in routes if leads == vpc]
        for block, leads in reversed(list(routes)):
            if leads == vpc or any(_overlap(block, each, self.facts.bits) for each in mine):
                found = z3.If(self.within(to, block), z3.BoolVal(leads == vpc), found)
        return found

    def _keep(self, key: Hashable, build: Callable[[], Formula]) -> Formula:
        """Build a formula once; with `named` give it a name in the solver."""
        found = self._kept.get(key)
        if found is None:
            found = build()
            if self._named:
                name = f"{key[0]}{len(self._kept)}" if isinstance(key, tuple) else str(key)
                named = z3.Const(name, found.sort())
                self.definitions.append(named == found)
                found = named
            self._kept[key] = found
        return found


def _overlap(one: Prefix, other: Prefix, bits: int) -> bool:
    shift = bits - min(one[1], other[1])
    return one[0] >> shift == other[0] >> shift
