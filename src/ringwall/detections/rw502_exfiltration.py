"""RW502, RW503: big transfers, as the article asks for them, and against a host's own days."""

from ringwall.detections.detection import Detection, Parameter
from ringwall.model.finding import Severity

AS_WRITTEN = Detection(
    id="RW502",
    name="transfers-as-written",
    title="the ten pairs with most bytes in records above a megabyte, as the article asks it",
    severity=Severity.LOW,
    confidence="low",
    attacks=("T1048",),
    sql="""
        SELECT
          family,
          seen_source_high AS source_high,
          seen_source_low AS source_low,
          seen_destination_high AS destination_high,
          seen_destination_low AS destination_low,
          SUM(bytes) AS total_bytes,
          MIN(first) AS first,
          MAX(last) AS last
        FROM flow
        WHERE bytes > 1000000
        GROUP BY
          family, seen_source_high, seen_source_low, seen_destination_high, seen_destination_low
        ORDER BY
          total_bytes DESC, family, source_high, source_low, destination_high, destination_low
        LIMIT 10
    """,
    entities=("source", "destination"),
    says="{source} sent {total_bytes} to {destination}",
    counts={"total_bytes": "bytes of its records above a megabyte"},
    why="It ranks. Backups and replication stand at the top; each interface on the way counts "
    "again; whoever sends in small flows has no record above a megabyte.",
    instead="Ask RW503.",
    blind="Small flows, which way is out, and what is usual.",
    by_default=False,
    hits=("10.0.1.5 > 203.0.113.9:443 bytes=2000000",),
    misses=("10.0.1.5 > 203.0.113.9:443 bytes=900000 times=100 every=60",),
)

