"""What an action changes, of whatever kind: what of it does not stand, and how it is now.

Rule: what an action is about is told by its form: a CIDR, `domain NAME`, or an interface's id.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ringwall.playbooks import block_source, domains, isolation
from ringwall.playbooks.playbook import Situation
from ringwall.playbooks.records import Action


def lacks(action: Action, situation: Situation) -> tuple[str, ...]:
    """Return what of an action does not stand on the network as it is."""
    found: list[str] = []
    if action.facts.get("blocks"):
        found += block_source.lacks(action, situation)
    if action.facts.get("interfaces"):
        found += isolation.lacks(action, situation)
    if action.facts.get("domains"):
        found += domains.lacks(action, situation)
    return tuple(found)


def state(about: Sequence[str], situation: Situation) -> Mapping[str, Any]:
    """Return how what an action is about is on a network, as JSON."""
    named = [text for text in about if text.startswith(domains.PREFIX)]
    blocks = [text for text in about if "/" in text and text not in named]
    interfaces = [text for text in about if text not in named and text not in blocks]
    return {
        **block_source.state(blocks, situation),
        **isolation.state(interfaces, situation),
        **domains.state(named, situation),
    }
