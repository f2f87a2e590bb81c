"""A file of what may be done without a person → a policy, with the files that it names."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ringwall.blueprint import load_policy
from ringwall.blueprint.policies import AwsRanges
from ringwall.detections import named
from ringwall.errors import InputError
from ringwall.playbooks.aws_ranges import own_ranges
from ringwall.playbooks.policy import Mode, Policy
from ringwall.shell.files import read_text

_HINT: Final = "without --policy everything is asked; docs/concepts/responses.md shows one"
_PUBLISHED: Final = "AWS publishes it at https://ip-ranges.amazonaws.com/ip-ranges.json"


def read_policy(file: str) -> Policy:
    """Read a file; "" is the policy that asks about everything.

    Raises BlueprintError with everything that is wrong with it, InputError.
    """
    if not file:
        return Policy()
    given = load_policy(read_text(file, hint=_HINT), file)
    ranges = _own(file, given.aws_ranges) if given.aws_ranges else {}
    return Policy(
        modes={_kind(word): Mode(mode) for word, mode in given.modes.items()},
        per_hour=given.caps.per_hour,
        most=given.caps.targets,
        hours=given.hours or 0.0,
        quota=given.caps.entries,
        days=given.replay_days,
        never={**ranges, **given.never},
        accepted=given.accepted,
    )


def files_of(file: str) -> dict[str, str]:
    """Return the texts of a policy and of the files that it names, these by their names in it.

    The policy's own is under "". Raises as `read_policy`.
    """
    text = read_text(file)
    ranges = load_policy(text, file).aws_ranges
    return {"": text} | ({ranges.file: _beside(file, ranges)} if ranges else {})


def _beside(file: str, ranges: AwsRanges) -> str:
    return read_text(Path(file).parent / ranges.file, hint=_PUBLISHED)


def _own(file: str, ranges: AwsRanges) -> Mapping[str, str]:
    try:
        return own_ranges(json.loads(_beside(file, ranges)), ranges.services)
    except (ValueError, RecursionError) as wrong:
        msg = f"'{ranges.file}' is no file of AWS's ranges: {wrong}"
        raise InputError(msg, hint=_PUBLISHED) from None


def _kind(word: str) -> str:
    """Return the id of a detection that is named, or the word itself."""
    detection = named(word)
    return detection.id if detection is not None else word
