"""A crowd of processes that respond to the same events through one ledger, and die at any point.

Every process takes its deliveries (duplicated and out of order among all of them) and responds as
a playbook would: admit, count, lock, move, do, move, unlock. It notes beside the ledger what it
holds and does, so that the ledger's word can be held against it.

`python -m tests.shell.ledger.crowd FOLDER KIND PLACE WORKER` is one process.
"""

import json
import os
import random
import sys
import time
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from ringwall.errors import StaleError
from ringwall.playbooks.records import ENDED, NEXT, ActionState, IncidentState
from ringwall.shell.aws import connect
from ringwall.shell.ledger.dynamodb import DynamoLedger
from ringwall.shell.ledger.port import OPENED, TOLD_AGAIN
from ringwall.shell.ledger.sqlite import SqliteLedger
from tests.shell.ledger.records import action, event, line

LIMIT, WINDOW = 6, 2  # acts in so many seconds
HELD = 2  # seconds that a lock lasts, so that those of the dead lapse in a table
TARGETS = 6
S = IncidentState


def deliveries(folder, seed, *, events, subjects, workers):
    """Deal out the events: each once or more, to anybody, in no order; return all of them."""
    draw = random.Random(seed)
    told = [
        {"id": f"event-{number}", "who": f"198.51.{draw.randrange(subjects)}.1", "at": number}
        for number in range(events)
    ]
    hands: list[list[dict[str, Any]]] = [[] for _ in range(workers)]
    for each in told:
        for hand in draw.choices(hands, k=draw.choice([1, 1, 2, 3])):
            hand.append(each)
    for number, hand in enumerate(hands):
        # Late by up to fifty places, and some anywhere.
        hand.sort(
            key=lambda e: (
                e["at"] + draw.choice([draw.uniform(0, 50)] * 9 + [draw.uniform(0, events)])
            )
        )
        (folder / f"{number}.deliveries").write_text(json.dumps(hand))
    return told


def opened(kind, place):
    """Return the ledger that the crowd shares."""
    if kind == "sqlite":
        return SqliteLedger(Path(place), create=True)
    return DynamoLedger(connect(region="us-east-1", endpoint=os.environ["AWS_ENDPOINT_URL"]), place)


class Worker:
    def __init__(self, ledger, folder, number):
        self.ledger = ledger
        self.owner = f"{number}.{os.getpid()}"
        self.draw = random.Random()
        self.made = 0
        self.place = folder / f"{number}.place"
        self.notes = os.open(
            folder / f"{number}.notes", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600
        )
        self.told = json.loads((folder / f"{number}.deliveries").read_text())

    def run(self):
        begin = int(self.place.read_text() or 0) if self.place.exists() else 0
        for number in range(begin, len(self.told)):
            self.respond(self.told[number])
            # Not atomic: who dies here is given the last delivery, or all, once more.
            self.place.write_text(str(number + 1))

    def note(self, *what):
        os.write(self.notes, f"{json.dumps(what)}\n".encode())

    def respond(self, told):
        found = event(told["id"], told["who"], first=told["at"], last=told["at"])
        incident = self.ledger.admit(found, int(time.time())).incident
        with suppress(StaleError):  # somebody else does it
            self.step(incident)

    def step(self, incident):
        match incident.state:
            case S.OPEN:
                now = int(time.time())
                if self.ledger.count("acts", LIMIT, now, WINDOW):
                    self.note("counted", now)
                    self.locked(incident, self.act)
                else:
                    self.ledger.move(incident, S.PROPOSED, self.line("asks"))
            case S.PROPOSED if self.draw.random() < 0.3:
                self.ledger.move(incident, S.DENIED, self.line("denied"))
            case S.PROPOSED:
                self.locked(incident, self.act)
            case S.ACTING:
                self.locked(incident, self.finish)
            case S.IN_FORCE if self.draw.random() < 0.5:
                self.locked(incident, self.undo)
            case S.UNDOING:
                self.locked(incident, self.close)
            case _:
                pass

    def line(self, what):
        return line(what, int(time.time()))

    def locked(self, incident, work):
        targets = [f"acl-{int(incident.subject, 16) % TARGETS}", f"eni-{incident.subject[:1]}"]
        now = int(time.time())
        if not self.ledger.lock(targets, self.owner, now, HELD):
            return
        begin = time.time()
        self.note("locked", targets, self.owner, begin, now + HELD)
        try:
            work(self.ledger.incident(incident.id))
        finally:
            self.note("unlocks", targets, self.owner, begin, time.time())
            self.ledger.unlock(targets, self.owner)

    def act(self, incident):
        if incident.state not in {S.OPEN, S.PROPOSED}:
            return
        self.made += 1
        planned = action(incident, f"{self.owner}.{self.made}", ActionState.APPLYING, expires=9)
        moved = self.ledger.move(incident, S.ACTING, self.line("acts"), [planned])
        self.note("does", incident.id, planned.id)
        there = replace(planned, state=ActionState.IN_FORCE)
        self.ledger.move(moved, S.IN_FORCE, self.line("did"), [there])

    def finish(self, incident):
        """Go on where somebody died."""
        if incident.state is S.ACTING:
            (begun,) = self.ledger.actions(incident.id)
            there = replace(begun, state=ActionState.IN_FORCE)
            self.ledger.move(incident, S.IN_FORCE, self.line("found"), [there])

    def undo(self, incident):
        if incident.state is S.IN_FORCE:
            (there,) = self.ledger.actions(incident.id)
            undoing = replace(there, state=ActionState.UNDOING)
            moved = self.ledger.move(incident, S.UNDOING, self.line("undoes"), [undoing])
            self.note("undoes", incident.id, there.id)
            self.close(moved)

    def close(self, incident):
        if incident.state is S.UNDOING:
            (there,) = self.ledger.actions(incident.id)
            undone = replace(there, state=ActionState.UNDONE)
            self.ledger.move(incident, S.CLOSED, self.line("undone"), [undone])


