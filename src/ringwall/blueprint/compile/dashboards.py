"""Dashboards: one of the whole network, and one a segment.

Rule: every metric on them is one that is counted: by the filters of the flow logs, by the Transit
Gateway, or by NAT gateways.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from ringwall.blueprint.compile.alarms import (
    ALARM,
    Counted,
    of_attachments,
    of_gateways,
    of_network,
    of_vpc,
)
from ringwall.blueprint.compile.counting import wanted_counts
from ringwall.blueprint.compile.draft import Draft, Scope
from ringwall.blueprint.compile.logs import KEY as FLOW_LOGS
from ringwall.blueprint.compile.logs import log_group_name
from ringwall.blueprint.compile.questions import possible
from ringwall.blueprint.compile.site import Site, VpcSite
from ringwall.blueprint.syntax import Blueprint
from ringwall.model.graph import Origin
from ringwall.resources.dashboard import TYPE, name_of

WIDTH, HEIGHT, ACROSS = 12, 6, 2  # of a widget, in a grid of 24
MOST_METRICS = 500  # of a widget (CloudWatch quotas)
OVERVIEW = "overview"
Widget = dict[str, Any]
TRAFFIC = (
    ("rejected", "Rejected flows"),
    ("accepted", "Accepted flows"),
    ("probes", "Rejected attempts to connect"),
    ("admin-from-outside", "Let in to ports of administration from outside"),
    ("bytes-out", "Bytes to the internet"),
)
GATEWAYS = (
    ("nat-port-errors", "NAT: no port left"),
    ("nat-bytes-out", "NAT: bytes to the internet"),
    ("nat-packets-dropped", "NAT: packets dropped"),
)
ATTACHMENTS = (
    ("transit-no-route", "Transit Gateway: packets without a route"),
    ("transit-blackhole", "Transit Gateway: packets to blackholes"),
)


def compile_dashboards(draft: Draft, bp: Blueprint, site: Site, origin: Origin | None) -> None:
    """Add the overview, and a dashboard a segment; after the alarms, which the overview shows."""
    widgets = [*_alarms(draft), *_traffic(bp, draft, site.vpcs), *_logs(draft, bp)]
    widgets += _of_aws(site, draft, site.vpcs)
    _add(draft, OVERVIEW, widgets, origin)
    for segment in site.segments:
        vpcs = [vpc for vpc in site.vpcs if vpc.segment == segment.name]
        if vpcs:
            inner = [*_traffic(bp, draft, vpcs), *_of_aws(site, draft, vpcs)]
            _add(draft, f"segment/{segment.name}", inner, origin)


def _add(draft: Draft, key: str, widgets: list[Widget], origin: Origin | None) -> None:
    if not widgets:
        return
    placed = [
        {
            **widget,
            "x": WIDTH * (number % ACROSS),
            "y": HEIGHT * (number // ACROSS),
            "width": WIDTH,
            "height": HEIGHT,
        }
        for number, widget in enumerate(widgets)
    ]
    properties = {
        "DashboardName": name_of(draft.deployment, key),
        "DashboardBody": {"widgets": placed},
    }
    draft.add(TYPE, key, properties, origin, own=Scope())


def _metrics(draft: Draft, title: str, counted: Iterable[Counted]) -> Iterator[Widget]:
    lines = []
    for one in list(counted)[:MOST_METRICS]:
        dimensions = [part for pair in one.dimensions for part in pair]
        lines.append([one.namespace, one.name, *dimensions, {"label": one.where or "all"}])
    if lines:
        yield {
            "type": "metric",
            "properties": {
                "title": title,
                "metrics": lines,
                "period": 300,
                "stat": "Sum",
                "region": draft.region,
                "view": "timeSeries",
            },
        }


def _traffic(bp: Blueprint, draft: Draft, vpcs: Iterable[VpcSite]) -> Iterator[Widget]:
    counted = wanted_counts(bp)
    assert bp.flow_logs is not None or not counted
    by_vpc = bp.flow_logs is not None and "vpc-id" in bp.flow_logs.format
    for metric, title in TRAFFIC:
        if metric not in counted:
            continue
        lines = [of_vpc(bp, metric, vpc) for vpc in vpcs] if by_vpc else [of_network(bp, metric)]
        yield from _metrics(draft, title, lines)


def _of_aws(site: Site, draft: Draft, vpcs: Iterable[VpcSite]) -> Iterator[Widget]:
    listed = list(vpcs)
    for metric, title in ATTACHMENTS:
        yield from _metrics(draft, title, of_attachments(site, metric, listed))
    for metric, title in GATEWAYS:
        yield from _metrics(draft, title, of_gateways(metric, listed))


def _alarms(draft: Draft) -> Iterator[Widget]:
    names = sorted(
        str(node.properties["AlarmName"]) for node in draft.nodes.values() if node.type == ALARM
    )
    if names:
        arns = [draft.arn("cloudwatch", f"alarm:{name}") for name in names[:100]]
        yield {"type": "alarm", "properties": {"title": "Alarms", "alarms": arns}}


def _logs(draft: Draft, bp: Blueprint) -> Iterator[Widget]:
    titles = {
        "suspicious-traffic": "Sources that were rejected most",
        "port-scan": "Sources that tried most ports",
        "data-exfiltration": "Who sends most to the internet",
    }
    for name, text in possible(bp).items():
        source = f"SOURCE '{log_group_name(draft, FLOW_LOGS)}' | {text}"
        yield {
            "type": "log",
            "properties": {
                "title": titles[name],
                "query": source,
                "region": draft.region,
                "view": "table",
            },
        }
