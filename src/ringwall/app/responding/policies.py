"""A file of what may be done without a person → a policy."""

from typing import Final

from ringwall.blueprint import load_policy
from ringwall.detections import named
from ringwall.playbooks.policy import Mode, Policy
from ringwall.shell.files import read_text

_HINT: Final = "without --policy everything is asked; docs/concepts/responses.md shows one"


def read_policy(file: str) -> Policy:
    """Read a file; "" is the policy that asks about everything.

    Raises BlueprintError with everything that is wrong with it, InputError.
    """
    if not file:
        return Policy()
    given = load_policy(read_text(file, hint=_HINT), file)
    return Policy(
        modes={_kind(word): Mode(mode) for word, mode in given.modes.items()},
        per_hour=given.caps.per_hour,
        most=given.caps.targets,
        hours=given.hours or 0.0,
        quota=given.caps.entries,
        days=given.replay_days,
        never=given.never,
        accepted=given.accepted,
    )


def _kind(word: str) -> str:
    """Return the id of a detection that is named, or the word itself."""
    detection = named(word)
    return detection.id if detection is not None else word
