"""Plan, apply, drift and destroy: what is wanted against what is there."""

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from ringwall.app.proving import Proof, expectations, prove
from ringwall.app.responding.accounting import (
    JOURNAL,
    Standing,
    standing,
    table_place,
)
from ringwall.app.responding.ending import Ended, end
from ringwall.app.responding.listing import Fate, Listing, listing
from ringwall.app.sending import refuse_wrong_files
from ringwall.app.workspace import (
    CloudSettings,
    Wanted,
    blueprint_of,
    connect_for,
    observe,
)
from ringwall.blueprint import Blueprint
from ringwall.blueprint.addresses import address_plan
from ringwall.changes.moves import moves
from ringwall.changes.passage import Opening, Passage, openings, passage
from ringwall.changes.planning import make_destroy_plan, make_plan, plan_digest
from ringwall.errors import (
    DeclinedError,
    InputError,
    OutsideError,
    PartialError,
    RefusedError,
    StalePlanError,
)
from ringwall.model.graph import Address, ResourceGraph
from ringwall.model.plan import Action, Plan
from ringwall.reach.differing import Difference
from ringwall.reach.expectations import check
from ringwall.shell.aws import Cloud
from ringwall.shell.executing import Settings, execute
from ringwall.shell.files import read_text, write_text
from ringwall.shell.journal import Journal
from ringwall.shell.lock import Lock
from ringwall.shell.progress import Progress

PLAN_SCHEMA = "ringwall/saved-plan/1"
LOG_TYPES = frozenset({"AWS::Logs::LogGroup", "AWS::S3::Bucket", "AWS::S3::BucketPolicy"})
DEFAULT_DELETIONS = 20  # a plan that deletes more asks for --max-deletions

Confirm = Callable[[Plan, Listing], bool]


@dataclass(frozen=True, slots=True)
class Permits:
    """What a person allowed by name: expectations that may fail, with a reason; deletions."""

    failing: tuple[str, ...] = ()
    reason: str = ""
    deletions: int = DEFAULT_DELETIONS
    openings: bool = False  # what neither end of the plan allows may open on the way


@dataclass(frozen=True)
class Planned:
    """A plan, and what it was made from."""

    wanted: Wanted
    plan: Plan
    observed: ResourceGraph
    standing: Standing  # the responses that a ledger has in force
    ledger: str = ""  # where it was said that they are kept

    @cached_property
    def passage(self) -> Passage:
        """Return the networks before and after the plan, and the way between them.

        What stands by a response does not stand for good, and is in neither.
        """
        networks, effects = self.wanted.blueprint.networks, self.standing.effects
        return passage(self.plan, self.wanted.graph, self.observed, networks, effects)

    @cached_property
    def listing(self) -> Listing:
        """Return what is told of responses: what stands, and what nobody accounts for."""
        return listing(self.plan, self.standing, self.wanted.graph, self.observed, self.wanted.file)

    @cached_property
    def there(self) -> Proof:
        """Return the judgement of the expectations on what is there, without what stands."""
        judged = self.standing.judged(self.wanted.graph, self.observed)
        return prove(self.wanted, judged)

    @cached_property
    def proof(self) -> Proof:
        """Return the judgement of the expectations on the network after the plan.

        Strangers inside of it, and switches of the account that are not ours, count.
        """
        engine = self.passage.after.engine
        return Proof(tuple(check(engine, expectations(self.wanted))))

    @cached_property
    def difference(self) -> Difference:
        """Return which traffic becomes possible and impossible by the plan."""
        return self.passage.difference()

    @cached_property
    def moves(self) -> tuple[str, ...]:
        """Return what is made anew for its address block moves, and how it could stay."""
        return tuple(moves(self.plan.changes, _allotted(self.wanted.blueprint)))

    @cached_property
    def openings(self) -> tuple[Opening, ...]:
        """Return what the way allows that neither end of it allows."""
        return tuple(openings(self.passage))


@dataclass(frozen=True, slots=True)
class Applied:
    """What an apply did, and the proof on what was read back."""

    plan: Plan
    proof: Proof
    left: tuple[str, ...]
    listing: Listing
    ended: tuple[Ended, ...] = ()


@dataclass(frozen=True, slots=True)
class Destroyed:
    """What a destroy did, and which responses ended with it."""

    plan: Plan
    listing: Listing
    ended: tuple[Ended, ...] = ()


def plan_for(
    wanted: Wanted, settings: CloudSettings, progress: Progress | None = None, *, ledger: str = ""
) -> Planned:
    """Compare the blueprint with the account; changes nothing.

    `ledger` is where responses are kept, "" for the file beside the journal.
    """
    return _planned(wanted, connect_for(wanted, settings), progress, ledger)