CORRECTED = Detection(
    id="RW503",
    name="exfiltration",
    title="a host sends one address outside far more than it usually sends",
    severity=Severity.HIGH,
    confidence="medium",
    attacks=("T1048", "T1041", "T1567"),
    parameters=(
        Parameter(
            "times",
            2.5,
            "of the host's own usual day: days differ by less than twice, and what is taken is "
            "worth more than that",
        ),
        Parameter("bytes", 5_000_000, "below five megabytes a day everything is noise"),
        Parameter(
            "hosts", 4, "as many hosts that send one peer so much make it a place for copies"
        ),
        Parameter(
            "services",
            0,
            "1 counts what goes to addresses of AWS services, where backups go, as well; known "
            "where the log has pkt-dst-aws-service",
        ),
    ),
    sql="""
        WITH sent AS (
          SELECT
            family,
            CASE WHEN source_inside = 1 THEN source_high ELSE destination_high END AS host_high,
            CASE WHEN source_inside = 1 THEN source_low ELSE destination_low END AS host_low,
            CASE WHEN source_inside = 1 THEN destination_high ELSE source_high END AS peer_high,
            CASE WHEN source_inside = 1 THEN destination_low ELSE source_low END AS peer_low,
            slot,
            CASE WHEN source_inside = 1 THEN bytes_out ELSE bytes_back END AS sent,
            CASE WHEN source_inside = 1 THEN bytes_back ELSE bytes_out END AS received,
            first,
            last
          FROM conversation
          WHERE (
              source_inside = 1 AND destination_inside = 0 AND to_service <= $services
              AND bytes_out > 0
            )
            OR (source_inside = 0 AND destination_inside = 1 AND bytes_back > 0)
        ),
        pairs AS (
          SELECT family, host_high, host_low, peer_high, peer_low, SUM(sent) AS sent
          FROM sent
          GROUP BY family, host_high, host_low, peer_high, peer_low
          HAVING SUM(sent) >= $bytes AND SUM(sent) > SUM(received)
        ),
        hosts AS (
          SELECT family, host_high, host_low FROM pairs GROUP BY family, host_high, host_low
        ),
        span AS (
          SELECT MIN(slot) AS start, MAX(slot) - MIN(slot) + 3600 AS seconds FROM conversation
        ),
        host_slots AS (
          SELECT
            sent.family AS family,
            sent.host_high AS host_high,
            sent.host_low AS host_low,
            sent.slot - span.start - (sent.slot - span.start) % 86400 AS day,
            sent.sent AS sent
          FROM sent
          JOIN hosts
            ON hosts.family = sent.family AND hosts.host_high = sent.host_high
            AND hosts.host_low = sent.host_low
          CROSS JOIN span
        ),
        host_days AS (
          SELECT family, host_high, host_low, day, SUM(sent) AS sent
          FROM host_slots
          GROUP BY family, host_high, host_low, day
        ),
        pair_slots AS (
          SELECT
            sent.family AS family,
            sent.host_high AS host_high,
            sent.host_low AS host_low,
            sent.peer_high AS peer_high,
            sent.peer_low AS peer_low,
            sent.slot - span.start - (sent.slot - span.start) % 3600 AS hour,
            sent.sent AS sent,
            sent.first AS first,
            sent.last AS last
          FROM sent
          JOIN pairs
            ON pairs.family = sent.family AND pairs.host_high = sent.host_high
            AND pairs.host_low = sent.host_low AND pairs.peer_high = sent.peer_high
            AND pairs.peer_low = sent.peer_low
          CROSS JOIN span
        ),
        pair_hours AS (
          SELECT
            family,
            host_high,
            host_low,
            peer_high,
            peer_low,
            hour,
            SUM(sent) AS sent,
            MIN(first) AS first,
            MAX(last) AS last
          FROM pair_slots
          GROUP BY family, host_high, host_low, peer_high, peer_low, hour
        ),
        ranked AS (
          SELECT
            pair_hours.family AS family,
            pair_hours.host_high AS host_high,
            pair_hours.host_low AS host_low,
            pair_hours.peer_high AS peer_high,
            pair_hours.peer_low AS peer_low,
            pair_hours.hour AS hour,
            pair_hours.sent AS sent,
            span.seconds AS seconds,
            ROW_NUMBER() OVER (
              PARTITION BY
                pair_hours.family, pair_hours.host_high, pair_hours.host_low,
                pair_hours.peer_high, pair_hours.peer_low
              ORDER BY pair_hours.sent DESC, pair_hours.hour
            ) AS number
          FROM pair_hours
          CROSS JOIN span
        ),
        steady AS (
          SELECT
            family,
            host_high,
            host_low,
            peer_high,
            peer_low,
            24 * MAX(CASE WHEN number * 4 * 3600 >= 3 * seconds THEN sent ELSE 0 END) AS sent
          FROM ranked
          GROUP BY family, host_high, host_low, peer_high, peer_low
        ),
        pair_days AS (
          SELECT
            family,
            host_high,
            host_low,
            peer_high,
            peer_low,
            hour - hour % 86400 AS day,
            sent,
            first,
            last
          FROM pair_hours
        ),
        days AS (
          SELECT
            family,
            host_high,
            host_low,
            peer_high,
            peer_low,
            day,
            SUM(sent) AS sent,
            COUNT(*) AS hours,
            MIN(first) AS first,
            MAX(last) AS last
          FROM pair_days
          GROUP BY family, host_high, host_low, peer_high, peer_low, day
        ),
        compared AS (
          SELECT
            days.family AS family,
            days.host_high AS host_high,
            days.host_low AS host_low,
            days.peer_high AS peer_high,
            days.peer_low AS peer_low,
            days.day AS day,
            days.sent AS sent,
            days.hours AS hours,
            days.first AS first,
            days.last AS last,
            steady.sent AS steady,
            MAX(others.sent - COALESCE(same.sent, 0)) AS others,
            COALESCE(MAX(CASE WHEN same.day <> days.day THEN same.sent ELSE 0 END), 0) AS before
          FROM days
          JOIN steady
            ON steady.family = days.family AND steady.host_high = days.host_high
            AND steady.host_low = days.host_low AND steady.peer_high = days.peer_high
            AND steady.peer_low = days.peer_low
          JOIN host_days AS others
            ON others.family = days.family AND others.host_high = days.host_high
            AND others.host_low = days.host_low
          LEFT JOIN days AS same
            ON same.family = days.family AND same.host_high = days.host_high
            AND same.host_low = days.host_low AND same.peer_high = days.peer_high
            AND same.peer_low = days.peer_low AND same.day = others.day
          GROUP BY
            days.family, days.host_high, days.host_low, days.peer_high, days.peer_low, days.day,
            days.sent, days.hours, days.first, days.last, steady.sent
        ),
        judged AS (
          SELECT
            family,
            host_high,
            host_low,
            peer_high,
            peer_low,
            day,
            sent,
            hours,
            first,
            last,
            CASE
              WHEN steady >= others AND steady >= before THEN steady
              WHEN others >= before THEN others
              ELSE before
            END AS usual
          FROM compared
        ),
        chosen AS (
          SELECT
            family,
            host_high,
            host_low,
            peer_high,
            peer_low,
            MAX(usual) AS usual,
            SUM(sent) AS sent,
            COUNT(*) AS days,
            SUM(hours) AS hours,
            MIN(first) AS first,
            MAX(last) AS last
          FROM judged
          WHERE sent >= $bytes AND sent >= $times * usual
          GROUP BY family, host_high, host_low, peer_high, peer_low
        ),
        shared AS (
          SELECT family, peer_high, peer_low, COUNT(*) AS hosts
          FROM pairs
          GROUP BY family, peer_high, peer_low
        ),
        relayed AS (
          SELECT
            chosen.family AS family,
            chosen.host_high AS host_high,
            chosen.host_low AS host_low,
            chosen.peer_high AS peer_high,
            chosen.peer_low AS peer_low,
            COUNT(*) AS origins
          FROM chosen
          JOIN relay
            ON relay.family = chosen.family AND relay.high = chosen.host_high
            AND relay.low = chosen.host_low
          JOIN pairs
            ON pairs.family = chosen.family AND pairs.peer_high = chosen.peer_high
            AND pairs.peer_low = chosen.peer_low
            AND (pairs.host_high <> chosen.host_high OR pairs.host_low <> chosen.host_low)
          WHERE 2 * pairs.sent >= chosen.sent
          GROUP BY
            chosen.family, chosen.host_high, chosen.host_low, chosen.peer_high, chosen.peer_low
        ),
        taken AS (
          SELECT
            chosen.family AS family,
            chosen.host_high AS host_high,
            chosen.host_low AS host_low,
            chosen.peer_high AS peer_high,
            chosen.peer_low AS peer_low,
            chosen.usual AS usual,
            chosen.sent AS sent,
            chosen.days AS days,
            chosen.hours AS hours,
            chosen.first AS first,
            chosen.last AS last
          FROM chosen
          LEFT JOIN relayed
            ON relayed.family = chosen.family AND relayed.host_high = chosen.host_high
            AND relayed.host_low = chosen.host_low AND relayed.peer_high = chosen.peer_high
            AND relayed.peer_low = chosen.peer_low
          JOIN shared
            ON shared.family = chosen.family AND shared.peer_high = chosen.peer_high
            AND shared.peer_low = chosen.peer_low
          WHERE relayed.origins IS NULL AND shared.hosts < $hosts
        ),
        measured AS (
          SELECT
            taken.family AS family,
            taken.host_high AS host_high,
            taken.host_low AS host_low,
            taken.peer_high AS peer_high,
            taken.peer_low AS peer_low,
            taken.usual AS usual,
            taken.sent AS sent,
            taken.days AS days,
            taken.hours AS hours,
            taken.first AS first,
            taken.last AS last,
            flow.interface AS interface,
            SUM(flow.bytes) AS bytes,
            COUNT(*) AS records
          FROM taken
          JOIN flow
            ON flow.family = taken.family AND flow.source_high = taken.host_high
            AND flow.source_low = taken.host_low AND flow.destination_high = taken.peer_high
            AND flow.destination_low = taken.peer_low
          WHERE flow.accepted = 1 AND flow.first >= taken.first AND flow.first <= taken.last
          GROUP BY
            taken.family, taken.host_high, taken.host_low, taken.peer_high, taken.peer_low,
            taken.usual, taken.sent, taken.days, taken.hours, taken.first, taken.last,
            flow.interface
        )
        SELECT
          family,
          host_high AS source_high,
          host_low AS source_low,
          peer_high AS destination_high,
          peer_low AS destination_low,
          MAX(bytes) AS bytes,
          MAX(records) AS records,
          CASE
            WHEN MAX(usual) = 0 THEN NULL
            ELSE FLOOR(CAST(10 * MAX(sent) AS DOUBLE) / MAX(usual)) / CAST(10 AS DOUBLE)
          END AS times_usual,
          MAX(days) AS days,
          MAX(hours) AS hours,
          MIN(first) AS first,
          MAX(last) AS last
        FROM measured
        GROUP BY family, host_high, host_low, peer_high, peer_low
        ORDER BY bytes DESC, family, source_high, source_low, destination_high, destination_low
    """,
    entities=("source", "destination"),
    says="{source} sent {bytes} to {destination}, far more than usual",
    counts={
        "bytes": "bytes sent, as the interface saw them that saw most",
        "records": "records that it logged of them",
        "times_usual": "times what is usual in a day; null if nothing was sent otherwise",
        "days": "days on which it did",
        "hours": "hours in which it did",
    },
    why="What leaves is accepted traffic: no filter for REJECT sees it. Usual is the most of: all "
    "that the host sent to everybody else in a day, the same peer on other days, and a day of "
    "what the peer gets hour after hour. A NAT gateway that passes on what a host sent is not told "
    "beside the host, where the log has pkt-srcaddr.",
    instead="Ask who runs the peer. If nobody knows: isolate the host, keep its disks.",
    blind="Less than a few times the usual day; what goes through the resolver (RW532); a host "
    "that has sent as much before; what four hosts and more send to one peer. A copy that one "
    "host alone makes to an address outside, once, looks the same.",
    hits=(
        # five times the usual day, in many flows
        """
        10.0.1.5 > 198.51.100.1:443 every=10m times=144 bytes=100000 back=5000
        10.0.1.5 > 203.0.113.9:443 at=10h every=60 times=120 bytes=600000 back=3000
        """,
        # fifty times, in one flow
        """
        10.0.1.5 > 198.51.100.1:443 every=10m times=144 bytes=100000 back=5000
        10.0.1.5 > 203.0.113.9:443 at=10h bytes=720000000 lasting=5m back=30000
        """,
        # taken from outside, from a server
        """
        198.51.100.1 > 10.0.1.5:443 sources=+1 every=10m times=144 bytes=900 back=100000
        203.0.113.9 > 10.0.1.5:443 at=10h every=60 times=120 bytes=600 back=600000
        """,
        """
        fd00::5 > [2001:db8::1]:443 every=10m times=144 bytes=100000 back=5000
        fd00::5 > [2001:db8:1::9]:443 at=10h every=60 times=120 bytes=600000 back=3000
        """,
    ),
    misses=(
        # the same every night
        """
        10.0.1.5 > 198.51.100.1:443 every=10m times=432 bytes=100000 back=5000
        10.0.1.5 > 203.0.113.9:443 at=2h every=1d times=3 bytes=500000000 back=3000
        """,
        # copies of many hosts, in one night
        "\n".join(
            f"10.0.1.{n} > 203.0.113.9:443 at=2h bytes=500000000 back=3000" for n in range(5, 9)
        ),
        # to an AWS service
        "10.0.1.5 > 203.0.113.9:443 at=2h bytes=500000000 back=3000 service=S3",
        # a download: what goes out are acknowledgements
        "10.0.1.5 > 203.0.113.9:443 at=2h bytes=20000000 back=2000000000",
        # hour after hour the same
        "10.0.1.5 > 203.0.113.9:443 every=5m times=288 bytes=1000000 back=3000",
        # inside
        "10.0.1.5 > 10.0.9.9:443 at=2h bytes=500000000 back=3000",
        # rejected
        "10.0.1.5 > 203.0.113.9:443 at=2h bytes=500000000 reject",
    ),
)

DETECTIONS = (AS_WRITTEN, CORRECTED)
