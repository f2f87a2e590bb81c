"""One file per response: what it answers, its plan as data, its way back, its residual risk.

Input: an incident and the network as it was read. Output: a proven proposal, or a refusal.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from ringwall.errors import QuestionError
from ringwall.playbooks.playbook import Playbook


@cache
def registry() -> Mapping[str, Playbook]:
    """Return every playbook by its id, in order."""
    found: dict[str, Playbook] = {}
    for module_info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{module_info.name}")
        for each in getattr(module, "PLAYBOOKS", ()):
            found[each.id] = each
    return MappingProxyType(dict(sorted(found.items())))


def answering(kind: str) -> list[Playbook]:
    """Return the playbooks for a kind of event, the most fitting first."""
    fitting = [each for each in registry().values() if each.is_for(kind)]
    return sorted(fitting, key=lambda p: (kind not in p.answers, p.by_person, p.id))


def named(word: str) -> Playbook:
    """Return the playbook with this id; raises QuestionError for none."""
    known = registry()
    if word not in known:
        msg = f"there is no playbook {word!r}"
        raise QuestionError(msg, hint=f"playbooks: {', '.join(known)}")
    return known[word]
