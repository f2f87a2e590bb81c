"""What a command about traffic is given → an inquiry: when, by which engine, in whose names."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import ip_network
from pathlib import Path

from ringwall.app.holding import Against, Holding, held
from ringwall.app.periods import to_extent
from ringwall.app.proving import expectations
from ringwall.detections.detection import Context
from ringwall.errors import QuestionError
from ringwall.shell.clock import Clock, SystemClock
from ringwall.shell.engines.engine import Engine, Scope
from ringwall.shell.engines.opening import open_engine
from ringwall.shell.engines.store import Extent
from ringwall.traffic.naming import Names
from ringwall.traffic.owners import OwnerKind, merged
from ringwall.traffic.ranges import NOT_INTERNET

_RELAYS = frozenset({"NAT gateway", "load balancer"})
_NAMELESS = frozenset({OwnerKind.INTERNET, OwnerKind.PREMISES})


EVERYTHING, NAMELESS, NOTHING = Scope(), Context(), Against()


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What is asked: of which store, by which engine, about when, in the names of which networks.

    `names` are those of each network in turn, None without one; `interfaces` are the ids of those
    that the networks of the time asked about have.
    """

    store: Path
    asked_at: datetime
    engine: str = "duckdb"
    memory: str = "1GB"
    scope: Scope = EVERYTHING
    context: Context = NAMELESS
    interfaces: tuple[str, ...] | None = None
    names: tuple[Names, ...] | None = None

    def open(self) -> Engine:
        """Open the engine."""
        return open_engine(self.engine, self.store, self.scope, memory=self.memory)

    def blocks(self, word: str) -> tuple[str, ...]:
        """Return the blocks that an address, a CIDR or a name stands for; raises QuestionError.

        A name has the blocks that it had at any time.
        """
        try:
            return (str(ip_network(word, strict=False)),)
        except ValueError:
            pass
        if self.names is None:
            msg = f"{word!r} is no address"
            raise QuestionError(msg, hint="names are known with --network NETWORK")
        found = merged(block for names in self.names for block in names.addresses_of(word))
        if not found:
            msg = f"nothing in the network is called {word!r}"
            raise QuestionError(msg, hint="a VPC, VPC/TIER, VPC/GROUP, an instance, an interface")
        return tuple(str(block) for block in found)


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
    """Read the time and the networks of a question."""
    now = (clock or SystemClock()).now()
    asked = Inquiry(store, now, engine, memory, Scope(to_extent(since, until, now)))
    return speaking(asked, [Known.of(each) for each in held(against, now)])


@dataclass(frozen=True, slots=True)
class Known:
    """A network that held from its time on, with its names and what judges may ask it."""

    holding: Holding
    names: Names
    context: Context

    @classmethod
    def of(cls, holding: Holding) -> "Known":
        """Make ready what is asked of a network."""
        names = Names.of(holding.source.graph, holding.source.networks)
        return cls(holding, names, _context(holding, names))


def speaking(inquiry: Inquiry, networks: Sequence[Known]) -> Inquiry:
    """Return an inquiry in the names of networks, in the order of their times.

    Inside is what is inside of any of them.
    """
    if not networks:
        return inquiry
    context: Context | None = None
    for each in networks:
        context = replace(each.context, since=each.holding.since, before=context)
    assert context is not None
    ours = merged(block for each in networks for block in each.names.inside)
    services = merged(block for each in networks for block in each.names.services)
    scope = replace(
        inquiry.scope,
        inside=(*NOT_INTERNET, *map(str, ours)),
        services=tuple(map(str, services)),
        changes=context.changes,
    )
    return replace(
        inquiry,
        scope=scope,
        context=context,
        interfaces=_interfaces(networks, scope.extent),
        names=tuple(each.names for each in networks),
    )


def _context(holding: Holding, names: Names) -> Context:
    def name(family: int, high: int, low: int) -> str:
        owner = names.at(family, high, low)
        return "" if owner.kind in _NAMELESS else owner.name

    def relays(address: str) -> bool:
        return bool(address) and names.of_address(address).does in _RELAYS

    source, meant = holding.source, holding.meant
    engine = source.engine()
    if meant.wanted is None:
        return Context(name, relays, engine, names=names)
    wanted = engine if meant is source else meant.engine()
    asked = tuple(expectations(meant.wanted))
    return Context(name, relays, engine, wanted, names, meant.wanted.blueprint, asked)


def _interfaces(networks: Sequence[Known], extent: Extent) -> tuple[str, ...]:
    """Return the interfaces of the networks that held in a time."""
    ends = [each.holding.since for each in networks[1:]]
    found: dict[str, None] = {}
    for number, each in enumerate(networks):
        begins_late = number > 0 and each.holding.since >= extent.until
        if begins_late or (number < len(ends) and ends[number] <= extent.since):
            continue
        for node in each.holding.source.graph.of_type("AWS::EC2::NetworkInterface"):
            if node.physical_id:
                found[node.physical_id] = None
    return tuple(found)
