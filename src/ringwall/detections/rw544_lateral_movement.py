"""RW544: a host that begins to call many others inside."""

from ringwall.detections.detection import Detection, Parameter
from ringwall.model.finding import Severity
from ringwall.traffic.ranges import NOBODY

DETECTIONS = (
    Detection(
        id="RW544",
        name="lateral-movement",
        title="a known host calls many hosts inside that it never called before",
        severity=Severity.HIGH,
        confidence="medium",
        attacks=("T1021", "T1018"),
        parameters=(
            Parameter("nobody", NOBODY, "multicast, broadcast and link-local are no hosts"),
            Parameter(
                "edges",
                6,
                "new hosts in a day, beyond what others that call the same ports begin to call: a "
                "release brings one or two; who spreads tries ten",
            ),
            Parameter(
                "times",
                1.0,
                "of the hosts that it called before: who calls many by trade calls a few new ones",
            ),
        ),
        sql="""
            WITH edges AS (
              SELECT
                family,
                source_high,
                source_low,
                destination_high,
                destination_low,
                MIN(first) AS first,
                MAX(last) AS last,
                MIN(failed) AS failed,
                MIN(port) AS port
              FROM conversation
              WHERE source_inside = 1 AND destination_inside = 1 AND protocol IN (6, 17)
                AND NOT among(family, destination_high, destination_low, $nobody)
              GROUP BY family, source_high, source_low, destination_high, destination_low
            ),
            openers AS (
              SELECT family, source_high, source_low, MIN(first) AS first
              FROM conversation
              WHERE source_inside = 1
              GROUP BY family, source_high, source_low
            ),
            called AS (
              SELECT family, destination_high, destination_low, MIN(first) AS first
              FROM edges
              GROUP BY family, destination_high, destination_low
            ),
            span AS (
              SELECT MIN(slot) AS start, MAX(slot) AS finish FROM conversation
            ),
            told AS (
              SELECT
                edges.family AS family,
                edges.source_high AS source_high,
                edges.source_low AS source_low,
                edges.destination_high AS destination_high,
                edges.destination_low AS destination_low,
                edges.first AS first,
                edges.last AS last,
                edges.failed AS failed,
                edges.port AS port,
                CASE WHEN 4 * edges.first >= 3 * span.start + span.finish THEN 1 ELSE 0 END
                  AS is_new,
                CASE
                  WHEN 4 * called.first >= 3 * span.start + span.finish
                    AND 4 * openers.first >= 3 * span.start + span.finish THEN 1
                  ELSE 0
                END AS is_born,
                edges.first - span.start - (edges.first - span.start) % 86400 AS day
              FROM edges
              JOIN called
                ON called.family = edges.family
                AND called.destination_high = edges.destination_high
                AND called.destination_low = edges.destination_low
              LEFT JOIN openers
                ON openers.family = edges.family
                AND openers.source_high = edges.destination_high
                AND openers.source_low = edges.destination_low
              CROSS JOIN span
              WHERE span.finish - span.start >= 3600
            ),
            known AS (
              SELECT
                family,
                source_high,
                source_low,
                COUNT(*) AS called
              FROM told
              WHERE is_new = 0
              GROUP BY family, source_high, source_low
            ),
            answering AS (
              SELECT
                family,
                destination_high AS source_high,
                destination_low AS source_low,
                COUNT(*) AS callers
              FROM told
              WHERE is_new = 0 AND failed = 0
              GROUP BY family, destination_high, destination_low
            ),
            trades AS (
              SELECT family, source_high, source_low, port
              FROM told
              WHERE is_new = 0
              GROUP BY family, source_high, source_low, port
            ),
            traders AS (
              SELECT family, port, COUNT(*) AS sources FROM trades GROUP BY family, port
            ),
            begun AS (
              SELECT
                family,
                source_high,
                source_low,
                port,
                day,
                COUNT(*) AS edges,
                SUM(1 - failed) AS answered,
                MIN(first) AS first,
                MAX(last) AS last
              FROM told
              WHERE is_new = 1 AND is_born = 0
              GROUP BY family, source_high, source_low, port, day
            ),
            traded AS (
              SELECT begun.family AS family, begun.port AS port, begun.day AS day,
                SUM(begun.edges) AS edges
              FROM begun
              JOIN trades
                ON trades.family = begun.family AND trades.source_high = begun.source_high
                AND trades.source_low = begun.source_low AND trades.port = begun.port
              GROUP BY begun.family, begun.port, begun.day
            ),
            weighed AS (
              SELECT
                begun.family AS family,
                begun.source_high AS source_high,
                begun.source_low AS source_low,
                begun.port AS port,
                begun.day AS day,
                begun.edges AS edges,
                begun.answered AS answered,
                begun.first AS first,
                begun.last AS last,
                CASE
                  WHEN trades.port IS NULL OR traders.sources < 2 THEN 0
                  ELSE CAST(
                    FLOOR(
                      CAST(10 * (traded.edges - begun.edges) AS DOUBLE) / (traders.sources - 1)
                    ) AS BIGINT
                  )
                END AS tenths
              FROM begun
              LEFT JOIN trades
                ON trades.family = begun.family AND trades.source_high = begun.source_high
                AND trades.source_low = begun.source_low AND trades.port = begun.port
              LEFT JOIN traders ON traders.family = begun.family AND traders.port = begun.port
              LEFT JOIN traded
                ON traded.family = begun.family AND traded.port = begun.port
                AND traded.day = begun.day
            ),
            fresh AS (
              SELECT
                family,
                source_high,
                source_low,
                day,
                SUM(edges) AS edges,
                SUM(answered) AS answered,
                SUM(tenths) AS tenths,
                COUNT(*) AS ports,
                MIN(port) AS port,
                MIN(first) AS first,
                MAX(last) AS last
              FROM weighed
              GROUP BY family, source_high, source_low, day
              HAVING 10 * SUM(edges) - SUM(tenths) >= 10 * $edges
            ),
            judged AS (
              SELECT
                fresh.family AS family,
                fresh.source_high AS source_high,
                fresh.source_low AS source_low,
                fresh.edges AS edges,
                fresh.answered AS answered,
                fresh.tenths AS tenths,
                COALESCE(known.called, 0) AS known,
                fresh.ports AS ports,
                fresh.port AS port,
                fresh.first AS first,
                fresh.last AS last
              FROM fresh
              LEFT JOIN known
                ON known.family = fresh.family AND known.source_high = fresh.source_high
                AND known.source_low = fresh.source_low
              LEFT JOIN answering
                ON answering.family = fresh.family
                AND answering.source_high = fresh.source_high
                AND answering.source_low = fresh.source_low
              WHERE (known.called IS NOT NULL OR answering.callers IS NOT NULL)
                AND fresh.edges >= $times * COALESCE(known.called, 0)
            )
            SELECT
              family,
              source_high,
              source_low,
              SUM(edges) AS edges,
              SUM(answered) AS answered,
              CAST(SUM(tenths) AS DOUBLE) / CAST(10 AS DOUBLE) AS others,
              MAX(known) AS known,
              MAX(ports) AS ports,
              MIN(port) AS port,
              MIN(first) AS first,
              MAX(last) AS last
            FROM judged
            GROUP BY family, source_high, source_low
            ORDER BY edges DESC, family, source_high, source_low
        """,
        entities=("source",),
        says="{source} called {edges} hosts inside that it never called before",
        counts={
            "edges": "hosts that it called for the first time",
            "answered": "of them answered",
            "others": "new hosts that others, who call the same ports, began to call on average",
            "known": "hosts that it called in the first quarter of the time",
            "ports": "different lowest ports of these calls",
            "port": "the lowest",
        },
        why="Who has one host goes on from there. What a host calls changes with releases, and "
        "by a few; a host that turns to ten others has another master.",
        instead="Isolate the host; see what the hosts that answered did since.",
        blind="The first quarter of the time, from which it learns; callers that were not there "
        "then; calls to hosts that start later and call others themselves; less than the "
        "parameter says; many of those who administer or deploy at once, who are each other's "
        "measure on the ports that they always call.",
        hits=(
            """
            10.0.2.9 > 10.0.1.5:443 every=5m times=280 back=900
            10.0.2.9 > 10.0.1.20:22 hosts=+1 at=14h every=30m times=10 back=900
            """,
            """
            10.0.2.9 > 10.0.1.5:443 every=5m times=280 back=900
            10.0.1.5 > 10.0.1.20:445 hosts=+1 at=14h every=1m times=100
            """,
            # an administrator who turns to far more hosts than the others do
            "\n".join(
                f"10.0.100.{admin} > 10.0.1.{10 * admin + step}:22 at={3 * step}h every=7 times=9 "
                "back=900"
                for admin in range(4, 8)
                for step in range(8)
            )
            + "\n10.0.100.4 > 10.0.1.100:22 hosts=+1 at=14h every=10m times=10 back=900",
        ),
        misses=(
            # administrators, of whom each turns to other hosts through the day
            "\n".join(
                f"10.0.100.{admin} > 10.0.1.{10 * admin + step}:22 at={3 * step}h every=7 times=9 "
                "back=900"
                for admin in range(4, 8)
                for step in range(8)
            ),
            # three new ones
            """
            10.0.2.9 > 10.0.1.5:443 every=5m times=280 back=900
            10.0.2.9 > 10.0.1.20:22 hosts=+1 at=14h every=30m times=3 back=900
            """,
            # a host that was not there before
            """
            10.0.2.9 > 10.0.1.5:443 every=5m times=280 back=900
            10.0.2.77 > 10.0.1.20:22 hosts=+1 at=14h every=30m times=10 back=900
            """,
            # a mesh: many known, some new
            """
            10.0.2.9 > 10.0.1.5:8080 hosts=+1 every=30 times=60 back=900
            10.0.2.9 > 10.0.1.80:8080 hosts=+1 at=20h every=5m times=8 back=900
            """,
            # hosts that start in the afternoon, and are called then
            """
            10.0.2.9 > 10.0.1.5:443 every=5m times=280 back=900
            10.0.1.20 > 10.0.1.5:443 sources=+1 at=14h every=1m times=10 back=900
            10.0.2.9 > 10.0.1.20:8080 hosts=+1 at=14h every=1m times=10 back=900
            """,
            # multicast
            """
            10.0.2.9 > 10.0.1.5:443 every=5m times=280 back=900
            10.0.2.9 > 224.0.0.5:5353 udp hosts=+1 at=14h times=20
            """,
        ),
    ),
)
