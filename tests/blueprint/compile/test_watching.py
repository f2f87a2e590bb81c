"""`monitoring` of a blueprint: what is counted, when it alarms, who is told."""

import pytest

from ringwall.blueprint.compile.counting import LONGEST_PATTERN
from ringwall.lab.insights import rows
from ringwall.lab.patterns import parse
from ringwall.model.graph import ResourceGraph
from tests.blueprint.compile.blueprints import ALL, compiled

ALARM = "AWS::CloudWatch::Alarm"
QUERY = "AWS::Logs::QueryDefinition"


@pytest.fixture(scope="module")
def watched() -> ResourceGraph:
    return compiled(ALL["watched"])


def alarms(graph: ResourceGraph) -> dict[str, dict[str, object]]:
    return {node.key: dict(node.properties) for node in graph.of_type(ALARM)}


def with_monitoring(text: str) -> ResourceGraph:
    head, _, rest = ALL["watched"].partition("monitoring:\n")
    return compiled(f"{head}monitoring:\n{text}\nvpcs:\n{rest.partition('vpcs:')[2]}")


def test_the_articles_three_alarms_are_there_and_tell_the_topic(watched: ResourceGraph) -> None:
    found = alarms(watched)
    names = [str(one["AlarmName"]) for one in found.values()]
    for word in ("suspicious-traffic", "port-scan", "data-exfiltration"):
        assert any(word in name for name in names)
    assert all(one["AlarmActions"] == one["OKActions"] != [] for one in found.values())


def test_every_metric_of_an_alarm_is_one_that_exists(watched: ResourceGraph) -> None:
    """AWS/VPC has no PacketsDroppedBySecurityGroup, and no metrics of flow logs at all."""
    counted = {
        (one["MetricNamespace"], one["MetricName"])
        for node in watched.of_type("AWS::Logs::MetricFilter")
        for one in node.properties["MetricTransformations"]
    }
    of_aws = {
        ("AWS/TransitGateway", "PacketDropCountNoRoute"),
        ("AWS/TransitGateway", "PacketDropCountBlackhole"),
        ("AWS/NATGateway", "ErrorPortAllocation"),
        ("AWS/Logs", "IncomingLogEvents"),
    }
    for alarm in alarms(watched).values():
        assert (alarm["Namespace"], alarm["MetricName"]) in counted | of_aws


def test_what_does_not_happen_is_no_alarm_and_silence_of_the_logs_is(
    watched: ResourceGraph,
) -> None:
    missing = {key: one["TreatMissingData"] for key, one in alarms(watched).items()}
    assert missing.pop("flow-logs-silent") == "breaching"
    assert set(missing.values()) == {"notBreaching"}


def test_gateways_and_attachments_have_an_alarm_each(watched: ResourceGraph) -> None:
    found = set(alarms(watched))
    assert {"transit-blackhole/hub", "transit-blackhole/production"} <= found
    assert {key for key in found if key.startswith("nat-")} == {"nat-port-errors/hub/us-east-1a"}


def test_a_segment_is_the_sum_of_its_vpcs() -> None:
    graph = with_monitoring(
        "  standard_alarms: false\n  alarms: {out: {metric: bytes-out, above: 1, of: [production]}}"
    )
    ((key, alarm),) = alarms(graph).items()
    assert key == "out/production"
    # A VPC and a segment of one name: the VPC is meant.
    assert alarm["MetricName"] == "BytesOut"
    graph = with_monitoring(
        "  standard_alarms: false\n  alarms: {out: {metric: bytes-out, above: 1, of: [shared]}}"
    )
    ((key, alarm),) = alarms(graph).items()
    assert key == "out/shared"


def test_patterns_name_the_fields_of_the_format_that_is_deployed(watched: ResourceGraph) -> None:
    (log,) = {str(node.properties["LogFormat"]) for node in watched.of_type("AWS::EC2::FlowLog")}
    fields = [part.strip("${}").replace("-", "_") for part in log.split()]
    for node in watched.of_type("AWS::Logs::MetricFilter"):
        pattern = str(node.properties["FilterPattern"])
        assert len(pattern) <= LONGEST_PATTERN
        parts = [part.strip() for part in pattern.strip("[]").split(",")]
        for place, part in enumerate(parts):
            if part != "..." and part != f"f{place + 1}":
                assert part.split()[0] == fields[place], pattern


@pytest.mark.parametrize(
    ("flags", "port", "is_counted"),
    [(2, 22, True), (3, 3389, True), (7, 5985, True), (2, 23, False)]
    + [(flags, 3389, False) for flags in (0, 1, 4, 18, 19)],
)
def test_administration_from_outside_is_counted_where_it_is_opened(
    watched: ResourceGraph, flags: int, port: int, is_counted: bool
) -> None:
    """What a server outside answers to a client's port 3389 bears no SYN, or SYN-ACK (18)."""
    node = watched["AWS::Logs::MetricFilter", "flow-logs:admin-from-outside"]
    (log,) = {str(one.properties["LogFormat"]) for one in watched.of_type("AWS::EC2::FlowLog")}
    values = {"srcaddr": "198.51.100.7", "dstport": str(port), "tcp-flags": str(flags)}
    values |= {"action": "ACCEPT", "flow-direction": "ingress"}
    line = " ".join(values.get(part.strip("${}"), "1") for part in log.split())
    matched = parse(str(node.properties["FilterPattern"])).match(line)
    assert (matched is not None) is is_counted


