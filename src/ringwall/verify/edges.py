"""The edge of a subnet and of an interface: what stops packets there, by name."""

from collections.abc import Iterator

from ringwall.verify.case import Case
from ringwall.verify.elements import Acl
from ringwall.verify.ends import End
from ringwall.verify.filters import admitted_by_groups, denied_by_acl
from ringwall.verify.places import Goes, Part, Place
from ringwall.verify.sets import Packets


def filtered(packets: Packets, denied: Packets, stop: str, why: str, goes: Goes) -> Iterator[Part]:
    """Yield what a filter denies and what it does not; `goes` is where both would go on."""
    denied &= packets
    yield Part(denied, goes, stop, why)
    yield Part(packets - denied, goes)


def ask_acl(
    case: Case, place: Place, packets: Packets, acl: Acl, goes: Goes, *, egress: bool
) -> Iterator[Part]:
    """Ask a network ACL about packets that leave or enter its subnet."""
    denied = denied_by_acl(case, place, acl, egress=egress)
    why = "no entry lets it out" if egress else "no entry lets it in"
    yield from filtered(packets, denied, f"NetworkAcl {acl.key}", why, goes)


def groups_name(keys: tuple[str, ...]) -> str:
    """Name the groups of an interface as what stops packets."""
    return f"SecurityGroup {' + '.join(keys)}"


def admitted_into(case: Case, place: Place, groups: tuple[str, ...]) -> Packets:
    """Return what the ingress rules of groups admit of packets that came by a place.

    F3, F4, F5: a reference matches private addresses, by what lies between. F15: what a load
    balancer passes on with its client's address is its own, too.
    """
    members: list[tuple[int, tuple[str, ...]]] = []
    if place.relay:
        members.append((case.senders.bits, case.network.balancers.by_key[place.relay].groups))
    if place.bears == "own":
        for n, site in enumerate(case.senders):
            if _crosses(case, place, site.end.vpc):
                members.append((1 << n, site.end.groups))
    elif place.bears:
        box = case.network.interfaces[place.bears]
        if _crosses(case, place, case.network.subnets[box.subnet].vpc):
            members.append((case.senders.bits, box.groups))
    return admitted_by_groups(case, place, groups, members, egress=False)


def matches_out(case: Case, vpc: str, receiver: End) -> bool:
    """F4, F5: egress rules match members in the VPC and over peerings, not over a gateway."""
    return bool(receiver.vpc) and (
        receiver.vpc == vpc or case.network.peered.get(frozenset({vpc, receiver.vpc}), False)
    )


def _crosses(case: Case, place: Place, vpc: str) -> bool:
    """Tell whether references to groups of a VPC match over what a packet crossed."""
    if place.crossed == "transit-gateway":
        return case.network.transit_references(vpc, doubt=not case.strict)
    return place.crossed in {"", "peering"}
