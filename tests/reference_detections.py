"""The detections → the page docs/reference/detections.md."""

from collections.abc import Iterator
from textwrap import dedent

from ringwall.detections import registry
from ringwall.detections.detection import Detection, Setting
from ringwall.detections.techniques import TECHNIQUES
from ringwall.traffic.view import RELATIONS


def detections_page(head: str) -> str:
    """Return every detection: what it finds, why, what to do, its SQL and examples."""
    parts = [
        head,
        "# Detections of `ringwall traffic detect`\n",
        "How they are asked, and what they read, stands in",
        "[concepts/detections](../concepts/detections.md). The examples are traffic in a few",
        "words, which are explained in",
        "[detections/example.py](../../src/ringwall/detections/example.py). They are the",
        "detections' tests. `--set NAME.PARAMETER=VALUE` gives a parameter another value.\n",
    ]
    parts += ["| id | name | finds | severity | confidence |", "|---|---|---|---|---|"]
    parts += [_row(each) for each in registry().values()]
    for each in registry().values():
        parts += ["", *_section(each)]
    parts += ["", *_relations()]
    return "\n".join(parts) + "\n"


def _row(each: Detection) -> str:
    when = "" if each.by_default else " (only when named)"
    return (
        f"| [{each.id}](#{each.id.lower()}) | {each.name} | {each.title}{when} "
        f"| {each.severity.word} | {each.confidence} |"
    )


def _section(each: Detection) -> Iterator[str]:
    yield from (f"## {each.id}", "", f"**{each.name}**: {each.title}", "")
    facts = [f"{each.severity.word}, confidence {each.confidence}"]
    if each.attacks:
        named = (f"{attack} {TECHNIQUES[attack]}" for attack in each.attacks)
        facts.append("ATT&CK " + ", ".join(named))
    if not each.by_default:
        facts.append("run only when named")
    if each.needs_network:
        facts.append("needs `--network`")
    yield from (" · ".join(facts), "", f"Why: {each.why}", "", f"Instead: {each.instead}", "")
    yield from (f"Cannot see: {each.blind}", "")
    if each.parameters:
        yield from ("| parameter | default | because |", "|---|---|---|")
        for parameter in each.parameters:
            yield f"| `{parameter.name}` | {_value(parameter.default)} | {parameter.reason} |"
        yield ""
    yield from ("| evidence | what it is |", "|---|---|")
    for name, meaning in each.counts.items():
        yield f"| `{name}` | {meaning} |"
    yield ""
    for title, examples in (("With a finding", each.hits), ("Without", each.misses)):
        yield from (f"{title}:", "", "```")
        for number, text in enumerate(examples):
            if number:
                yield ""
            yield from dedent(text).strip().splitlines()
        yield from ("```", "")
    yield from ("```sql", *dedent(each.sql).strip().splitlines(), "```")


def _value(value: Setting) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _relations() -> Iterator[str]:
    yield from ("## What they read", "")
    for each in RELATIONS.values():
        kept = ", computed once" if each.is_kept else ""
        yield from (f"### {each.name}", "", f"A row is {each.holds}{kept}.", "")
        yield from ("```sql", *each.sql.strip().splitlines(), "```", "")
