"""RW520, RW521: what crossed the wire, against what the network of its time allows.

Rules:
- What was seen while networks changed is told only if each that held says so.
- Connections outlive the rules that let them in: what goes on without having been opened anew is
  judged as if the network still held in which it was seen before.
"""

from collections.abc import Iterator, Mapping, Sequence

from ringwall.detections.conversing import (
    Edge,
    by_names,
    entities,
    place,
)
from ringwall.detections.detection import (
    Context,
    Detection,
    Entity,
    Parameter,
    Row,
    Sighting,
    Value,
)
from ringwall.detections.times import Times
from ringwall.model.finding import Severity
from ringwall.reach.answers import Blocker
from ringwall.traffic.columns import Columns

SHOWN = 5  # names of what is undecided

# What was seen between two addresses that carry nothing for others, from change to change.
_SQL = """
    WITH counted AS (
      SELECT COUNT(*) AS carriers FROM relay
    )
    SELECT
      edge.family AS family,
      edge.source_high AS source_high,
      edge.source_low AS source_low,
      edge.destination_high AS destination_high,
      edge.destination_low AS destination_low,
      edge.port AS port,
      edge.protocol AS protocol,
      edge.begun AS begun,
      edge.ended AS ended,
      edge.records AS records,
      edge.rejected AS rejected,
      edge.syns AS syns,
      edge.answers AS answers,
      edge.bytes AS bytes,
      edge.first AS first,
      edge.last AS last,
      counted.carriers AS carriers
    FROM edge
    CROSS JOIN counted
    LEFT JOIN relay AS one
      ON one.family = edge.family AND one.high = edge.source_high AND one.low = edge.source_low
    LEFT JOIN relay AS two
      ON two.family = edge.family AND two.high = edge.destination_high
      AND two.low = edge.destination_low
    WHERE {condition} AND one.records IS NULL AND two.records IS NULL
    ORDER BY
      family, source_high, source_low, destination_high, destination_low, port, protocol,
      begun, ended
"""


def _violations(detection: Detection, rows: Sequence[Row], context: Context) -> Iterator[Sighting]:
    """Yield what got through although it is forbidden; the blueprint is asked first."""
    times = Times(rows, context)
    found = times.forbidden()
    for called, edges in found.items():
        for edge, same in by_names(edges):
            stops = times.stops(edge, called)
            yield _sighting(detection, edge, same, f"{called} forbids it", stops)
    undecided = times.undecided()
    if undecided:
        yield _undecided(detection, undecided, times.seen.rows)


def _rejections(detection: Detection, rows: Sequence[Row], context: Context) -> Iterator[Sighting]:
    """Yield what was rejected although it is allowed, with what rejects it where that is known."""
    times = Times(rows, context)
    for edge, same in by_names(times.allowed()):
        called, stops = times.rejects(edge)
        yield _sighting(detection, edge, same, f"{called} allows it", stops)


def _sighting(
    detection: Detection,
    edge: Edge,
    same: Sequence[Edge],
    verdict: str,
    stops: Blocker | None,
) -> Sighting:
    source, destination = entities(edge)
    if stops is not None:
        verdict += f": {stops.text} ({place(stops)})"
    ends = {"source": source, "destination": destination, "port": edge.service}
    text = detection.says.format(**ends, verdict=verdict)
    evidence: dict[str, Value] = {
        "port": edge.service,
        "pairs": len({(each.source, each.destination) for each in same}),
        "records": sum(each.number("records") for each in same),
        "rejected": sum(each.number("rejected") for each in same),
        "bytes": sum(each.number("bytes") for each in same),
        "rule": stops.rule if stops is not None else "",
        "place": place(stops),
        "code": stops.code if stops is not None else "",
    }
    first = min(each.number("first") for each in same)
    last = max(each.number("last") for each in same)
    pair = (source, destination)
    return Sighting(detection.id, detection.severity, pair, first, last, text, evidence)


def _undecided(detection: Detection, undecided: Mapping[str, int], rows: Columns) -> Sighting:
    """Say what the network could not be asked about: it is no clean answer."""
    most = sorted(undecided, key=lambda why: (-undecided[why], why))
    more = f" and {len(most) - SHOWN} more reasons" if len(most) > SHOWN else ""
    count = sum(undecided.values())
    text = f"{count} conversations are undecided: {'; '.join(most[:SHOWN])}{more}"
    first, last = int(rows.numbers("first").min()), int(rows.numbers("last").max())
    evidence: dict[str, Value] = {**dict.fromkeys(_COUNTS, ""), "pairs": count}
    ends = (Entity("source", name="undecided"), Entity("destination", name="undecided"))
    return Sighting(detection.id, Severity.LOW, ends, first, last, text, evidence)


