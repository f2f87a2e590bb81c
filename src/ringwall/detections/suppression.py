"""What is known and accepted: findings about an entity that are left out of the answer, for a time.

Rules:
- A suppression has a reason and a last day; after that day the finding is told again, and so is
  that the suppression has expired.
- It applies to answers, never to what is stored or searched.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from ringwall.detections.detection import Entity, Sighting

EVERY = "*"


@dataclass(frozen=True, slots=True)
class Suppression:
    """Leave out findings of `detection` (an id, or `*`) about `entity`, `expires` included.

    `entity` is an address, a CIDR, or a name; of a domain also those below it. With `role` it must
    have that part in the finding. `place` says where it is written.
    """

    detection: str
    entity: str
    reason: str
    expires: date
    role: str = ""
    place: str = ""

    def is_of(self, found: Sighting) -> bool:
        """Tell whether a finding is meant."""
        if self.detection not in {EVERY, found.detection}:
            return False
        return any(self._is(each) for each in found.entities if self.role in {"", each.role})

    def _is(self, entity: Entity) -> bool:
        block = _block(self.entity)
        if block is None:
            name = entity.name
            return name == self.entity or name.endswith(f".{self.entity}")
        return bool(entity.address) and ip_address(entity.address) in block

    def to_dict(self) -> dict[str, Any]:
        """Return its document."""
        return {
            "detection": self.detection,
            "entity": self.entity,
            "role": self.role,
            "reason": self.reason,
            "expires": self.expires.isoformat(),
            "source": self.place,
        }


def _block(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Sorted:
    """Findings that are told, those left out with why, and suppressions that are of no use."""

    told: tuple[Sighting, ...]
    left_out: tuple[tuple[Sighting, Suppression], ...]
    expired: tuple[Suppression, ...]


def sort(found: Iterable[Sighting], suppressions: Iterable[Suppression], today: date) -> Sorted:
    """Take out what is suppressed today."""
    known = list(suppressions)
    expired = tuple(each for each in known if each.expires < today)
    valid = [each for each in known if each.expires >= today]
    told: list[Sighting] = []
    left_out: list[tuple[Sighting, Suppression]] = []
    for sighting in found:
        suppression = next((each for each in valid if each.is_of(sighting)), None)
        if suppression is None:
            told.append(sighting)
        else:
            left_out.append((sighting, suppression))
    return Sorted(tuple(told), tuple(left_out), expired)
