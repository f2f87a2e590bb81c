"""Incidents and what is done about them, for people."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ringwall.model.finding import Severity
from ringwall.model.words import counted
from ringwall.playbooks.commands import APPROVE, DENY, RECONCILE, UNDO, Desk, ways_on

Document = Mapping[str, Any]

NOT_PROVEN = "not proven"  # how a line begins that tells what AWS alone knows
LEAST = 20  # characters of a title that are shown, however narrow the terminal is
_OFFERS = {
    APPROVE: "approve",
    DENY: "deny",
    UNDO: "undo",
    RECONCILE: "finish or take back",
}
_OVER = {"undone": "· taken back:", "dropped": "· not done:"}


def incident_lines(found: Sequence[Document], width: int | None = None) -> Iterator[str]:
    """Yield a line an incident: where it stands, how bad, who, what, and its id.

    In `width` columns what and who are shortened, and where that is not enough the time and the
    count are left out; None: nothing is.
    """
    if not found:
        yield "no incident"
        return
    columns = {name: [cell(each) for each in found] for name, cell in _CELLS.items()}
    if width is not None:
        columns = _fitted(columns, width)
    widths = [max(map(len, each)) for each in columns.values()]
    for row in zip(*columns.values(), strict=True):
        padded = (text.ljust(most) for text, most in zip(row, widths, strict=True))
        yield "  ".join(padded).rstrip()


# How long those who have a part may be, and what is left out.
_NARROWER = ((40, ()), (18, ()), (18, ("changed",)), (18, ("changed", "events")))


def _fitted(
    columns: Mapping[str, list[str]],
    width: int,
    shapes: Sequence[tuple[int, tuple[str, ...]]] = _NARROWER,
) -> dict[str, list[str]]:
    """Return columns that fit, with as much room for titles as they need, or a little."""
    (most, left), *narrower = shapes
    kept = {name: each for name, each in columns.items() if name not in left}
    kept["who"] = [shortened(each, most) for each in kept["who"]]
    needed = min(LEAST, max(map(len, kept["title"])))
    room = width - sum(max(map(len, each)) + 2 for name, each in kept.items() if name != "title")
    if room < needed and narrower:
        return _fitted(columns, width, narrower)
    kept["title"] = [shortened(each, max(needed, room)) for each in kept["title"]]
    return kept


def shortened(text: str, most: int | None) -> str:
    """Return a text in at most so many characters."""
    return text if most is None or len(text) <= most else f"{text[: most - 1]}…"


def who(incident: Document) -> str:
    """Return the parties in a few words."""
    parties = [party["name"] or party["address"] for party in incident["parties"]]
    return " > ".join(parties) or "nobody named"


_CELLS: Mapping[str, Callable[[Document], str]] = {
    "state": lambda each: str(each["state"]),
    "severity": lambda each: Severity(each["severity"]).word,
    "who": who,
    "title": lambda each: " ".join(each["title"].split()),
    "events": lambda each: f"{each['events']} x",
    "changed": lambda each: str(each["changed"]),
    "id": lambda each: str(each["id"]),
}


def show_lines(document: Document, desk: Desk) -> Iterator[str]:
    """Yield an incident whole: what happened, what is proposed or done, its proof, its journal."""
    incident = document["incident"]
    grade = Severity(incident["severity"]).word
    yield f"{incident['state']}: {incident['title']} ({incident['kind']}, {grade})"
    for party in incident["parties"]:
        name = f" ({party['name']})" if party["name"] and party["address"] else ""
        yield f"  {party['role']}: {party['address'] or party['name']}{name}"
    times = counted(incident["events"], "time")
    yield f"  from {incident['first']} to {incident['last']}, told {times}"
    for action in incident["actions"]:
        yield ""
        yield from action_lines(action)
    yield ""
    yield from journal_lines(document["journal"])
    yield from way_on(incident, desk)


def action_lines(action: Document) -> Iterator[str]:
    """Yield what an action does, what was proven, what stays open and what it would have cut.

    Of one that is over: what was found when it was taken back.
    """
    facts, is_over = action["facts"], action["state"] in _OVER
    until = f", until {action['expires']}" if action["expires"] else ", until it is undone"
    yield f"{action['playbook']} ({action['state']}{'' if is_over else until}): {facts['title']}"
    for measure in action["measures"]:
        if action["state"] != "undone" or measure["undo"]:  # what stays is told as that
            yield f"  {_OVER.get(action['state'], '+')} {measure['text']}"
    for line in facts.get("instead_of") or ():
        yield f"  - not any more: {line}"
    yield from undone_lines(facts["undone"]) if "undone" in facts else ()
    yield from () if is_over else _proof_lines(facts)


def _proof_lines(facts: Document) -> Iterator[str]:
    for line in facts["proven"]:
        yield f"  {'·' if line.startswith(NOT_PROVEN) else '✓'} {line}"
    for line in facts["breaks"]:
        yield f"  ✗ {line}"
    for line in facts["doubts"]:
        yield f"  ! not proven: {line}"
    for line in replay_lines(facts["replay"]):
        yield f"  {line}"
    for line in facts["residual"]:
        yield f"  stays open: {line}"


def undone_lines(undone: Document) -> Iterator[str]:
    """Yield what was verified after an action was taken back, and what could not be."""
    worse = "✗ not as before:"
    for sign, name in ((worse, "left"), (worse, "differs"), ("✓", "same")):
        yield from (f"  {sign} {line}" for line in undone.get(name, ()))
    for name in ("beside", "open"):
        yield from (f"  · {line}" for line in undone[name])


def replay_lines(replayed: Document) -> Iterator[str]:
    """Yield what a block would have cut."""
    if "conversations" not in replayed:
        yield f"replay: {replayed.get('replayed', 'nothing')}"
        return
    count, answered = replayed["conversations"], replayed["answered"]
    over = replayed.get("over") or counted(replayed["days"], "day")
    yield (
        f"replay over {over}: it would have cut {counted(count, 'conversation')} that "
        f"{'was' if count == 1 else 'were'} let through, {answered} of them answered"
    )
    for each in replayed["most"]:
        yield f"  {each}"


def journal_lines(lines: Sequence[Document]) -> Iterator[str]:
    """Yield lines of the journal."""
    for line in lines:
        reason = f": {line['reason']}" if line["reason"] else ""
        yield f"{line['number']:>6}  {line['at']}  {line['by']}  {line['what']}{reason}"


def way_on(incident: Document, desk: Desk) -> Iterator[str]:
    """Yield what a person may do next, each as it is typed."""
    states = {each["state"] for each in incident["actions"]}
    for verb in ways_on(incident["state"], states):
        about = "" if verb == RECONCILE else incident["id"]
        yield f"{_OFFERS[verb]}: {desk.command(verb, about)}"


def status_lines(document: Document, desk: Desk, width: int | None = None) -> Iterator[str]:
    """Yield how things stand; in `width` columns what waits is shortened."""
    if document["halted"]:
        yield f"! halted: nothing acts by itself; go on: {desk.command('resume')}"
    counts = ", ".join(f"{number} {state}" for state, number in document["incidents"].items())
    yield f"incidents: {counts or 'none'}"
    for each in document["waiting"]:
        rest = f", {shortened(who(each), 40 if width else None)}  {each['id']}"
        most = max(LEAST, width - len(rest) - len("  waits: ")) if width else None
        yield f"  waits: {shortened(' '.join(each['title'].split()), most)}{rest}"
    for action in document["in_force"]:
        until = action["expires"] or "it is undone"
        yield f"  in force until {until}: {action['facts']['title']}  {action['incident']}"
    if document["due"]:
        have = "has" if len(document["due"]) == 1 else "have"
        yield f"{len(document['due'])} {have} stood long enough: {desk.command('sweep')}"
