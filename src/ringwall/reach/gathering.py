"""Ends inside of a network → sites: classes of them that no rule tells apart."""

from collections.abc import Iterable
from dataclasses import dataclass

from ringwall.reach.end import End
from ringwall.reach.engine import Engine
from ringwall.reach.filters import Members
from ringwall.reach.ways import Kind, Site

# A subnet, an uncut interval of addresses, groups, whether public, whether it only answers, and the
# balancer or service that it stands for.
SiteKey = tuple[int, int, Members, bool, bool, str]


@dataclass(frozen=True, slots=True)
class Gathered:
    """Sites by what makes them one, with the names of their ends, and how many those count for."""

    sites: dict[SiteKey, Site]
    names: dict[SiteKey, list[str]]
    members: dict[SiteKey, int]

    def is_single(self) -> list[bool]:
        """Tell which sites are of one live interface alone: no question about themselves."""
        return [count == 1 for count in self.members.values()]


def gather(engine: Engine, version: int, ends: Iterable[End]) -> Gathered:
    """Gather the sites of one family of some ends inside, in their order."""
    found = Gathered({}, {}, {})
    for end in ends:
        name = engine.ends.label(end)
        for site in engine.ends.sites(end):
            if site.spot.version != version:
                continue
            key = key_of(engine, site)
            names = found.names.setdefault(key, [])
            if name not in names:
                names.append(name)
            found.sites.setdefault(key, site)
            found.members[key] = found.members.get(key, 0) + (1 if end.interface else 2)
    return found


def key_of(engine: Engine, site: Site) -> SiteKey:
    """Return what makes sites of one family one."""
    answers = site.kind is Kind.ENDPOINT
    cut = engine.ends.cuts.number(site.spot)
    stands_for = site.balancer or site.service
    return (id(site.subnet), cut, site.groups, site.public, answers, stands_for)
