"""RW504 to RW507: port scans, as the article asks for them, and vertical, horizontal and slow."""

from ringwall.detections.detection import Detection, Parameter
from ringwall.model.finding import Severity

AS_WRITTEN = Detection(
    id="RW504",
    name="port-scan-as-written",
    title="the ten sources rejected at most ports, as the article asks it",
    severity=Severity.LOW,
    confidence="low",
    attacks=("T1046",),
    sql="""
        SELECT
          family,
          seen_source_high AS source_high,
          seen_source_low AS source_low,
          COUNT(DISTINCT destination_port) AS ports,
          MIN(first) AS first,
          MAX(last) AS last
        FROM flow
        WHERE accepted = 0
        GROUP BY family, seen_source_high, seen_source_low
        ORDER BY ports DESC, family, source_high, source_low
        LIMIT 10
    """,
    entities=("source",),
    says="{source} was rejected at {ports} ports",
    counts={"ports": "different destination ports of its rejected records"},
    why="It ranks. Servers whose late replies are rejected stand at the top, for each client has "
    "another port; one record makes a scanner; a scan that is accepted is not seen.",
    instead="Ask RW505, RW506 and RW507.",
    blind="Accepted scans, scans of one port, and who opened the connection.",
    by_default=False,
    hits=("198.51.100.7 > 10.0.1.5:22 reject",),
    misses=("198.51.100.7 > 10.0.1.5:22 ports=+1 times=50",),
)

VERTICAL = Detection(
    id="RW505",
    name="vertical-scan",
    title="one source tries many ports of one address, in vain or with nothing to say",
    severity=Severity.MEDIUM,
    confidence="high",
    attacks=("T1046", "T1595.001"),
    parameters=(
        Parameter(
            "ports",
            20,
            "no client uses twenty services of one host, and none of them well, within an hour; a "
            "scan of one port a minute tries sixty",
        ),
        Parameter(
            "probe",
            250,
            "bytes that a probe sends at most where the port answers: a connection that is "
            "opened and closed; counted where it is sure who opened it",
        ),
    ),
    sql="""
        WITH tried AS (
          SELECT
            family,
            source_high,
            source_low,
            destination_high,
            destination_low,
            slot - slot % 3600 AS hour,
            port,
            source_inside,
            rejected,
            first,
            last
          FROM conversation
          WHERE protocol IN (6, 17) AND records > 0
            AND (
              failed = 1
              OR (bytes_out <= $probe * records AND (answers > 0 OR port < 1024))
            )
        ),
        busy AS (
          SELECT
            family, source_high, source_low, destination_high, destination_low, hour,
            COUNT(*) AS tries
          FROM tried
          GROUP BY family, source_high, source_low, destination_high, destination_low, hour
          HAVING COUNT(*) >= $ports
        ),
        hourly AS (
          SELECT
            tried.family AS family,
            tried.source_high AS source_high,
            tried.source_low AS source_low,
            tried.destination_high AS destination_high,
            tried.destination_low AS destination_low,
            tried.hour AS hour,
            MAX(tried.source_inside) AS source_inside,
            COUNT(DISTINCT tried.port) AS ports,
            SUM(tried.rejected) AS rejected,
            MIN(tried.first) AS first,
            MAX(tried.last) AS last
          FROM busy
          JOIN tried
            ON tried.family = busy.family AND tried.source_high = busy.source_high
            AND tried.source_low = busy.source_low
            AND tried.destination_high = busy.destination_high
            AND tried.destination_low = busy.destination_low AND tried.hour = busy.hour
          GROUP BY
            tried.family, tried.source_high, tried.source_low, tried.destination_high,
            tried.destination_low, tried.hour
        )
        SELECT
          family,
          source_high,
          source_low,
          destination_high,
          destination_low,
          MAX(ports) AS ports,
          COUNT(*) AS hours,
          SUM(rejected) AS rejected,
          MIN(first) AS first,
          MAX(last) AS last,
          2 + MAX(source_inside) AS grade
        FROM hourly
        WHERE ports >= $ports
        GROUP BY family, source_high, source_low, destination_high, destination_low
        ORDER BY ports DESC, family, source_high, source_low, destination_high, destination_low
    """,
    entities=("source", "destination"),
    says="{source} tried {ports} ports of {destination} within an hour",
    counts={
        "ports": "ports tried in the hour with most",
        "hours": "hours with as many",
        "rejected": "rejected records; the other tries met no answer, a reset, or an open port",
    },
    why="Somebody looks for what listens. From inside it is a host that is no longer yours alone.",
    instead="From inside: isolate the source and look at what runs there. From outside: what is "
    "open is the list to look at (`ringwall reach NETWORK --from internet`).",
    blind="UDP ports that are let through and do not answer; ports above the source's own in a "
    "log without tcp-flags, where they are accepted.",
    hits=(
        "198.51.100.7 > 10.0.1.5:1 ports=+1 reject every=60 times=60",
        "10.0.2.9 > 10.0.1.5:1 ports=+1 every=1 times=100 back=40 back-packets=1",
        "10.0.2.9 > 10.0.1.5:1 ports=+1 every=1 times=100 flags reset back=40 back-packets=1",
        "10.0.2.9 > 10.0.1.5:1 ports=+1 every=1 times=100",
        # every port answers
        "10.0.2.9 > 10.0.1.5:1 ports=+1 times=60 bytes=216 packets=4 back=160 back-packets=3",
        "10.0.2.9:99 > 10.0.1.5:3000 ports=+1 times=60 bytes=99 back=60 back-packets=1 flags",
        "2001:db8::7 > [fd00::5]:1 ports=+1 reject every=60 times=60",
    ),
    misses=(
        "198.51.100.7 > 10.0.1.5:22 reject",
        # the resolver, with thousands of client ports
        "10.0.0.2:53 > 10.0.1.5:40000 ports=+1 udp times=2000 every=1",
        "10.0.0.2:53 > 10.0.1.5:40000 ports=+1 udp reject times=2000 every=1",
        # a server whose late replies are rejected
        "10.0.1.5:443 > 198.51.100.7:40000 ports=+1 reject times=300 every=2",
        # health checks of a high port, whose clients' ports lie below it
        """
        10.0.2.9:3000 > 10.0.1.5:31000 times=900 bytes=216 packets=4 back=160 back-packets=3
        10.0.1.5:31000 > 10.0.2.9:20000 ports=+7 times=900 packets=3 back=216 back-packets=4
        """,
        # dynamic ports that answer
        "10.0.2.9 > 10.0.1.5:49152 ports=+1 every=30 times=100 back=900",
    ),
)

