"""The posture checks → the page docs/reference/checks.md."""

from collections.abc import Iterator
from textwrap import dedent

from ringwall.audits import registry
from ringwall.audits.check import Check


def checks_page(head: str) -> str:
    """Return every check: what it finds, why, what to do, its examples."""
    parts = [
        head,
        "# Checks of `ringwall audit`\n",
        "The examples are networks in a few words; the words are explained in",
        "[audits/example.py](../../src/ringwall/audits/example.py). They are the checks' tests.\n",
    ]
    parts += ["| id | finds | severity |", "|---|---|---|"]
    parts += [f"| [{c.id}](#{c.id.lower()}) | {c.title} | {c.severity.word} |" for c in _all()]
    for check in _all():
        parts += ["", f"## {check.id}", "", f"**{check.title}** · {check.severity.word}", ""]
        parts += [f"Why: {check.why}", "", f"Instead: {check.instead}", ""]
        parts += ["With a finding:", "", "```", *_lines(check.bad), "```", ""]
        parts += ["Without:", "", "```", *_lines(check.good), "```"]
    return "\n".join(parts) + "\n"


def _all() -> Iterator[Check]:
    yield from registry().values()


def _lines(text: str) -> list[str]:
    return dedent(text).strip().splitlines()
