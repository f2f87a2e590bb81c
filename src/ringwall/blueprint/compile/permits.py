"""What a subnet must let through, as the fewest network ACL entries that AWS's quota holds.

Rules:
- Every permit allows; order between them says nothing, so they are sorted.
- `tidy` keeps exactly what is allowed: it joins ranges, joins neighbouring blocks and drops what
  another permit holds already.
- `fit` widens only when the quota forces it, one step at a time, and stops at the first step that
  fits: (1) peers in other VPCs become their VPC's block; (2) those with the same ports become the
  smallest block that covers them; (3) a peer's ranges of one protocol become one range. Security
  groups stay exact throughout.
- AWS's choice of an IPv6 block cannot be covered by a smaller block than all of IPv6, so step 2
  makes it ::/0 there.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv4Network, collapse_addresses

from ringwall.blueprint.compile.site import ANYWHERE_IPV6, Block, ipv6_block
from ringwall.model.graph import Ref
from ringwall.model.ports import PortSpec

ALL = -1
ICMP, TCP, UDP, ICMPV6 = 1, 6, 17, 58
LAST_PORT = 65_535
LAST_TYPE = 255

# "1024-65535" covers Linux, Windows, NAT gateways and load balancers (VPC guide, ephemeral ports).
EPHEMERAL = (1024, LAST_PORT)

# Requests of ICMP that are answered, and the type of the answer (RFC 792, RFC 4443).
_ICMP_REPLIES = {ICMP: {8: 0, 13: 14, 15: 16, 17: 18}, ICMPV6: {128: 129}}

# "This quota includes both … the default deny rules" (VPC quotas): 20 less one. Four more stay free
# for the responder, in each direction and family.
DEFAULT_QUOTA = 20
DEFAULT_DENIES = 1
RESPONDER_SLOTS = 4

Peer = IPv4Network | Block


@dataclass(frozen=True, slots=True)
class Permit:
    """Packets of a protocol to inclusive ports (or ICMP types) with a peer at the far end."""

    protocol: int
    low: int
    high: int
    peer: Peer


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What widening may use: the VPC of the ACL, and every VPC's blocks."""

    vpc: str
    own: Collection[IPv4Network]
    vpcs: Collection[IPv4Network]


def budget(quota: int, handwritten: int) -> int:
    """Return how many derived entries one direction and family may have."""
    return max(0, quota - DEFAULT_DENIES - RESPONDER_SLOTS - handwritten)


def requests(ports: Iterable[PortSpec], family: int) -> list[tuple[int, int, int]]:
    """Turn a flow's ports into (protocol, low, high) for requests of a family."""
    found: list[tuple[int, int, int]] = []
    for spec in ports:
        number = spec.number
        if number == (ICMPV6 if family == 4 else ICMP):
            continue  # ICMP is IPv4's, ICMPv6 is IPv6's
        if number in {ICMP, ICMPV6} and not spec.is_whole:
            found.extend((number, kind, kind) for kind in range(spec.low, spec.high + 1))
        else:
            found.append((number, spec.low, spec.high))
    return found


