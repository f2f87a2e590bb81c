"""An example's whole life on any Cloud: observed, planned, applied, destroyed."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ringwall.blueprint import load
from ringwall.blueprint.compile import compile_blueprint
from ringwall.changes.planning import make_destroy_plan, make_plan
from ringwall.model.graph import ResourceGraph
from ringwall.model.plan import Plan
from ringwall.resources import deployable
from ringwall.resources.assemble import assemble
from ringwall.shell.aws import Cloud
from ringwall.shell.executing import Settings, execute
from ringwall.shell.journal import Journal
from ringwall.shell.pace import Pace
from ringwall.shell.reading import read_account
from tests.fakes.clock import FakeClock

EXAMPLES = Path(__file__).parents[2] / "examples"
# Nothing is eventual on the fake.
AT_ONCE = Pace(attempts=1, settling=3, sightings=1, jitter=lambda: 0.0)


def graph_of(text: str) -> ResourceGraph:
    return compile_blueprint(load(text, "blueprint.yaml"))


@cache
def example(name: str) -> tuple[str, ResourceGraph]:
    return name, graph_of((EXAMPLES / f"{name}.yaml").read_text())


@dataclass
class Estate:
    """A deployment of a graph on a cloud; every run is a process of its own."""

    cloud: Cloud
    deployment: str
    wanted: ResourceGraph
    journal: Path | None = None
    pace: Pace | None = AT_ONCE

    def observed(self) -> ResourceGraph:
        reads = read_account(self.cloud, deployable(), self.deployment, workers=1)
        return assemble(reads, self.deployment)

    def plan(self, observed: ResourceGraph | None = None) -> Plan:
        return make_plan(self.wanted, observed or self.observed(), **self._place())

    def destroy_plan(self) -> Plan:
        return make_destroy_plan(self.observed(), wanted=self.wanted, **self._place())

    def _place(self):
        return {
            "deployment": self.deployment,
            "account": self.cloud.account,
            "region": self.cloud.region,
        }

    def carry_out(self, plan: Plan, cloud: Cloud | None = None) -> None:
        journal = Journal(self.journal, FakeClock()) if self.journal else None
        run = Settings(workers=1, pace=self.pace, clock=FakeClock())
        if self.pace is not AT_ONCE:
            run = Settings(workers=4)
        execute(plan, cloud or self.cloud, journal, None, run)

    def deployed(self):
        """What is there of ours, in a form that is equal on any cloud."""
        return {
            address: (dict(node.properties), dict(node.tags))
            for address, node in self.observed().nodes.items()
            if address in self.wanted.nodes
        }

    def ours(self) -> list[str]:
        """What bears our tags, doubles included."""
        return sorted(
            f"{node.type} {node.tags['ringwall:key']}"
            for node in self.observed()
            if node.tags.get("ringwall:deployment") == self.deployment
        )