def _planned(wanted: Wanted, cloud: Cloud, progress: Progress | None, ledger: str) -> Planned:
    observed = observe(wanted, cloud, progress)
    known = standing(wanted, observed, cloud, ledger)
    plan = make_plan(
        wanted.graph,
        observed,
        deployment=wanted.blueprint.name,
        account=cloud.account,
        region=cloud.region,
        effects=known.effects,
    )
    return Planned(wanted, plan, observed, known, ledger)


def _allotted(blueprint: Blueprint) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, vpc in address_plan(blueprint).vpcs.items():
        said = blueprint.vpcs[name]
        if said.cidr is None:
            found[name] = vpc.cidr
        for tier in vpc.tiers.values():
            if tier.tier in said.tiers and said.tiers[tier.tier].cidr is None:
                found[f"{name}/{tier.tier}"] = tier.cidr
    return found


def save_plan(planned: Planned, path: str) -> None:
    """Write a plan file: the blueprint, the account, and digests of its state and steps.

    Where responses are kept is said where it was said for the plan.
    """
    document = {
        "schema": PLAN_SCHEMA,
        "file": planned.wanted.file,
        "blueprint": planned.wanted.text,
        "account": planned.plan.account,
        "region": planned.plan.region,
        "state": planned.plan.state,
        "steps": plan_digest(planned.plan),
        **({"ledger": planned.ledger} if planned.ledger else {}),
    }
    write_text(path, json.dumps(document, indent=1) + "\n")


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """A plan file: what was wanted, where, and digests of what was found and would be done."""

    wanted: Wanted
    account: str
    region: str
    state: str
    steps: str
    ledger: str = ""


def read_saved_plan(path: str) -> SavedPlan | None:
    """Read a plan file; None if the file is something else, as a blueprint is."""
    data = read_text(path)
    if not data.lstrip().startswith("{"):
        return None
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or document.get("schema") != PLAN_SCHEMA:
        return None
    members = ("file", "blueprint", "account", "region", "state", "steps")
    if not all(isinstance(document.get(name), str) for name in members):
        msg = f"{path}: the plan file is damaged"
        raise InputError(msg, hint="make it anew with `ringwall plan FILE -o PLAN`")
    wanted = blueprint_of(document["blueprint"], document["file"])
    account, region, state, steps = (document[name] for name in members[2:])
    ledger = str(document.get("ledger") or "")
    return SavedPlan(wanted, account, region, state, steps, ledger)


def _refuse_stale(saved: SavedPlan, plan: Plan) -> None:
    hint = "make a new plan with `ringwall plan FILE -o PLAN`"
    if (saved.account, saved.region) != (plan.account, plan.region):
        msg = f"the plan was made for account {saved.account} in {saved.region}"
        raise StalePlanError(msg, hint=hint)
    if saved.state != plan.state or saved.steps != plan_digest(plan):
        msg = "the account has changed since the plan was made"
        raise StalePlanError(msg, hint=hint)


def apply(
    wanted: Wanted,
    settings: CloudSettings,
    *,
    saved: SavedPlan | None = None,
    permits: Permits | None = None,
    confirm: Confirm,
    progress: Progress | None = None,
    workers: int = 8,
    ledger: str = "",
) -> Applied:
    """Bring AWS to what is wanted, under the lock, and prove it on what is read back.

    What responses hold that stand by their ledgers is left alone. `ledger` is where they are kept,
    "" for the saved plan's, or the file beside the journal.

    Raises BlueprintError before the first step for a file that is not the one that is named,
    RefusedError if an expectation fails that is not permitted by
    name, if something stands in the way, if the way would open what neither end of it allows, or
    if more would be deleted than is permitted;
    StalePlanError, DeclinedError, LockedError, CloudError, PartialError.
    """
    permits = permits or Permits()
    _refuse_failing(prove(wanted, wanted.graph), permits)
    cloud = connect_for(wanted, settings)
    ledger = ledger or (saved.ledger if saved is not None else "")
    with Lock(cloud, wanted.blueprint.name, "apply") as lock:
        planned = _planned(wanted, cloud, progress, ledger)
        plan = planned.plan
        if saved is not None:
            _refuse_stale(saved, plan)
        _refuse_blocked(plan)
        refuse_wrong_files(wanted, plan)
        broken = tuple(result for result in planned.proof.failing if not result.is_undecided)
        _refuse_failing(Proof(broken), permits)
        if not permits.openings:
            _refuse_openings(planned)
        _refuse_losing_the_journal(plan, planned.listing)
        run = Settings(operation="apply", workers=workers, guard=lock.check)
        _refuse_deletions(plan, permits, planned.moves)
        carry_out(plan, wanted, cloud, permits, asking(confirm, planned.listing), progress, run)
        after = _planned(wanted, cloud, progress, ledger)
        ended = end(planned.listing.ending(), after.observed, wanted, cloud)
    return Applied(
        plan,
        after.there,
        tuple(f"{c.action.value} {c.type} {c.key}" for c in after.plan.changes),
        planned.listing,
        tuple(ended),
    )


