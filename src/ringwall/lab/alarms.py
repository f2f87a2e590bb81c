"""CloudWatch alarms: evaluated, and delivered to topics as CloudWatch words it.

Rules ("Using Amazon CloudWatch alarms" in the CloudWatch guide):
- An alarm looks at its last evaluation periods, which end with the present minute. It goes off
  when at least `DatapointsToAlarm` of them breach; a period without data is what
  `TreatMissingData` says.
- Where data is missing, CloudWatch looks at some periods before those, too ("evaluation range"),
  without telling how many; a lab does not.
- A new alarm has INSUFFICIENT_DATA. With every change of state its actions for that state are done.
- It is looked at whenever data arrives, and after each minute that passes.
- Of metric math `SUM(METRICS())` is understood; an alarm on anything else keeps its state.
"""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from moto.cloudwatch.models import CloudWatchBackend, MetricAggregatedDatum, cloudwatch_backends
from moto.cloudwatch.responses import CloudWatchResponse
from moto.sns.models import sns_backends

from ringwall.lab import world
from ringwall.lab.actions import wrap
from ringwall.lab.world import Moto

OK, ALARM, UNSURE = "OK", "ALARM", "INSUFFICIENT_DATA"
SIGNS: Mapping[str, tuple[str, Callable[[float, float], bool]]] = {
    "GreaterThanThreshold": ("greater than", lambda a, b: a > b),
    "GreaterThanOrEqualToThreshold": ("greater than or equal to", lambda a, b: a >= b),
    "LessThanThreshold": ("less than", lambda a, b: a < b),
    "LessThanOrEqualToThreshold": ("less than or equal to", lambda a, b: a <= b),
}
# What the console calls a region; a message bears it.
REGIONS = {
    "us-east-1": "US East (N. Virginia)",
    "us-east-2": "US East (Ohio)",
    "us-west-2": "US West (Oregon)",
    "eu-west-1": "EU (Ireland)",
    "eu-central-1": "EU (Frankfurt)",
}
SUM_OF_ALL = "SUM(METRICS())"
Point = tuple[datetime, float | None]


def evaluate() -> None:
    """Look at every alarm of every account and region."""
    for backends in list(cloudwatch_backends.values()):
        for backend in list(backends.values()):
            for alarm in list(backend.alarms.values()):
                _look(backend, alarm)


def begin() -> None:
    """Look at every alarm after each minute that passes in this lab."""

    def again() -> None:
        evaluate()
        world.clock().after(60, again)

    world.clock().after(60, again)


def _look(backend: Moto, alarm: Moto) -> None:
    if alarm.rule or alarm.comparison_operator not in SIGNS:
        return
    points = _points(backend, alarm)
    if points is None:
        return
    state, reason = judge(alarm, points)
    if state and state != alarm.state_value:
        _change(backend, alarm, state, reason)


def _points(backend: Moto, alarm: Moto) -> list[Point] | None:
    """Return the value of each period, the latest first; None for what is not understood."""
    parts = _parts(alarm)
    if parts is None:
        return None
    period = int(parts[0][3])
    now = world.clock().utc().replace(second=0, microsecond=0, tzinfo=None)
    end = now + timedelta(minutes=1)
    found = []
    for number in range(int(alarm.evaluation_periods)):
        last = end - timedelta(seconds=period * number)
        first = last - timedelta(seconds=period)
        values = [
            value
            for namespace, name, dimensions, _, statistic in parts
            if (value := _value(backend, namespace, name, dimensions, first, last, statistic))
            is not None
        ]
        found.append((first, sum(values) if values else None))
    return found