# What an incident's state says of its action: both are written in one step.
OF_STATE = {
    S.OPEN: [],
    S.PROPOSED: [],
    S.DENIED: [],
    S.ACTING: [ActionState.APPLYING],
    S.IN_FORCE: [ActionState.IN_FORCE],
    S.UNDOING: [ActionState.UNDOING],
    S.CLOSED: [ActionState.UNDONE],
}


def judge(ledger, folder, told):
    """Hold the ledger against what was told and what was done; return some figures of it."""
    incidents = {each.id: each for each in ledger.incidents()}
    lines = ledger.lines()
    assert [each.number for each in lines] == [*range(1, len(lines) + 1)]

    # No event lost, none counted twice.
    admissions = [each for each in lines if each.what in {OPENED, TOLD_AGAIN}]
    counted = Counter(each.facts["event"] for each in admissions)
    assert counted == Counter(each["id"] for each in told)
    assert sum(each.events for each in incidents.values()) == len(told)
    assert Counter(each.incident for each in admissions) == {
        each.id: each.events for each in incidents.values()
    }

    # No incident twice: the next of a subject after the end of the one before.
    of_subject = defaultdict(list)
    for each in admissions:
        if each.what == OPENED:
            of_subject[each.incident.rpartition("-")[0]].append(each)
    assert sum(map(len, of_subject.values())) == len(incidents)
    journal = defaultdict(list)
    for each in lines:
        journal[each.incident].append(each)
    for subject, first in of_subject.items():
        assert [each.incident for each in first] == [
            f"{subject}-{number}" for number in range(1, len(first) + 1)
        ]
        for before, after in pairwise(first):
            assert incidents[before.incident].state in ENDED
            assert max(each.number for each in journal[before.incident]) < after.number

    # No move without its line, and none that may not be.
    for each in incidents.values():
        states = [S.OPEN, *(S(line.state) for line in journal[each.id] if line.state)]
        assert len(states) - 1 == each.moves
        assert states[-1] is each.state
        assert all(after in NEXT[before] for before, after in pairwise(states))
        assert [line.number for line in ledger.lines(each.id)] == [
            line.number for line in journal[each.id]
        ]

    # No action twice, none without its incident; both say the same.
    actions = defaultdict(list)
    for each in ledger.actions():
        actions[each.incident].append(each)
    for each in incidents.values():
        assert [one.state for one in actions[each.id]] == OF_STATE[each.state], each
        assert each.actions == tuple(one.id for one in actions.pop(each.id))
    assert actions == {}
    due = {one.id for one in ledger.due(10)}
    assert due == {i for e in incidents.values() if e.state is S.IN_FORCE for i in e.actions}

    notes = [
        json.loads(text)
        for path in folder.glob("*.notes")
        for text in path.read_text().splitlines()
    ]
    known = {(each.id, one) for each in incidents.values() for one in each.actions}
    does = Counter((note[1], note[2]) for note in notes if note[0] == "does")
    assert does.keys() <= known
    assert set(does.values()) <= {1}

    # No count above its limit.
    times = Counter(note[1] for note in notes if note[0] == "counted")
    for begin in times:
        assert sum(times[at] for at in range(begin, begin + WINDOW)) <= LIMIT

    _judge_locks(notes, deaths(folder))
    return {
        "events": len(told),
        "incidents": len(incidents),
        "lines": len(lines),
        "acts": len(does),
        "states": Counter(str(each.state) for each in incidents.values()),
    }


def died(folder, owner, at):
    """Note that a worker is killed from now on."""
    with (folder / "deaths").open("a") as file:
        file.write(f"{owner} {at}\n")


def deaths(folder):
    """Return when each owner was killed."""
    path = folder / "deaths"
    told = path.read_text().splitlines() if path.exists() else []
    return {owner: float(at) for owner, at in (line.split() for line in told)}


def _judge_locks(notes, killed):
    """No lock is held by two: until it is given back, lapses or its owner dies, the first of them.

    In a file it does not lapse while its owner lives, and gives way as soon as that is dead.
    """
    ends = {(n[2], n[3]): n[4] for n in notes if n[0] == "unlocks"}
    held = defaultdict(list)
    for _, targets, owner, begin, lapse in (n for n in notes if n[0] == "locked"):
        end = min(lapse, ends.get((owner, begin), killed.get(owner, lapse)))
        for target in targets:
            held[target].append((begin, end, owner))
    assert held
    for spans in held.values():
        spans.sort()
        for (_, end, one), (begin, _, other) in pairwise(spans):
            assert end <= begin or one == other


def main(folder, kind, place, number):
    Worker(opened(kind, place), Path(folder), int(number)).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
