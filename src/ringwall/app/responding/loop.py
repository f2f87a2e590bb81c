"""Events → incidents → proposals → actions → expiry or undo: one loop, wherever it runs.

Rules:
- The journal is written before anything is done: whoever finds a ledger after a crash knows what
  may have been begun, and goes on or takes it back (`reconcile`).
- What is done is worked out from the network as it is read at that moment, never from what was
  shown earlier: an approval is of what a proposal does, and if that has changed, it is asked again.
- One action holds the locks of all that it touches, from reading to the proof after acting.
- A notice that cannot be delivered stops nothing.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol

from ringwall.app.responding.acting import act, undo
from ringwall.app.responding.acts import ChangedError, NeedlessError, action_of
from ringwall.app.responding.choosing import Choice
from ringwall.app.responding.events import reported
from ringwall.app.responding.extending import extend, others_against
from ringwall.app.responding.locking import Locks
from ringwall.app.responding.meant import Meant
from ringwall.app.responding.seeing import UNSEEN, Answered, Traffic
from ringwall.app.responding.working_out import answer_of, situation_of
from ringwall.errors import (
    RefusedError,
    RingwallError,
    StaleError,
)
from ringwall.model.words import counted
from ringwall.playbooks import named
from ringwall.playbooks.commands import APPROVE, Desk
from ringwall.playbooks.playbook import Refusal, Situation
from ringwall.playbooks.policy import Mode, Policy
from ringwall.playbooks.records import (
    SELF,
    Action,
    ActionState,
    Event,
    Incident,
    IncidentState,
    Line,
    Source,
)
from ringwall.shell.clock import Clock
from ringwall.shell.ledger.port import Admission, Ledger
from ringwall.shell.measuring import Measures
from ringwall.shell.stopping import Brake

HOUR: Final = 3600
QUIET: Final = 24 * HOUR  # seconds for which "no" holds, unless it becomes worse


class Reader(Protocol):
    """Reads the network as it is now."""

    def __call__(self) -> Situation:
        """Return what is there; raises OutsideError."""
        ...


Notify = Callable[[Incident, Sequence[Action], Line], None]


def _silent(incident: Incident, actions: Sequence[Action], line: Line) -> None:
    del incident, actions, line


def _as_it_is(event: Event) -> Answered:
    return Answered((event,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Responder:
    """All that responding needs.

    `who` answers an event that names nobody with events that do. `owner` is who holds its locks,
    and waits `patience` seconds for those of others. `traffic` is what blocks are replayed over, an
    alarm's own where there is no other. `choice` says which playbooks may be used; what stands of
    others is still taken back. `meant` is what the network is compared with, None for nothing.
    `brake` is who stops it; `desk` is where commands are typed.
    """

    ledger: Ledger
    read: Reader
    measures: Measures
    policy: Policy
    clock: Clock
    notify: Notify = _silent
    traffic: Traffic = UNSEEN
    who: Callable[[Event], Answered] = _as_it_is
    choice: Choice = field(default_factory=Choice)
    meant: Meant | None = None
    patience: float = 0.0
    account: str = ""
    brake: Brake = field(default_factory=Brake)
    desk: Desk = field(default_factory=Desk)
    owner: str = field(default_factory=lambda: f"{SELF}-{secrets.token_hex(6)}")

    def answer(self, event: Event) -> list[Incident]:
        """Take an event, or one for each offender of an alarm; return their incidents."""
        answered = self.who(event)
        own = self if self.traffic is not UNSEEN else replace(self, traffic=answered.traffic)
        return [own.take(each) for each in answered.events]

    def take(self, event: Event, playbook: str = "") -> Incident:
        """Take an event, however often it comes; return its incident as it stands afterwards."""
        admitted = self.ledger.admit(event, self.now())
        incident = admitted.incident
        try:
            if (
                incident.state is IncidentState.OPEN
            ):  # new, or whoever took it first came to nothing
                return self.propose(incident, playbook)
            if admitted.admission is Admission.AGAIN:
                extend(self, incident)
        except StaleError:  # somebody else goes on with it
            return self.ledger.incident(incident.id)
        return incident

    def report(
        self, kind: str, words: Sequence[str], by: str, reason: str, playbook: str = ""
    ) -> Incident:
        """Take what a person says, as `source=198.51.100.7`; raises QuestionError for no sense."""
        if playbook:
            named(playbook)
        ticket = secrets.token_hex(8)
        event = reported(kind, words, by=by, reason=reason, at=self.now(), ticket=ticket)
        return self.take(event, playbook)

    def propose(self, incident: Incident, playbook: str = "") -> Incident:
        """Work out what to do about an incident, and do, ask or tell, as the policy says."""
        denied = self._denied(incident)
        if denied is not None:
            return self._refuse(incident, f"incident {denied.id} was denied a short time ago")
        chosen = self.choice.of(incident.kind, playbook)
        if isinstance(chosen, Refusal):
            return self._refuse(incident, chosen.why, chosen.hint)
        situation = situation_of(self, incident, chosen)
        answer = answer_of(self, incident, chosen, situation)
        if isinstance(answer, Refusal):
            held = others_against(self, incident) if answer.needless else ""
            return self._refuse(incident, f"{answer.why}{held}", answer.hint)
        action = action_of(incident, chosen, answer, situation)
        mode = self.policy.mode(incident.kind)
        if mode is Mode.OBSERVE:
            line = self.line(incident, "observed", action.id, reason="the mode is observe")
            return self.moved(incident, IncidentState.OBSERVED, line, [action])
        why = self.policy.why_ask(chosen, answer) if mode is Mode.AUTO else "the mode is approve"
        why = why or self._why_wait()
        if not why:
            try:
                return act(self, incident, action, SELF, "the mode is auto")
            except ChangedError as changed:
                why, action = "the network changes while it is looked at", changed.action
            except RefusedError as error:
                return self._refuse(incident, error.message, error.hint)
        line = self.line(incident, "proposed", action.id, reason=why)
        return self.moved(incident, IncidentState.PROPOSED, line, [action])

    def approve(self, id_: str, by: str, reason: str) -> Incident:
        """Carry out what was proposed.

        Raises StaleError if nothing waits for an approval, and RefusedError if the network has
        changed so that something else would be done: that is proposed in its place; or so that
        nothing need be done any more: then the incident is refused, and waits no longer.
        """
        incident = self.ledger.incident(id_)
        waiting = self.standing(incident, ActionState.PROPOSED)
        if incident.state not in {IncidentState.PROPOSED, IncidentState.OBSERVED} or not waiting:
            msg = f"incident {id_} is {incident.state.value}: nothing waits for an approval"
            raise StaleError(msg)
        try:
            return act(self, incident, waiting[-1], by, reason)
        except NeedlessError as error:
            if incident.state is IncidentState.PROPOSED:
                dropped = self._to_state(incident, ActionState.PROPOSED, ActionState.DROPPED)
                line = self.line(incident, "refused", by=by, reason=error.message)
                self.moved(incident, IncidentState.REFUSED, line, dropped)
            raise
        except ChangedError as changed:
            line = self.line(incident, "proposed anew", changed.action.id, by, changed.why)
            self.ledger.write(line, [changed.action])
            self.told(incident, line)
            approve = self.desk.quoted(APPROVE, id_)
            changed.hint = f"what is proposed now needs an approval of its own: {approve}"
            raise
        except RefusedError as error:
            self.ledger.write(self.line(incident, "not done", by=by, reason=error.message))
            raise

    def deny(self, id_: str, by: str, reason: str) -> Incident:
        """Drop what was proposed, for good."""
        incident = self.ledger.incident(id_)
        if incident.state is not IncidentState.PROPOSED:
            msg = f"incident {id_} is {incident.state.value}: nothing waits for an answer"
            raise StaleError(msg)
        dropped = self._to_state(incident, ActionState.PROPOSED, ActionState.DROPPED)
        line = self.line(incident, "denied", by=by, reason=reason)
        return self.moved(incident, IncidentState.DENIED, line, dropped)

    def undo(self, id_: str, by: str, reason: str) -> Incident:
        """Take back what was done, and prove that reachability is as it was before.

        Raises StaleError if nothing of it stands, OutsideError if AWS does not do its part: then
        `reconcile` goes on.
        """
        return undo(self, id_, by, reason)

    def _denied(self, incident: Incident) -> Incident | None:
        """Return what a person said no to a short time ago, if it was no worse than this."""
        if incident.source is Source.PERSON:  # who has changed their mind
            return None
        late, among = self.now() - QUIET, self.ledger.incidents((IncidentState.DENIED,))
        same = (e for e in among if e.subject == incident.subject and e.changed > late)
        return next((e for e in same if e.severity >= incident.severity), None)

    def _why_wait(self) -> str:
        """Return why nothing is done by itself just now, or ""; counts one if it may."""
        if self.ledger.is_halted:
            return "all that acts by itself is halted"
        limit = self.policy.per_hour
        if not self.ledger.count("acts", limit, self.now(), HOUR):
            return f"{counted(limit, 'action')} began without a person within an hour"
        return ""

    def _refuse(self, incident: Incident, why: str, hint: str = "") -> Incident:
        facts = {"hint": hint} if hint else {}
        line = self.line(incident, "refused", reason=why, facts=facts)
        return self.moved(incident, IncidentState.REFUSED, line)

    def moved(
        self, incident: Incident, state: IncidentState, line: Line, actions: Sequence[Action] = ()
    ) -> Incident:
        """Move an incident on, and tell of it; raises StaleError if somebody else moved it."""
        return self.told(self.move(incident, state, line, actions), line)

    def told(self, incident: Incident, line: Line) -> Incident:
        """Tell of an incident as it stands by a line; a notice that fails has its own."""
        try:
            self.notify(incident, self.ledger.actions(incident.id), line)
        except RingwallError as error:
            self.ledger.write(self.line(incident, "notice failed", reason=error.message))
        return incident

    def move(
        self, incident: Incident, state: IncidentState, line: Line, actions: Sequence[Action] = ()
    ) -> Incident:
        """Move an incident on, with its line; raises StaleError if somebody else did."""
        return self.ledger.move(incident, state, line, actions)

    def standing(self, incident: Incident, state: ActionState) -> list[Action]:
        """Return the actions of an incident that are in a state."""
        return [a for a in self.ledger.actions(incident.id) if a.state is state]

    def _to_state(self, incident: Incident, state: ActionState, after: ActionState) -> list[Action]:
        return [self.in_state(each, after) for each in self.standing(incident, state)]

    def in_state(self, action: Action, state: ActionState) -> Action:
        """Return an action in another state, from now on."""
        return replace(action, state=state, changed=self.now())

    def line(
        self,
        incident: Incident,
        what: str,
        action: str = "",
        by: str = SELF,
        reason: str = "",
        facts: Mapping[str, Any] | None = None,
    ) -> Line:
        """Return a line of the journal about an incident."""
        return Line(self.now(), incident.id, what, by, reason, action, facts or {})

    def now(self) -> int:
        """Return the second that it is."""
        return int(self.clock.now().timestamp())

    def locked(self, targets: Sequence[str]) -> Locks:
        """Hold the locks of targets for a while; raises LockedError where others keep one."""
        every = tuple(sorted(set(targets)))
        return Locks(self.ledger, self.owner, self.clock, every, self.patience, self.desk)
