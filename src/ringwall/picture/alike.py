"""VPCs that are alike → bunches: of each one is drawn, the others are named.

Rules:
- Alike are VPCs of one segment with the same tiers, groups by name, edges, and traffic; a peer in
  another VPC counts by its segment and its group's name.
- What has a gap, a violation or the selection in it is never put with others.
- Where that leaves many, ports are left out of it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ringwall.picture.facts import Facts
from ringwall.picture.reachable import Reachable
from ringwall.picture.scene import Bunch, Vpc

MANY = 24  # cards on one page that are read one by one

Rows = NDArray[np.int64]


def bunches(
    vpcs: Sequence[Vpc], reachable: Reachable, facts: Facts, alone: frozenset[str]
) -> tuple[Bunch, ...]:
    """Return the bunches in the order of their first VPCs; those `alone` stay so."""
    found = _grouped(vpcs, reachable, facts, alone, ports=True)
    if len(found) <= MANY:
        return tuple(Bunch(keys) for keys in found)
    alike = set(found)
    coarse = _grouped(vpcs, reachable, facts, alone, ports=False)
    return tuple(Bunch(keys, keys not in alike) for keys in coarse)


def _grouped(
    vpcs: Sequence[Vpc],
    reachable: Reachable,
    facts: Facts,
    alone: frozenset[str],
    *,
    ports: bool,
) -> list[tuple[str, ...]]:
    traffic = _traffic(vpcs, reachable, facts, ports=ports)
    found: dict[object, list[str]] = defaultdict(list)
    for vpc in vpcs:
        shape = tuple(
            (tier.kind, tier.name, tuple(sorted(group.name for group in tier.groups)))
            for tier in vpc.tiers
        )
        badges = tuple(badge.text for badge in vpc.badges)
        own = vpc.key if vpc.gaps or vpc.key in alone else ""
        found[vpc.segment, shape, badges, own, traffic.get(vpc.key, b"")].append(vpc.key)
    return [tuple(keys) for keys in found.values()]


def _traffic(
    vpcs: Sequence[Vpc], reachable: Reachable, facts: Facts, *, ports: bool
) -> Mapping[str, bytes]:
    """Return, for each VPC, what its groups have with whom, as bytes that are equal if it is."""
    boxes = reachable.boxes.all
    number = {vpc.key: n for n, vpc in enumerate(vpcs)}
    home = np.array([number.get(box.vpc, -1) for box in boxes], dtype=np.int64)
    role = _numbered(facts.box_names[box.vpc, box.key] for box in boxes)
    part = _numbered(vpc.segment for vpc in vpcs)[home] + 1 if len(vpcs) else home
    sources, targets = reachable.sources, reachable.targets
    kinds = reachable.which if ports else np.zeros_like(reachable.which)
    parts = []
    for way, (here, there) in enumerate(((sources, targets), (targets, sources))):
        peer = np.where(home[here] == home[there], 0, part[there])
        parts.append(
            np.stack([home[here], np.full_like(here, way), role[here], peer, role[there], kinds])
        )
    for way, table in enumerate((reachable.outward, reachable.inward), 2):
        rows = [
            (home[box], way, role[box], 0, outer, kind if ports else 0)
            for (box, outer), counts in table.items()
            for kind in counts
        ]
        parts.append(np.array(rows, dtype=np.int64).reshape(-1, 6).T)
    told = _distinct(np.concatenate(parts, axis=1))
    edges = np.searchsorted(told[0], np.arange(len(vpcs) + 1))
    return {vpc.key: told[1:, edges[n] : edges[n + 1]].tobytes() for n, vpc in enumerate(vpcs)}


def _numbered(names: Iterable[str]) -> Rows:
    known: dict[str, int] = {}
    return np.array([known.setdefault(name, len(known)) for name in names], dtype=np.int64)


def _distinct(rows: Rows) -> Rows:
    """Return the distinct columns in order, the first row the slowest."""
    order = np.lexsort(rows[::-1])
    rows = rows[:, order]
    if not rows.shape[1]:
        return rows
    new = np.ones(rows.shape[1], dtype=bool)
    new[1:] = (rows[:, 1:] != rows[:, :-1]).any(axis=0)
    found: Rows = rows[:, new]
    return found
