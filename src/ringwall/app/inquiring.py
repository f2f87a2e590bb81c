"""What a command about traffic is given → an inquiry: when, by which engine, in whose names."""

from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import ip_network
from pathlib import Path

from ringwall.app.periods import to_extent
from ringwall.app.proving import expectations
from ringwall.app.sources import Source, SourceKind, open_network
from ringwall.app.workspace import CloudSettings
from ringwall.detections.detection import Context
from ringwall.errors import QuestionError
from ringwall.formats.describe.standing import with_interfaces
from ringwall.shell.clock import Clock, SystemClock
from ringwall.shell.engines.engine import Engine, Scope
from ringwall.shell.engines.opening import open_engine
from ringwall.shell.files import read_text
from ringwall.traffic.naming import Names
from ringwall.traffic.owners import OwnerKind
from ringwall.traffic.ranges import NOT_INTERNET

_RELAYS = frozenset({"NAT gateway", "load balancer"})
_NAMELESS = frozenset({OwnerKind.INTERNET, OwnerKind.PREMISES})


EVERYTHING, NAMELESS = Scope(), Context()


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What is asked: of which store, by which engine, about when, in the names of which network.

    `interfaces` are the ids of those that the network has, None without a network.
    """

    store: Path
    asked_at: datetime
    engine: str = "duckdb"
    memory: str = "1GB"
    scope: Scope = EVERYTHING
    context: Context = NAMELESS
    interfaces: tuple[str, ...] | None = None
    names: Names | None = None

    def open(self) -> Engine:
        """Open the engine."""
        return open_engine(self.engine, self.store, self.scope, memory=self.memory)

    def blocks(self, word: str) -> tuple[str, ...]:
        """Return the blocks that an address, a CIDR or a name stands for; raises QuestionError."""
        try:
            return (str(ip_network(word, strict=False)),)
        except ValueError:
            pass
        if self.names is None:
            msg = f"{word!r} is no address"
            raise QuestionError(msg, hint="names are known with --network NETWORK")
        found = self.names.addresses_of(word)
        if not found:
            msg = f"nothing in the network is called {word!r}"
            raise QuestionError(msg, hint="a VPC, VPC/TIER, VPC/GROUP, an instance, an interface")
        return tuple(str(block) for block in found)


@dataclass(frozen=True, slots=True)
class Against:
    """What logs are read against: each is a file, a folder or `aws`, "" for none.

    `blueprint` is what was meant, where `network` is what is there; one of them is both.
    `interfaces` is a file of described interfaces that stand in the network.
    """

    network: str = ""
    blueprint: str = ""
    interfaces: str = ""

    def sources(self) -> tuple[Source, Source] | None:
        """Read the network that is there and the one that was meant; None for neither."""
        if not self.network and not self.blueprint:
            return None
        settings = CloudSettings("", "")
        there = open_network(self.network or self.blueprint, settings, blueprint=self.blueprint)
        if self.interfaces:
            text = read_text(self.interfaces)
            there = replace(there, graph=with_interfaces(there.graph, text, self.interfaces))
        if self.blueprint and there.kind is not SourceKind.BLUEPRINT:
            return there, open_network(self.blueprint, settings)
        return there, there


NOTHING = Against()


def inquire(
    store: Path,
    against: Against = NOTHING,
    *,
    since: str = "",
    until: str = "",
    engine: str = "duckdb",
    memory: str = "1GB",
    clock: Clock | None = None,
) -> Inquiry:
    """Read the time and the network of a question."""
    now = (clock or SystemClock()).now()
    extent = to_extent(since, until, now)
    sources = against.sources()
    if sources is None:
        return Inquiry(store, now, engine, memory, Scope(extent))
    source, meant = sources
    names = Names.of(source.graph, source.networks)
    inside = (*NOT_INTERNET, *(str(block) for block in names.inside))
    return Inquiry(
        store,
        now,
        engine,
        memory,
        Scope(extent, inside, tuple(str(block) for block in names.services)),
        _context(source, meant, names),
        _interfaces(source),
        names,
    )


def _context(source: Source, meant: Source, names: Names) -> Context:
    def name(family: int, high: int, low: int) -> str:
        owner = names.at(family, high, low)
        return "" if owner.kind in _NAMELESS else owner.name

    def relays(address: str) -> bool:
        return bool(address) and names.of_address(address).does in _RELAYS

    engine = source.engine()
    if meant.wanted is None:
        return Context(name, relays, engine, names=names)
    wanted = engine if meant is source else meant.engine()
    asked = tuple(expectations(meant.wanted))
    return Context(name, relays, engine, wanted, names, meant.wanted.blueprint, asked)


def _interfaces(source: Source) -> tuple[str, ...]:
    return tuple(
        node.physical_id
        for node in source.graph.of_type("AWS::EC2::NetworkInterface")
        if node.physical_id
    )
