"""Incidents and what is done about them, for people."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ringwall.model.finding import Severity

Document = Mapping[str, Any]

NOT_PROVEN = "not proven"  # how a line begins that tells what AWS alone knows


def incident_lines(found: Sequence[Document]) -> Iterator[str]:
    """Yield a line an incident: where it stands, how bad, who, what, and its id."""
    if not found:
        yield "no incident"
        return
    rows = [
        (
            each["state"],
            Severity(each["severity"]).word,
            who(each),
            each["title"],
            f"{each['events']} x",
            each["changed"],
            each["id"],
        )
        for each in found
    ]
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(text.ljust(widths[n]) for n, text in enumerate(row)).rstrip()


def who(incident: Document) -> str:
    """Return the parties in a few words."""
    parties = [party["name"] or party["address"] for party in incident["parties"]]
    return " > ".join(parties) or "nobody named"


def show_lines(document: Document) -> Iterator[str]:
    """Yield an incident whole: what happened, what is proposed or done, its proof, its journal."""
    incident = document["incident"]
    grade = Severity(incident["severity"]).word
    yield f"{incident['state']}: {incident['title']} ({incident['kind']}, {grade})"
    for party in incident["parties"]:
        name = f" ({party['name']})" if party["name"] and party["address"] else ""
        yield f"  {party['role']}: {party['address'] or party['name']}{name}"
    yield f"  from {incident['first']} to {incident['last']}, told {incident['events']} times"
    for action in incident["actions"]:
        yield ""
        yield from action_lines(action)
    yield ""
    yield from journal_lines(document["journal"])
    yield from way_on(incident)


def action_lines(action: Document) -> Iterator[str]:
    """Yield what an action does, what was proven, what stays open and what it would have cut."""
    facts = action["facts"]
    until = f", until {action['expires']}" if action["expires"] else ", until it is undone"
    yield f"{action['playbook']} ({action['state']}{until}): {facts['title']}"
    for measure in action["measures"]:
        yield f"  + {measure['text']}"
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


def replay_lines(replayed: Document) -> Iterator[str]:
    """Yield what a block would have cut."""
    if "conversations" not in replayed:
        yield f"replay: {replayed.get('replayed', 'nothing')}"
        return
    count, answered = replayed["conversations"], replayed["answered"]
    over = replayed.get("over") or f"{replayed['days']} days"
    yield (
        f"replay over {over}: it would have cut {count} conversations that were let "
        f"through, {answered} of them answered"
    )
    for each in replayed["most"]:
        yield f"  {each}"


def journal_lines(lines: Sequence[Document]) -> Iterator[str]:
    """Yield lines of the journal."""
    for line in lines:
        reason = f": {line['reason']}" if line["reason"] else ""
        yield f"{line['number']:>6}  {line['at']}  {line['by']}  {line['what']}{reason}"


def way_on(incident: Document) -> Iterator[str]:
    """Yield what a person may do next."""
    id_ = incident["id"]
    match incident["state"]:
        case "proposed" | "observed":
            yield f"approve: ringwall respond approve {id_} --reason WHY   (or deny)"
        case "in-force":
            yield f"undo: ringwall respond undo {id_} --reason WHY"
        case "failed" | "acting" | "undoing":
            yield "finish or take back: ringwall respond reconcile"
        case _:
            return


def status_lines(document: Document) -> Iterator[str]:
    """Yield how things stand."""
    if document["halted"]:
        yield "! halted: nothing acts by itself (ringwall respond resume)"
    counts = ", ".join(f"{number} {state}" for state, number in document["incidents"].items())
    yield f"incidents: {counts or 'none'}"
    for each in document["waiting"]:
        yield f"  waits: {each['title']}, {who(each)}  {each['id']}"
    for action in document["in_force"]:
        until = action["expires"] or "it is undone"
        yield f"  in force until {until}: {action['facts']['title']}  {action['incident']}"
    if document["due"]:
        yield f"{len(document['due'])} have stood long enough: ringwall respond sweep"
