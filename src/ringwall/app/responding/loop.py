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
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol

from ringwall.app.responding.events import reported
from ringwall.errors import (
    LockedError,
    OutsideError,
    RefusedError,
    RingwallError,
    StaleError,
)
from ringwall.playbooks import answering, named, registry
from ringwall.playbooks.measures import Measure
from ringwall.playbooks.playbook import Playbook, Proposal, Refusal, Situation
from ringwall.playbooks.policy import Mode, Policy
from ringwall.playbooks.records import (
    Action,
    ActionState,
    Event,
    Incident,
    IncidentState,
    Line,
    digest,
)
from ringwall.shell.clock import Clock
from ringwall.shell.ledger.port import Admission, Ledger
from ringwall.shell.measuring import Measures

LEASE: Final = 900  # seconds that a lock stands if its owner dies
HOUR: Final = 3600
SELF: Final = "ringwall"


class Reader(Protocol):
    """Reads the network as it is now."""

    def __call__(self) -> Situation:
        """Return what is there; raises OutsideError."""
        ...


Notify = Callable[[Incident, Sequence[Action], str], None]
Replay = Callable[[Proposal], Mapping[str, Any]]


def _silent(incident: Incident, actions: Sequence[Action], what: str) -> None:
    del incident, actions, what


def _as_it_is(event: Event) -> Sequence[Event]:
    return (event,)


def _nothing(proposal: Proposal) -> Mapping[str, Any]:
    del proposal
    return {"replayed": "no store of logs was given"}


class _ChangedError(Exception):
    """What would be done is no longer what was shown; `action` is what it is now."""

    def __init__(self, action: Action) -> None:
        super().__init__(action.id)
        self.action = action


