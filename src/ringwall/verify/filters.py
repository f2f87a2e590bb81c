"""Network ACLs and security groups → the packets that they stop; what is in doubt passes."""

from collections.abc import Iterable, Iterator

from ringwall.verify.case import Case
from ringwall.verify.elements import Acl, Rule
from ringwall.verify.places import Place
from ringwall.verify.sets import Packets, union


def denied_by_acl(case: Case, place: Place, acl: Acl, *, egress: bool) -> Packets:
    """Return the packets at a place that an ACL stops on their way out of, or into, its subnet.

    F9: entries are asked from the lowest number up, the first that matches decides, and what none
    matches is denied (VPC guide, network ACL basics).
    """
    key = (acl.key, egress, place.nat, place.inner)
    found = case.denied.get(key)
    if found is None:
        found = case.denied[key] = _denied(case, place, acl, egress=egress)
    return found


def _denied(case: Case, place: Place, acl: Acl, *, egress: bool) -> Packets:
    if acl.doubt:
        return case.everything(place) if case.strict else Packets()
    denied, left = Packets(), case.everything(place)
    for entry in acl.entries:
        if entry.egress != egress or (entry.doubt and entry.allow == case.strict):
            continue
        about = left.only(traffic=entry.traffic)
        matched = case.remote(place, about, entry.part, egress=egress)
        if not entry.allow:
            denied |= matched
        left -= matched
    return denied | left


def admitted_by_groups(
    case: Case,
    place: Place,
    groups: tuple[str, ...],
    members: Iterable[tuple[int, tuple[str, ...]]],
    *,
    egress: bool,
) -> Packets:
    """Return the packets that security groups let pass.

    `members` are sites of the other side as bits, with the groups by which references match them.

    F1: the rules of all groups of an interface are taken together, and what none allows is denied
    (VPC guide, security group rules). F3, F6: a reference means the members of a group by their
    private addresses.
    """
    known = [case.network.groups.get(key) for key in groups]
    if (not known or None in known) and not case.strict:
        return case.everything(place)  # which groups it bears, or their rules, are not in the input
    peers = tuple(members)
    return union(
        part
        for group in known
        if group is not None
        for rule in (group.egress if egress else group.ingress)
        for part in _admitted(case, place, rule, peers, egress=egress)
    )


def _admitted(
    case: Case,
    place: Place,
    rule: Rule,
    peers: tuple[tuple[int, tuple[str, ...]], ...],
    *,
    egress: bool,
) -> Iterator[Packets]:
    anyone = case.everything(place).only(traffic=rule.traffic)
    doubtful = Packets() if case.strict else anyone
    if rule.doubt:
        yield doubtful
    elif rule.part:
        yield case.remote(place, anyone, rule.part, egress=egress)
    elif rule.group:
        if rule.group not in case.network.groups:
            yield doubtful
        for bits, bears in peers:
            if rule.group in bears:
                yield anyone.only(receiver=bits) if egress else anyone.only(sender=bits)
    else:
        yield from _of_list(case, place, rule, anyone, egress=egress)


def _of_list(
    case: Case, place: Place, rule: Rule, anyone: Packets, *, egress: bool
) -> Iterator[Packets]:
    values, name = case.network.values, rule.list_name
    if egress:
        yield anyone.only(receiver=case.receivers_that(lambda end: name in end.lists))
    elif not place.nat:
        yield anyone.only(sender=case.senders_that(lambda end: name in end.lists))
    if name in values.lists:
        yield case.remote(place, anyone, values.lists[name], egress=egress)
    elif name not in values.services and not case.strict:
        yield anyone  # its addresses are not in the input