def replies(wanted: Iterable[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Return what answers these requests: to the client's ephemeral ports."""
    found: list[tuple[int, int, int]] = []
    for protocol, low, high in wanted:
        if protocol in {TCP, UDP}:
            found.append((protocol, *EPHEMERAL))
        elif protocol == ALL or (low, high) == (0, LAST_TYPE):
            found.append((protocol, low, high))
        elif low in _ICMP_REPLIES[protocol]:
            answer = _ICMP_REPLIES[protocol][low]
            found.append((protocol, answer, answer))
    return found


def tidy(permits: Iterable[Permit]) -> list[Permit]:
    """Return the same permission in fewer permits, sorted."""
    current = set(permits)
    while True:
        joined = _join_peers(_join_ranges(current))
        if joined == current:
            return sorted(_without_contained(current), key=_order)
        current = joined


def fit(permits: Iterable[Permit], limit: int, around: Surroundings) -> list[Permit]:
    """Return at most `limit` permits that allow all of these, widened no more than must be.

    The answer is longer than `limit` only when no step suffices; the caller refuses it.
    """
    found = tidy(permits)
    steps: tuple[Callable[[list[Permit], Surroundings], Iterable[Permit]], ...] = (
        _to_vpcs,
        _to_cover,
        _to_one_range,
    )
    for step in steps:
        if len(found) <= limit:
            break
        found = tidy(step(found, around))
    return found


def _order(permit: Permit) -> tuple[int, int, int, int, int, str]:
    peer = permit.peer
    if isinstance(peer, IPv4Network):
        where = (int(peer.network_address), peer.prefixlen, "")
    else:
        where = (0, 0, f"{peer.key} {peer.attribute}" if isinstance(peer, Ref) else peer)
    return (permit.protocol, permit.low, permit.high, *where)


def _join_ranges(permits: Collection[Permit]) -> set[Permit]:
    ranges: dict[tuple[int, Peer], list[tuple[int, int]]] = defaultdict(list)
    for permit in permits:
        ranges[permit.protocol, permit.peer].append((permit.low, permit.high))
    return {
        Permit(protocol, low, high, peer)
        for (protocol, peer), found in ranges.items()
        for low, high in _joined(protocol, found)
    }


def _joined(protocol: int, ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    if protocol in {ICMP, ICMPV6}:  # an entry names one type or all of them
        whole = (0, LAST_TYPE)
        return [whole] if whole in ranges else sorted(set(ranges))
    joined: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return joined


def _join_peers(permits: Collection[Permit]) -> set[Permit]:
    networks: dict[tuple[int, int, int], list[IPv4Network]] = defaultdict(list)
    found: set[Permit] = set()
    for permit in permits:
        if isinstance(permit.peer, IPv4Network):
            networks[permit.protocol, permit.low, permit.high].append(permit.peer)
        else:
            found.add(permit)
    for what, peers in networks.items():
        found.update(Permit(*what, peer) for peer in collapse_addresses(peers))
    return found


def _without_contained(permits: Collection[Permit]) -> list[Permit]:
    return [
        permit
        for permit in permits
        if not any(other != permit and _holds(other, permit) for other in permits)
    ]


def _holds(wide: Permit, narrow: Permit) -> bool:
    if wide.protocol != ALL and (
        wide.protocol != narrow.protocol or wide.low > narrow.low or wide.high < narrow.high
    ):
        return False
    outer, inner = wide.peer, narrow.peer
    if isinstance(outer, IPv4Network):
        return isinstance(inner, IPv4Network) and (
            outer.prefixlen <= inner.prefixlen and inner.network_address in outer
        )
    return outer in {ANYWHERE_IPV6, inner}


def _block_of(peer: IPv4Network, blocks: Collection[IPv4Network]) -> IPv4Network | None:
    if peer in blocks:
        return peer
    for length in range(peer.prefixlen - 1, 7, -1):
        wider = peer.supernet(new_prefix=length)
        if wider in blocks:
            return wider
    return None


def _is_elsewhere(peer: Peer, around: Surroundings) -> bool:
    if isinstance(peer, IPv4Network):
        block = _block_of(peer, around.vpcs)
        return block is not None and block not in around.own
    return isinstance(peer, Ref) and peer.key != f"{around.vpc}/ipv6"


def _to_vpcs(permits: list[Permit], around: Surroundings) -> Iterable[Permit]:
    for permit in permits:
        if not _is_elsewhere(permit.peer, around):
            yield permit
        elif isinstance(permit.peer, IPv4Network):
            block = _block_of(permit.peer, around.vpcs)
            yield replace(permit, peer=block or permit.peer)
        elif isinstance(permit.peer, Ref):
            yield replace(permit, peer=ipv6_block(permit.peer.key.removesuffix("/ipv6"), 56, 0))


def _to_cover(permits: list[Permit], around: Surroundings) -> Iterable[Permit]:
    elsewhere: dict[tuple[int, int, int], list[Peer]] = defaultdict(list)
    for permit in permits:
        # Joined blocks of VPCs are no VPC's block any more, yet they are elsewhere all the same.
        if _is_elsewhere(permit.peer, around) or _covers_vpcs(permit.peer, around):
            elsewhere[permit.protocol, permit.low, permit.high].append(permit.peer)
        else:
            yield permit
    for what, peers in elsewhere.items():
        yield Permit(*what, _cover(peers))


def _covers_vpcs(peer: Peer, around: Surroundings) -> bool:
    return (
        isinstance(peer, IPv4Network)
        and peer.prefixlen > 0
        and any(vpc.subnet_of(peer) for vpc in around.vpcs)
        and not any(own.subnet_of(peer) for own in around.own)
    )


def _cover(peers: list[Peer]) -> Peer:
    networks = [peer for peer in peers if isinstance(peer, IPv4Network)]
    if not networks:
        return peers[0] if len(peers) == 1 else ANYWHERE_IPV6
    cover = networks[0]
    while not all(network.subnet_of(cover) for network in networks):
        cover = cover.supernet()
    return cover


def _to_one_range(permits: list[Permit], _around: Surroundings) -> Iterable[Permit]:
    ranges: Mapping[tuple[int, Peer], list[Permit]] = defaultdict(list)
    for permit in permits:
        ranges[permit.protocol, permit.peer].append(permit)
    for (protocol, peer), found in ranges.items():
        if protocol in {ICMP, ICMPV6} and len(found) > 1:
            yield Permit(protocol, 0, LAST_TYPE, peer)
        else:
            yield Permit(protocol, min(p.low for p in found), max(p.high for p in found), peer)