def test_what_comes_late_is_looked_at_for_more_periods() -> None:
    """Records of a minute's window come within some six minutes: two periods of five."""
    text = """  standard_alarms: false
  alarms:
    one: {metric: rejected, above: 1}
    three: {metric: rejected, above: 1, periods: 3, minutes: 1}
    some: {metric: rejected, above: 1, periods: 3, datapoints: 2, minutes: 15}
    day: {metric: rejected, above: 1, periods: 24, minutes: 60}
    quiet: {metric: accepted, below: 1}
    own: {metric: transit-blackhole, above: 1, of: [hub]}
"""
    found = {
        key: (one["EvaluationPeriods"], one.get("DatapointsToAlarm"))
        for key, one in alarms(with_monitoring(text)).items()
    }
    assert found == {
        "one": (3, 1),
        "three": (9, 3),
        "some": (4, 2),
        "day": (24, 24),
        "quiet": (1, 1),
        "own/hub": (1, 1),
    }


def test_the_longest_pattern_still_fits() -> None:
    ports = ", ".join(str(60_000 + n) for n in range(10))
    graph = with_monitoring(f"  admin_ports: [{ports}]")
    patterns = [
        str(n.properties["FilterPattern"]) for n in graph.of_type("AWS::Logs::MetricFilter")
    ]
    assert max(map(len, patterns)) <= LONGEST_PATTERN


def test_key_and_topic_are_for_the_services_of_this_account_alone(
    watched: ResourceGraph,
) -> None:
    """With AWS's own key (aws/sns), CloudWatch cannot publish; a policy without a source account
    lets anybody's alarms publish.
    """
    (key,) = watched.of_type("AWS::KMS::Key")
    (topic,) = watched.of_type("AWS::SNS::Topic")
    assert topic.properties["KmsMasterKeyId"] == key.ref
    (policy,) = watched.of_type("AWS::SNS::TopicInlinePolicy")
    for document in (key.properties["KeyPolicy"], policy.properties["PolicyDocument"]):
        (allowed,) = [s for s in document["Statement"] if s["Sid"] == "Publishers"]
        assert allowed["Principal"]["Service"] == [
            "cloudwatch.amazonaws.com",
            "events.amazonaws.com",
        ]
        assert allowed["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}
    others = [
        s
        for s in policy.properties["PolicyDocument"]["Statement"]
        if s["Effect"] == "Allow" and s["Sid"] != "Publishers"
    ]
    assert others == []


def test_without_alarms_there_is_no_standard_one() -> None:
    assert alarms(with_monitoring("  standard_alarms: false")) == {}


def test_questions_fit_the_format_and_name_what_they_sort_by(watched: ResourceGraph) -> None:
    """The article's `sort count desc` sorts by a field that is not; of a format of one's own
    Insights finds no fields by itself.
    """
    line = (
        "5 123456789012 eni-1 198.51.100.7 10.0.0.9 4711 {port} 6 1 {size} 1 2 {action} OK vpc-1 "
        "subnet-1 - 2 IPv4 - - - - - - - - {way} {path}" + " -" * 13
    )
    lines = [
        line.format(port=p, size=40, action="REJECT", way="-", path="-") for p in range(22, 27)
    ]
    out = {"port": 443, "action": "ACCEPT", "way": "egress"}
    lines += [line.format(size=900, path=8, **out), line.format(size=100, path=8, **out)]
    lines.append(line.format(size=5000, path=1, **out))
    events = [{"timestamp": 0, "message": text} for text in lines]
    asked = {node.key: node.properties["QueryString"] for node in watched.of_type(QUERY)}
    found = {name: rows(str(text), events) for name, text in asked.items()}
    source = {"srcaddr": "198.51.100.7"}
    assert found == {
        "suspicious-traffic": [{**source, "rejected": "5", "targets": "1"}],
        "port-scan": [{**source, "ports": "5", "targets": "1"}],
        "data-exfiltration": [{**source, "dstaddr": "10.0.0.9", "total_bytes": "1000"}],
    }


def test_dashboards_show_what_is_counted_and_one_stands_for_each_segment(
    watched: ResourceGraph,
) -> None:
    boards = {
        node.key: node.properties["DashboardBody"]["widgets"]
        for node in watched.of_type("AWS::CloudWatch::Dashboard")
    }
    assert set(boards) == {"overview", "segment/shared", "segment/production"}
    counted = {
        (one["MetricNamespace"], one["MetricName"])
        for node in watched.of_type("AWS::Logs::MetricFilter")
        for one in node.properties["MetricTransformations"]
    }
    shown = {
        (line[0], line[1])
        for widgets in boards.values()
        for widget in widgets
        for line in widget["properties"].get("metrics", ())
    }
    assert {name for name in shown if name[0].startswith("Ringwall/")} <= counted
    assert {name[0] for name in shown - counted} == {"AWS/TransitGateway", "AWS/NATGateway"}
    places = [(w["x"], w["y"]) for w in boards["overview"]]
    assert len(set(places)) == len(places)


def test_queries_and_dashboards_may_be_left_out() -> None:
    graph = with_monitoring("  queries: false\n  dashboards: false")
    assert {QUERY, "AWS::CloudWatch::Dashboard"}.isdisjoint({node.type for node in graph})
