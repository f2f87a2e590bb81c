"""RW507: scans however slow, by a sequential test of first contacts."""

from ringwall.detections.detection import Detection, Parameter
from ringwall.model.finding import Severity

SEQUENTIAL = Detection(
    id="RW507",
    name="slow-scan",
    title="a source whose first contacts fail, one after the other, however slowly",
    severity=Severity.MEDIUM,
    confidence="medium",
    attacks=("T1046", "T1595.001"),
    parameters=(
        Parameter(
            "ahead",
            4,
            "sequential test of Jung, Paxson, Berger and Balakrishnan (2004): a first contact "
            "succeeds with 0.8 if benign and 0.2 if not, so each weighs ln 4, and ln 99 is "
            "reached (99 % found, 1 % false) when four more have failed than succeeded",
        ),
        Parameter("failed", 15, "what the internet sends everybody fails too, a little a source"),
        Parameter(
            "background",
            10,
            "outside sources that fail on a port make it one that the internet tries everywhere: "
            "it tells nothing of one source from outside",
        ),
        Parameter("failed_inside", 5, "inside the network there is no background"),
    ),
    sql="""
        WITH tries AS (
          SELECT
            family,
            source_high,
            source_low,
            port,
            protocol,
            MAX(source_inside) AS source_inside,
            COUNT(*) AS tries
          FROM conversation
          WHERE failed = 1 AND protocol IN (6, 17)
          GROUP BY family, source_high, source_low, port, protocol
        ),
        background AS (
          SELECT port, protocol, COUNT(*) AS sources
          FROM tries
          WHERE source_inside = 0
          GROUP BY port, protocol
          HAVING COUNT(*) >= $background
        ),
        suspects AS (
          SELECT
            tries.family AS family,
            tries.source_high AS source_high,
            tries.source_low AS source_low,
            SUM(tries.tries) AS tries
          FROM tries
          LEFT JOIN background
            ON background.port = tries.port AND background.protocol = tries.protocol
          WHERE tries.source_inside = 1 OR background.sources IS NULL
          GROUP BY tries.family, tries.source_high, tries.source_low
          HAVING SUM(tries.tries)
            >= CASE WHEN MAX(tries.source_inside) = 1 THEN $failed_inside ELSE $failed END
        ),
        contacts AS (
          SELECT
            conversation.family AS family,
            conversation.source_high AS source_high,
            conversation.source_low AS source_low,
            conversation.source_inside AS source_inside,
            conversation.destination_high AS destination_high,
            conversation.destination_low AS destination_low,
            conversation.port AS port,
            conversation.protocol AS protocol,
            conversation.first AS first,
            conversation.last AS last,
            conversation.slot * 2 + 1 - conversation.failed AS told
          FROM suspects
          JOIN conversation
            ON conversation.family = suspects.family
            AND conversation.source_high = suspects.source_high
            AND conversation.source_low = suspects.source_low
          LEFT JOIN background
            ON background.port = conversation.port
            AND background.protocol = conversation.protocol
          WHERE conversation.protocol IN (6, 17)
            AND (conversation.source_inside = 1 OR background.sources IS NULL)
        ),
        firsts AS (
          SELECT
            family,
            source_high,
            source_low,
            destination_high,
            destination_low,
            port,
            protocol,
            MAX(source_inside) AS source_inside,
            1 - MIN(told) % 2 AS failed,
            MIN(first) AS first,
            MAX(last) AS last
          FROM contacts
          GROUP BY
            family, source_high, source_low, destination_high, destination_low, port, protocol
        ),
        walk AS (
          SELECT
            family,
            source_high,
            source_low,
            source_inside,
            destination_high,
            destination_low,
            port,
            protocol,
            failed,
            first,
            last,
            SUM(2 * failed - 1) OVER (
              PARTITION BY family, source_high, source_low
              ORDER BY first, destination_high, destination_low, port, protocol
              ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS ahead
          FROM firsts
        )
        SELECT
          family,
          source_high,
          source_low,
          COUNT(*) AS contacts,
          SUM(failed) AS failed,
          COUNT(DISTINCT port) AS ports,
          MIN(CASE WHEN ahead >= $ahead THEN first ELSE NULL END) AS declared,
          MIN(first) AS first,
          MAX(last) AS last,
          2 + MAX(source_inside) AS grade
        FROM walk
        GROUP BY family, source_high, source_low
        HAVING MAX(ahead) >= $ahead
          AND SUM(failed) >= CASE WHEN MAX(source_inside) = 1 THEN $failed_inside ELSE $failed END
        ORDER BY failed DESC, family, source_high, source_low
    """,
    entities=("source",),
    says="{failed} of {contacts} first contacts of {source} failed",
    counts={
        "contacts": "pairs of address and port that the source tried for the first time",
        "failed": "of them rejected, without an answer, or answered by resets",
        "ports": "different ports among them",
        "declared": "when the test decided (seconds since 1970)",
    },
    why="A threshold a window does not see a port every five minutes. Whoever knows what is there "
    "succeeds at the first contact; who fails again and again is looking.",
    instead="As for RW505 and RW506.",
    blind="A source that has succeeded many times before; attempts spread over many sources; a "
    "sweep from outside of a port that everybody sweeps (RW506 sees it from ten hosts an hour).",
    hits=(
        "198.51.100.7 > 10.0.1.5:1 ports=+1 reject every=5m times=24",
        "10.0.2.9 > 10.0.1.5:22 hosts=+1 every=5m times=12",
        "2001:db8::7 > [fd00::5]:1 ports=+1 reject every=5m times=24",
    ),
    misses=(
        "198.51.100.7 > 10.0.1.5:23 reject every=5m times=200",
        "198.51.100.7 > 10.0.1.5:23 hosts=+1 sources=+1 reject every=5 times=200",
        # one that sends more of the background than others
        """
        198.51.100.7 > 10.0.1.5:23 sources=+1 reject every=5 times=20
        198.51.100.7 > 10.0.1.5:23 hosts=+1 reject every=1h times=20
        """,
        "10.0.2.9 > 10.0.1.5:443 hosts=+1 every=5m times=50 back=900",
        "10.0.0.2:53 > 10.0.1.5:40000 ports=+1 udp times=2000 every=1",
    ),
)

DETECTIONS = (SEQUENTIAL,)
