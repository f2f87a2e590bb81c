"""What stops packets at the edge of a subnet or an interface, by name."""

from collections.abc import Iterator
from dataclasses import replace

from ringwall.verify.case import Case
from ringwall.verify.elements import Acl
from ringwall.verify.ends import End
from ringwall.verify.filters import EVERY, Asked, admitted_by_groups
from ringwall.verify.places import Goes, Part, Place
from ringwall.verify.sets import Packets


def acl_name(acl: Acl) -> str:
    """Name a network ACL as what stops packets."""
    return f"NetworkAcl {acl.key}"


def groups_name(keys: tuple[str, ...]) -> str:
    """Name the groups of an interface as what stops packets."""
    return f"SecurityGroup {' + '.join(keys)}"


def filtered(packets: Packets, denied: Packets, stop: str, why: str, goes: Goes) -> Iterator[Part]:
    """Yield what a filter denies and what it does not; `goes` is where both would go on."""
    denied &= packets
    yield Part(denied, goes, stop, why)
    yield Part(packets - denied, goes)


def admitted_into(case: Case, place: Place, groups: tuple[str, ...]) -> Packets:
    """Return what the ingress rules of groups admit of packets that came by a place."""
    senders = case.senders
    if place.bears not in {"own", ""}:
        box = case.network.interfaces[place.bears]
        senders = tuple(replace(end, groups=box.groups) for end in senders)
    matching = [EVERY if _matches_in(case, place, end) else 0 for end in senders]
    return admitted_by_groups(case.network, Asked(groups, senders, egress=False), matching)


def _matches_in(case: Case, place: Place, sender: End) -> bool:
    """F3, F4, F5: a reference matches private addresses, by what lies between."""
    if not place.bears:
        return False
    if place.crossed == "transit-gateway":
        return case.network.transit_references(sender.vpc)
    return place.crossed in {"", "peering"}
