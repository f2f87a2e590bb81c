"""The account as it is now → what playbooks may know."""

from collections.abc import Mapping
from dataclasses import dataclass

from ringwall.app.proving import expectations
from ringwall.app.workspace import Wanted, observe
from ringwall.errors import InputError
from ringwall.model.origins import with_origins
from ringwall.playbooks.never import NeverBlock
from ringwall.playbooks.playbook import Situation
from ringwall.playbooks.policy import Policy
from ringwall.reach.blocks import to_block
from ringwall.reach.engine import Engine
from ringwall.shell.aws import Cloud
from ringwall.traffic.naming import Names


@dataclass(frozen=True, slots=True)
class AccountReader:
    """Reads a blueprint's account; a survey reads load balancers and lines to premises, too."""

    wanted: Wanted
    cloud: Cloud
    policy: Policy
    survey: bool = True

    def __call__(self) -> Situation:
        """Return what is there; raises OutsideError, and InputError for a list that is none."""
        there = observe(self.wanted, self.cloud, survey=self.survey)
        blueprint = self.wanted.blueprint
        graph = with_origins(there, self.wanted.graph)
        engine = Engine(graph, blueprint.networks)
        return Situation(
            engine=engine,
            names=Names.of(graph, blueprint.networks),
            never=_never(engine, self.policy.never),
            expected=tuple(expectations(self.wanted)),
            quota=self.policy.quota,
            account=self.cloud.account,
            deployment=blueprint.name,
            region=self.cloud.region,
            seconds=int(self.policy.hours * 3600),
            accepted=tuple(map(to_block, self.policy.accepted)),
        )


def _never(engine: Engine, allowed: Mapping[str, str]) -> NeverBlock:
    try:
        return NeverBlock.of(engine, allowed)
    except ValueError as error:
        msg = f"the policy's `never:` {error}"
        raise InputError(msg, hint="each is an address or a CIDR, with its reason") from None
