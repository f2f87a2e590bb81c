"""A network, a seed and attacks → a folder of logs as AWS writes them, with the truth beside it."""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ringwall.app.sources import Source
from ringwall.errors import InputError
from ringwall.lab.traffic.attacks import Order, order_of
from ringwall.lab.traffic.inventory import described
from ringwall.lab.traffic.making import Wish, make, scene_of
from ringwall.shell.files import write_text

LOGS, TRUTH, INTERFACES = "logs", "truth.json", "interfaces.json"
MOST_HOURS = 24 * 400
HOUR = 3600


@dataclass(frozen=True, slots=True)
class Made:
    """What was written."""

    folder: str
    truth: Mapping[str, Any]


def orders_of(attacks: Sequence[str]) -> tuple[Order, ...]:
    """Read attacks, as `name[:strength][:variant][:v6]`; raises QuestionError and InputError."""
    return tuple(order_of(text, number) for number, text in enumerate(attacks))


def make_traffic(
    source: Source,
    wish: Wish,
    folder: str,
    *,
    force: bool = False,
    told: Callable[[int, int], None] = lambda *_: None,
) -> Made:
    """Write `logs/`, `interfaces.json` and `truth.json` into a folder.

    A folder that holds anything is refused, unless `force`: then those three are replaced. `told`
    is called after each hour. Raises InputError and OutsideError.
    """
    if not 1 <= wish.hours <= MOST_HOURS:
        msg = f"{wish.hours} hours cannot be made"
        raise InputError(msg, hint=f"1 to {MOST_HOURS}")
    root = Path(folder)
    scene = scene_of(
        source.graph, source.wanted.blueprint if source.wanted is not None else None, wish
    )
    if not scene.estate.machines:
        msg = f"{source.name}: there is nothing in this network that could speak"
        raise InputError(
            msg,
            hint="a blueprint needs groups, a snapshot network interfaces",
        )
    _make_room(root, force=force)
    truth = make(scene, wish, root / LOGS, network=source.name, told=told).to_dict()
    write_text(root / INTERFACES, json.dumps(described(scene.estate), indent=1) + "\n")
    write_text(root / TRUTH, json.dumps(truth, indent=1) + "\n")
    return Made(folder, truth)


def _make_room(root: Path, *, force: bool) -> None:
    try:
        if not root.exists() or (root.is_dir() and not any(root.iterdir())):
            return
        if not force or not root.is_dir():
            hint = "name another folder, or --force to replace what it holds of an earlier run"
            msg = f"'{root}' is not empty"
            raise InputError(msg, hint=hint)
        shutil.rmtree(root / LOGS, ignore_errors=True)
        for name in (TRUTH, INTERFACES):
            (root / name).unlink(missing_ok=True)
    except OSError as failure:
        msg = f"cannot write '{root}': {failure.strerror or failure}"
        raise InputError(msg) from None


def start_of(text: str) -> int:
    """Return a time as seconds since 1970, at its full hour; raises InputError.

    `2026-03-02`, `2026-03-02T08`, `2026-03-02T08:00Z`; without an offset it is UTC.
    """
    try:
        when = datetime.fromisoformat(text)
        seconds = when if when.tzinfo is not None else when.replace(tzinfo=UTC)
        found = int(seconds.timestamp()) // HOUR * HOUR
    except (ValueError, OverflowError):
        hint = "write 2026-03-02 or 2026-03-02T08:00Z"
        msg = f"{text!r} is no time"
        raise InputError(msg, hint=hint) from None
    if not 0 < found < 4_102_444_800:
        msg = f"{text!r} is out of range"
        raise InputError(msg, hint="write a time of 1970 to 2099")
    return found
