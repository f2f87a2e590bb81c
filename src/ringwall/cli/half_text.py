"""What is half made, and what was left, for people."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Document = Mapping[str, Any]


def half_lines(found: Sequence[Document]) -> Iterator[str]:
    """Yield what is half made, who is at it, and what to run."""
    for each in found:
        acts = "; ".join(f"{a['playbook']} ({a['state']}): {a['title']}" for a in each["actions"])
        yield f"! half made since {each['since']}: {acts}  {each['incident']}"
        holders = "; ".join(each["held_by"])
        if each["is_worked_on"]:
            yield f"    at work on it, it seems: {holders}"
        elif holders:
            yield f"    nobody is at work on it; who was: {holders}"
        else:
            yield "    nobody is at work on it"
        if each["unlock"]:
            yield f"    if its locks stand, and whoever took them is dead: {each['unlock']}"
        yield f"    finish or take back: {each['run']}"
