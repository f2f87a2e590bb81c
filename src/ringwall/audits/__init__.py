"""One file per posture check, and the registry that finds them.

Input: a network's engine. Output: findings. A check that fails by a fault of its own is a finding,
never a pass.
"""

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType

from ringwall.audits.check import Check
from ringwall.model.finding import Finding, Severity
from ringwall.reach.relations import Board


@cache
def registry() -> Mapping[str, Check]:
    """Return every check by its id, in order."""
    found: dict[str, Check] = {}
    for module_info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{module_info.name}")
        check = getattr(module, "CHECK", None)
        if isinstance(check, Check):
            found[check.id] = check
    return MappingProxyType(dict(sorted(found.items())))


def audit(board: Board, ids: Iterable[str] = ()) -> list[Finding]:
    """Run the checks with these ids, or all; findings worst first."""
    wanted = set(ids)
    found: list[Finding] = []
    for check in registry().values():
        if wanted and check.id not in wanted:
            continue
        try:
            found += check.judge(board)
        except Exception as fault:  # noqa: BLE001  (an error of ours must not read as a pass)
            text = f"the check itself failed: {type(fault).__name__}: {fault}"
            found.append(Finding(check.id, Severity.HIGH, "", "", "", text))
    return sorted(found, key=lambda f: (-f.severity, f.check, f.type, f.key, f.text))
