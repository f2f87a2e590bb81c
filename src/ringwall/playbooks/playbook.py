"""What the file of a playbook says of it, what it may know, and what it answers.

Rules:
- A playbook is a function of what is known to what is to be done: it makes no request.
- It answers with a Proposal that was proven, or with a Refusal in words. It never acts by itself.
- Each file in this package defines one or more as `PLAYBOOKS`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Final

from ringwall.model.expectation import Expectation
from ringwall.model.grants import Grant
from ringwall.playbooks.entries import QUOTA
from ringwall.playbooks.measures import Measure, Request
from ringwall.playbooks.never import NeverBlock
from ringwall.playbooks.proof import Broken
from ringwall.playbooks.records import Action, Incident
from ringwall.reach.blocks import Block
from ringwall.reach.engine import Engine
from ringwall.traffic.naming import Names

HOUR: Final = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """The network as it was just read, and the limits.

    `expected` is what must hold. `quota` is of entries of a network ACL, a direction and family.
    `account` and `region` are where, `deployment` is whose. `seconds` is how long what is temporary
    stands, 0 for the playbook's own. `now` is in seconds since 1970, 0 where nobody says it.
    `answers` are AWS's to what `Playbook.reads` asks, by the key of each request; what was asked
    and is not there is {}.
    `seen` are addresses of others in the traffic of the last days, None where nobody looked;
    `accepted` are blocks of which others than the offender may be hit, too.
    """

    engine: Engine
    names: Names
    never: NeverBlock
    expected: tuple[Expectation, ...] = ()
    quota: int = QUOTA
    account: str = ""
    deployment: str = ""
    region: str = ""
    seconds: int = 0
    now: int = 0
    answers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    seen: tuple[Block, ...] | None = None
    accepted: tuple[Block, ...] = ()

    def answer(self, request: Request) -> Mapping[str, Any] | None:
        """Return what AWS answered to a request, None if it was not asked yet."""
        return self.answers.get(request.key)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What to do, proven on the network as it was read.

    `proven` and `residual` are sentences: what was shown, and what stays open. `blocks` are the
    addresses that are cut, for the replay. `breaks` is what it would break: with any of it, or with
    `doubts` (what could not be decided), it is put to a person whatever the mode. `reach` counts
    what it touches: network ACLs, interfaces, roles. `about` is what `Playbook.state` is asked of.
    """

    playbook: str
    title: str
    measures: tuple[Measure, ...]
    proven: tuple[str, ...]
    residual: tuple[str, ...]
    seconds: int
    blocks: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    breaks: tuple[Broken, ...] = ()
    doubts: tuple[str, ...] = ()
    reach: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_clean(self) -> bool:
        """Tell whether it is proven to work and to break nothing."""
        return not self.breaks and not self.doubts

    @property
    def targets(self) -> tuple[str, ...]:
        """Return what it changes, each once."""
        return tuple(dict.fromkeys(each.target for each in self.measures))


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a playbook does nothing, and the way on; `needless`: what it would do is so already."""

    why: str
    hint: str = ""
    needless: bool = False


Reads = Callable[[Incident, Situation], tuple[Request, ...]]


def _nothing(incident: Incident, situation: Situation) -> tuple[Request, ...]:
    del incident, situation
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Playbook:
    """A response.

    id          verb and noun, as in `--playbook block-source`.
    title       what it does, in a few words.
    answers     kinds of events that it is for: ids of detections, names of alarms, types of
                GuardDuty, as patterns with `*`, in any case.
    grants      what of IAM its calls need, all of it, each declared beside the calls.
    hours       how long it stands; 0: until it is undone.
    residual    what stays open afterwards, in words.
    by_person   True: never by itself, whatever the mode.
    work        from an incident and a situation to a proposal or a refusal.
    lacks       what of an action does not stand on the network as it is, in words; empty: all does.
    state       what an action changes, as it is on a network, as JSON: the same before and after.
    reads       what to ask of AWS, beside the network, before `work`; asked again with the answers,
                until it asks for nothing new.
    """

    id: str
    title: str
    answers: tuple[str, ...]
    grants: tuple[Grant, ...]
    hours: float
    residual: tuple[str, ...]
    work: Callable[["Playbook", Incident, Situation], Proposal | Refusal]
    lacks: Callable[[Action, Situation], tuple[str, ...]]
    state: Callable[[Sequence[str], Situation], Mapping[str, Any]]
    by_person: bool = False
    reads: Reads = _nothing

    @property
    def asks(self) -> tuple[str, ...]:
        """Return the actions of IAM that its calls need, sorted."""
        return tuple(sorted({action for grant in self.grants for action in grant.actions}))

    def propose(self, incident: Incident, situation: Situation) -> Proposal | Refusal:
        """Return what to do about an incident."""
        return self.work(self, incident, situation)

    def is_for(self, kind: str) -> bool:
        """Tell whether it answers a kind of event."""
        return any(fnmatchcase(kind.lower(), each.lower()) for each in self.answers)

    def seconds(self, situation: Situation) -> int:
        """Return how long it stands, in seconds; 0 for what does not end by itself."""
        return situation.seconds or int(self.hours * HOUR)
