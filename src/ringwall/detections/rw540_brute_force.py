"""RW540, RW541: passwords tried, by one source or by many."""

from ringwall.detections.detection import Detection, Parameter
from ringwall.model.finding import Severity

ADMIN = (21, 22, 23, 445, 3389, 5900, 5985, 5986)
DATABASES = (1433, 1521, 3306, 5432, 6379, 9042, 9200, 27017)
_SIZES = (
    Parameter("least", 250, "bytes of an attempt: less is a health check, which sends no name"),
    Parameter("most", 8000, "bytes of an attempt: more is a session, in which somebody works"),
)

ONE = Detection(
    id="RW540",
    name="brute-force",
    title="one source opens many short sessions to a service with passwords",
    severity=Severity.HIGH,
    confidence="medium",
    attacks=("T1110.001",),
    parameters=(
        Parameter("admin", ADMIN, "FTP, SSH, Telnet, SMB, RDP, VNC, WinRM"),
        Parameter("databases", DATABASES, "SQL Server, Oracle, MySQL, PostgreSQL, Redis, …"),
        Parameter(
            "attempts",
            150,
            "in an hour: six a minute are 360, two a minute is what an impatient script does",
        ),
        *_SIZES,
        Parameter(
            "share",
            0.5,
            "of all hours: a client inside that opens half as many sessions to a database hour "
            "after hour is an application without a pool",
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
            port,
            slot - slot % 3600 AS hour,
            CASE WHEN source_inside = 1 AND port IN ($databases) THEN 1 ELSE 0 END AS is_client,
            source_inside,
            openings,
            bytes_out,
            bytes_back,
            first,
            last
          FROM conversation
          WHERE protocol = 6 AND openings > 0 AND bytes_back > 0
            AND (port IN ($admin) OR port IN ($databases))
        ),
        hourly AS (
          SELECT
            family,
            source_high,
            source_low,
            destination_high,
            destination_low,
            port,
            hour,
            MAX(is_client) AS is_client,
            MAX(source_inside) AS source_inside,
            SUM(openings) AS attempts,
            SUM(bytes_out) AS bytes_out,
            SUM(bytes_back) AS bytes_back,
            MIN(first) AS first,
            MAX(last) AS last
          FROM tried
          GROUP BY
            family, source_high, source_low, destination_high, destination_low, port, hour
          HAVING 2 * SUM(openings) >= $attempts
            AND SUM(bytes_out) >= $least * SUM(openings)
            AND SUM(bytes_out) <= $most * SUM(openings)
        ),
        span AS (
          SELECT MAX(slot) - MIN(slot) + 300 AS seconds FROM conversation
        ),
        habits AS (
          SELECT
            family,
            source_high,
            source_low,
            destination_high,
            destination_low,
            port,
            COUNT(*) AS hours
          FROM hourly
          GROUP BY family, source_high, source_low, destination_high, destination_low, port
        ),
        candidates AS (
          SELECT
            family,
            source_high,
            source_low,
            destination_high,
            destination_low,
            port,
            MAX(is_client) AS is_client,
            MAX(source_inside) AS source_inside,
            COUNT(*) AS hours,
            MAX(attempts) AS attempts,
            SUM(attempts) AS together,
            MIN(first) AS first,
            MAX(last) AS last
          FROM hourly
          WHERE attempts >= $attempts
          GROUP BY family, source_high, source_low, destination_high, destination_low, port
        ),
        counted AS (
          SELECT
            candidates.family AS family,
            candidates.source_high AS source_high,
            candidates.source_low AS source_low,
            candidates.destination_high AS destination_high,
            candidates.destination_low AS destination_low,
            candidates.port AS port,
            candidates.source_inside AS source_inside,
            candidates.hours AS hours,
            candidates.first AS first,
            candidates.last AS last,
            flow.interface AS interface,
            COUNT(*) AS records
          FROM candidates
          JOIN habits
            ON habits.family = candidates.family AND habits.source_high = candidates.source_high
            AND habits.source_low = candidates.source_low
            AND habits.destination_high = candidates.destination_high
            AND habits.destination_low = candidates.destination_low
            AND habits.port = candidates.port
          CROSS JOIN span
          JOIN flow
            ON flow.family = candidates.family AND flow.source_high = candidates.source_high
            AND flow.source_low = candidates.source_low
            AND flow.destination_high = candidates.destination_high
            AND flow.destination_low = candidates.destination_low
            AND flow.destination_port = candidates.port
          WHERE flow.opened = 1 AND flow.protocol = 6
            AND (flow.destination_port IN ($admin) OR flow.destination_port IN ($databases))
            AND flow.first >= candidates.first AND flow.first <= candidates.last
            AND (
              candidates.is_client = 0 OR habits.hours * 3600 <= $share * span.seconds
            )
          GROUP BY
            candidates.family, candidates.source_high, candidates.source_low,
            candidates.destination_high, candidates.destination_low, candidates.port,
            candidates.source_inside, candidates.hours, candidates.first, candidates.last,
            flow.interface
        )
        SELECT
          family,
          source_high,
          source_low,
          destination_high,
          destination_low,
          port,
          MAX(records) AS attempts,
          MAX(hours) AS hours,
          MIN(first) AS first,
          MAX(last) AS last
        FROM counted
        GROUP BY family, source_high, source_low, destination_high, destination_low, port
        HAVING MAX(records) >= $attempts * MAX(hours)
        ORDER BY
          attempts DESC, family, source_high, source_low, destination_high, destination_low, port
    """,
    entities=("source", "destination"),
    says="{source} opened {attempts} short sessions to port {port} of {destination}",
    counts={
        "port": "port of the service",
        "attempts": "sessions, by the interface that logged most of them",
        "hours": "hours with as many as the parameter says",
    },
    why="Sessions that end as soon as they have begun, hundreds an hour, are passwords that are "
    "tried. The last of them may have been right: look for a longer one after them.",
    instead="Close the port to the internet; keys instead of passwords; block the source.",
    blind="Slower than two a minute; attempts that share one session; ports of your own choice "
    "(`--set`).",
    hits=(
        "203.0.113.5 > 10.0.1.5:22 every=10 times=720 bytes=2200 back=2600",
        "203.0.113.5 > 10.0.1.5:3389 every=1 times=900 bytes=1800 back=2600",
        "10.0.7.7 > 10.0.1.5:22 every=10 times=720 bytes=2200 back=2600",
        """
        10.0.2.9 > 10.0.1.5:443 every=60 times=600 back=900
        10.0.7.7 > 10.0.1.5:5432 at=2h every=10 times=720 bytes=700 back=500
        """,
        "2001:db8::5 > [fd00::5]:22 every=10 times=720 bytes=2200 back=2600",
    ),
    misses=(
        # an application without a pool
        "10.0.2.9 > 10.0.1.5:5432 every=2 times=10000 bytes=1200 back=9000",
        # one that opens a few more in an hour or two than in the others
        """
        10.0.2.9 > 10.0.1.5:5432 every=35 times=2400 bytes=1200 back=9000
        10.0.2.9 > 10.0.1.5:5432 at=9h every=30 times=240 bytes=1200 back=9000
        """,
        # health checks
        "10.0.0.8 > 10.0.1.5:22 every=5 times=5000 bytes=180 back=120",
        # somebody works
        "203.0.113.5 > 10.0.1.5:22 every=10 times=720 bytes=90000 back=90000",
        "203.0.113.5 > 10.0.1.5:22 every=10 times=720 bytes=60 reject",
        "203.0.113.5 > 10.0.1.5:443 every=10 times=720 bytes=2200 back=2600",
    ),
)

MANY = Detection(
    id="RW541",
    name="spread-brute-force",
    title="many sources outside open short sessions to one service with passwords",
    severity=Severity.HIGH,
    confidence="medium",
    attacks=("T1110.003",),
    parameters=(
        Parameter("admin", ADMIN, "FTP, SSH, Telnet, SMB, RDP, VNC, WinRM"),
        Parameter("databases", DATABASES, "SQL Server, Oracle, MySQL, PostgreSQL, Redis, …"),
        Parameter("sources", 10, "of an hour: more than administer one host at a time"),
        Parameter("attempts", 300, "of an hour: twenty sources once a minute are 1,200"),
        *_SIZES,
    ),
    sql="""
        WITH tried AS (
          SELECT
            family,
            source_high,
            source_low,
            destination_high,
            destination_low,
            port,
            slot - slot % 3600 AS hour,
            openings,
            bytes_out,
            first,
            last
          FROM conversation
          WHERE protocol = 6 AND source_inside = 0 AND openings > 0 AND bytes_back > 0
            AND (port IN ($admin) OR port IN ($databases))
        ),
        sources AS (
          SELECT
            family,
            source_high,
            source_low,
            destination_high,
            destination_low,
            port,
            hour,
            SUM(openings) AS attempts,
            MIN(first) AS first,
            MAX(last) AS last
          FROM tried
          GROUP BY
            family, source_high, source_low, destination_high, destination_low, port, hour
          HAVING SUM(openings) >= 3 AND SUM(bytes_out) >= $least * SUM(openings)
            AND SUM(bytes_out) <= $most * SUM(openings)
        ),
        hourly AS (
          SELECT
            family,
            destination_high,
            destination_low,
            port,
            hour,
            COUNT(*) AS sources,
            SUM(attempts) AS attempts,
            MIN(first) AS first,
            MAX(last) AS last
          FROM sources
          GROUP BY family, destination_high, destination_low, port, hour
          HAVING COUNT(*) >= $sources AND SUM(attempts) >= $attempts
        )
        SELECT
          family,
          destination_high,
          destination_low,
          port,
          MAX(sources) AS sources,
          SUM(attempts) AS attempts,
          COUNT(*) AS hours,
          MIN(first) AS first,
          MAX(last) AS last
        FROM hourly
        GROUP BY family, destination_high, destination_low, port
        ORDER BY attempts DESC, family, destination_high, destination_low, port
    """,
    entities=("destination",),
    says="{sources} sources opened {attempts} short sessions to port {port} of {destination}",
    counts={
        "port": "port of the service",
        "sources": "sources in the hour with most",
        "attempts": "sessions, as logged",
        "hours": "hours with as many as the parameters say",
    },
    why="Spread over many sources, each tries little enough to pass as a person.",
    instead="As for RW540; blocking sources does not help, closing the port does.",
    blind="Fewer sources, and slower ones; sources inside.",
    hits=(
        "203.0.113.5 > 10.0.1.5:22 sources=+1 every=60 times=20 bytes=2200 back=2600\n" * 3
        + "203.0.113.5 > 10.0.1.5:22 sources=+1 every=1 times=20 bytes=2200 back=2600\n" * 20,
    ),
    misses=(
        "203.0.113.5 > 10.0.1.5:22 sources=+1 every=60 times=20 bytes=2200 back=2600",
        "203.0.113.5 > 10.0.1.5:22 every=3 times=400 bytes=2200 back=2600",
    ),
)

DETECTIONS = (ONE, MANY)