def _parts(alarm: Moto) -> list[tuple[str, str, dict[str, str], int, str]] | None:
    if not alarm.metric_data_queries:
        dimensions = {one.name: one.value for one in alarm.dimensions}
        whole = (alarm.namespace, alarm.metric_name, dimensions, alarm.period, alarm.statistic)
        return [whole] if alarm.statistic else None
    returned = [one for one in alarm.metric_data_queries if one.return_data is not False]
    stats = [one.metric_stat for one in alarm.metric_data_queries if one.metric_stat]
    is_sum = len(returned) == 1 and returned[0].expression == SUM_OF_ALL
    if not is_sum or any(one.stat != "Sum" for one in stats):
        return None
    return [
        (
            one.metric.namespace,
            one.metric.metric_name,
            {d.name: d.value for d in one.metric.dimensions},
            int(one.period),
            one.stat,
        )
        for one in stats
    ]


def _value(
    backend: Moto,
    namespace: str,
    name: str,
    dimensions: Mapping[str, str],
    first: datetime,
    last: datetime,
    statistic: str,
) -> float | None:
    """Return a statistic of what was counted from `first` until before `last`."""
    total, samples, least, most = 0.0, 0.0, math.inf, -math.inf
    for datum in backend.metric_data:
        if datum.namespace != namespace or datum.name != name:
            continue
        if not first <= _naive(datum.timestamp) < last:
            continue
        if {one.name: one.value for one in datum.dimensions} != dimensions:
            continue
        if isinstance(datum, MetricAggregatedDatum):
            total, samples = total + datum.sum, samples + datum.sample_count
            least, most = min(least, datum.min), max(most, datum.max)
        else:
            total, samples = total + datum.value, samples + 1
            least, most = min(least, datum.value), max(most, datum.value)
    if not samples:
        return None
    figures = {"Sum": total, "SampleCount": samples, "Minimum": least, "Maximum": most}
    return figures.get(statistic, total / samples)


def _naive(when: datetime) -> datetime:
    return when.replace(tzinfo=None)


def judge(alarm: Moto, points: list[Point]) -> tuple[str, str]:
    """Return the state that the values of an alarm's periods mean, and the reason; "" for none."""
    words, breaches = SIGNS[alarm.comparison_operator]
    threshold = float(alarm.threshold)
    missing = alarm.treat_missing_data or "missing"
    known = [(when, value) for when, value in points if value is not None]
    bad = [(when, value) for when, value in known if breaches(value, threshold)]
    lacking = len(points) - len(known)
    needed = int(alarm.datapoints_to_alarm or alarm.evaluation_periods)
    breaching = len(bad) + (lacking if missing == "breaching" else 0)
    limit = f"the threshold ({threshold})"
    if breaching >= needed:
        shown = ", ".join(f"{value} ({when:%d/%m/%y %H:%M:%S})" for when, value in bad)
        if not shown:
            some = f"no datapoints were received for {lacking} periods"
            return ALARM, f"Threshold Crossed: {some} and [Breaching] was treated as missing data."
        return ALARM, (
            f"Threshold Crossed: {len(bad)} out of the last {len(points)} datapoints [{shown}] "
            f"was {words} {limit} (minimum {needed} datapoint for OK -> ALARM transition)."
        )
    if not known and missing in {"missing", "ignore"}:
        if missing == "ignore":
            return "", ""
        return UNSURE, f"Insufficient Data: {len(points)} datapoints were unknown."
    if missing == "ignore" and lacking:
        return "", ""
    return OK, (
        f"Threshold Crossed: {len(points) - breaching} out of the last {len(points)} datapoints "
        f"was not {words} {limit}."
    )


def _change(backend: Moto, alarm: Moto, state: str, reason: str) -> None:
    before = alarm.state_value
    alarm.update_state(reason, "{}", state)
    tell(backend, alarm, before)


def tell(backend: Moto, alarm: Moto, before: str) -> None:
    """Do an alarm's actions for the state that it has now; topics are what is known here."""
    actions = {
        ALARM: alarm.alarm_actions,
        OK: alarm.ok_actions,
        UNSURE: alarm.insufficient_data_actions,
    }[alarm.state_value]
    if not alarm.actions_enabled:
        return
    place = REGIONS.get(alarm.region_name, alarm.region_name)
    subject = f'{alarm.state_value}: "{alarm.name}" in {place}'[:100]
    text = json.dumps(message(alarm, before, backend.account_id))
    for arn in actions or ():
        if arn.split(":")[2:3] == ["sns"]:
            topics = sns_backends[backend.account_id][arn.split(":")[3]].topics
            if arn in topics:
                topics[arn].publish(text, subject=subject)