def asking(confirm: Confirm, listed: Listing) -> Callable[[Plan], bool]:
    """Return a question about a plan that tells what is `listed` beside it."""
    return lambda plan: confirm(plan, listed)


def _refuse_losing_the_journal(plan: Plan, listed: Listing) -> None:
    """Raise RefusedError for a plan that deletes the journal of what stands and does not end."""
    for key, place in _journals(plan):
        left = [r for r, fate in listed.responses if r.place == place and fate is not Fate.ENDS]
        if left:
            msg = f"table {key} would be deleted: the journal of responses that stand ({len(left)})"
            hint = f"take them back first: {listed.undo(left[0])}"
            raise RefusedError(msg, hint=hint)


def _journals(plan: Plan) -> list[tuple[str, str]]:
    """Return the keys of the tables that a plan deletes, each with its place as a ledger."""
    gone = [c for c in plan.changes if c.type == JOURNAL and c.action is Action.DELETE]
    return [(c.key, table_place(c.before)) for c in gone if c.before is not None]


def destroy(
    wanted: Wanted,
    settings: CloudSettings,
    *,
    delete_logs: bool = False,
    confirm: Confirm,
    progress: Progress | None = None,
    workers: int = 8,
    ledger: str = "",
) -> Destroyed:
    """Take the deployment down to nothing; log groups and buckets stay unless told otherwise.

    Responses that stand in what goes end with it, and their ledger says so: `ledger` is where they
    are kept, "" for the file beside the journal.
    """
    cloud = connect_for(wanted, settings)
    with Lock(cloud, wanted.blueprint.name, "destroy") as lock:
        observed = observe(wanted, cloud, progress)
        keep: Iterable[Address] = (
            [] if delete_logs else [(n.type, n.key) for n in observed if n.type in LOG_TYPES]
        )
        plan = make_destroy_plan(
            observed,
            deployment=wanted.blueprint.name,
            account=cloud.account,
            region=cloud.region,
            keep=keep,
            wanted=wanted.graph,
        )
        known = standing(wanted, observed, cloud, ledger)
        listed = listing(plan, known, ResourceGraph(), observed, wanted.file)
        _refuse_blocked(plan)
        _refuse_losing_the_journal(plan, listed)
        permits = Permits(deletions=len(plan.changes))
        run = Settings(operation="destroy", workers=workers, guard=lock.check)
        lost = {place for _, place in _journals(plan)}
        ended: list[Ended] = []
        try:
            carry_out(plan, wanted, cloud, permits, asking(confirm, listed), progress, run)
        except PartialError:
            with suppress(OutsideError):  # what is left of it is told by the next run
                left = observe(wanted, cloud, progress)
                end(listed.ending(), left, wanted, cloud, lost=lost)
            raise
        if listed.ending():
            left = observe(wanted, cloud, progress)
            ended = end(listed.ending(), left, wanted, cloud, lost=lost)
    return Destroyed(plan, listed, tuple(ended))


def carry_out(
    plan: Plan,
    wanted: Wanted,
    cloud: Cloud,
    permits: Permits,
    confirm: Callable[[Plan], bool],
    progress: Progress | None,
    run: Settings,
) -> None:
    """Run a plan's steps, if nothing stands in the way and the person agrees."""
    _refuse_blocked(plan)
    _refuse_deletions(plan, permits)
    if plan.empty:
        return
    if not confirm(plan):
        msg = "declined; nothing was changed"
        raise DeclinedError(msg)
    execute(plan, cloud, Journal(wanted.journal), progress, run)


def _refuse_blocked(plan: Plan) -> None:
    if plan.blocked:
        raise RefusedError(
            "; ".join(plan.blocked), hint="move what stands in the way first; nothing was changed"
        )


def _refuse_deletions(plan: Plan, permits: Permits, why: Iterable[str] = ()) -> None:
    gone = sum(c.action in {Action.DELETE, Action.REPLACE} for c in plan.changes)
    if gone > permits.deletions:
        msg = f"the plan deletes or replaces {gone} resources, more than {permits.deletions}"
        hint = "; ".join((*why, f"if that is meant: --max-deletions {gone}"))
        raise RefusedError(msg, hint=hint)


def _refuse_openings(planned: Planned) -> None:
    found = planned.openings
    if found:
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        msg = f"on the way, {found[0]}{more}; neither before nor after is that allowed"
        raise RefusedError(
            msg, hint="apply the change in two parts; or --allow-openings --reason WHY"
        )


def _refuse_failing(proof: Proof, permits: Permits) -> None:
    names = [result.expectation.name for result in proof.failing]
    failing = [name for name in names if name not in permits.failing]
    if failing:
        quoted = ", ".join(f"'{name}'" for name in failing)
        msg = f"{len(failing)} of the expectations fail: {quoted}; nothing was changed"
        raise RefusedError(
            msg,
            hint="`ringwall plan` shows its path; or --allow-failing NAME --reason WHY",
        )
