"""What a command or a handler is given → a responder with all that it needs."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from ringwall.app.responding.choosing import Choice
from ringwall.app.responding.loop import Responder
from ringwall.app.responding.meant import Meant
from ringwall.app.responding.naming_offenders import ByLogs
from ringwall.app.responding.notifying import declared, judge_places, teller_of
from ringwall.app.responding.places import FILE, TABLE
from ringwall.app.responding.policies import read_policy
from ringwall.app.responding.reading import AccountReader
from ringwall.app.workspace import CloudSettings, Wanted, connect_for, read_blueprint
from ringwall.errors import InputError
from ringwall.playbooks.commands import Desk
from ringwall.playbooks.notice import Where
from ringwall.shell.clock import Clock, SystemClock
from ringwall.shell.files import state_folder
from ringwall.shell.ledger.dynamodb import DynamoLedger
from ringwall.shell.ledger.port import Ledger
from ringwall.shell.ledger.sqlite import BEGINS, SqliteLedger
from ringwall.shell.measuring import Measures
from ringwall.shell.stopping import Brake


@dataclass(frozen=True, slots=True)
class Given:
    """A blueprint's file, where the ledger is, and files that may be "".

    `ledger` is a file, `dynamodb:TABLE`, or "" for the file beside the blueprint's journal.
    `notify` are places of notices; without any they are those that the blueprint declares. With
    `begins` a ledger is made where there is none. `typed` is where people type commands about it,
    where that is not what is given here.
    """

    file: str
    ledger: str = ""
    policy: str = ""
    store: str = ""
    logs: str = ""
    notify: tuple[str, ...] = ()
    cloud: CloudSettings = field(default_factory=CloudSettings)
    brake: Brake = field(default_factory=Brake)
    begins: bool = True
    typed: Desk | None = None

    @property
    def desk(self) -> Desk:
        """Return where people type commands about it: by default in the words given here."""
        cloud = self.cloud
        own = (self.file, self.ledger, self.policy, self.notify, cloud.profile, cloud.endpoint_url)
        return self.typed or Desk(*own)

    def wanted(self) -> Wanted:
        """Read the blueprint."""
        return read_blueprint(self.file)

    def open_ledger(self, wanted: Wanted | None = None, *, create: bool = False) -> Ledger:
        """Open the ledger; raises InputError where there is none and none is to be made."""
        if self.ledger.startswith(TABLE):
            cloud = connect_for(wanted or self.wanted(), self.cloud)
            return DynamoLedger(cloud, self.ledger.removeprefix(TABLE))
        if "://" in self.ledger:
            msg = f"'{self.ledger}' is no place of a ledger"
            raise InputError(msg, hint=f"a file of this machine, or {TABLE}TABLE")
        if self.ledger:
            return SqliteLedger(Path(self.ledger), create=create)
        home = wanted or self.wanted()
        path = state_folder(self.file, home.blueprint.name) / FILE
        if not create and not path.exists():
            msg = f"nothing was ever reported about {home.blueprint.name}: {path} is not there"
            raise InputError(msg, hint=BEGINS)
        return SqliteLedger(path, create=create)

    def responder(self, clock: Clock | None = None) -> Responder:
        """Open all that acts; raises what reading a blueprint and connecting raise.

        A store is left to `replaying`: what asks one is not in the package of a function.
        """
        judge_places(self.notify)  # before anything is asked of AWS
        wanted, policy = self.wanted(), read_policy(self.policy)
        now = clock or SystemClock()
        cloud = connect_for(wanted, self.cloud)
        responder = Responder(
            ledger=self.open_ledger(wanted, create=self.begins),
            read=AccountReader(wanted, cloud, policy),
            measures=Measures(cloud, now),
            policy=policy,
            clock=now,
            account=cloud.account,
            choice=self.choice(wanted),
            meant=Meant(wanted, cloud),
            brake=self.brake,
            desk=self.desk,
        )
        if self.logs:
            responder = replace(responder, who=ByLogs.of(self.logs, wanted, now, cloud))
        places = self.notify or declared(wanted, cloud)
        if places:
            where = Where(wanted.blueprint.name, cloud.account, cloud.region, self.desk)
            teller = teller_of(places, where, cloud, now)
            responder = replace(responder, notify=teller)
        return responder

    def choice(self, wanted: Wanted) -> Choice:
        """Return the playbooks that a blueprint enables: all, where it does not say which."""
        response = wanted.blueprint.response
        if response is None or response.playbooks is None:
            return Choice()
        return Choice(frozenset(response.playbooks))
