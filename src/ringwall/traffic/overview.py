"""What a report of traffic asks of a store beside its detections, as SQL in the portable subset.

Rules:
- `$step` are the seconds of a column in time. A record is in the column of its first second.
- Amounts of talkers count a pair of addresses by the interface that saw most of it, so that what
  two interfaces logged is not twice as much. Columns in time and counts of records are as logged.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

MOST: Final = 10  # of a list

# The first and the last record's first second, by relation; nulls where there is none.
EXTENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "flow": "SELECT MIN(first) AS first, MAX(first) AS last FROM flow",
        "transit": "SELECT MIN(first) AS first, MAX(first) AS last FROM transit",
        "dns": "SELECT MIN(time) AS first, MAX(time) AS last FROM dns",
    }
)
COLUMNS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "flow": """
            WITH parted AS (
              SELECT
                first - first % $step AS at,
                CASE WHEN accepted = 0 THEN 1 ELSE 0 END AS rejected,
                COALESCE(bytes, 0) AS size
              FROM flow
            )
            SELECT
              at,
              CAST(SUM(1 - rejected) AS BIGINT) AS accepted,
              CAST(SUM(rejected) AS BIGINT) AS rejected,
              CAST(SUM((1 - rejected) * size) AS BIGINT) AS accepted_bytes,
              CAST(SUM(rejected * size) AS BIGINT) AS rejected_bytes
            FROM parted
            GROUP BY at
            ORDER BY at
        """,
        "transit": """
            WITH parted AS (SELECT first - first % $step AS at FROM transit)
            SELECT at, COUNT(*) AS records FROM parted GROUP BY at ORDER BY at
        """,
        "dns": """
            WITH parted AS (SELECT time - time % $step AS at FROM dns)
            SELECT at, COUNT(*) AS records FROM parted GROUP BY at ORDER BY at
        """,
    }
)
TALKERS: Final = f"""
    WITH seen AS (
      SELECT
        family,
        source_high,
        source_low,
        destination_high,
        destination_low,
        COALESCE(interface, '') AS interface,
        SUM(COALESCE(bytes, 0)) AS size
      FROM flow
      WHERE accepted = 1
      GROUP BY
        family, source_high, source_low, destination_high, destination_low, interface
    ),
    pairs AS (
      SELECT
        family,
        source_high,
        source_low,
        destination_high,
        destination_low,
        MAX(size) AS size
      FROM seen
      GROUP BY family, source_high, source_low, destination_high, destination_low
    )
    SELECT
      family,
      source_high AS high,
      source_low AS low,
      CAST(SUM(size) AS BIGINT) AS amount,
      COUNT(*) AS peers
    FROM pairs
    GROUP BY family, source_high, source_low
    ORDER BY amount DESC, family, high, low
    LIMIT {MOST}
"""  # noqa: S608  (a number of ours)
REJECTED: Final = f"""
    WITH pairs AS (
      SELECT
        family,
        source_high,
        source_low,
        destination_high,
        destination_low,
        SUM(rejected) AS rejected,
        COUNT(DISTINCT port) AS ports
      FROM conversation
      WHERE rejected > 0
      GROUP BY family, source_high, source_low, destination_high, destination_low
    )
    SELECT
      family,
      source_high AS high,
      source_low AS low,
      CAST(SUM(rejected) AS BIGINT) AS amount,
      COUNT(*) AS peers,
      MAX(ports) AS ports
    FROM pairs
    GROUP BY family, source_high, source_low
    ORDER BY amount DESC, family, high, low
    LIMIT {MOST}
"""  # noqa: S608  (a number of ours)
DESTINATIONS: Final = f"""
    WITH pairs AS (
      SELECT
        family,
        destination_high,
        destination_low,
        source_high,
        source_low,
        SUM(records) AS records,
        SUM(rejected) AS rejected,
        SUM(bytes_out + bytes_back) AS size
      FROM conversation
      GROUP BY family, destination_high, destination_low, source_high, source_low
    )
    SELECT
      family,
      destination_high AS high,
      destination_low AS low,
      CAST(SUM(records) AS BIGINT) AS amount,
      CAST(SUM(rejected) AS BIGINT) AS rejected,
      CAST(SUM(size) AS BIGINT) AS size,
      COUNT(*) AS peers
    FROM pairs
    GROUP BY family, destination_high, destination_low
    ORDER BY amount DESC, family, high, low
    LIMIT {MOST}
"""  # noqa: S608  (a number of ours)
PORTS: Final = f"""
    SELECT
      protocol,
      port,
      CAST(SUM(records) AS BIGINT) AS amount,
      CAST(SUM(rejected) AS BIGINT) AS rejected,
      CAST(SUM(bytes_out + bytes_back) AS BIGINT) AS size
    FROM conversation
    GROUP BY protocol, port
    ORDER BY amount DESC, protocol, port
    LIMIT {MOST}
"""  # noqa: S608  (a number of ours)
DOMAINS: Final = f"""
    WITH asked AS (
      SELECT
        domain,
        family,
        source_high,
        source_low,
        COUNT(*) AS queries,
        SUM(CASE WHEN action = 'BLOCK' THEN 1 ELSE 0 END) AS blocked
      FROM dns
      GROUP BY domain, family, source_high, source_low
    )
    SELECT
      domain,
      CAST(SUM(queries) AS BIGINT) AS amount,
      CAST(SUM(blocked) AS BIGINT) AS rejected,
      COUNT(*) AS peers
    FROM asked
    GROUP BY domain
    ORDER BY amount DESC, domain
    LIMIT {MOST}
"""  # noqa: S608  (a number of ours)

PROTOCOLS: Final[Mapping[int, str]] = MappingProxyType(
    {1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6"}
)
# What people call the services of ports.
SERVICES: Final[Mapping[int, str]] = MappingProxyType(
    {
        21: "ftp",
        22: "ssh",
        23: "telnet",
        25: "smtp",
        53: "dns",
        80: "http",
        88: "kerberos",
        110: "pop3",
        123: "ntp",
        143: "imap",
        161: "snmp",
        179: "bgp",
        389: "ldap",
        443: "https",
        445: "smb",
        465: "smtp",
        514: "syslog",
        587: "smtp",
        636: "ldaps",
        853: "dns over tls",
        993: "imaps",
        995: "pop3s",
        1433: "sql server",
        1521: "oracle",
        2049: "nfs",
        3306: "mysql",
        3389: "rdp",
        5432: "postgresql",
        5900: "vnc",
        6379: "redis",
        8080: "http",
        11211: "memcached",
    }
)


def port_name(protocol: int, port: int) -> str:
    """Return a port as people write it, `443/tcp`; protocols without ports by their name alone."""
    name = PROTOCOLS.get(protocol, f"protocol {protocol}")
    return f"{port}/{name}" if protocol in {6, 17} else name
