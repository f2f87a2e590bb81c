"""Ends of a network → the boxes of a map: groups where they are placed, each with its subnets.

Rules:
- A box is a set of groups of one VPC that something bears or is placed for; interface endpoints
  with the same groups are one box.
- What may be started with a VPC's default group is a box only where the VPC has no other.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ringwall.model.graph import Node
from ringwall.reach.end import End
from ringwall.reach.gaps import OWN_MODEL
from ringwall.reach.network import Network
from ringwall.reach.relations import Board
from ringwall.reach.ways import Kind, Site

NOT_DRAWN = -1
MOST_HELD = 12  # names of what bears a group
BETWEEN = " + "  # the groups of an interface


@dataclass(frozen=True, slots=True)
class Box:
    """A box: `groups` are keys of security groups, `subnets` keys in order; `holds` are names."""

    key: str
    vpc: str
    groups: tuple[str, ...]
    subnets: tuple[str, ...]
    holds: tuple[str, ...] = ()
    interfaces: int | None = None


class Boxes:
    """The boxes of a network, numbered in the order of its subnets."""

    def __init__(self, board: Board) -> None:
        self.network: Network = board.engine.network
        title = board.engine.ends.naming.title
        # What may be started in a subnet is counted under the subnet's name.
        self._idle = {title(key): key for key in self.network.subnets}
        groups: dict[tuple[str, str], tuple[str, ...]] = {}
        subnets: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
        holds: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
        started: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
        for plane in board.planes.values():
            for site, labels in zip(plane.sites, plane.names, strict=True):
                for label in labels:
                    at = (site.vpc, self._key(site.groups, label))
                    if self._is_idle(label):
                        started[at][site.subnet.key if site.subnet else ""] = None
                        continue
                    groups[at] = tuple(site.groups or ())
                    if site.kind is Kind.ENDPOINT:
                        holds[at][label.removeprefix(f"{site.vpc}/")] = None
                    subnets[at][site.subnet.key if site.subnet else ""] = None
        self._busy = frozenset(vpc for vpc, _ in groups)
        for at in sorted(started):
            if at[0] not in self._busy:
                groups[at] = (self.network.default_group(at[0]),)
                subnets[at] = started[at]
        counts, names = self._bearers
        order = {key: number for number, key in enumerate(self.network.subnets)}
        ranks = {key: number for number, key in enumerate(self.network.groups)}
        placed = sorted(
            groups,
            key=lambda at: (
                min(order[s] for s in subnets[at]),
                min((ranks.get(g, len(ranks)) for g in groups[at]), default=len(ranks)),
                at,
            ),
        )
        counted = bool(self.network.values.ec2("NetworkInterface"))
        self.all = tuple(
            Box(
                key,
                vpc,
                groups[vpc, key],
                tuple(sorted(subnets[vpc, key], key=order.__getitem__)),
                _some([*holds[vpc, key], *names.get(key, ())]),
                counts[key] if counted else None,
            )
            for vpc, key in placed
        )
        self._numbers = {(box.vpc, box.key): number for number, box in enumerate(self.all)}

    def __len__(self) -> int:
        return len(self.all)

    def number(self, site: Site, label: str) -> int:
        """Return the number of the box at a site under a label, NOT_DRAWN if there is none."""
        return self._number(site.vpc, self._key(site.groups, label), label)

    def of_end(self, end: End, label: str) -> int:
        """Return the number of the box of an end inside, NOT_DRAWN if there is none."""
        return self._number(end.vpc, self._key(end.groups, label), label)

    def _number(self, vpc: str, key: str, label: str) -> int:
        if self._is_idle(label) and vpc in self._busy:
            return NOT_DRAWN
        return self._numbers.get((vpc, key), NOT_DRAWN)

    def _is_idle(self, label: str) -> bool:
        """Tell whether a label is that of what may be started in a subnet."""
        return label in self._idle

    def _key(self, groups: Sequence[str], label: str) -> str:
        if self._is_idle(label):
            return self.network.default_group(self.network.subnets[self._idle[label]].vpc)
        return BETWEEN.join(sorted(groups)) or label

    @cached_property
    def _bearers(self) -> tuple[Counter[str], Mapping[str, dict[str, None]]]:
        """Return how many interfaces bear each set of groups, and what is known of who they are."""
        counts: Counter[str] = Counter()
        names: dict[str, dict[str, None]] = defaultdict(dict)
        for node in self.network.values.ec2("NetworkInterface"):
            if node.observed.get("InterfaceType") in OWN_MODEL:
                continue
            groups = sorted(self.network.members(node.properties.get("GroupSet")))
            counts[key := BETWEEN.join(groups)] += 1
            name = self._bearer(node)
            if name:
                names[key][name] = None
        return counts, names

    def _bearer(self, node: Node) -> str:
        owner = (node.observed.get("Attachment") or {}).get("InstanceId")
        instance = self.network.values.node("AWS::EC2::Instance", owner) if owner else None
        named = (node.tags.get("Name"), instance.tags.get("Name") if instance else None)
        described = node.properties.get("Description") or node.observed.get("Description")
        return next((str(each) for each in (*named, described, owner) if each), "")


def _some(names: Sequence[str]) -> tuple[str, ...]:
    """Return the first names, and how many more there are."""
    more = len(names) - MOST_HELD
    return (*names[:MOST_HELD], *([f"and {more} more"] if more > 0 else []))
