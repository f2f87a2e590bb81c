"""The environment of a Lambda function → a service, made once and kept while it is warm.

RINGWALL_BLUEPRINT   the blueprint's file, in the package if the path is relative (blueprint.yaml)
RINGWALL_POLICY      the policy's file, likewise; without it everything is asked (policy.yaml)
RINGWALL_TABLE       the DynamoDB table of the ledger; or RINGWALL_LEDGER, a file of SQLite
RINGWALL_LOGS        where flow logs are: s3://BUCKET/PREFIX, or a folder
RINGWALL_ENDPOINT    the address of another AWS, as a lab
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from ringwall.app.responding.alarmed import Logs
from ringwall.app.responding.loop import Responder
from ringwall.app.responding.policies import read_policy
from ringwall.app.responding.reading import AccountReader
from ringwall.app.responding.reconciling import reconcile
from ringwall.app.responding.serving import Log, Naming, Service, Write
from ringwall.app.workspace import CloudSettings, connect_for, read_blueprint
from ringwall.errors import InputError
from ringwall.playbooks.records import Event
from ringwall.shell.aws import Cloud
from ringwall.shell.clock import Clock, SystemClock
from ringwall.shell.ledger.dynamodb import DynamoLedger
from ringwall.shell.ledger.port import Ledger
from ringwall.shell.ledger.sqlite import SqliteLedger
from ringwall.shell.measuring import Measures
from ringwall.shell.window import Bounds

BLUEPRINT, POLICY = "blueprint.yaml", "policy.yaml"
SPARE: Final = 30.0  # seconds that are left for the rest when logs are read
LONGEST: Final = 60.0
FRESH: Final = 600.0  # seconds that what is inside of the network is not read again


@dataclass(frozen=True, slots=True)
class Environment:
    """The settings; `root` is the folder of the package."""

    blueprint: str
    policy: str
    table: str
    ledger: str
    logs: str
    endpoint: str

    @classmethod
    def of(cls, given: Mapping[str, str], root: Path) -> "Environment":
        """Read the variables; raises InputError for one that is missing."""
        blueprint = _file(given.get("RINGWALL_BLUEPRINT", ""), root, BLUEPRINT)
        table, ledger = given.get("RINGWALL_TABLE", ""), given.get("RINGWALL_LEDGER", "")
        if not blueprint:
            msg = f"there is no {BLUEPRINT} in the package, and RINGWALL_BLUEPRINT names none"
            raise InputError(msg, hint="ringwall respond package FILE puts it there")
        if not table and not ledger:
            msg = "RINGWALL_TABLE names no table of DynamoDB"
            raise InputError(msg, hint="the ledger of responses is kept in it")
        policy = _file(given.get("RINGWALL_POLICY", ""), root, POLICY)
        logs, endpoint = given.get("RINGWALL_LOGS", ""), given.get("RINGWALL_ENDPOINT", "")
        return cls(blueprint, policy, table, ledger, logs, endpoint)


def _file(name: str, root: Path, usual: str) -> str:
    """Return the path of a file that is named, or of the usual one if it is in the package."""
    if name:
        return str(root / name)
    path = root / usual
    return str(path) if path.exists() else ""


@dataclass(slots=True)
class _Kept:
    """What was read, and when."""

    blocks: tuple[str, ...] = ()
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Warm:
    """What outlives an invocation."""

    responder: Responder
    cloud: Cloud
    clock: Clock
    logs: str
    kept: _Kept = field(default_factory=_Kept)

    @classmethod
    def up(cls, settings: Environment, clock: Clock | None = None) -> "Warm":
        """Connect, and open the ledger; raises RingwallError."""
        now = clock or SystemClock()
        wanted, policy = read_blueprint(settings.blueprint), read_policy(settings.policy)
        cloud = connect_for(wanted, CloudSettings("", settings.endpoint))
        responder = Responder(
            ledger=_ledger(settings, cloud, now),
            read=AccountReader(wanted, cloud, policy),
            measures=Measures(cloud, now),
            policy=policy,
            clock=now,
        )
        return cls(responder, cloud, now, settings.logs)

    def service(self, write: Write, request: str, seconds: float) -> Service:
        """Return what serves one invocation, which has so many seconds left."""
        bounds = Bounds(seconds=max(min(seconds - SPARE, LONGEST), 1.0))
        log = Log(write, self.clock, request)
        return Service(
            self.responder, self._naming(bounds), log, partial(reconcile, self.responder)
        )

    def _naming(self, bounds: Bounds) -> Naming:
        if not self.logs:
            return _as_told
        return Logs(
            place=self.logs,
            clock=self.clock,
            inside=self._inside,
            cloud=self.cloud,
            bounds=bounds,
        ).named

    def _inside(self) -> Iterable[str]:
        """Return the blocks of the network, as they were read not long ago."""
        now, kept = self.clock.monotonic(), self.kept
        if kept.at is None or now - kept.at > FRESH:
            names = self.responder.read().names
            kept.blocks, kept.at = tuple(map(str, names.inside)), now
        return kept.blocks


def _as_told(event: Event) -> list[Event]:
    return [event]


def _ledger(settings: Environment, cloud: Cloud, clock: Clock) -> Ledger:
    if settings.table:
        return DynamoLedger(cloud, settings.table, clock=clock)
    return SqliteLedger(Path(settings.ledger), create=True)


Keep = Callable[[], Warm]


def keeping(given: Mapping[str, str], root: Path) -> Keep:
    """Return what gives the same warm service each time, made when it is first asked for."""
    kept: list[Warm] = []

    def warm() -> Warm:
        if not kept:
            kept.append(Warm.up(Environment.of(given, root)))
        return kept[0]

    return warm
