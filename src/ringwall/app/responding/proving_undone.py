"""Actions that were taken back, the network read anew → each with the proof, and that of all."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ringwall.playbooks import registry
from ringwall.playbooks.playbook import Situation
from ringwall.playbooks.records import Action
from ringwall.playbooks.undone import UNDONE, Undone, compared
from ringwall.shell.ledger.port import Ledger


def proven_undone(
    actions: Sequence[Action], situation: Situation, ledger: Ledger
) -> tuple[list[Action], Mapping[str, Any]]:
    """Return the actions with what was found, and whether all is as before, for the journal."""
    every, done, found = ledger.actions(), list[Action](), list[Undone]()
    for action in actions:
        others = [each for each in every if each.incident != action.incident]
        before = action.facts.get("before") or {}
        ways = registry()[action.playbook].state(list(before), situation)
        proof = compared(action, situation, ways, others)
        done.append(replace(action, facts={**action.facts, UNDONE: proof.to_dict()}))
        found.append(proof)
    said = [each.as_before for each in found]
    whole = False if False in said else True if True in said else None
    differs = [text for each in found for text in (*each.left, *each.differs)]
    return done, {"as_before": whole} | ({"differs": differs} if differs else {})
