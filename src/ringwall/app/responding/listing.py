"""A plan and the responses that stand → what is told of them beside it, and what ends with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from ringwall.app.documents import Document, node_document
from ringwall.app.responding.accounting import Response, Standing
from ringwall.changes.align import align
from ringwall.changes.responses import GROUP, INSIDE, Responses, goes, gone, rows
from ringwall.detections.coverage import when
from ringwall.model.graph import Node, ResourceGraph
from ringwall.model.plan import Plan
from ringwall.playbooks.commands import UNDO, Desk
from ringwall.playbooks.records import ActionState


class Fate(StrEnum):
    """What becomes of something that a response holds."""

    STANDS = "stands"  # the plan leaves it alone
    ENDS = "ends"  # what it stands in is deleted
    STAYS = "stays"  # all of the deployment is deleted, and this is not
    MISSING = "missing"  # the ledger has it, and the account does not
    GONE = "gone"  # neither is there what it stood in


@dataclass(frozen=True, slots=True)
class Held:
    """Something that stands in a resource of ours, or a measure that is nowhere else to be seen.

    `response` is by which, None where nobody accounts for it. `inside` are addresses or domains.
    """

    text: str
    fate: Fate
    response: Response | None
    node: Node | None = None
    inside: tuple[str, ...] = ()

    @property
    def is_unaccounted(self) -> bool:
        """Tell whether no response is known for it; a group without rules needs none."""
        return self.response is None and (self.node is None or self.node.type != GROUP)


@dataclass(frozen=True, slots=True)
class Listing:
    """What is told: what is held, and the responses each with what becomes of all of it."""

    held: tuple[Held, ...] = ()
    responses: tuple[tuple[Response, Fate], ...] = ()
    file: str = ""

    def undo(self, response: Response) -> str:
        """Return the command that takes a response back."""
        return undoing(response, self.file)

    def ending(self) -> tuple[Response, ...]:
        """Return the responses that end with the plan, wholly."""
        return tuple(response for response, fate in self.responses if fate is Fate.ENDS)

    def documents(self) -> Document:
        """Return the members `temporary` and `responses` of a plan's document."""
        return {
            "temporary": [_held_document(each) for each in self.held if each.node is not None],
            "responses": [
                {
                    "incident": each.action.incident,
                    "action": each.action.id,
                    "playbook": each.action.playbook,
                    "title": title(each),
                    "state": each.action.state.value,
                    "expires": when(each.action.expires) if each.action.expires else None,
                    "ledger": each.place,
                    "fate": fate.value,
                    "besides": [
                        {"text": held.text, "fate": held.fate.value}
                        for held in self.held
                        if held.node is None and held.response == each
                    ],
                }
                for each, fate in self.responses
            ],
        }


def _held_document(held: Held) -> Document:
    assert held.node is not None
    found = node_document(held.node)
    if held.inside:
        found |= {INSIDE[held.node.type].lower(): list(held.inside)}
    reason = why(held.response) if held.response is not None else None
    return found | {"why": reason, "fate": held.fate.value}


def _named(node: Node) -> str:
    same = node.physical_id in {"", node.key}
    return str(node) if same else f"{node} ({node.physical_id})"


def why(response: Response) -> str:
    """Return by which playbook and incident something stands, and until when."""
    action = response.action
    until = when(action.expires) if action.expires else "it is undone"
    return f"{action.playbook}, incident {action.incident}, until {until}"


def title(response: Response) -> str:
    """Return what a response does, in words."""
    return str(response.action.facts.get("title") or response.action.playbook)


def undoing(response: Response, file: str = "") -> str:
    """Return the command that takes a response back."""
    return Desk(file, response.place).command(UNDO, response.action.incident)


def listing(
    plan: Plan,
    standing: Standing,
    wanted: ResourceGraph,
    observed: ResourceGraph,
    file: str = "",
) -> Listing:
    """Return what is told of responses beside a plan; of a destroy, `wanted` is empty.

    `file` is the blueprint's, for commands that are told.
    """
    known = Responses(standing.effects, *align(wanted, observed))
    deleted = gone(plan)
    ids = {c.before.physical_id for c in plan.changes if c.before and c.address in deleted}
    found = rows(plan.temporary, known, plan.deployment)
    shown = {row.effect.source for row in found if row.effect and row.node.type != GROUP}
    held = [
        Held(
            _named(row.node),
            Fate.ENDS if goes(row.node, deleted) else Fate.STANDS,
            standing.of(row.effect) if row.effect is not None else None,
            row.node,
            row.inside,
        )
        for row in found
    ]
    fates: list[tuple[Response, Fate]] = []
    for response in standing.responses:
        every = list(_measures(response, known, ids, is_all=not len(wanted)))
        held += [
            Held(text, fate, response)
            for number, text, fate in every
            if (response.action.id, number) not in shown
        ]
        fates.append((response, _whole([fate for _, _, fate in every])))
    return Listing(tuple(held), tuple(fates), file)


def _measures(
    response: Response, known: Responses, ids: set[str], *, is_all: bool
) -> Iterator[tuple[int, str, Fate]]:
    """Yield what could be taken back of a response, by its place, and what becomes of it."""
    for number, measure in enumerate(response.measures()):
        if not measure.undo:
            continue
        source = (response.action.id, number)
        effects = [each for each in known.effects if each.source == source]
        seen = {known.is_there(each) for each in effects}
        if measure.target in ids:
            yield number, measure.text, Fate.ENDS
        elif seen == {None}:
            yield number, measure.text, Fate.GONE
        elif seen == {False} and response.action.state is ActionState.IN_FORCE:
            yield number, measure.text, Fate.MISSING
        else:
            yield number, measure.text, Fate.STAYS if is_all else Fate.STANDS


def _whole(fates: list[Fate]) -> Fate:
    """Return what becomes of a response: it ends if all that could be taken back of it does.

    What is missing where its place is left may be done again: then not all of it ends.
    """
    if {Fate.MISSING, Fate.ENDS} <= set(fates):
        return Fate.STANDS
    order = (Fate.STAYS, Fate.STANDS, Fate.MISSING, Fate.ENDS, Fate.GONE)
    return next((fate for fate in order if fate in fates), Fate.STANDS)
