"""What a blueprint means, against what there is → what is otherwise, in words.

Rules:
- The blueprint is the one that is at hand: for a function that of its package, which cannot hold
  the digest of the zip that it is in. Of the function the code is not compared, and a package that
  is not named yet is taken for one.
- What stands by an action is no drift, and expectations are judged without it.
- What cannot be decided is told, too: it is not known to hold.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ringwall.app.proving import prove
from ringwall.app.responding.accounting import NOTHING, Standing
from ringwall.app.workspace import Wanted, compiled, observe
from ringwall.blueprint import Blueprint
from ringwall.blueprint.responding import Package
from ringwall.changes.planning import make_plan
from ringwall.model.finding import Severity
from ringwall.model.plan import Change
from ringwall.model.words import counted
from ringwall.playbooks.records import Party, digest
from ringwall.reach.expectations import Result
from ringwall.shell.aws import Cloud

DRIFT, EXPECTATION = "drift", "expectation"  # kinds of incidents
SHOWN: Final = 20  # differences that are told
NAMED: Final = 3  # resources that an incident is called by
_FUNCTION: Final = "AWS::Lambda::Function"
_CODE: Final = frozenset({"Code", "CodeSha256"})
_ANY: Final = Package(sha256=64 * "0", bucket="any", key="any")


@dataclass(frozen=True, slots=True)
class Otherwise:
    """Something that is not as it was meant; the same parties are the same matter."""

    kind: str
    title: str
    severity: Severity
    parties: tuple[Party, ...]
    evidence: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Meant:
    """A blueprint, and the account in which it is deployed; raises what reading one raises.

    A survey reads load balancers and lines to premises for the expectations, too.
    """

    wanted: Wanted
    cloud: Cloud
    survey: bool = True

    def drift(self, standing: Standing = NOTHING) -> list[Otherwise]:
        """Return what is deployed otherwise, all as one matter, or nothing."""
        wanted, there = _packaged(self.wanted), observe(self.wanted, self.cloud)
        plan = make_plan(
            wanted.graph,
            there,
            deployment=wanted.blueprint.name,
            account=self.cloud.account,
            region=self.cloud.region,
            effects=standing.effects,
        )
        changes = [change for change in plan.changes if not _is_code(change)]
        if not changes:
            return []
        repair = [f"{each.action.value} {each.type} {each.key}" for each in changes]
        return [
            Otherwise(
                DRIFT,
                f"{counted(len(changes), 'resource')} not as the blueprint of the package says: "
                f"{', '.join(repair[:NAMED])}{' …' if len(repair) > NAMED else ''}",
                Severity.MEDIUM,
                tuple(_parties(changes)),
                {"differences": len(repair), "repair": repair[:SHOWN]},
            )
        ]

    def broken(self, standing: Standing = NOTHING) -> list[Otherwise]:
        """Return the expectations that fail without what stands, each by itself."""
        there = observe(self.wanted, self.cloud, survey=self.survey)
        proof = prove(self.wanted, standing.judged(self.wanted.graph, there))
        return [_failing(result) for result in proof.failing]


def _parties(changes: Sequence[Change]) -> Iterator[Party]:
    """Yield the first resources, and what stands for the others: other ones are another matter."""
    for each in changes[:NAMED]:
        yield Party("resource", name=f"{each.type} {each.key}")
    left = [f"{each.type} {each.key}" for each in changes[NAMED:]]
    if left:
        yield Party("resources", name=f"{len(left)} more ({digest(*left)[:8]})")


def _packaged(wanted: Wanted) -> Wanted:
    """Return what is wanted with a package: this runs in it."""
    response = wanted.blueprint.response
    if response is None or response.package is not None:
        return wanted
    named: Blueprint = wanted.blueprint.model_copy(
        update={"response": response.model_copy(update={"package": _ANY})}
    )
    return replace(wanted, blueprint=named, graph=compiled(named))


def _is_code(change: Change) -> bool:
    names = {each.name for each in change.properties}
    return change.type == _FUNCTION and bool(names) and names <= _CODE


def _failing(result: Result) -> Otherwise:
    asked, found = result.expectation, result.judgement
    ends = f"{', '.join(asked.sources)} to {', '.join(asked.destinations)}"
    ports = ", ".join(str(port) for port in asked.ports)
    verb = "must reach" if asked.reachable else "must not reach"
    evidence: dict[str, Any] = {"verdict": found.verdict.value}
    if found.case is not None:
        case = found.case
        evidence["example"] = f"{case.source} to {case.destination}, {case.packets}"
    if found.unknowns:
        evidence["unknown"] = [str(each) for each in found.unknowns]
    return Otherwise(
        EXPECTATION,
        f"expectation '{asked.name}': {ends}, {ports} {verb}, and is {found.verdict.value}",
        Severity.MEDIUM if result.is_undecided else Severity.HIGH,
        (Party("expectation", name=asked.name),),
        evidence,
    )
