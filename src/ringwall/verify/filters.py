"""Network ACLs and security groups → the packets that they stop; what is in doubt passes."""

from collections.abc import Iterable
from dataclasses import dataclass

from ringwall.verify.elements import Acl, Rule
from ringwall.verify.ends import End
from ringwall.verify.network import Network
from ringwall.verify.reading import ANYWHERE
from ringwall.verify.sets import Packets, Ranges, union
from ringwall.verify.traffic import ALL

EVERY = -1  # bits of all ends


def denied_by_acl(acl: Acl, *, egress: bool) -> Packets:
    """Return the packets that a network ACL stops on their way out of, or into, its subnet.

    F9: entries are asked from the lowest number up, the first that matches decides, and what none
    matches is denied (VPC guide, network ACL basics).
    """
    if acl.doubt:
        return Packets()
    denied, left = Packets(), _packets(ANYWHERE, ALL, egress=egress)
    for entry in acl.entries:
        if entry.egress != egress or (entry.doubt and not entry.allow):
            continue
        matched = _packets(entry.part, entry.traffic, egress=egress)
        if not entry.allow:
            denied |= left & matched
        left -= matched
    return denied | left


def _packets(part: Ranges, traffic: Ranges, *, egress: bool) -> Packets:
    ends = (ANYWHERE, part) if egress else (part, ANYWHERE)
    return Packets.of([(EVERY, EVERY, *ends, traffic)])


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks groups: `mine` are the groups of an interface, `peers` the ends on the other side.

    `matching` returns, of peers that bear a group, those whose references match (as bits).
    """

    mine: tuple[str, ...]
    peers: tuple[End, ...]
    egress: bool


def admitted_by_groups(network: Network, asked: Asked, matching: Iterable[int]) -> Packets:
    """Return the packets that security groups let pass, a reference matching peers in `matching`.

    F1: the rules of all groups of an interface are taken together, and what none allows is denied
    (VPC guide, security group rules). F3, F6: a reference means the members of the group by their
    private addresses; `matching` holds, a peer each, the bits of ends for which that may hold.
    """
    bits = tuple(matching)
    everything = Packets.of([(EVERY, EVERY, ANYWHERE, ANYWHERE, ALL)])
    found = []
    if not asked.mine:
        return everything  # which groups it bears is not in the input
    for key in asked.mine:
        group = network.groups.get(key)
        if group is None:
            return everything
        rules = group.egress if asked.egress else group.ingress
        found += [_admitted(network, rule, asked, bits) for rule in rules]
    return union(found)


def _admitted(network: Network, rule: Rule, asked: Asked, bits: tuple[int, ...]) -> Packets:
    if rule.part:
        return _packets(rule.part, rule.traffic, egress=asked.egress)
    anyone = _packets(ANYWHERE, rule.traffic, egress=asked.egress)
    if rule.doubt:
        return anyone
    if rule.group:
        if rule.group not in network.groups:
            return anyone
        members = [n for n, end in enumerate(asked.peers) if rule.group in end.groups]
        return union(_of_peer(anyone, 1 << n, bits[n], asked) for n in members)
    known = network.values.lists.get(rule.list_name)
    listed = [n for n, end in enumerate(asked.peers) if rule.list_name in end.lists]
    found = union(_of_peer(anyone, 1 << n, EVERY, asked) for n in listed)
    if known is not None:
        return found | _packets(known, rule.traffic, egress=asked.egress)
    return found if rule.list_name in network.values.services else anyone


def _of_peer(packets: Packets, peer: int, others: int, asked: Asked) -> Packets:
    if asked.egress:
        return packets.only(receiver=peer, sender=others) if others else Packets()
    return packets.only(sender=peer, receiver=others) if others else Packets()
