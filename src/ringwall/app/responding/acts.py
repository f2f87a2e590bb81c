"""An action: its measures, what an approval of it is about, and what becomes of that."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from ringwall.errors import RefusedError
from ringwall.playbooks.measures import Measure
from ringwall.playbooks.playbook import Playbook, Proposal, Situation
from ringwall.playbooks.records import Action, ActionState, Incident, digest

_NUMBER: Final = re.compile(r", entry \d+$")
INSTEAD: Final = "instead_of"  # of an action's facts


class NeedlessError(RefusedError):
    """What an action would do is so already."""


class ChangedError(RefusedError):
    """What would be done is no longer what was shown; `action` is what it is now."""

    why = "the network has changed, and so has what would be done"

    def __init__(self, action: Action) -> None:
        super().__init__(f"{self.why}: nothing was done")
        self.action = action


def action_of(
    incident: Incident, playbook: Playbook, answer: Proposal, situation: Situation
) -> Action:
    """Return what a playbook proposes as an action, made at the situation's time."""
    now = situation.now
    facts = {
        "title": answer.title,
        "proven": list(answer.proven),
        "residual": list(answer.residual),
        "breaks": [str(each) for each in answer.breaks],
        "doubts": list(answer.doubts),
        "blocks": list(answer.blocks),
        "before": dict(playbook.state(answer.about, situation)),
        "reach": answer.reach,
        "seconds": answer.seconds,
        **answer.facts,
    }
    return Action(
        digest(incident.id, answer.playbook, str(now)),
        incident.id,
        answer.playbook,
        ActionState.PROPOSED,
        answer.targets,
        tuple(each.to_dict() for each in answer.measures),
        now + answer.seconds if answer.seconds else 0,
        now,
        now,
        facts,
    )


def measures_of(action: Action) -> list[Measure]:
    """Return the measures of an action, in order."""
    return [Measure.from_dict(each) for each in action.measures]


def substance(action: Action) -> tuple[object, ...]:
    """Return what an approval is about: what is done, and what it breaks.

    Which of the responder's numbers a denial gets is no part of it: all of them deny.
    """
    facts = action.facts
    texts = tuple(map(_told, action.measures))
    return texts, tuple(facts["breaks"]), tuple(facts["doubts"])


def instead_of(shown: Action, action: Action) -> Action:
    """Return an action with what it would not do any more of what was shown."""
    kept = {_told(each) for each in action.measures}
    gone = [each["text"] for each in shown.measures if _told(each) not in kept]
    return replace(action, facts={**action.facts, INSTEAD: gone})


def _told(measure: Mapping[str, Any]) -> str:
    return _NUMBER.sub("", str(measure["text"]))
