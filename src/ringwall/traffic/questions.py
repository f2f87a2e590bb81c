"""What people ask of traffic, as SQL over the relations of view.py: tops, one host, two hosts.

Rules:
- `$who` and `$other` are blocks; `$bin` is the width of a column of time, in seconds.
- A dealing is counted by the interface that saw most of it.
"""

from typing import Final

_COLUMNS = """
    family,
    source_port,
    destination_port,
    protocol,
    opened,
    accepted,
    bytes,
    first,
    last,
    interface"""
_SENT = f"""
  SELECT
    1 AS sent,
    source_high AS own_high,
    source_low AS own_low,
    destination_high AS peer_high,
    destination_low AS peer_low,
    {_COLUMNS}
  FROM flow
  WHERE"""
_RECEIVED = f"""
  SELECT
    0 AS sent,
    destination_high AS own_high,
    destination_low AS own_low,
    source_high AS peer_high,
    source_low AS peer_low,
    {_COLUMNS}
  FROM flow
  WHERE"""

# Four parts that share no record: each asks stored columns alone, so that files are skipped.
_TOUCHED = f"""
WITH touched AS (
  {_SENT} among(family, seen_source_high, seen_source_low, $who)
  UNION ALL
  {_SENT} among(family, packet_source_high, packet_source_low, $who)
    AND NOT among(family, seen_source_high, seen_source_low, $who)
  UNION ALL
  {_RECEIVED} among(family, seen_destination_high, seen_destination_low, $who)
  UNION ALL
  {_RECEIVED} among(family, packet_destination_high, packet_destination_low, $who)
    AND NOT among(family, seen_destination_high, seen_destination_low, $who)
)"""

DEALINGS: Final = f"""{_TOUCHED},
turned AS (
  SELECT
    family,
    own_high,
    own_low,
    peer_high,
    peer_low,
    CASE WHEN opened = 1 THEN destination_port ELSE source_port END AS port,
    protocol,
    CASE WHEN sent = opened THEN 1 ELSE 0 END AS called,
    interface,
    sent,
    opened,
    accepted,
    bytes,
    first,
    last
  FROM touched
  WHERE among(family, peer_high, peer_low, $other)
),
seen AS (
  SELECT
    family,
    own_high,
    own_low,
    peer_high,
    peer_low,
    port,
    protocol,
    called,
    interface,
    COUNT(*) AS records,
    SUM(CASE WHEN accepted = 0 THEN 1 ELSE 0 END) AS rejected,
    SUM(sent * accepted * bytes) AS bytes_out,
    SUM((1 - sent) * accepted * bytes) AS bytes_back,
    MIN(first) AS first,
    MAX(last) AS last
  FROM turned
  GROUP BY
    family, own_high, own_low, peer_high, peer_low, port, protocol, called, interface
)
SELECT
  family,
  own_high,
  own_low,
  peer_high,
  peer_low,
  port,
  protocol,
  called,
  MAX(records) AS records,
  MAX(rejected) AS rejected,
  CAST(MAX(bytes_out) AS BIGINT) AS bytes_out,
  CAST(MAX(bytes_back) AS BIGINT) AS bytes_back,
  MAX(bytes_out + bytes_back) AS amount,
  MIN(first) AS first,
  MAX(last) AS last
FROM seen
GROUP BY family, own_high, own_low, peer_high, peer_low, port, protocol, called
ORDER BY
  amount DESC, records DESC, family, own_high, own_low, peer_high, peer_low, port, protocol, called
LIMIT $limit
"""

STORY: Final = f"""{_TOUCHED},
bins AS (
  SELECT first - first % $bin AS bin, sent, accepted, bytes, first, last
  FROM touched
  WHERE among(family, peer_high, peer_low, $other)
)
SELECT
  bin,
  COUNT(*) AS records,
  SUM(CASE WHEN accepted = 0 THEN 1 ELSE 0 END) AS rejected,
  SUM(sent * accepted * bytes) AS bytes_out,
  SUM((1 - sent) * accepted * bytes) AS bytes_back,
  MIN(first) AS first,
  MAX(last) AS last
FROM bins
GROUP BY bin
ORDER BY bin
"""

LOOKUPS: Final = """
SELECT
  domain,
  COUNT(*) AS queries,
  COUNT(DISTINCT name) AS names,
  SUM(CASE WHEN rcode = 'NXDOMAIN' THEN 1 ELSE 0 END) AS missing,
  SUM(CASE WHEN action = 'BLOCK' THEN 1 ELSE 0 END) AS blocked
FROM dns
WHERE among(family, source_high, source_low, $who)
GROUP BY domain
ORDER BY queries DESC, domain
LIMIT $limit
"""

EVERYWHERE: Final = ("0.0.0.0/0", "::/0")
EXTENT: Final = "SELECT MIN(first) AS first, MAX(last) AS last FROM flow"

_ENDS = {
    "source": ("source_high", "source_low"),
    "destination": ("destination_high", "destination_low"),
    "pair": ("source_high", "source_low", "destination_high", "destination_low"),
    "port": ("port", "protocol"),
}
_AMOUNTS = {
    "bytes": "SUM(accepted * bytes)",
    "records": "COUNT(*)",
    "rejected": "SUM(1 - accepted)",
}
TOPS: Final = tuple(_ENDS)
AMOUNTS: Final = tuple(_AMOUNTS)


def top(of: str, by: str) -> str:
    """Return the query for the entities with most of an amount: of TOPS, by AMOUNTS, as logged."""
    keys = ", ".join(("family", *_ENDS[of]) if of != "port" else _ENDS[of])
    return f"""
WITH record AS (
  SELECT
    family,
    source_high,
    source_low,
    destination_high,
    destination_low,
    CASE WHEN opened = 1 THEN destination_port ELSE source_port END AS port,
    protocol,
    accepted,
    bytes,
    first,
    last
  FROM flow
)
SELECT
  {keys},
  COUNT(*) AS records,
  SUM(1 - accepted) AS rejected,
  SUM(accepted * bytes) AS bytes,
  {_AMOUNTS[by]} AS amount,
  MIN(first) AS first,
  MAX(last) AS last
FROM record
GROUP BY {keys}
HAVING {_AMOUNTS[by]} > 0
ORDER BY amount DESC, {keys}
LIMIT $limit
"""


_OF_FLOWS = """
SELECT
  family,
  source_high,
  source_low,
  destination_high,
  destination_low,
  source_port,
  destination_port,
  protocol,
  packets,
  bytes,
  {more},
  first,
  last
FROM {table}
WHERE first >= $from_second AND first <= $to_second
  AND among(family, source_high, source_low, $source)
  AND among(family, destination_high, destination_low, $destination)
ORDER BY
  first, last, family, source_high, source_low, destination_high, destination_low, source_port,
  destination_port, protocol, packets, bytes, {more}
LIMIT $limit
"""
# The first records between two ends in a time, of each kind of log.
SAMPLES: Final = {
    "flow": _OF_FLOWS.format(table="flow", more="accepted, flags, interface"),
    "transit": _OF_FLOWS.format(
        table="transit", more="gateway, attachment, lost_no_route, lost_blackhole"
    ),
    "dns": """
SELECT family, source_high, source_low, name, type, rcode, action, time AS first
FROM dns
WHERE time >= $from_second AND time <= $to_second
  AND among(family, source_high, source_low, $source)
  AND ($domain = '' OR domain = $domain)
ORDER BY first, family, source_high, source_low, name, type, rcode, action
LIMIT $limit
""",
}