_COUNTS = {
    "port": "destination port",
    "pairs": "pairs of addresses of these names",
    "records": "records of the opener's packets",
    "rejected": "those that were rejected",
    "bytes": "bytes both ways, as accepted",
    "rule": "the rule that forbids, or rejects",
    "place": "where it is written, or its id",
    "code": "Reachability Analyzer's code",
}
_NETWORK = """
    vpc v 10.0.0.0/16
    igw v
    subnet v/web/a 10.0.1.0/24 public
    route v/web 0.0.0.0/0 igw
    subnet v/db/a 10.0.2.0/24
    group v/web web
    group v/db db
    rule v/web in tcp/443 0.0.0.0/0
    rule v/web out tcp/5432 v/db
    rule v/web out udp/123 0.0.0.0/0
    rule v/db in tcp/5432 v/web
    rule v/db in icmp/8 v/web
    rule v/web out icmp/8 v/db
"""

DETECTIONS = (
    Detection(
        id="RW520",
        name="intent-violation",
        title="traffic got through that the network forbids",
        severity=Severity.HIGH,
        confidence="high",
        attacks=("T1021", "T1562.007"),
        sql=_SQL.format(condition="edge.passages + edge.answers > 0"),
        entities=("source", "destination"),
        says="{source} reached port {port} of {destination}; {verdict}",
        counts=_COUNTS,
        why="The model or the wire is wrong, and either is news: a rule that nobody declared, a "
        "change by hand, a way that the network of the input does not have; or a reading of AWS "
        "by this tool that does not hold.",
        instead="`ringwall drift` says what is deployed beside the blueprint; `ringwall explain "
        "NETWORK SOURCE DESTINATION PORT` says what should stop it. Close the way, or declare it.",
        blind="Without pkt-… fields, subnets where a NAT gateway or an attachment may have any of "
        "the addresses (a snapshot or `aws` knows which). Packets without a reply in logs that do "
        "not say the direction; ports of 32768 and above without TCP flags; conversations that "
        "the network cannot be asked about, which a finding of low severity counts. Of several "
        "networks, what goes on after a change and does not show that it was opened anew.",
        needs_network=True,
        judge=_violations,
        network=_NETWORK,
        hits=(
            "8.8.8.8:50000 > 10.0.1.5:22 back=900 flags",
            "10.0.1.5:50000 > 10.0.2.9:3306 back=900",
            "8.8.8.8:50000 > 10.0.2.9:5432 back=900",
            "10.0.2.9:50000 > 10.0.1.5:5432 arrives flags",
        ),
        misses=(
            "8.8.8.8:50000 > 10.0.1.5:443 back=900 flags",
            "10.0.1.5:50000 > 10.0.2.9:5432 back=900",
            "8.8.8.8:50000 > 10.0.1.5:22 reject times=50",
            "10.0.1.5:50000 > 10.0.2.9:3306",
            "10.0.1.5 > 10.0.2.9 icmp back=900",
            "10.0.1.5:123 > 8.8.8.8:123 udp back=90",
            "10.0.2.9:50000 > 10.0.2.10:51000 back=900",
        ),
    ),
    Detection(
        id="RW521",
        name="rejected-although-meant",
        title="traffic is rejected that the network allows",
        severity=Severity.MEDIUM,
        confidence="medium",
        sql=_SQL.format(
            condition="edge.rejected >= $records AND edge.rejected = edge.records"
            " AND edge.answers = 0 AND edge.passages = 0"
        ),
        parameters=(
            Parameter("records", 3, "one late packet of a closed connection is rejected, too"),
        ),
        entities=("source", "destination"),
        says="{source} is rejected at port {port} of {destination}; {verdict}",
        counts=_COUNTS,
        why="Something that was declared does not work: a rule was taken away by hand, or the "
        "deployment is behind the blueprint.",
        instead="`ringwall plan` shows what is missing. With the network as it was read beside "
        "the blueprint, the finding names the rule that rejects.",
        blind="What is lost without a record: a route that is missing, a host that is down.",
        needs_network=True,
        judge=_rejections,
        network=_NETWORK,
        hits=("10.0.1.5 > 10.0.2.9:5432 reject times=3", "8.8.8.8 > 10.0.1.5:443 reject times=5"),
        misses=(
            "10.0.1.5 > 10.0.2.9:5432 reject times=2",
            "10.0.1.5 > 10.0.2.9:3306 reject times=30",
            "10.0.1.5 > 10.0.2.9:5432 back=900 times=9\n10.0.1.5 > 10.0.2.9:5432 reject times=3",
        ),
    ),
)
