"""An action: its measures, what an approval of it is about, and that it is needless."""

import re
from typing import Final

from ringwall.errors import RefusedError
from ringwall.playbooks.measures import Measure
from ringwall.playbooks.records import Action

_NUMBER: Final = re.compile(r", entry \d+$")


class NeedlessError(RefusedError):
    """What an action would do is so already."""


def measures_of(action: Action) -> list[Measure]:
    """Return the measures of an action, in order."""
    return [Measure.from_dict(each) for each in action.measures]


def substance(action: Action) -> tuple[object, ...]:
    """Return what an approval is about: what is done, and what it breaks.

    Which of the responder's numbers a denial gets is no part of it: all of them deny.
    """
    facts = action.facts
    texts = tuple(_NUMBER.sub("", measure["text"]) for measure in action.measures)
    return texts, tuple(facts["breaks"]), tuple(facts["doubts"])
