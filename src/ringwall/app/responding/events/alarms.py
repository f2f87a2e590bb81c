"""The message of a CloudWatch alarm → an event that names nobody, with the window to look at.

Source: CloudWatch user guide, "Alarm events and EventBridge", and the JSON of SNS notifications.

Rules:
- An alarm is about the periods that it judged before its state changed, and what flow logs bring
  late is looked at too.
- Only a change to ALARM is an event. Its id is the alarm and the moment of that change, whichever
  way it came.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ringwall.app.responding.events.arrivals import Passed
from ringwall.app.responding.events.told import MOST_REASON, Told
from ringwall.model.finding import Severity
from ringwall.playbooks.records import Event, Source, digest

LATENESS: Final = 900  # seconds: a window of ten minutes, and what its delivery takes
LONGEST: Final = 6 * 3600  # seconds of logs that are looked at for one alarm
UNTOLD: Final = 300  # seconds of the window of an alarm that has no period, as a composite one
_ALARM: Final = "ALARM"


def of_notification(told: Told) -> Iterator[Event | Passed]:
    """Read what CloudWatch sends to an SNS topic; raises InputError."""
    name, state = told.needed("AlarmName"), told.needed("NewStateValue")
    if state != _ALARM:
        yield Passed(f"alarm {name!r} went to {state}")
        return
    trigger = told.at("Trigger")
    arn = told.text("AlarmArn") or _named(told.text("AWSAccountId"), told.text("Region"), name)
    metrics = [each.at("MetricStat") for each in trigger.items("Metrics")]
    periods = [each.number("Period", 0) for each in (trigger, *metrics)]
    evidence = {
        "alarm": arn,
        "account": told.text("AWSAccountId"),
        "reason": told.text("NewStateReason", MOST_REASON),
        "metric": trigger.text("MetricName"),
        "namespace": trigger.text("Namespace"),
        "dimensions": {d.text("name"): d.text("value") for d in trigger.items("Dimensions")},
        "threshold": trigger.number("Threshold", 0),
    }
    length = max(periods) * trigger.number("EvaluationPeriods", 1)
    yield _event(name, told.millis("StateChangeTime"), length, evidence)


def of_change(told: Told) -> Iterator[Event | Passed]:
    """Read what CloudWatch sends to EventBridge about an alarm; raises InputError."""
    detail = told.at("detail")
    name, state = detail.needed("alarmName"), detail.needed("state.value")
    if state != _ALARM:
        yield Passed(f"alarm {name!r} went to {state}")
        return
    resources = [each.text("") for each in told.items("resources")]
    metrics = [each.at("metricStat") for each in detail.items("configuration.metrics")]
    evidence: dict[str, Any] = {
        "alarm": next(iter(resources), _named(told.text("account"), told.text("region"), name)),
        "account": told.text("account"),
        "reason": detail.text("state.reason", MOST_REASON),
    }
    if metrics:
        evidence["metric"] = metrics[0].text("metric.name")
        evidence["namespace"] = metrics[0].text("metric.namespace")
    length = max((each.number("period", 0) for each in metrics), default=0)
    yield _event(name, detail.millis("state.timestamp"), length, evidence)


def _named(account: str, region: str, name: str) -> str:
    return f"arn:aws:cloudwatch:{region}:{account}:alarm:{name}"


def _event(name: str, changed: int, length: float, evidence: Mapping[str, Any]) -> Event:
    """Return the event; `changed` in milliseconds, `length` the seconds that were judged."""
    judged = int(min(max(length, 0) or UNTOLD, LONGEST - LATENESS))
    last = changed // 1000
    reason = evidence["reason"] or "it says no reason"
    return Event(
        id=digest("alarm", evidence["alarm"], str(changed)),
        source=Source.ALARM,
        kind=name,
        title=f"alarm {name}: {reason}",
        severity=Severity.HIGH,  # an alarm has none of its own
        parties=(),
        first=max(last - judged - LATENESS, 0),
        last=last,
        evidence={**evidence, "judged_seconds": judged},
    )