def message(alarm: Moto, before: str, account: str) -> dict[str, Any]:
    """Return what CloudWatch publishes of a change of state."""
    now = world.clock().utc()
    stamp = f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}+0000"
    return {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description or None,
        "AWSAccountId": account,
        "AlarmConfigurationUpdatedTimestamp": stamp,
        "NewStateValue": alarm.state_value,
        "NewStateReason": alarm.state_reason,
        "StateChangeTime": stamp,
        "Region": REGIONS.get(alarm.region_name, alarm.region_name),
        "AlarmArn": alarm.alarm_arn,
        "OldStateValue": before,
        "OKActions": list(alarm.ok_actions or ()),
        "AlarmActions": list(alarm.alarm_actions or ()),
        "InsufficientDataActions": list(alarm.insufficient_data_actions or ()),
        "Trigger": _trigger(alarm),
    }


def _dimensions(given: Iterable[Moto]) -> list[dict[str, str]]:
    return [{"value": one.value, "name": one.name} for one in given]


def _trigger(alarm: Moto) -> dict[str, Any]:
    found: dict[str, Any] = {
        "Period": alarm.period,
        "EvaluationPeriods": alarm.evaluation_periods,
        "DatapointsToAlarm": alarm.datapoints_to_alarm,
        "ComparisonOperator": alarm.comparison_operator,
        "Threshold": alarm.threshold,
        "TreatMissingData": alarm.treat_missing_data or "",
        "EvaluateLowSampleCountPercentile": "",
    }
    if not alarm.metric_data_queries:
        return {
            "MetricName": alarm.metric_name,
            "Namespace": alarm.namespace,
            "StatisticType": "Statistic",
            "Statistic": str(alarm.statistic).upper(),
            "Unit": alarm.unit,
            "Dimensions": _dimensions(alarm.dimensions),
            **found,
        }
    metrics = []
    for one in alarm.metric_data_queries:
        shown: dict[str, Any] = {"Id": one.id, "ReturnData": one.return_data is not False}
        if one.expression:
            shown |= {"Expression": one.expression, "Label": one.label}
        if one.metric_stat:
            inner = one.metric_stat
            shown["MetricStat"] = {
                "Metric": {
                    "Dimensions": _dimensions(inner.metric.dimensions),
                    "MetricName": inner.metric.metric_name,
                    "Namespace": inner.metric.namespace,
                },
                "Period": inner.period,
                "Stat": inner.stat,
            }
        metrics.append(shown)
    return {"Metrics": metrics, **found}


def install() -> None:
    """Evaluate alarms, keep their states through changes, and tell of each change."""

    @wrap(CloudWatchBackend, "put_metric_alarm")
    def put(original: Moto, self: Moto, **given: Moto) -> Moto:
        there = self.alarms.get(given["name"])
        if there is not None:
            given = {**given, "tags": None}  # "any tags you specify … are ignored" of an update
        alarm = original(self, **given)
        if there is None:
            alarm.state_value = UNSURE
        else:
            alarm.state_value, alarm.state_reason = there.state_value, there.state_reason
        return alarm

    @wrap(CloudWatchResponse, "put_metric_data")
    def put_data(original: Moto, self: Moto) -> Moto:
        answer = original(self)
        evaluate()
        return answer

    @wrap(CloudWatchBackend, "set_alarm_state")
    def set_state(
        original: Moto, self: Moto, name: str, reason: str, data: str, state: str
    ) -> None:
        before = self.alarms[name].state_value if name in self.alarms else ""
        original(self, name, reason, data, state)
        if state != before:
            tell(self, self.alarms[name], before)
