"""Checks of `monitoring`: that what an alarm counts is there to be counted."""

from ringwall.blueprint.judgement import Judgement
from ringwall.blueprint.syntax import Path
from ringwall.blueprint.watching import METRICS, Alarm
from ringwall.blueprint.words import did_you_mean

MOST_SUMMED = 10  # metrics of one alarm (CloudWatch quotas)
HERE: Path = ("monitoring",)


def check_watching(judgement: Judgement) -> None:
    """Check everything of `monitoring` and `response`."""
    _check_response(judgement)
    wanted = judgement.bp.monitoring
    if wanted is None:
        return
    if judgement.bp.account is None and not judgement.missing & {"account", "accounts"}:
        message = "keys and topics name the account that may use them, and there is none"
        judgement.error(
            "BP122", HERE, message, "add `account: 123456789012`, your own", at_key=True
        )
    for index, address in enumerate(wanted.subscribers):
        if address in wanted.subscribers[:index]:
            path = (*HERE, "subscribers", index)
            judgement.error("BP049", path, f"{address} is listed twice", "leave out one")
    for name, alarm in wanted.alarms.items():
        _check_alarm(judgement, (*HERE, "alarms", name), alarm)


def _check_response(judgement: Judgement) -> None:
    wanted = judgement.bp.response
    here: Path = ("response",)
    if wanted is None:
        return
    if judgement.bp.monitoring is None and "monitoring" not in judgement.missing:
        message = "what answers alarms needs the topic of `monitoring`, and there is none"
        judgement.error("BP124", here, message, "add `monitoring: {}`", at_key=True)
    elif wanted.package is None and "package" not in judgement.missing:
        message = "no package is named: all of the response is deployed but its function"
        hint = "name the zip under `package`, by `file` or `bucket` and `key`, and its `sha256`"
        judgement.warning("BP126", here, message, hint, at_key=True)


def _check_alarm(judgement: Judgement, path: Path, alarm: Alarm) -> None:
    metric = METRICS[alarm.metric]
    bp = judgement.bp
    here = (*path, "metric")
    if metric.each == "attachment" and bp.transit_gateway is None:
        message = f"{alarm.metric} is counted by a Transit Gateway, and there is none"
        judgement.error("BP123", here, message, "add `transit_gateway`, or another metric")
    elif metric.each == "gateway" and not any(vpc.has_nat for vpc in bp.vpcs.values()):
        message = f"{alarm.metric} is counted by NAT gateways, and there is none"
        judgement.error("BP123", here, message, "give a VPC `nat: one-per-zone`")
    elif metric.each in {"network", "group"}:
        _check_counted(judgement, here, alarm)
    if metric.each == "group" and alarm.of:
        message = f"{alarm.metric} is counted for the whole network alone"
        judgement.error("BP123", (*path, "of"), message, "leave out `of`")
        return
    _check_of(judgement, (*path, "of"), alarm)


def _check_counted(judgement: Judgement, path: Path, alarm: Alarm) -> None:
    logs, metric = judgement.bp.flow_logs, METRICS[alarm.metric]
    if "flow_logs" in judgement.missing:
        return
    if logs is None or logs.destination != "cloudwatch":
        message = f"{alarm.metric} is counted of flow logs in CloudWatch, and there are none"
        judgement.error("BP123", path, message, "write `flow_logs: {destination: cloudwatch}`")
        return
    if metric.fields and logs.traffic not in metric.traffic:
        message = f"{alarm.metric} cannot be counted of flow logs with {logs.traffic} alone"
        judgement.error("BP123", path, message, "write `traffic: ALL`")
    wanted = (*metric.fields, *(("vpc-id",) if alarm.of else ()))
    missing = [name for name in wanted if name not in logs.format]
    if missing:
        message = f"{alarm.metric} needs fields that the flow logs lack: {', '.join(missing)}"
        judgement.error("BP123", path, message, "write `format: full`")


def _check_of(judgement: Judgement, path: Path, alarm: Alarm) -> None:
    bp, metric = judgement.bp, METRICS[alarm.metric]
    segments = bp.transit_gateway.segments if bp.transit_gateway else {}
    for index, name in enumerate(alarm.of):
        here = (*path, index)
        if name in alarm.of[:index]:
            judgement.error("BP049", here, f"{name} is listed twice", "leave out one")
        elif name in bp.vpcs:
            vpc = bp.vpcs[name]
            lacks = (metric.each == "gateway" and not vpc.has_nat) or (
                metric.each == "attachment" and not vpc.is_attached
            )
            if lacks:
                message = f"vpc {name!r} has nothing that counts {alarm.metric}"
                judgement.error("BP123", here, message, f"leave out {name}")
        elif name in segments:
            _check_segment(judgement, here, name, alarm)
        elif name not in judgement.missing:
            hint = did_you_mean(name, [*bp.vpcs, *segments])
            judgement.error("BP045", here, f"no VPC or segment is called {name!r}", hint)


def _check_segment(judgement: Judgement, path: Path, name: str, alarm: Alarm) -> None:
    vpcs = judgement.bp.vpcs_of(name)
    if METRICS[alarm.metric].each != "network":
        message = f"{alarm.metric} is not summed over a segment"
        judgement.error("BP123", path, message, f"name its VPCs: {', '.join(vpcs)}")
    elif not vpcs:
        judgement.error("BP123", path, f"segment {name!r} has no VPCs", "leave it out")
    elif len(vpcs) > MOST_SUMMED:
        message = f"segment {name!r} has {len(vpcs)} VPCs; an alarm sums {MOST_SUMMED} at most"
        judgement.error("BP083", path, message, "name some of its VPCs")
