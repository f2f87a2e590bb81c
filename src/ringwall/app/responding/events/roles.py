"""What others call those who have a part → parties, in the words that playbooks look for.

`source` and `destination` are ends of traffic, whoever of them is ours; `remote` is an address of
which only that is known; `domain` a name that was asked for; `instance` and `interface` ours, by
id; `role`, `user`, `root` and `access-key` whose credentials were used.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from ringwall.playbooks.records import Party

SOURCE, DESTINATION, REMOTE = "source", "destination", "remote"
DOMAIN, INSTANCE, INTERFACE = "domain", "instance", "interface"
ROLE, USER, ROOT, ACCESS_KEY = "role", "user", "root", "access-key"
# GuardDuty's userType and ASFF's PrincipalType.
PRINCIPALS: Final = {
    "AssumedRole": ROLE,
    "Role": ROLE,
    "IAMUser": USER,
    "FederatedUser": USER,
    "Root": ROOT,
}


def unique(parties: Iterable[Party]) -> tuple[Party, ...]:
    """Return parties that say something, each once, in their order."""
    return tuple(dict.fromkeys(p for p in parties if p.address or p.name))


def of_traffic(local: str, remote: str, direction: str, acts: str) -> Iterator[Party]:
    """Yield both ends of traffic; `direction` IN or OUT as seen from what is ours.

    Where it is not known, `acts` says whether ours is the ACTOR or the TARGET.
    """
    way = direction.upper()[:2]
    if way not in {"IN", "OU"}:
        way = {"TARGET": "IN", "ACTOR": "OU"}.get(acts.upper(), "")
    match way:
        case "IN":
            yield Party(SOURCE, remote)
            yield Party(DESTINATION, local)
        case "OU":
            yield Party(SOURCE, local)
            yield Party(DESTINATION, remote)
        case _:
            yield Party(REMOTE, remote)


def each_source(parties: tuple[Party, ...]) -> Iterator[tuple[Party, ...]]:
    """Yield the parties once for each of several sources: what is done is done about one."""
    sources = [p for p in parties if p.role == SOURCE]
    if len(sources) < 2:
        yield parties
        return
    others = [p for p in parties if p.role != SOURCE]
    for source in sources:
        yield (source, *others)
