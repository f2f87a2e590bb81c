"""RW500, RW501: who is rejected most, as the article asks it, and who keeps being rejected."""

from ringwall.detections.detection import Detection, Parameter
from ringwall.model.finding import Severity

AS_WRITTEN = Detection(
    id="RW500",
    name="rejected-sources-as-written",
    title="the twenty sources with most rejected records, as the article asks it",
    severity=Severity.LOW,
    confidence="low",
    attacks=("T1595",),
    sql="""
        SELECT
          family,
          seen_source_high AS source_high,
          seen_source_low AS source_low,
          COUNT(*) AS records,
          MIN(first) AS first,
          MAX(last) AS last
        FROM flow
        WHERE accepted = 0
        GROUP BY family, seen_source_high, seen_source_low
        ORDER BY records DESC, family, source_high, source_low
        LIMIT 20
    """,
    entities=("source",),
    says="{source} has {records} rejected records",
    counts={"records": "rejected records"},
    why="It is where people look first. There is always somebody at the top, with one record too: "
    "an answer, and no finding. The article's own `sort count` sorts by a column of no name.",
    instead="Ask RW501, which knows who opened the connection, and has a threshold.",
    blind="A reply that came too late is a rejected record of the server; what was accepted.",
    by_default=False,
    hits=("198.51.100.7 > 10.0.1.5:22 reject",),
    misses=("198.51.100.7 > 10.0.1.5:22",),
)

CORRECTED = Detection(
    id="RW501",
    name="rejected-sources",
    title="a source that is rejected again and again",
    severity=Severity.LOW,
    confidence="medium",
    attacks=("T1595", "T1046"),
    parameters=(
        Parameter(
            "records",
            1000,
            "what the internet sends everybody is a few packets of most sources, and hundreds of "
            "some",
        ),
        Parameter(
            "records_inside",
            300,
            "inside there is no background; a client that tries every five minutes has 288 a day",
        ),
        Parameter(
            "aside",
            ("224.0.0.0/4", "255.255.255.255/32", "ff00::/8"),
            "announcements to everybody are made all day, and rejected by every closed group",
        ),
    ),
    sql="""
        WITH stubborn AS (
          SELECT family, source_high, source_low, SUM(rejected) AS rejected
          FROM conversation
          WHERE rejected > 0
            AND NOT among(family, destination_high, destination_low, $aside)
          GROUP BY family, source_high, source_low
          HAVING SUM(rejected)
            >= CASE WHEN MAX(source_inside) = 1 THEN $records_inside ELSE $records END
        ),
        pairs AS (
          SELECT
            conversation.family AS family,
            conversation.source_high AS source_high,
            conversation.source_low AS source_low,
            conversation.destination_high AS destination_high,
            conversation.destination_low AS destination_low,
            MAX(conversation.source_inside) AS source_inside,
            SUM(conversation.rejected) AS rejected,
            COUNT(DISTINCT conversation.port) AS ports,
            MIN(conversation.first) AS first,
            MAX(conversation.last) AS last
          FROM stubborn
          JOIN conversation
            ON conversation.family = stubborn.family
            AND conversation.source_high = stubborn.source_high
            AND conversation.source_low = stubborn.source_low
          WHERE conversation.rejected > 0
            AND NOT among(
              conversation.family, conversation.destination_high, conversation.destination_low,
              $aside
            )
          GROUP BY
            conversation.family, conversation.source_high, conversation.source_low,
            conversation.destination_high, conversation.destination_low
        )
        SELECT
          family,
          source_high,
          source_low,
          SUM(rejected) AS rejected,
          COUNT(*) AS destinations,
          MAX(ports) AS ports,
          MIN(first) AS first,
          MAX(last) AS last,
          1 + MAX(source_inside) AS grade
        FROM pairs
        GROUP BY family, source_high, source_low
        ORDER BY rejected DESC, family, source_high, source_low
    """,
    entities=("source",),
    says="{source} was rejected {rejected} times, at {destinations} addresses",
    counts={
        "rejected": "rejected records of connections that the source opened",
        "destinations": "addresses that it tried",
        "ports": "ports that it tried at the one address where it tried most",
    },
    why="A client that is rejected all day is broken, misplaced, or does what it should not.",
    instead="From inside: find the rule that rejects (`ringwall explain`) and mend rule or client. "
    "From outside: close what is open beside it, and let the rest be rejected.",
    blind="What is accepted; who tries a little from many addresses.",
    hits=(
        "198.51.100.7 > 10.0.1.5:22 reject every=10 times=1200",
        "2001:db8::7 > [fd00::5]:22 reject every=10 times=1200",
        "10.0.2.9 > 10.0.1.5:5432 reject every=10 times=400",
    ),
    misses=(
        "198.51.100.7 > 10.0.1.5:22 reject every=10 times=400",
        "10.0.1.5:5353 > 224.0.0.251:5353 udp reject every=60 times=1400",
        # late replies of a server, which opened nothing
        "10.0.1.5:443 > 198.51.100.7:40000 ports=+1 reject every=10 times=400",
    ),
)

DETECTIONS = (AS_WRITTEN, CORRECTED)