@dataclass(frozen=True, slots=True, kw_only=True)
class Responder:
    """All that responding needs.

    `who` answers an event that names nobody with events that do. `owner` is who holds its locks.
    """

    ledger: Ledger
    read: Reader
    measures: Measures
    policy: Policy
    clock: Clock
    notify: Notify = _silent
    replay: Replay = _nothing
    who: Callable[[Event], Sequence[Event]] = _as_it_is
    owner: str = field(default_factory=lambda: f"{SELF}-{secrets.token_hex(6)}")

    def answer(self, event: Event) -> list[Incident]:
        """Take an event, or one for each offender of an alarm; return their incidents."""
        return [self.take(each) for each in self.who(event)]

    def take(self, event: Event, playbook: str = "") -> Incident:
        """Take an event, however often it comes; return its incident as it stands afterwards."""
        admitted = self.ledger.admit(event, self._now())
        incident = admitted.incident
        if admitted.admission is Admission.KNOWN:
            return incident
        if admitted.admission is Admission.AGAIN:
            return self._again(incident, playbook)
        return self.propose(incident, playbook)

    def report(
        self, kind: str, words: Sequence[str], by: str, reason: str, playbook: str = ""
    ) -> Incident:
        """Take what a person says, as `source=198.51.100.7`; raises QuestionError for no sense."""
        if playbook:
            named(playbook)
        return self.take(reported(kind, words, by=by, reason=reason, at=self._now()), playbook)

    def _again(self, incident: Incident, playbook: str) -> Incident:
        """Let what stands against an offender that came back stand longer."""
        if incident.state is IncidentState.OPEN:
            return self.propose(incident, playbook)
        if incident.state is not IncidentState.IN_FORCE:
            return incident
        now = self._now()
        longer = []
        for action in self._actions(incident, ActionState.IN_FORCE):
            until = now + int(action.facts["seconds"]) if action.expires else 0
            if until > action.expires:
                longer.append(replace(action, expires=until, changed=now))
        if longer:
            line = self._line(incident, "extended", reason="it came back")
            self.ledger.write(line, longer)
        return incident

    def propose(self, incident: Incident, playbook: str = "") -> Incident:
        """Work out what to do about an incident, and do, ask or tell, as the policy says."""
        chosen = self._playbook(incident, playbook)
        if chosen is None:
            return self._refuse(incident, f"no playbook answers {incident.kind}")
        situation = self._situation(incident)
        answer = self._answer(chosen, incident, situation)
        if isinstance(answer, Refusal):
            return self._refuse(incident, answer.why, answer.hint)
        action = self._action(incident, chosen, answer, situation)
        mode = self.policy.mode(incident.kind)
        if mode is Mode.OBSERVE:
            line = self._line(incident, "observed", action.id, reason="the mode is observe")
            return self._told(self._move(incident, IncidentState.OBSERVED, line, [action]))
        why = self.policy.why_ask(chosen, answer) if mode is Mode.AUTO else "the mode is approve"
        why = why or self._why_wait()
        if not why:
            try:
                return self._act(incident, action, SELF, "proven, and the mode is auto")
            except _ChangedError as changed:
                why, action = "the network changes while it is looked at", changed.action
        line = self._line(incident, "proposed", action.id, reason=why)
        return self._told(self._move(incident, IncidentState.PROPOSED, line, [action]))

    def approve(self, id_: str, by: str, reason: str) -> Incident:
        """Carry out what was proposed.

        Raises StaleError if nothing waits for an approval, and RefusedError if the network has
        changed so that something else would be done: that is proposed in its place.
        """
        incident = self.ledger.incident(id_)
        waiting = self._actions(incident, ActionState.PROPOSED)
        if incident.state not in {IncidentState.PROPOSED, IncidentState.OBSERVED} or not waiting:
            msg = f"incident {id_} is {incident.state.value}: nothing waits for an approval"
            raise StaleError(msg, hint=f"ringwall respond show {id_}")
        try:
            return self._act(incident, waiting[-1], by, reason)
        except _ChangedError as changed:
            fresh = changed.action
            line = self._line(incident, "proposed anew", fresh.id, by, "the network has changed")
            self.ledger.write(line, [fresh])
            msg = "the network has changed, and so has what would be done"
            raise RefusedError(msg, hint=f"look: ringwall respond show {id_}") from None

    def deny(self, id_: str, by: str, reason: str) -> Incident:
        """Drop what was proposed, for good."""
        incident = self.ledger.incident(id_)
        if incident.state is not IncidentState.PROPOSED:
            msg = f"incident {id_} is {incident.state.value}: nothing waits for an answer"
            raise StaleError(msg, hint=f"ringwall respond show {id_}")
        dropped = self._to_state(incident, ActionState.PROPOSED, ActionState.DROPPED)
        line = self._line(incident, "denied", by=by, reason=reason)
        return self._told(self._move(incident, IncidentState.DENIED, line, dropped))

    def undo(self, id_: str, by: str, reason: str) -> Incident:
        """Take back what was done, and prove that reachability is as it was before.

        Raises StaleError if nothing of it stands, OutsideError if AWS does not do its part: then
        `reconcile` goes on.
        """
        incident = self.ledger.incident(id_)
        standing = {ActionState.IN_FORCE, ActionState.APPLYING, ActionState.UNDOING}
        actions = [a for a in self.ledger.actions(id_) if a.state in standing]
        if not actions:
            msg = f"incident {id_} is {incident.state.value}: nothing stands that could be undone"
            raise StaleError(msg, hint=f"ringwall respond show {id_}")
        targets = tuple(dict.fromkeys(t for a in actions for t in a.targets))
        with self._locked(targets):
            if incident.state is not IncidentState.UNDOING:
                line = self._line(incident, "undoing", by=by, reason=reason)
                marked = [self._in_state(a, ActionState.UNDOING) for a in actions]
                incident = self._move(incident, IncidentState.UNDOING, line, marked)
            else:
                marked = actions
            failed = [f for a in reversed(marked) for f in self.measures.undo_all(_measures(a))]
            if failed:
                line = self._line(incident, "undo failed", by=by, reason=failed[0])
                self._move(incident, IncidentState.FAILED, line)
                msg = f"not all could be taken back: {failed[0]}"
                raise OutsideError(msg, hint="ringwall respond reconcile goes on from here")
            facts = self._after_undo(marked)
            line = self._line(incident, "closed", by=by, reason=reason, facts=facts)
            done = [self._in_state(a, ActionState.UNDONE) for a in marked]
            return self._told(self._move(incident, IncidentState.CLOSED, line, done))

    def sweep(self) -> list[Incident]:
        """Take back what has stood long enough; return the incidents that ended."""
        ended, failed = [], []
        for action in self.ledger.due(self._now()):
            try:
                ended.append(self.undo(action.incident, SELF, "its time is over"))
            except (OutsideError, StaleError) as error:
                failed.append(f"{action.incident}: {error.message}")
        if failed:
            raise OutsideError("; ".join(failed), hint="the next sweep goes on from here")
        return ended

    def reconcile(self) -> list[str]:
        """Finish or take back what was begun and not ended, and repair what stands no longer.

        Returns what was done, in words.
        """
        told: list[str] = []
        states = (IncidentState.ACTING, IncidentState.UNDOING, IncidentState.FAILED)
        for incident in self.ledger.incidents(states):
            told += self._finish(incident)
        for incident in self.ledger.incidents((IncidentState.IN_FORCE,)):
            told += self._repair(incident)
        return told

    def _finish(self, incident: Incident) -> Iterable[str]:
        begun = {ActionState.APPLYING, ActionState.UNDOING, ActionState.IN_FORCE}
        if not any(a.state in begun for a in self.ledger.actions(incident.id)):
            if incident.state is IncidentState.FAILED:
                line = self._line(incident, "closed", reason="nothing of it stands")
                self._move(incident, IncidentState.CLOSED, line)
                yield f"{incident.id}: closed, nothing of it stands"
            return
        try:
            self.undo(incident.id, SELF, "it was begun and not ended")
        except (RingwallError, StaleError) as error:
            yield f"{incident.id}: {error.message}"
        else:
            yield f"{incident.id}: taken back, as it was begun and not ended"

    def _repair(self, incident: Incident) -> Iterable[str]:
        """Do again what AWS no longer has; doing twice is doing once."""
        for action in self._actions(incident, ActionState.IN_FORCE):
            try:
                with self._locked(action.targets):
                    lacking = registry()[action.playbook].lacks(action, self.read())
                    if not lacking:
                        continue
                    for measure in _measures(action):
                        self.measures.do(measure)
                    line = self._line(incident, "repaired", action.id, reason=lacking[0])
                    self.ledger.write(line)
                    yield f"{incident.id}: repaired, {lacking[0]}"
            except RingwallError as error:
                yield f"{incident.id}: {error.message}"

    def _act(self, incident: Incident, shown: Action, by: str, reason: str) -> Incident:
        """Carry out an action, worked out anew under its locks.

        Raises _ChangedError if something else comes out, RefusedError if nothing does.
        """
        chosen = registry()[shown.playbook]
        with self._locked(shown.targets):
            situation = self._situation(incident)
            answer = self._answer(chosen, incident, situation)
            if isinstance(answer, Refusal):
                msg = f"it is not done any more: {answer.why}"
                raise RefusedError(msg, hint=answer.hint)
            action = replace(self._action(incident, chosen, answer, situation), id=shown.id)
            if self.replay is _nothing and "replay" in shown.facts:
                facts = {**action.facts, "replay": shown.facts["replay"]}
                action = replace(action, facts=facts)
            if _substance(action) != _substance(shown):
                raise _ChangedError(action)
            action = self._in_state(action, ActionState.APPLYING)
            line = self._line(incident, "acting", action.id, by, reason)
            incident = self._move(incident, IncidentState.ACTING, line, [action])
            try:
                for measure in answer.measures:
                    self.measures.do(measure)
                lacking = chosen.lacks(action, self.read())
                if lacking:
                    msg = f"read back, it does not do what was proven: {lacking[0]}"
                    raise OutsideError(msg)  # noqa: TRY301  (ends as what AWS refused does)
            except OutsideError as error:
                self._take_back(incident, action, error)
                raise
            line = self._line(incident, "in force", action.id, reason="read back and proven")
            done = self._in_state(action, ActionState.IN_FORCE)
            return self._told(self._move(incident, IncidentState.IN_FORCE, line, [done]))

    def _take_back(self, incident: Incident, action: Action, error: RingwallError) -> None:
        """Take back what was begun of an action that failed, and say so."""
        failed = self.measures.undo_all(_measures(action))
        state = ActionState.APPLYING if failed else ActionState.DROPPED
        ending = f"; not taken back: {failed[0]}" if failed else "; what was begun is taken back"
        line = self._line(incident, "failed", action.id, SELF, f"{error.message}{ending}")
        self._told(
            self._move(incident, IncidentState.FAILED, line, [self._in_state(action, state)])
        )

    def _situation(self, incident: Incident) -> Situation:
        try:
            return self.read()
        except RingwallError as error:
            self.ledger.write(self._line(incident, "not worked out", reason=error.message))
            raise

    def _answer(
        self, playbook: Playbook, incident: Incident, situation: Situation
    ) -> Proposal | Refusal:
        """Return what a playbook answers, with what it would have cut."""
        answer = playbook.propose(incident, situation)
        if isinstance(answer, Refusal):
            return answer
        try:
            replayed, doubts = self.replay(answer), answer.doubts
        except RingwallError as error:
            why = f"the traffic could not be replayed: {error.message}"
            replayed, doubts = {"replayed": why}, (*answer.doubts, why)
        return replace(answer, doubts=doubts, facts={**answer.facts, "replay": dict(replayed)})

    def _after_undo(self, actions: Sequence[Action]) -> Mapping[str, Any]:
        """Return the proof that all is as it was before, or what differs."""
        situation, facts = self.read(), dict[str, Any](as_before=True)
        for action in actions:
            before = action.facts["before"]
            now = registry()[action.playbook].state(list(before), situation)
            if now != before:
                facts = {"as_before": False, "before": before, "now": now}
        return facts

    def _action(
        self, incident: Incident, playbook: Playbook, answer: Proposal, situation: Situation
    ) -> Action:
        now = self._now()
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

    def _playbook(self, incident: Incident, wanted: str) -> Playbook | None:
        return named(wanted) if wanted else next(iter(answering(incident.kind)), None)

    def _why_wait(self) -> str:
        """Return why nothing is done by itself just now, or ""; counts one if it may."""
        if self.ledger.is_halted:
            return "all that acts by itself is halted"
        limit = self.policy.per_hour
        if not self.ledger.count("acts", limit, self._now(), HOUR):
            return f"{limit} actions were begun by themselves within an hour"
        return ""

    def _refuse(self, incident: Incident, why: str, hint: str = "") -> Incident:
        facts = {"hint": hint} if hint else {}
        line = self._line(incident, "refused", reason=why, facts=facts)
        return self._told(self._move(incident, IncidentState.REFUSED, line))

    def _told(self, incident: Incident) -> Incident:
        try:
            self.notify(incident, self.ledger.actions(incident.id), incident.state.value)
        except RingwallError as error:
            line = self._line(incident, "notice failed", reason=error.message)
            self.ledger.write(line)
        return incident

    def _move(
        self, incident: Incident, state: IncidentState, line: Line, actions: Sequence[Action] = ()
    ) -> Incident:
        return self.ledger.move(incident, state, line, actions)

    def _actions(self, incident: Incident, state: ActionState) -> list[Action]:
        return [a for a in self.ledger.actions(incident.id) if a.state is state]

    def _to_state(self, incident: Incident, state: ActionState, after: ActionState) -> list[Action]:
        return [self._in_state(each, after) for each in self._actions(incident, state)]

    def _in_state(self, action: Action, state: ActionState) -> Action:
        return replace(action, state=state, changed=self._now())

    def _line(
        self,
        incident: Incident,
        what: str,
        action: str = "",
        by: str = SELF,
        reason: str = "",
        facts: Mapping[str, Any] | None = None,
    ) -> Line:
        return Line(self._now(), incident.id, what, by, reason, action, facts or {})

    def _now(self) -> int:
        return int(self.clock.now().timestamp())

    def _locked(self, targets: Sequence[str]) -> "_Locks":
        return _Locks(self, targets)


class _Locks:
    """The locks of targets, for a while."""

    def __init__(self, responder: Responder, targets: Sequence[str]) -> None:
        self._responder = responder
        self._targets = tuple(sorted(set(targets)))

    def __enter__(self) -> None:
        mine = self._responder
        now = int(mine.clock.now().timestamp())
        if not mine.ledger.lock(self._targets, mine.owner, now, LEASE):
            msg = f"another action holds {', '.join(self._targets)}"
            raise LockedError(msg, hint="try again in a little while")

    def __exit__(self, *_: object) -> None:
        self._responder.ledger.unlock(self._targets, self._responder.owner)


def _measures(action: Action) -> list[Measure]:
    return [Measure.from_dict(each) for each in action.measures]


def _substance(action: Action) -> tuple[object, ...]:
    """Return what an approval is about: what is done, and what it breaks."""
    facts = action.facts
    texts = tuple(measure["text"] for measure in action.measures)
    return texts, tuple(facts["breaks"]), tuple(facts["doubts"])
