"""Metric filters of CloudWatch Logs: what moto lacks of them, and their counting.

Rules:
- A line counts at its own time. What matches in one request is summed by the minute, so that a
  million lines make a few figures.
- Where a filter has a default value, a minute with lines of which none matches has that value.
- A line whose value or dimension is no field, or no number, is not counted.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.logs.metric_filters import MetricFilters
from moto.logs.models import LogsBackend

from ringwall.lab import alarms, world
from ringwall.lab.actions import refuse, wrap
from ringwall.lab.log_groups import accepted
from ringwall.lab.patterns import Pattern, PatternError, parse
from ringwall.lab.world import Moto

MINUTE = 60_000  # milliseconds
Dimensions = tuple[tuple[str, str], ...]


def _value(text: str, fields: Mapping[str, str]) -> float | None:
    written = fields.get(text[1:], "") if text.startswith("$") else text
    try:
        return float(written)
    except ValueError:
        return None


def _dimensions(wanted: Mapping[str, str], fields: Mapping[str, str]) -> Dimensions | None:
    found = {name: fields.get(value[1:], "") for name, value in wanted.items()}
    if not all(value and value != "-" for value in found.values()):
        return None
    return tuple(sorted(found.items()))


def count(
    pattern: Pattern, made: Mapping[str, Any], events: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return what a filter's transformation makes of log events, as PutMetricData takes it."""
    values: dict[tuple[int, Dimensions], list[float]] = defaultdict(list)
    minutes: set[int] = set()
    wanted = made.get("dimensions") or {}
    for event in events:
        minute = int(event["timestamp"]) // MINUTE
        minutes.add(minute)
        fields = pattern.match(event["message"])
        if fields is None:
            continue
        value = _value(str(made["metricValue"]), fields)
        dimensions = _dimensions(wanted, fields)
        if value is not None and dimensions is not None:
            values[minute, dimensions].append(value)
    if made.get("defaultValue") is not None and not wanted:
        for minute in minutes:
            if (minute, ()) not in values:
                values[minute, ()] = [float(made["defaultValue"])]
    return [_datum(made, *key, found) for key, found in sorted(values.items())]


def _datum(
    made: Mapping[str, Any], minute: int, dimensions: Dimensions, values: list[float]
) -> dict[str, Any]:
    when = datetime.fromtimestamp(minute * MINUTE / 1000, UTC).replace(tzinfo=None)
    return {
        "MetricName": made["metricName"],
        "Timestamp": when,
        "Unit": made.get("unit", "None"),
        "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions],
        "StatisticValues": {
            "SampleCount": len(values),
            "Sum": sum(values),
            "Minimum": min(values),
            "Maximum": max(values),
        },
    }


def _arrived(logs: Moto, group: str, events: list[Any]) -> None:
    """Count what arrived in a group, by its filters and as such."""
    backend = cloudwatch_backends[logs.account_id][logs.region_name]
    for one in logs.filters.get_matching_filters(log_group_name=group):
        pattern = parse(one["filterPattern"])
        for made in one["metricTransformations"]:
            data = count(pattern, made, events)
            if data:
                backend.put_metric_data(made["metricNamespace"], data)
    dimensions = [{"Name": "LogGroupName", "Value": group}]
    when = world.clock().utc().replace(tzinfo=None)
    datum = {"MetricName": "IncomingLogEvents", "Value": float(len(events)), "Timestamp": when}
    backend.put_metric_data("AWS/Logs", [{**datum, "Dimensions": dimensions}])
    alarms.evaluate()


def install() -> None:
    """Let a filter take the place of the one of its name, and count lines as they arrive."""

    @wrap(MetricFilters, "add_filter")
    def put(original: Moto, self: Moto, name: str, text: str, group: str, made: Moto) -> None:
        try:
            parse(text)
        except PatternError as bad:
            refuse("InvalidParameterException", f"Invalid metric filter pattern: {bad}")
        self.delete_filter(name, group)
        original(self, name, text, group, made)

    @wrap(LogsBackend, "put_log_events")
    def put_events(original: Moto, self: Moto, group: str, stream: str, events: Moto) -> Moto:
        answer = original(self, group, stream, events)
        _arrived(self, group, accepted(events))
        return answer
