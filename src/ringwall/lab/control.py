"""What a lab is asked beside AWS's requests: which time it is, and to let time pass.

`GET /_lab/time` answers `{"now": seconds since 1970, "virtual": true, "calls": n}`, `n` calls of
functions being under way. `POST` of `{"to": seconds}` moves a virtual clock forward, minute by
minute, with all that happens meanwhile; a time that has passed changes nothing.

Rule: no bucket is called `_lab`, so that no request of AWS is meant (S3 guide, bucket naming).
"""

import json
from collections.abc import Mapping
from typing import Any

from ringwall.lab import world
from ringwall.lab.functions import under_way
from ringwall.lab.rules import run_schedules

PATH = "/_lab/time"
Answer = tuple[int, list[tuple[str, str]], bytes]


def is_meant(environ: Mapping[str, Any]) -> bool:
    """Tell whether a request asks the lab itself."""
    return environ.get("PATH_INFO") == PATH


def answer(environ: Mapping[str, Any]) -> Answer:
    """Answer a request; the lab's lock is held."""
    if environ["REQUEST_METHOD"] == "POST":
        size = int(environ.get("CONTENT_LENGTH") or 0)
        try:
            to = float(json.loads(environ["wsgi.input"].read(size))["to"])
        except (ValueError, TypeError, KeyError):
            return _told(400, {"message": 'send {"to": seconds since 1970}'})
        if world.clock().mode != "virtual":
            return _told(409, {"message": "the time of this lab is real"})
        pass_time(to - world.clock().utc().timestamp())
    return _told(200, _state())


def pass_time(seconds: float) -> None:
    """Let virtual time pass, with all that happens meanwhile; schedules of EventBridge run."""
    if seconds > 0:
        world.clock().advance(seconds)
        run_schedules(seconds)


def _state() -> dict[str, Any]:
    clock = world.clock()
    virtual = clock.mode == "virtual"
    return {"now": clock.utc().timestamp(), "virtual": virtual, "calls": under_way()}


def _told(status: int, document: Mapping[str, Any]) -> Answer:
    return status, [("Content-Type", "application/json")], json.dumps(document).encode()
