"""What a person says is wrong → an event.

Rules:
- The words are `ROLE=WHAT`: `source=198.51.100.7`, `domain=evil.example`, `instance=i-0abc`.
- A report is an event of its own, by the ticket that it is given. Whoever presses twice reports
  twice, and the second is counted to the first one's incident while that goes on; once that has
  ended, the same words begin another.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from ringwall.app.responding.events.roles import (
    ACCESS_KEY,
    DESTINATION,
    DOMAIN,
    INSTANCE,
    INTERFACE,
    REMOTE,
    ROLE,
    SOURCE,
    USER,
    unique,
)
from ringwall.app.responding.events.told import MOST_REASON, Told, clean
from ringwall.errors import InputError, QuestionError
from ringwall.model.finding import Severity
from ringwall.playbooks.records import Event, Party, Source, digest

_ADDRESSED: Final = (SOURCE, DESTINATION, REMOTE)
_NAMED: Final = (DOMAIN, INSTANCE, INTERFACE, ROLE, USER, ACCESS_KEY)
_HINT: Final = (
    "--source 198.51.100.7, or one of --destination ADDRESS, --domain NAME, --instance ID and"
    " --role NAME"
)


def reported(
    kind: str,
    words: Sequence[str],
    *,
    by: str,
    reason: str,
    at: int,
    ticket: str,
    severity: str = "high",
) -> Event:
    """Return the event of a report at a second; raises QuestionError for words that say nothing.

    `kind` is a detection's id or what a playbook answers; `by` is who says it. `ticket` tells a
    report from others of the same words; the same ticket is the same event.
    """
    parties = unique(_party(word) for word in words)
    why, who, what = clean(reason, MOST_REASON), clean(by), clean(kind)
    levels: Mapping[str, Severity] = {each.word: each for each in Severity}
    if not parties:
        msg = "a report names nobody"
        raise QuestionError(msg, hint=_HINT)
    if not why or not who or not what:
        msg = "a report says what it is about, who says so, and why"
        raise QuestionError(msg, hint="--kind RW501 --reason 'seen in the proxy log'")
    if severity not in levels:
        msg = f"{clean(severity, 40)!r} is no severity"
        raise QuestionError(msg, hint=f"one of {', '.join(levels)}")
    named = [f"{p.role}={p.address or p.name}" for p in parties]
    return Event(
        id=digest("person", what, *sorted(named), who, why, ticket),
        source=Source.PERSON,
        kind=what,
        title=f"{who} reports {', '.join(named)}: {why}",
        severity=levels[severity],
        parties=parties,
        first=at,
        last=at,
        evidence={"by": who, "reason": why},
    )


def _party(word: str) -> Party:
    role, equals, text = clean(word).partition("=")
    if equals and role in _ADDRESSED:
        try:
            return Party(role, Told(text, f"--{role}").address(""))
        except InputError as error:
            hint = "one address, as 198.51.100.7 or 2001:db8::7"
            raise QuestionError(error.message, hint=hint) from None
    if equals and text and role in _NAMED:
        return Party(role, name=text.rstrip(".").lower() if role == DOMAIN else text)
    msg = f"{clean(word, 80)!r} names nobody"
    raise QuestionError(msg, hint=_HINT)
