"""Alarms as written, and the standard ones, into alarm nodes.

Rules:
- An alarm is called `ringwall/<deployment>/<name>`, and `…/<name>/<where>` where there are several.
- It tells the topic when it goes off, and when it is over.
- Records of flow logs come late: after their window, and some five minutes for their delivery. So
  an alarm above a count of them looks at so many periods more, of which as many must be too much
  as were asked for; or it would miss what arrives when its period is over.
- A sum that is above a threshold in a period without data is not: what does not happen is not
  counted. What must happen (records that arrive) alarms by its absence.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ringwall.blueprint.compile.counting import VPC_DIMENSION, counts, namespace, wanted_counts
from ringwall.blueprint.compile.draft import Draft, Scope
from ringwall.blueprint.compile.logs import KEY as FLOW_LOGS
from ringwall.blueprint.compile.networks import nat_ref
from ringwall.blueprint.compile.site import Site, VpcSite
from ringwall.blueprint.compile.survey import origin_of
from ringwall.blueprint.compile.transit_gateway import attachment_ref
from ringwall.blueprint.syntax import Blueprint
from ringwall.blueprint.watching import METRICS, Alarm
from ringwall.model.graph import Ref

ALARM = "AWS::CloudWatch::Alarm"
DAY = 24 * 3600  # seconds
DELIVERY = 300  # seconds: "typically … to CloudWatch Logs in about 5 minutes" (VPC guide)
# AWS's own metrics: namespace and name.
TRANSIT = {
    "transit-no-route": "PacketDropCountNoRoute",
    "transit-blackhole": "PacketDropCountBlackhole",
    "transit-bytes-out": "BytesOut",
}
NAT = {
    "nat-port-errors": "ErrorPortAllocation",
    "nat-packets-dropped": "PacketsDropCount",
    "nat-bytes-out": "BytesOutToDestination",
}
STANDARD = {
    "flow-logs-silent": Alarm(
        metric="flow-log-events",
        below=1,
        periods=3,
        description="No flow log record arrived for a quarter of an hour: nothing is watched.",
    ),
    "admin-from-outside": Alarm(
        metric="admin-from-outside",
        above=0,
        description="A public address was let in to a port of administration.",
    ),
    "transit-no-route": Alarm(
        metric="transit-no-route",
        above=0,
        periods=3,
        description="Packets to a destination that the segment of their VPC has no route to.",
    ),
    "transit-blackhole": Alarm(
        metric="transit-blackhole",
        above=0,
        description="Packets met a blackhole route: somebody tried what segments forbid.",
    ),
    "nat-port-errors": Alarm(
        metric="nat-port-errors",
        above=0,
        description="A NAT gateway had no port left for new connections to a destination.",
    ),
}


@dataclass(frozen=True, slots=True)
class Counted:
    """A metric of CloudWatch, and where it is counted: "" for the whole network."""

    where: str
    namespace: str
    name: str
    dimensions: tuple[tuple[str, Any], ...] = ()

    @property
    def as_metric(self) -> dict[str, Any]:
        """Return what an alarm says of it."""
        found: dict[str, Any] = {"Namespace": self.namespace, "MetricName": self.name}
        if self.dimensions:
            found["Dimensions"] = [{"Name": n, "Value": v} for n, v in self.dimensions]
        return found


def compile_alarms(draft: Draft, bp: Blueprint, site: Site, topic: Ref) -> None:
    """Add every alarm."""
    assert bp.monitoring is not None
    for name, alarm in {**standard(bp, site), **bp.monitoring.alarms}.items():
        origin = origin_of(bp, ("monitoring", "alarms", name))
        for where, watched in _watched(bp, site, alarm):
            key = f"{name}/{where}" if where else name
            properties = {
                "AlarmName": alarm_name(draft.deployment, key),
                "AlarmDescription": alarm.description or _said(alarm, where),
                "AlarmActions": [topic],
                "OKActions": [topic],
                "ComparisonOperator": "GreaterThanThreshold"
                if alarm.below is None
                else "LessThanThreshold",
                "Threshold": alarm.above if alarm.below is None else alarm.below,
                **_periods(bp, alarm),
                "TreatMissingData": alarm.treat_missing_data,
                **_measured(watched, alarm.minutes * 60),
            }
            draft.add(ALARM, key, properties, origin, own=Scope())


def _periods(bp: Blueprint, alarm: Alarm) -> dict[str, int | None]:
    """Return how many periods are looked at, and how many of them must be too much."""
    logs, late = bp.flow_logs, 0
    if logs is not None and alarm.above is not None and METRICS[alarm.metric].each == "network":
        period = alarm.minutes * 60
        late = -(-(logs.aggregation_seconds + DELIVERY) // period)
        late = min(late, DAY // period - alarm.periods)  # PutMetricAlarm: a day at most
    wanted = alarm.datapoints or (alarm.periods if late else None)
    return {"EvaluationPeriods": alarm.periods + late, "DatapointsToAlarm": wanted}


def alarm_name(deployment: str, key: str) -> str:
    """Return the name of an alarm of a deployment."""
    return f"ringwall/{deployment}/{key}"


def standard(bp: Blueprint, site: Site) -> dict[str, Alarm]:
    """Return the standard alarms of which something here is counted."""
    assert bp.monitoring is not None
    if not bp.monitoring.standard_alarms:
        return {}
    return {name: alarm for name, alarm in STANDARD.items() if any(_watched(bp, site, alarm))}


def _said(alarm: Alarm, where: str) -> str:
    limit = f"above {alarm.above:g}" if alarm.above is not None else f"below {alarm.below:g}"
    at = f" at {where}" if where else ""
    what = METRICS[alarm.metric].what
    return f"{what[0].upper()}{what[1:]}{at}: {limit} in {alarm.minutes} minutes."


def _measured(watched: tuple[Counted, ...], seconds: int) -> dict[str, Any]:
    """Return what is held against the threshold: a metric, or the sum of several."""
    if len(watched) == 1:
        return {**watched[0].as_metric, "Statistic": "Sum", "Period": seconds}
    parts = [
        {
            "Id": f"m{number}",
            "MetricStat": {"Metric": one.as_metric, "Period": seconds, "Stat": "Sum"},
            "ReturnData": False,
        }
        for number, one in enumerate(watched, 1)
    ]
    return {"Metrics": [{"Id": "total", "Expression": "SUM(METRICS())", "Label": "total"}, *parts]}


def _watched(bp: Blueprint, site: Site, alarm: Alarm) -> Iterator[tuple[str, tuple[Counted, ...]]]:
    """Yield where an alarm stands, and what is summed there."""
    if METRICS[alarm.metric].each != "network":
        chosen = [vpc for vpc in site.vpcs if not alarm.of or vpc.name in alarm.of]
        yield from ((one.where, (one,)) for one in _of_aws(bp, site, alarm.metric, chosen))
        return
    if alarm.metric not in wanted_counts(bp):
        return
    if not alarm.of:
        yield "", (of_network(bp, alarm.metric),)
    for name in alarm.of:
        vpc = site.by_name.get(name)
        members = (vpc,) if vpc else tuple(site.by_name[each] for each in bp.vpcs_of(name))
        yield name, tuple(of_vpc(bp, alarm.metric, each) for each in members)


def of_network(bp: Blueprint, metric: str) -> Counted:
    """Return what the flow logs count of a metric in the whole network."""
    return Counted("", namespace(bp.name), counts(bp)[metric].metric)


def of_vpc(bp: Blueprint, metric: str, vpc: VpcSite) -> Counted:
    """Return what the flow logs count of a metric in one VPC."""
    name = counts(bp)[metric].metric
    return Counted(vpc.name, namespace(bp.name), name, ((VPC_DIMENSION, vpc.ref),))


def _of_aws(bp: Blueprint, site: Site, metric: str, vpcs: Iterable[VpcSite]) -> Iterator[Counted]:
    if metric in TRANSIT:
        yield from of_attachments(site, metric, vpcs)
    elif metric in NAT:
        yield from of_gateways(metric, vpcs)
    elif bp.flow_logs is not None and bp.flow_logs.destination == "cloudwatch":
        group = Ref("AWS::Logs::LogGroup", FLOW_LOGS)
        yield Counted("", "AWS/Logs", "IncomingLogEvents", (("LogGroupName", group),))


def of_attachments(site: Site, metric: str, vpcs: Iterable[VpcSite]) -> Iterator[Counted]:
    """Yield what the Transit Gateway counts of a metric, an attachment each."""
    for vpc in vpcs:
        if site.segment_of(vpc) is not None:
            dimensions = (
                ("TransitGateway", site.transit_gateway),
                ("TransitGatewayAttachment", attachment_ref(vpc.name)),
            )
            yield Counted(vpc.name, "AWS/TransitGateway", TRANSIT[metric], dimensions)


def of_gateways(metric: str, vpcs: Iterable[VpcSite]) -> Iterator[Counted]:
    """Yield what NAT gateways count of a metric, one each."""
    for vpc in vpcs:
        for zone in vpc.nat_zones:
            gateway = nat_ref(vpc, zone)
            where = f"{vpc.name}/{zone}"
            yield Counted(where, "AWS/NATGateway", NAT[metric], (("NatGatewayId", gateway),))
