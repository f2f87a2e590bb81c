"""What is counted of flow logs, as patterns of CloudWatch Logs that fit the format deployed.

Rules:
- A record is a line of fields between spaces; a pattern names each up to the last that it judges,
  and ends in an ellipsis ("Filter pattern syntax for metric filters", space-delimited events).
- A record without data has hyphens in its fields, and matches none of the patterns.
- What leaves is counted where it leaves: a flow through a NAT gateway is recorded twice, at the
  workload and at the gateway, and `traffic-path` 8 (through an internet gateway) tells them apart.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ringwall.blueprint.syntax import Blueprint
from ringwall.blueprint.watching import METRICS

INTERNET_GATEWAY_PATH = 8  # traffic-path ("Available fields", VPC guide)
SYN = 2  # tcp-flags of an attempt that was not answered
# tcp-flags of a window in which its sender opened a connection: SYN, with FIN, RST or both. An
# answer has SYN-ACK (18) or none, so that what comes back to a client's port is not counted.
OPENINGS = (2, 3, 6, 7)
# Addresses that no packet from the internet bears: RFC 1918 and link-local. RFC 6598 would take
# 64 prefixes, for which a pattern has no room.
INSIDE = (
    "10.*",
    "192.168.*",
    "169.254.*",
    *(f"172.{second}.*" for second in range(16, 32)),
)
LONGEST_PATTERN = 1024  # PutMetricFilter, filterPattern
VPC_DIMENSION = "VpcId"


@dataclass(frozen=True, slots=True)
class Count:
    """A metric of the flow logs: its name in CloudWatch, what it judges of a record, its value."""

    metric: str
    conditions: Mapping[str, str]
    value: str = "1"
    unit: str = "Count"


def counts(bp: Blueprint) -> dict[str, Count]:
    """Return what can be counted of a blueprint's flow logs, by the name in the blueprint."""
    assert bp.monitoring is not None
    ports = " || ".join(f"dstport = {port}" for port in bp.monitoring.admin_ports)
    openings = " || ".join(f"tcp_flags = {flags}" for flags in OPENINGS)
    outside = " && ".join(f"srcaddr != {prefix}" for prefix in INSIDE)
    return {
        "rejected": Count("Rejected", {"action": "action = REJECT"}),
        "accepted": Count("Accepted", {"action": "action = ACCEPT"}),
        "probes": Count("Probes", {"action": "action = REJECT", "tcp-flags": f"tcp_flags = {SYN}"}),
        "admin-from-outside": Count(
            "AdminFromOutside",
            {
                "srcaddr": outside,
                "dstport": ports,
                "action": "action = ACCEPT",
                "tcp-flags": openings,
                "flow-direction": "flow_direction = ingress",
            },
        ),
        "bytes-out": Count(
            "BytesOut",
            {
                "action": "action = ACCEPT",
                "flow-direction": "flow_direction = egress",
                "traffic-path": f"traffic_path = {INTERNET_GATEWAY_PATH}",
            },
            value="$bytes",
            unit="Bytes",
        ),
    }


def pattern(log_format: Iterable[str], count: Count, *more: str) -> str:
    """Return the pattern of a count over records of this format; `more` are fields that it names.

    >>> pattern(("version", "action", "vpc-id"), Count("Rejected", {"action": "action = REJECT"}))
    '[f1, action = REJECT, ...]'
    """
    fields = list(log_format)
    named = {*more, *((count.value.removeprefix("$"),) if count.value[0] == "$" else ())}
    wanted = {field: field.replace("-", "_") for field in named} | dict(count.conditions)
    last = max(fields.index(field) for field in wanted)
    parts = [wanted.get(field, f"f{place}") for place, field in enumerate(fields[: last + 1], 1)]
    return f"[{', '.join([*parts, *(['...'] if last + 1 < len(fields) else [])])}]"


def filters(bp: Blueprint) -> dict[str, dict[str, Any]]:
    """Return the metric filters by name: of the whole network, and of each VPC.

    A filter with a dimension has no default value ("If you use default values … you can't assign
    dimensions"), so that a VPC without records has no data.
    """
    assert bp.flow_logs is not None
    made: dict[str, dict[str, Any]] = {}
    for name, count in wanted_counts(bp).items():
        common = {
            "MetricName": count.metric,
            "MetricNamespace": namespace(bp.name),
            "MetricValue": count.value,
            "Unit": count.unit,
        }
        made[name] = {
            "FilterPattern": pattern(bp.flow_logs.format, count),
            "MetricTransformations": [{**common, "DefaultValue": 0.0}],
        }
        if "vpc-id" in bp.flow_logs.format:
            dimension = {"Key": VPC_DIMENSION, "Value": "$vpc_id"}
            made[f"{name}-by-vpc"] = {
                "FilterPattern": pattern(bp.flow_logs.format, count, "vpc-id"),
                "MetricTransformations": [{**common, "Dimensions": [dimension]}],
            }
    return made


def wanted_counts(bp: Blueprint) -> dict[str, Count]:
    """Return the counts that the flow logs bear, by the name in the blueprint."""
    logs = bp.flow_logs
    if logs is None or logs.destination != "cloudwatch":
        return {}
    return {
        name: count
        for name, count in counts(bp).items()
        if logs.traffic in METRICS[name].traffic and set(METRICS[name].fields) <= set(logs.format)
    }


def namespace(deployment: str) -> str:
    """Return the namespace of a deployment's own metrics."""
    return f"Ringwall/{deployment}"
