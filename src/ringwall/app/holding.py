"""`--network`, as often as it is given → the networks, each with the second from which it holds.

Rules:
- Each holds until the next one; the first holds before its time, too.
- `TIME=NETWORK` says from when. What is there under the whole name is a network by that name, and
  so is what has a `/` before its `=`: `./2026=a.yaml`.
- A snapshot knows when it was read, and `aws` is read now. One network may have no time: it is the
  first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from ringwall.app.sources import LIVE, Source, SourceKind, open_network
from ringwall.app.workspace import CloudSettings
from ringwall.detections.coverage import when
from ringwall.errors import InputError
from ringwall.formats.describe.standing import with_interfaces
from ringwall.shell.files import is_there, read_text
from ringwall.traffic.times import to_moment

BEGINNING = 0
_SYNTAX = "--network TIME=NETWORK, as 2026-11-01T12:00Z=after.yaml"


@dataclass(frozen=True, slots=True)
class Against:
    """What logs are read against: each is a file, a folder or `aws`, "" for none.

    `networks` are what is there, each from a time on; `blueprint` is what was meant; one of them is
    both. `interfaces` is a file of described interfaces that stand in the networks.
    """

    networks: tuple[str, ...] = ()
    blueprint: str = ""
    interfaces: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Return the networks that are there, or what was meant in their place."""
        return tuple(filter(None, self.networks)) or tuple(filter(None, (self.blueprint,)))

    @property
    def is_live(self) -> bool:
        """Tell whether the account is one of the networks."""
        return any(split(name)[1] == LIVE for name in self.names)

    def paths(self) -> tuple[Path, ...]:
        """Return the files and folders of all that is read."""
        places = [*(split(name)[1] for name in self.names), self.blueprint, self.interfaces]
        return tuple(Path(each) for each in dict.fromkeys(places) if each and each != LIVE)


@dataclass(frozen=True, slots=True)
class Holding:
    """A network that is there and the one that was meant, from a second on."""

    since: int
    source: Source
    meant: Source


def split(name: str) -> tuple[str, str]:
    """Return the time, "" for none, and the network of a `--network`."""
    time, sign, network = name.partition("=")
    if not sign or "/" in time or is_there(name):
        return "", name
    return time, network


def held(against: Against, now: datetime) -> tuple[Holding, ...]:
    """Read the networks, in the order of their times; none for none.

    Raises InputError for times that are none, equal or missing, and what reading a network raises.
    """
    times = [_time(name, now) for name in against.names]
    settings = CloudSettings("", "")
    found: list[tuple[int | None, str, Holding]] = []
    meant: Source | None = None
    for name, time in zip(against.names, times, strict=True):
        path = split(name)[1]
        there = open_network(path, settings, blueprint=against.blueprint)
        if against.interfaces:
            text = read_text(against.interfaces)
            there = replace(there, graph=with_interfaces(there.graph, text, against.interfaces))
        if against.blueprint and there.kind is not SourceKind.BLUEPRINT:
            meant = meant or open_network(against.blueprint, settings)
        since = time if time is not None else _read_at(there, now)
        wanted = meant if there.kind is not SourceKind.BLUEPRINT else None
        found.append((since, name, Holding(since or BEGINNING, there, wanted or there)))
    return _in_order(found)


def _time(name: str, now: datetime) -> int | None:
    text, _ = split(name)
    if not text:
        if name.startswith("=") and not is_there(name):
            msg = f"--network {name!r}: there is no time before the '='"
            raise InputError(msg, hint=_SYNTAX)
        return None
    try:
        return to_moment(text, now)
    except InputError as error:
        msg = f"--network {name!r}: {error.message}"
        hint = f"{_SYNTAX}; a network whose name has a '=' is ./{name}"
        raise InputError(msg, hint=hint) from None


def _read_at(source: Source, now: datetime) -> int | None:
    """Return when a network was read, as far as that is known."""
    moment = now if source.kind is SourceKind.LIVE else source.read_at
    return None if moment is None else int(moment.timestamp())


def _in_order(found: Sequence[tuple[int | None, str, Holding]]) -> tuple[Holding, ...]:
    """Return networks in the order of their times; raises InputError unless they have one."""
    timeless = [name for since, name, _ in found if since is None]
    if len(timeless) > 1:
        names = " and ".join(repr(name) for name in timeless[:2])
        msg = f"--network {names}: nothing says from when each of them holds"
        raise InputError(msg, hint=_SYNTAX)
    ordered = sorted(found, key=lambda each: -1 if each[0] is None else each[0])
    for (one, name, _), (other, next_name, _) in pairwise(ordered):
        if one == other:
            msg = f"--network {name!r} and {next_name!r} both hold from {when(one)}"
            raise InputError(msg, hint=_SYNTAX)
    return tuple(holding for _, _, holding in ordered)
