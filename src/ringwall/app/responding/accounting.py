"""The ledgers of a deployment → the responses that stand, and what of the account is theirs.

Rules:
- Asked are the ledger beside the blueprint's journal, or the one that is named in its place, and
  the table of the responder that is deployed: what either has in force, stands.
- What cannot be read is not taken for empty: a plan without it could remove what stands.
- All commands judge by this: what is accounted for, and what nobody accounts for.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from shlex import quote
from typing import Final

from ringwall.app.responding.ledgers import begun_ledger
from ringwall.app.responding.places import FILE, TABLE
from ringwall.app.workspace import Wanted
from ringwall.changes.align import align
from ringwall.changes.responses import Effect, Responses
from ringwall.errors import CloudError, InputError, OutsideError
from ringwall.model.graph import Node, ResourceGraph
from ringwall.playbooks.effects import STANDING, effects_of
from ringwall.playbooks.measures import Measure
from ringwall.playbooks.records import Action
from ringwall.resources.ownership import is_ours
from ringwall.shell.aws import Cloud
from ringwall.shell.files import state_folder
from ringwall.shell.ledger.port import Ledger

_NEEDED: Final = "`ringwall permissions FILE --for plan` prints what is needed"
JOURNAL: Final = "AWS::DynamoDB::Table"


@dataclass(frozen=True, slots=True)
class Response:
    """An action that stands, and the place of the ledger that has it, as `--ledger` takes it.

    The place is "" for the file beside the journal.
    """

    action: Action
    place: str

    def measures(self) -> tuple[Measure, ...]:
        """Return what was done for it, in order."""
        return tuple(map(Measure.from_dict, self.action.measures))


@dataclass(frozen=True, slots=True)
class Standing:
    """The responses that stand, the first made first."""

    responses: tuple[Response, ...] = ()
    effects: tuple[Effect, ...] = field(init=False)

    def __post_init__(self) -> None:
        found = (effect for each in self.responses for effect in effects_of(each.action))
        object.__setattr__(self, "effects", tuple(found))

    def of(self, effect: Effect) -> Response:
        """Return the response of an effect."""
        return next(each for each in self.responses if each.action.id == effect.source[0])

    def judged(self, wanted: ResourceGraph, there: ResourceGraph) -> ResourceGraph:
        """Return what is there without what stands by a response: that is what is judged."""
        if not self.effects:
            return there
        return Responses(self.effects, *align(wanted, there)).lifted()


NOTHING: Final = Standing()


def of_ledger(ledger: Ledger, place: str = "") -> tuple[Response, ...]:
    """Return what stands by a ledger; raises KeyError, TypeError, ValueError for what is none."""
    found = [action for action in ledger.actions() if action.state in STANDING]
    return tuple(Response(each, place) for each in found)


def standing(wanted: Wanted, observed: ResourceGraph, cloud: Cloud, place: str = "") -> Standing:
    """Return what stands by the ledgers of a deployment; `place` is in the place of the file.

    Raises InputError for what is no ledger, or damaged, StoreError and CloudError for what cannot
    be read.
    """
    beside = _beside(wanted)
    found: list[Response] = []
    if place:
        found += _read(place, cloud)
    elif beside.exists():
        try:
            found += _read(str(beside), cloud, "")
        except InputError as error:
            msg = f"{error.message}; what stands by it is not known, and could be removed"
            # A log that is left behind would be taken for that of the next file.
            parts = [f"{beside}{end}" for end in ("", "-wal", "-shm")]
            there = [each for each in parts if Path(each).exists()]
            ways = [f"mv {quote(each)} {quote(f'{each}.damaged')}" for each in there]
            way = f"go on without what it tells: {' && '.join(ways)}"
            hint = f"name another (--ledger PLACE), or {way}"
            raise InputError(msg, hint=hint) from None
    for each in sorted(set(tables(wanted, observed)) - {place}):
        try:
            found += _read(each, cloud)
        except CloudError as error:
            msg = f"cannot read {each} ({error.code}), the journal of what stands"
            raise OutsideError(msg, hint=_NEEDED) from None
    return Standing(tuple(sorted(found, key=lambda one: (one.action.made, one.action.id))))


def tables(wanted: Wanted, observed: ResourceGraph) -> Iterator[str]:
    """Yield the places of the ledgers that are deployed with the network; a new one is empty."""
    for node in observed.of_type(JOURNAL):
        is_new = node.observed.get("TableStatus") == "CREATING"
        if is_ours(node.tags, wanted.blueprint.name) and not is_new:
            yield table_place(node)


def table_place(node: Node) -> str:
    """Return the place of a ledger in a table."""
    return f"{TABLE}{node.properties['TableName']}"


def place_of(response: Response, wanted: Wanted) -> str:
    """Return where the ledger of a response is."""
    return response.place or str(_beside(wanted))


def _beside(wanted: Wanted) -> Path:
    return state_folder(wanted.file, wanted.blueprint.name) / FILE


def _read(place: str, cloud: Cloud, named: str | None = None) -> tuple[Response, ...]:
    try:
        with begun_ledger(place, cloud) as ledger:
            return of_ledger(ledger, place if named is None else named)
    except (KeyError, TypeError, ValueError):
        msg = f"ledger '{place}' is damaged: an action in it cannot be read"
        raise InputError(msg, hint="name another ledger (--ledger PLACE)") from None
