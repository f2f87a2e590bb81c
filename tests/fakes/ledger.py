"""A ledger in memory: what the port says, as plainly as it can be said."""

from dataclasses import replace

from ringwall.playbooks.records import ENDED, ActionState
from ringwall.playbooks.redaction import plain
from ringwall.shell.ledger import entries
from ringwall.shell.ledger.holders import Held, Life
from ringwall.shell.ledger.port import OPENED, TOLD_AGAIN, Admission, Admitted


class MemoryLedger:
    """Implements shell.ledger.port.Ledger for one thread; it keeps what the other ledgers keep.

    A line comes first: after it nothing can fail.
    """

    def __init__(self):
        self.known = {}  # event id -> incident id
        self.all_incidents = {}
        self.all_actions = {}
        self.all_lines = []
        self.locks = {}  # target -> (owner, until, since)
        self.lives = {}  # owner -> what is known of it
        self.counts = {}  # name -> every time that was counted
        self.is_halted = False

    def admit(self, event, now):
        if event.id in self.known:
            return Admitted(Admission.KNOWN, self.all_incidents[self.known[event.id]])
        of_subject = [each for each in self.all_incidents.values() if each.subject == event.subject]
        live = [each for each in of_subject if each.state not in ENDED]
        if live:
            (current,) = live
            incident = replace(
                current,
                severity=max(current.severity, event.severity),
                first=min(current.first, event.first),
                last=max(current.last, event.last),
                events=current.events + 1,
                changed=max(current.changed, now),
            )
        else:
            incident = entries.opened(event, len(of_subject) + 1, now)
        self.known[event.id] = incident.id
        self.all_incidents[incident.id] = incident
        self._line(
            entries.admission_line(event, incident, TOLD_AGAIN if live else OPENED, now), None
        )
        return Admitted(Admission.AGAIN if live else Admission.NEW, incident)

    def incident(self, id_):
        if id_ not in self.all_incidents:
            raise entries.unknown(id_, self.all_incidents)
        return self.all_incidents[id_]

    def incidents(self, states=()):
        wanted = set(states)
        found = [e for e in self.all_incidents.values() if not wanted or e.state in wanted]
        return sorted(found, key=lambda each: (-each.changed, each.id))

    def actions(self, incident=""):
        found = [e for e in self.all_actions.values() if not incident or e.incident == incident]
        return sorted(found, key=lambda each: (each.made, each.id, each.incident))

    def due(self, now):
        found = [
            each
            for each in self.all_actions.values()
            if each.state is ActionState.IN_FORCE and 0 < each.expires <= now
        ]
        return sorted(found, key=lambda each: (each.expires, each.id, each.incident))

    def move(self, incident, state, line, actions=()):
        entries.judge_move(incident, state, actions)
        kept = entries.kept_actions(actions)
        moved = entries.moved(self.incident(incident.id), incident, state, line.at, kept)
        self._judge(kept)
        self._line(line, moved)
        self.all_incidents[moved.id] = moved
        self._keep(kept)
        return moved

    def write(self, line, actions=()):
        kept = entries.kept_actions(actions)
        self._judge(kept)
        self._line(line, None)
        self._keep(kept)

    def lines(self, incident="", after=0):
        return [
            each
            for each in self.all_lines
            if each.number > after and (not incident or each.incident == incident)
        ]

    def lock(self, targets, owner, now, seconds):
        wanted = entries.asked_locks(targets)
        held = [self.locks[each] for each in wanted if each in self.locks]
        if any(
            other != owner and not self._gives_way(other, until, now) for other, until, _ in held
        ):
            return False
        since = min((began for other, _, began in held if other == owner), default=now)
        self.locks |= dict.fromkeys(wanted, (owner, now + seconds, since))
        return True

    def _gives_way(self, owner, until, now):
        life = self.lives.get(owner, Life.UNKNOWN)
        return life is Life.DEAD or (life is Life.UNKNOWN and until <= now)

    def unlock(self, targets, owner):
        for target in map(plain, targets):
            if self.locks.get(target, ("", 0, 0))[0] == owner:
                del self.locks[target]

    def held(self, targets):
        return [
            Held(each, owner, f"who {owner} is", since, until, self.lives.get(owner, Life.UNKNOWN))
            for each in sorted({plain(target) for target in targets})
            if each in self.locks
            for owner, until, since in [self.locks[each]]
        ]

    def release(self, targets, owner, line):
        targets = [plain(each) for each in targets]
        entries.judge_release(each for each in self.held(targets) if each.owner == owner)
        self._line(line, None)
        self.unlock(targets, owner)

    def count(self, name, limit, now, seconds):
        if limit > entries.MOST_COUNTED:
            raise ValueError(f"a count's limit is at most {entries.MOST_COUNTED:,}")
        times = self.counts.setdefault(name, [])
        if sum(at > now - seconds for at in times) >= limit:
            return False
        times.append(now)
        return True

    def halt(self, line):
        self._line(line, None)
        self.is_halted = True

    def resume(self, line):
        self._line(line, None)
        self.is_halted = False

    def _judge(self, actions):
        for each in actions:
            entries.judge_action(self.all_actions.get((each.incident, each.id)), each)

    def _keep(self, actions):
        self.all_actions |= {(action.incident, action.id): action for action in actions}

    def _line(self, line, moved):
        self.all_lines.append(entries.kept_line(line, len(self.all_lines) + 1, moved))
