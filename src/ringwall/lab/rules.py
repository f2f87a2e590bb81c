"""Rules of EventBridge: delivery to functions and topics, and schedules.

Rules:
- What a target is given as `Input` takes the event's place.
- A rule whose target is a function or topic that is gone fails for that target alone, as on AWS.
- Schedules (`rate(…)`) run when time is moved by hand: a request's second moves no schedule.
"""

import json
import re
import uuid
from collections.abc import Mapping
from typing import Any

from moto.awslambda.utils import get_backend
from moto.events.models import Rule, events_backends
from moto.sns.models import sns_backends

from ringwall.lab import world
from ringwall.lab.actions import wrap
from ringwall.lab.functions import call_later
from ringwall.lab.world import Moto

_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}


def _event(rule: Moto, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event as EventBridge gives it ("Events in Amazon EventBridge")."""
    now = world.clock().utc()
    return {
        "version": "0",
        "id": str(given.get("id") or uuid.uuid4()),
        "detail-type": given["detail-type"],
        "source": given["source"],
        "account": rule.account_id,
        "time": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "region": rule.region_name,
        "resources": list(given.get("resources") or ()),
        "detail": given.get("detail") or {},
    }


def _deliver(rule: Moto, target: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """Give an event to a function or topic; tell whether the target is one."""
    parts = target["Arn"].split(":")
    text = target.get("Input") or json.dumps(event)
    match parts[2]:
        case "lambda":
            functions = get_backend(rule.account_id, parts[3])
            known = {one.function_name: one for one in functions.list_functions()}
            if parts[6] in known:
                call_later(known[parts[6]], text)
        case "sns":
            topics = sns_backends[rule.account_id][parts[3]].topics
            if target["Arn"] in topics:
                topics[target["Arn"]].publish(text)
        case _:
            return False
    return True


def run_schedules(seconds: float) -> None:
    """Run every schedule as often as it is due within the seconds that have passed."""
    for backends in list(events_backends.values()):
        for backend in list(backends.values()):
            for bus in backend.event_buses.values():
                for rule in list(bus.rules.values()):
                    _run(rule, seconds)


def _run(rule: Moto, seconds: float) -> None:
    rate = _RATE.fullmatch(rule.scheduled_expression or "")
    if rate is None or rule.state != "ENABLED":
        return
    every = int(rate[1]) * _SECONDS[rate[2]]
    passed: dict[str, float] = world.current().shelf.setdefault("schedules", {})
    total = passed.get(rule.arn, 0.0) + seconds
    passed[rule.arn] = total % every
    given = {"detail-type": "Scheduled Event", "source": "aws.events", "resources": [rule.arn]}
    for _ in range(int(total // every)):
        event = _event(rule, given)
        for target in rule.targets:
            _deliver(rule, target, event)


def install() -> None:
    """Deliver events to functions and topics, which moto does not."""

    @wrap(Rule, "send_to_targets")
    def send(original: Moto, self: Moto, event: Moto, **more: Moto) -> None:
        if self.state != "ENABLED" or not self.event_pattern.matches_event(event):
            return
        every = list(self.targets)
        made = _event(self, event)
        self.targets = [target for target in every if not _deliver(self, target, made)]
        try:
            original(self, event, **more)
        finally:
            self.targets = every
