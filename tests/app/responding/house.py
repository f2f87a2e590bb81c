"""A small network on a fake AWS, and a responder that minds it."""

from dataclasses import dataclass, field, replace
from functools import cache

from ringwall.app.responding.loop import Responder
from ringwall.app.responding.meant import Meant
from ringwall.app.responding.reading import AccountReader
from ringwall.app.workspace import Wanted, blueprint_of
from ringwall.playbooks.policy import Mode, Policy
from ringwall.playbooks.records import Event, Party, Source
from ringwall.shell.aws import Cloud
from ringwall.shell.measuring import Measures
from tests.fakes.clock import FakeClock
from tests.fakes.cloud import FakeCloud
from tests.fakes.ledger import MemoryLedger
from tests.shell.estates import EXAMPLES, Estate

OFFENDER, OTHER = "198.51.100.7", "198.51.100.8"
AUTO = Policy(modes={"*": Mode.AUTO})


def wanted_of(name: str) -> Wanted:
    path = EXAMPLES / f"{name}.yaml"
    return blueprint_of(path.read_text(), str(path))


@cache
def _deployed(name: str) -> tuple[FakeCloud, Wanted]:
    wanted, cloud = wanted_of(name), FakeCloud()
    estate = Estate(cloud, wanted.blueprint.name, wanted.graph)
    estate.carry_out(estate.plan())
    return cloud, wanted


@dataclass
class House:
    """A deployment, a ledger, a clock; `responder` may be asked for again, as after a crash."""

    cloud: FakeCloud
    wanted: Wanted
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    clock: FakeClock = field(default_factory=FakeClock)
    notices: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, name: str = "minimal") -> "House":
        cloud, wanted = _deployed(name)
        return cls(cloud.copy(), wanted)

    def responder(self, policy: Policy = AUTO, cloud: Cloud | None = None, **more) -> Responder:
        on = cloud or self.cloud
        return Responder(
            ledger=self.ledger,
            read=AccountReader(self.wanted, on, policy, survey=False),
            measures=Measures(on, self.clock),
            policy=policy,
            clock=self.clock,
            meant=Meant(self.wanted, on, survey=False),
            notify=lambda incident, *_: self.notices.append((incident.id, incident.state.value)),
            **more,
        )

    def denials(self) -> set[tuple[str, bool, int, str]]:
        """The entries of the responder's numbers, as AWS has them."""
        answer = self.cloud.call("ec2", "describe_network_acls", {})
        return {
            (a["NetworkAclId"], e["Egress"], e["RuleNumber"], e.get("CidrBlock", ""))
            for a in answer["NetworkAcls"]
            for e in a["Entries"]
            if e["RuleNumber"] < 100
        }

    def account(self) -> object:
        """All network ACLs, to compare."""
        answer = self.cloud.call("ec2", "describe_network_acls", {})
        return sorted(
            (a["NetworkAclId"], sorted(str(e) for e in a["Entries"])) for a in answer["NetworkAcls"]
        )


def event(id_: str = "e1", who: str = OFFENDER, kind: str = "RW505", last: int = 160) -> Event:
    parties = (Party("source", who),)
    return Event(id_, Source.DETECTION, kind, f"{who} scans", 3, parties, 100, last)


def at(event_: Event, **more) -> Event:
    return replace(event_, **more)
