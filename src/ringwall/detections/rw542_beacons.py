"""RW542, RW543: hosts that call home: at regular times, or without ever hanging up."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from ringwall.detections.detection import Context, Detection, Parameter, Row, Sighting, Value
from ringwall.detections.regularity import regularity
from ringwall.model.finding import Severity

LEAST_SCORE, LEAST_TIMING = 0.65, 0.8
_PAIR = (
    "family",
    "source_high",
    "source_low",
    "destination_high",
    "destination_low",
    "port",
    "protocol",
)


def _pair(row: Row) -> tuple[Value, ...]:
    return tuple(row[name] for name in _PAIR)


def judge(detection: Detection, rows: Sequence[Row], context: Context) -> Iterator[Sighting]:
    """Yield a finding for each pair whose calls are regular; rows stand by pair and time."""
    for _, group in groupby(rows, _pair):
        calls = list(group)
        first = calls[0]
        stamps = [int(row["stamp"] or 0) for row in calls]
        sizes = [int(row["bytes"] or 0) for row in calls]
        found = regularity(stamps, sizes, int(first["extent"] or 0))
        if found is None or found.score < LEAST_SCORE or found.timing < LEAST_TIMING:
            continue
        told = {
            **first,
            "calls": len(calls),
            "period": round(found.period),
            "score": round(found.score, 2),
            "timing": round(found.timing, 2),
            "bytes": sum(sizes),
            "first": stamps[0],
            "last": stamps[-1],
        }
        yield detection.sighting(told, context)


BEACON = Detection(
    id="RW542",
    name="beacon",
    title="a host inside calls one address outside at regular times",
    severity=Severity.HIGH,
    confidence="medium",
    attacks=("T1071.001", "T1041"),
    parameters=(
        Parameter("calls", 20, "regularity needs a few to show"),
        Parameter(
            "varying",
            0.75,
            "deviation of the gaps over their mean: random calls have 1, a jitter of 30 % with "
            "a tenth of the calls missing has 0.5",
        ),
        Parameter(
            "silence",
            900,
            "seconds after which a client port that comes again is another connection: an open "
            "one has a record every ten minutes, as long as anything goes over it",
        ),
        Parameter("most", 20_000, "bytes a call on the average: orders are short, copies are not"),
        Parameter("down", 30, "times as many bytes may come back: who fetches updates gets more"),
        Parameter("not_ports", (53, 123), "names and clocks are asked for at regular times"),
        Parameter(
            "prevalence", 0.5, "of the hosts inside: what half of them call is an agent of all"
        ),
    ),
    # Who is inside and who opened are one condition: with two, DuckDB takes the records for few,
    # and makes a table of all that it should look up in the candidates.
    sql="""
        WITH pairs AS (
          SELECT
            family,
            source_high,
            source_low,
            destination_high,
            destination_low,
            port,
            protocol,
            SUM(openings) AS openings,
            SUM(bytes_out) AS bytes_out,
            SUM(bytes_back) AS bytes_back
          FROM conversation
          WHERE source_inside = 1 AND destination_inside = 0 AND openings > 0
            AND protocol IN (6, 17) AND NOT port IN ($not_ports)
          GROUP BY
            family, source_high, source_low, destination_high, destination_low, port, protocol
        ),
        hosts AS (
          SELECT family, source_high, source_low, COUNT(*) AS called
          FROM pairs
          GROUP BY family, source_high, source_low
        ),
        population AS (SELECT COUNT(*) AS hosts FROM hosts),
        popular AS (
          SELECT family, destination_high, destination_low, port, protocol, COUNT(*) AS hosts
          FROM pairs
          GROUP BY family, destination_high, destination_low, port, protocol
        ),
        candidates AS (
          SELECT
            pairs.family AS family,
            pairs.source_high AS source_high,
            pairs.source_low AS source_low,
            pairs.destination_high AS destination_high,
            pairs.destination_low AS destination_low,
            pairs.port AS port,
            pairs.protocol AS protocol
          FROM pairs
          JOIN popular
            ON popular.family = pairs.family
            AND popular.destination_high = pairs.destination_high
            AND popular.destination_low = pairs.destination_low
            AND popular.port = pairs.port AND popular.protocol = pairs.protocol
          CROSS JOIN population
          WHERE pairs.openings >= $calls AND pairs.bytes_back > 0
            AND pairs.bytes_out <= $most * pairs.openings
            AND pairs.bytes_back <= $down * pairs.bytes_out
            AND (popular.hosts <= 2 OR popular.hosts < $prevalence * population.hosts)
        ),
        records AS (
          SELECT
            candidates.family AS family,
            candidates.source_high AS source_high,
            candidates.source_low AS source_low,
            candidates.destination_high AS destination_high,
            candidates.destination_low AS destination_low,
            candidates.port AS port,
            candidates.protocol AS protocol,
            flow.source_port AS client,
            flow.first AS stamp,
            MAX(flow.bytes) AS bytes
          FROM candidates
          JOIN flow
            ON flow.family = candidates.family AND flow.source_high = candidates.source_high
            AND flow.source_low = candidates.source_low
            AND flow.destination_high = candidates.destination_high
            AND flow.destination_low = candidates.destination_low
            AND flow.destination_port = candidates.port
            AND flow.protocol = candidates.protocol
          WHERE flow.accepted = 1 AND flow.opened * flow.source_inside = 1
          GROUP BY
            candidates.family, candidates.source_high, candidates.source_low,
            candidates.destination_high, candidates.destination_low, candidates.port,
            candidates.protocol, flow.source_port, flow.first
        ),
        followed AS (
          SELECT
            family,
            source_high,
            source_low,
            destination_high,
            destination_low,
            port,
            protocol,
            client,
            stamp,
            bytes,
            stamp - LAG(stamp) OVER (
              PARTITION BY
                family, source_high, source_low, destination_high, destination_low, port,
                protocol, client
              ORDER BY stamp
            ) AS silence
          FROM records
        ),
        stamps AS (
          SELECT
            family,
            source_high,
            source_low,
            destination_high,
            destination_low,
            port,
            protocol,
            client,
            stamp,
            bytes
          FROM followed
          WHERE silence IS NULL OR silence > $silence
        ),
        spaced AS (
          SELECT
            family,
            source_high,
            source_low,
            destination_high,
            destination_low,
            port,
            protocol,
            client,
            stamp - LAG(stamp) OVER (
              PARTITION BY
                family, source_high, source_low, destination_high, destination_low, port, protocol
              ORDER BY stamp, client
            ) AS gap
          FROM stamps
        ),
        steady AS (
          SELECT
            family, source_high, source_low, destination_high, destination_low, port, protocol
          FROM spaced
          WHERE gap > 0
          GROUP BY
            family, source_high, source_low, destination_high, destination_low, port, protocol
          HAVING COUNT(*) + 1 >= $calls AND STDDEV_POP(gap) <= $varying * AVG(gap)
        ),
        relayed AS (
          SELECT
            steady.family AS family,
            steady.source_high AS source_high,
            steady.source_low AS source_low,
            steady.destination_high AS destination_high,
            steady.destination_low AS destination_low,
            steady.port AS port,
            steady.protocol AS protocol,
            COUNT(*) AS origins
          FROM steady
          JOIN relay
            ON relay.family = steady.family AND relay.high = steady.source_high
            AND relay.low = steady.source_low
          JOIN steady AS origin
            ON origin.family = steady.family
            AND origin.destination_high = steady.destination_high
            AND origin.destination_low = steady.destination_low
            AND origin.port = steady.port AND origin.protocol = steady.protocol
            AND (
              origin.source_high <> steady.source_high OR origin.source_low <> steady.source_low
            )
          GROUP BY
            steady.family, steady.source_high, steady.source_low, steady.destination_high,
            steady.destination_low, steady.port, steady.protocol
        ),
        span AS (SELECT MAX(slot) - MIN(slot) + 300 AS extent FROM conversation)
        SELECT
          stamps.family AS family,
          stamps.source_high AS source_high,
          stamps.source_low AS source_low,
          stamps.destination_high AS destination_high,
          stamps.destination_low AS destination_low,
          stamps.port AS port,
          stamps.protocol AS protocol,
          stamps.stamp AS stamp,
          stamps.client AS client,
          stamps.bytes AS bytes,
          span.extent AS extent
        FROM stamps
        JOIN steady
          ON steady.family = stamps.family AND steady.source_high = stamps.source_high
          AND steady.source_low = stamps.source_low
          AND steady.destination_high = stamps.destination_high
          AND steady.destination_low = stamps.destination_low AND steady.port = stamps.port
          AND steady.protocol = stamps.protocol
        LEFT JOIN relayed
          ON relayed.family = stamps.family AND relayed.source_high = stamps.source_high
          AND relayed.source_low = stamps.source_low
          AND relayed.destination_high = stamps.destination_high
          AND relayed.destination_low = stamps.destination_low AND relayed.port = stamps.port
          AND relayed.protocol = stamps.protocol
        CROSS JOIN span
        WHERE relayed.origins IS NULL
        ORDER BY
          family, source_high, source_low, destination_high, destination_low, port, protocol,
          stamp, client, bytes, extent
    """,
    judge=judge,
    entities=("source", "destination"),
    says="{source} called port {port} of {destination} {calls} times, every {period} seconds",
    counts={
        "port": "destination port",
        "protocol": "6 is TCP, 17 UDP",
        "calls": "connections; a connection that stays open counts once",
        "period": "median of the seconds between them",
        "score": f"0 to 1, at least {LEAST_SCORE}; see detections/regularity.py",
        "timing": f"its part about times, at least {LEAST_TIMING}: calls at random have 0.5",
        "bytes": "bytes sent",
    },
    why="What is remote-controlled asks for orders, by a clock and some jitter.",
    instead="Ask what runs there: agents and monitors call by the clock too, and are suppressed "
    "by the address they call. If nobody knows: isolate the host.",
    blind="Less than the parameter's calls; one connection that stays open (RW543); calls by way "
    "of names (RW532) or of what half of the hosts call.",
    hits=(
        "10.0.1.5 > 203.0.113.9:443 every=5m times=288 bytes=700 back=500",
        "10.0.1.5 > 203.0.113.9:443 at=3h every=5m times=48 bytes=700 back=500",
        "10.0.1.5 > 203.0.113.9:8443 udp every=5m times=100 bytes=700 back=500",
        "10.0.1.5 > 203.0.113.9:443 every=285 jitter=30 times=260 bytes=700 back=500",
        "10.0.1.5 > 203.0.113.9:443 every=210 jitter=180 times=260 bytes=700 back=500",
        "fd00::5 > [2001:db8::9]:443 every=5m times=288 bytes=700 back=500",
        # from a few client ports, in turn
        "\n".join(
            f"10.0.1.5:{40000 + turn} > 203.0.113.9:443 at={5 * turn}m every=20m times=70 "
            "bytes=700 back=500"
            for turn in range(4)
        ),
    ),
    misses=(
        # at random times
        "10.0.1.5 > 203.0.113.9:443 every=1 jitter=20h times=260 bytes=700 back=500",
        # a clock
        "10.0.1.5:123 > 203.0.113.9:123 udp every=64 times=1000 bytes=76 back=76",
        # one connection, whose records come by the aggregation window
        "10.0.1.5:40000 > 203.0.113.9:443 every=60 times=1000 bytes=700 back=500",
        # health checks from outside, and inside
        "203.0.113.9 > 10.0.1.5:443 every=30 times=1000 bytes=700 back=500",
        "10.0.0.9 > 10.0.1.5:443 every=30 times=1000 bytes=700 back=500",
        # updates, fetched by the clock; a copy, sent by the clock
        "10.0.1.5 > 203.0.113.9:443 every=30m times=48 bytes=2000 back=900000",
        "10.0.1.5 > 203.0.113.9:443 every=1m times=100 bytes=9000000 back=9000",
        # nobody answers
        "10.0.1.5 > 203.0.113.9:443 every=5m times=288 bytes=700",
        # an agent of all hosts
        "\n".join(
            f"10.0.1.{n} > 203.0.113.9:443 every=5m times=288 bytes=700 back=500"
            for n in range(5, 9)
        ),
    ),
)

LONG = Detection(
    id="RW543",
    name="long-connection",
    title="a connection to the outside that stays open for hours",
    severity=Severity.LOW,
    confidence="low",
    attacks=("T1071", "T1572"),
    parameters=(Parameter("hours", 8, "a working day; downloads and sessions end before"),),
    sql="""
        WITH pairs AS (
          SELECT
            family,
            source_high,
            source_low,
            destination_high,
            destination_low,
            port,
            protocol,
            COUNT(*) AS slots
          FROM conversation
          WHERE source_inside = 1 AND destination_inside = 0 AND protocol = 6
          GROUP BY
            family, source_high, source_low, destination_high, destination_low, port, protocol
          HAVING COUNT(*) >= $hours * 5
        ),
        held AS (
          SELECT
            flow.family AS family,
            flow.source_high AS source_high,
            flow.source_low AS source_low,
            flow.destination_high AS destination_high,
            flow.destination_low AS destination_low,
            flow.destination_port AS port,
            flow.source_port AS client
          FROM pairs
          JOIN flow
            ON flow.family = pairs.family AND flow.source_high = pairs.source_high
            AND flow.source_low = pairs.source_low
            AND flow.destination_high = pairs.destination_high
            AND flow.destination_low = pairs.destination_low
            AND flow.destination_port = pairs.port AND flow.protocol = pairs.protocol
          WHERE flow.accepted = 1
          GROUP BY
            flow.family, flow.source_high, flow.source_low, flow.destination_high,
            flow.destination_low, flow.destination_port, flow.source_port
          HAVING MAX(flow.last) - MIN(flow.first) >= $hours * 3600
            AND COUNT(*) >= $hours * 5
        ),
        connections AS (
          SELECT
            held.family AS family,
            held.source_high AS source_high,
            held.source_low AS source_low,
            held.destination_high AS destination_high,
            held.destination_low AS destination_low,
            held.port AS port,
            held.client AS client,
            flow.interface AS interface,
            COUNT(*) AS records,
            SUM(flow.bytes) AS bytes,
            MIN(flow.first) AS first,
            MAX(flow.last) AS last
          FROM held
          JOIN flow
            ON flow.family = held.family AND flow.source_high = held.source_high
            AND flow.source_low = held.source_low
            AND flow.destination_high = held.destination_high
            AND flow.destination_low = held.destination_low
            AND flow.destination_port = held.port AND flow.source_port = held.client
          WHERE flow.protocol = 6 AND flow.opened = 1 AND flow.accepted = 1
          GROUP BY
            held.family, held.source_high, held.source_low, held.destination_high,
            held.destination_low, held.port, held.client, flow.interface
          HAVING MAX(flow.last) - MIN(flow.first) >= $hours * 3600
            AND COUNT(*) >= $hours * 5
        )
        SELECT
          family,
          source_high,
          source_low,
          destination_high,
          destination_low,
          port,
          client,
          MAX(records) AS records,
          MAX(bytes) AS bytes,
          MIN(first) AS first,
          MAX(last) AS last
        FROM connections
        GROUP BY
          family, source_high, source_low, destination_high, destination_low, port, client
        ORDER BY
          bytes DESC, family, source_high, source_low, destination_high, destination_low, port,
          client
    """,
    entities=("source", "destination"),
    says="{source} kept a connection to port {port} of {destination} open for hours",
    counts={
        "port": "destination port",
        "client": "source port",
        "records": "records, by the interface that logged most of them",
        "bytes": "bytes sent",
    },
    why="A tunnel, or a remote control that waits. Most are queues, databases and keep-alives.",
    instead="A list to look through once; what is known is suppressed.",
    blind="A tunnel that reconnects; what began before the log.",
    by_default=False,
    hits=("10.0.1.5:40000 > 203.0.113.9:443 every=60 times=600 bytes=700 back=500 lasting=60",),
    misses=(
        "10.0.1.5:40000 > 203.0.113.9:443 every=60 times=60 bytes=700 back=500 lasting=60",
        "10.0.1.5 > 203.0.113.9:443 every=60 times=600 bytes=700 back=500 lasting=60",
        "10.0.1.5:40000 > 10.0.9.9:443 every=60 times=600 bytes=700 back=500 lasting=60",
    ),
)

DETECTIONS = (BEACON, LONG)
