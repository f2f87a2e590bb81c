"""RW504 to RW506: port scans, as the article asks for them, and vertical and horizontal."""

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
        WITH tried AS (
          SELECT
            family,
            seen_source_high,
            seen_source_low,
            destination_port,
            MIN(first) AS first,
            MAX(last) AS last
          FROM flow
          WHERE accepted = 0
          GROUP BY family, seen_source_high, seen_source_low, destination_port
        )
        SELECT
          family,
          seen_source_high AS source_high,
          seen_source_low AS source_low,
          COUNT(*) AS ports,
          MIN(first) AS first,
          MAX(last) AS last
        FROM tried
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
        WITH tried AS (
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
        busy AS (
          SELECT family, source_high, source_low, port, protocol, hour, COUNT(*) AS tries
          FROM tried
          GROUP BY family, source_high, source_low, port, protocol, hour
          HAVING COUNT(*) >= $hosts
        ),
        hosts AS (
          SELECT
            tried.family AS family,
            tried.source_high AS source_high,
            tried.source_low AS source_low,
            tried.port AS port,
            tried.protocol AS protocol,
            tried.hour AS hour,
            tried.destination_high AS destination_high,
            tried.destination_low AS destination_low,
            MAX(tried.source_inside) AS source_inside,
            SUM(tried.rejected) AS rejected,
            MIN(tried.first) AS first,
            MAX(tried.last) AS last
          FROM busy
          JOIN tried
            ON tried.family = busy.family AND tried.source_high = busy.source_high
            AND tried.source_low = busy.source_low AND tried.port = busy.port
            AND tried.protocol = busy.protocol AND tried.hour = busy.hour
          GROUP BY
            tried.family, tried.source_high, tried.source_low, tried.port, tried.protocol,
            tried.hour, tried.destination_high, tried.destination_low
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

DETECTIONS = (AS_WRITTEN, VERTICAL, HORIZONTAL)