HORIZONTAL = Detection(
    id="RW506",
    name="horizontal-scan",
    title="one source tries one port of many addresses",
    severity=Severity.MEDIUM,
    confidence="high",
    attacks=("T1046", "T1018", "T1595.001"),
    parameters=(
        Parameter(
            "hosts",
            10,
            "a service has few addresses, and most of them answer; a sweep of one host a minute "
            "tries sixty an hour, as far as there are hosts",
        ),
    ),
    sql="""
        WITH hourly AS (
          SELECT
            family,
            source_high,
            source_low,
            port,
            protocol,
            slot - slot % 3600 AS hour,
            destination_high,
            destination_low,
            source_inside,
            rejected,
            first,
            last
          FROM conversation
          WHERE failed = 1 AND protocol IN (1, 6, 17, 58)
        ),
        hosts AS (
          SELECT
            family,
            source_high,
            source_low,
            port,
            protocol,
            hour,
            destination_high,
            destination_low,
            MAX(source_inside) AS source_inside,
            SUM(rejected) AS rejected,
            MIN(first) AS first,
            MAX(last) AS last
          FROM hourly
          GROUP BY
            family, source_high, source_low, port, protocol, hour, destination_high,
            destination_low
        ),
        sweeps AS (
          SELECT
            family,
            source_high,
            source_low,
            port,
            protocol,
            hour,
            MAX(source_inside) AS source_inside,
            COUNT(*) AS hosts,
            SUM(rejected) AS rejected,
            MIN(first) AS first,
            MAX(last) AS last
          FROM hosts
          GROUP BY family, source_high, source_low, port, protocol, hour
          HAVING COUNT(*) >= $hosts
        )
        SELECT
          family,
          source_high,
          source_low,
          MAX(hosts) AS hosts,
          COUNT(DISTINCT port) AS ports,
          MIN(port) AS port,
          SUM(rejected) AS rejected,
          MIN(first) AS first,
          MAX(last) AS last,
          2 + MAX(source_inside) AS grade
        FROM sweeps
        GROUP BY family, source_high, source_low
        ORDER BY hosts DESC, family, source_high, source_low
    """,
    entities=("source",),
    says="{source} tried port {port} of {hosts} addresses within an hour, in vain",
    counts={
        "hosts": "addresses tried in vain in the hour with most, on one port",
        "ports": "ports on which it did",
        "port": "the lowest of them",
        "rejected": "rejected records; the other tries met no answer, or a reset",
    },
    why="A sweep looks for one service everywhere: the first step of most that spread.",
    instead="From inside: isolate the source. From outside: see that nothing answers on this port.",
    blind="A sweep in which most answer; see RW543 for new ways inside.",
    hits=(
        "198.51.100.7 > 10.0.1.5:22 hosts=+1 reject every=60 times=60",
        "10.0.2.9 > 10.0.1.5:445 hosts=+1 every=1 times=30",
        "2001:db8::7 > [fd00::5]:22 hosts=+1 reject every=60 times=60",
    ),
    misses=(
        "198.51.100.7 > 10.0.1.5:22 hosts=+1 reject every=60 times=4",
        # health checks, which are answered
        "10.0.2.9 > 10.0.1.5:80 hosts=+1 every=1 times=30 back=300",
        # many sources, each a little: what the internet sends everybody
        "198.51.100.7 > 10.0.1.5:23 hosts=+1 sources=+1 reject every=5 times=200",
        "10.0.0.2:53 > 10.0.1.5:40000 hosts=+1 udp times=200 every=1",
    ),
)

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

DETECTIONS = (AS_WRITTEN, VERTICAL, HORIZONTAL, SEQUENTIAL)
