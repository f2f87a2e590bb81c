"""The playbooks → the page docs/reference/playbooks.md."""

from collections.abc import Iterable, Iterator

from ringwall.model.grants import Grant
from ringwall.playbooks import registry
from ringwall.playbooks.measures import Measure, Request
from ringwall.playbooks.playbook import Playbook
from tests.playbooks.asked import ASKED, proposed


def playbooks_page(head: str) -> str:
    """Return every playbook: what it answers, does, needs and leaves open."""
    parts = [
        head,
        "# Playbooks of `ringwall respond`\n",
        "What is done about an incident. Each is proven on the network as it was just read, or",
        "says what is not proven; none acts by itself unless the policy's mode is `auto`. Kinds of",
        "events are ids of [detections](detections.md), names of alarms and types of GuardDuty, in",
        "any case. The measures are those of an example in the tests; what a measure reads just",
        "before it is made stands in parentheses.\n",
        "| playbook | does | stands |",
        "|---|---|---|",
    ]
    parts += [_row(each) for each in registry().values()]
    for each in registry().values():
        parts += ["", *_section(each)]
    return "\n".join(parts) + "\n"


def _row(playbook: Playbook) -> str:
    return f"| [{playbook.id}](#{playbook.id}) | {playbook.title} | {_stands(playbook)} |"


def _stands(playbook: Playbook) -> str:
    return f"{playbook.hours:g} hours" if playbook.hours else "until it is undone"


def _section(playbook: Playbook) -> Iterator[str]:
    yield from (f"## {playbook.id}", "", f"{playbook.title[0].upper()}{playbook.title[1:]}.", "")
    facts = [f"stands {'for ' if playbook.hours else ''}{_stands(playbook)}"]
    if playbook.by_person:
        facts.append("never without a person")
    yield from (" · ".join(facts), "", "Answers: " + _codes(playbook.answers), "")
    yield from ("What stays open:", "")
    yield from (f"- {text}" for text in playbook.residual)
    base, seen = ASKED[playbook.id][0]
    found = proposed(playbook, base, seen)
    yield from (
        "",
        f"Example: {found.title}",
        "",
        "| measure | calls | way back |",
        "|---|---|---|",
    )
    yield from map(_measure, found.measures)
    yield from ("", "Shown:", "")
    yield from (f"- {text}" for text in found.proven)
    yield from ("", "Permissions:", "", "| actions | on | if |", "|---|---|---|")
    yield from dict.fromkeys(map(_grant, playbook.grants))
    denied = dict.fromkeys(arn for each in playbook.grants for arn in each.never)
    if denied:
        yield from ("", "Never on " + _codes(_resource(arn) for arn in denied))


def _grant(grant: Grant) -> str:
    on = _codes(_resource(arn) for arn in grant.on)
    when = _codes(f"{key} {operator} {value}" for operator, key, value in grant.when)
    return f"| {_codes(sorted(grant.actions))} | {on} | {when} |"


def _resource(arn: str) -> str:
    """Return the resource of an ARN: what comes after the account."""
    return arn if arn == "*" else arn.split(":", 5)[5]


def _measure(measure: Measure) -> str:
    back = _requests(measure.undo) or "none: it is kept"
    return f"| {measure.text} | {_requests(measure.do)} | {back} |"


def _requests(requests: Iterable[Request]) -> str:
    return ", ".join(map(_request, requests))


def _request(request: Request) -> str:
    read = dict.fromkeys(f"`{each.operation}`" for each in request.readings)
    return f"`{request.operation}`" + (f" ({', '.join(read)})" if read else "")


def _codes(texts: Iterable[str]) -> str:
    return ", ".join(f"`{text}`" for text in texts)
