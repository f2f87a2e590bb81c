"""What detections share, as SQL over `flow` (view.py): each is computed once, and kept.

Rules:
- Much of it is the same in every row of most logs: without IPv6, flags or directions a third of the
  columns. `…_WITHOUT` says which column is what then, and what there must be none of; an engine may
  keep the others alone.
- `failed` is 1 if a conversation came to nothing in its five minutes: rejected and not answered, or
  over TCP no answer but resets, which are headers alone (40 bytes, 60 over IPv6). UDP without an
  answer is not failed, for much of it expects none.
- `openings` are records that opened a connection or, without flags, may have; `syns` and `answers`
  are those whose flags show a SYN, and a SYN-ACK.
- `arrivals` are the records in which the destination's own interface let the opener's packets in
  (version 5 logs say the direction); without them, a reply shows that packets arrived.
- `passages` are packets that came back, and arrivals: without any, nothing got through for certain.
- Sums of bytes and packets are of doubles, which are exact up to 2^53 (9 petabytes) and faster than
  the wide integers that engines add integers in.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

SLOT: Final = 300  # seconds: AWS delivers files of five minutes, and windows are at most ten

CONVERSATION: Final = """
WITH turned AS (
  SELECT
    family,
    CASE WHEN opened = 1 THEN source_high ELSE destination_high END AS source_high,
    CASE WHEN opened = 1 THEN source_low ELSE destination_low END AS source_low,
    CASE WHEN opened = 1 THEN destination_high ELSE source_high END AS destination_high,
    CASE WHEN opened = 1 THEN destination_low ELSE source_low END AS destination_low,
    CASE WHEN opened = 1 THEN destination_port ELSE source_port END AS port,
    CASE
      WHEN opened = 1 AND destination_service IS NOT NULL THEN 1
      WHEN opened = 1
        AND among(family, destination_high, destination_low, $services) THEN 1
      ELSE 0
    END AS to_service,
    CASE WHEN opened = 1 AND COALESCE(flags, 2) % 4 >= 2 THEN 1 ELSE 0 END AS opening,
    CASE WHEN opened = 0 AND flags % 4 >= 2 THEN 1 ELSE 0 END AS answer,
    CASE WHEN opened = 1 AND protocol = 6 AND flags % 4 >= 2 THEN 1 ELSE 0 END AS syn,
    CASE
      WHEN opened = 1 AND accepted = 1 AND direction = 'ingress'
        AND seen_destination_high = destination_high AND seen_destination_low = destination_low
      THEN 1
      ELSE 0
    END AS arrival,
    protocol,
    first - first % 300 AS slot,
    opened,
    accepted,
    packets,
    bytes,
    first,
    last
  FROM flow
),
summed AS (
  SELECT
    family,
    source_high,
    source_low,
    destination_high,
    destination_low,
    port,
    protocol,
    slot,
    MAX(to_service) AS to_service,
    COUNT(CASE WHEN opened = 1 THEN 1 ELSE NULL END) AS records,
    COUNT(CASE WHEN opened = 1 AND accepted = 0 THEN 1 ELSE NULL END) AS rejected,
    COUNT(CASE WHEN opening = 1 THEN 1 ELSE NULL END) AS openings,
    COUNT(CASE WHEN answer = 1 THEN 1 ELSE NULL END) AS answers,
    COUNT(CASE WHEN syn = 1 THEN 1 ELSE NULL END) AS syns,
    COUNT(CASE WHEN arrival = 1 THEN 1 ELSE NULL END) AS arrivals,
    CAST(SUM(CAST(opened * accepted * bytes AS DOUBLE)) AS BIGINT) AS bytes_out,
    CAST(SUM(CAST((1 - opened) * accepted * bytes AS DOUBLE)) AS BIGINT) AS bytes_back,
    CAST(SUM(CAST((1 - opened) * accepted * packets AS DOUBLE)) AS BIGINT) AS packets_back,
    MIN(first) AS first,
    MAX(last) AS last
  FROM turned
  GROUP BY
    family, source_high, source_low, destination_high, destination_low, port, protocol, slot
)
SELECT
  family,
  source_high,
  source_low,
  destination_high,
  destination_low,
  port,
  protocol,
  slot,
  CASE WHEN among(family, source_high, source_low, $inside) THEN 1 ELSE 0 END AS source_inside,
  CASE WHEN among(family, destination_high, destination_low, $inside) THEN 1 ELSE 0 END
    AS destination_inside,
  to_service,
  records,
  rejected,
  openings,
  answers,
  syns,
  arrivals,
  bytes_out,
  bytes_back,
  packets_back,
  first,
  last,
  CASE
    WHEN answers > 0 THEN 0
    WHEN rejected > 0 AND packets_back = 0 THEN 1
    WHEN protocol = 6 AND family = 4 AND bytes_back <= 40 * packets_back THEN 1
    WHEN protocol = 6 AND family = 6 AND bytes_back <= 60 * packets_back THEN 1
    ELSE 0
  END AS failed
FROM summed
"""

EDGE: Final = """
WITH timed AS (
  SELECT
    family,
    source_high,
    source_low,
    destination_high,
    destination_low,
    port,
    protocol,
    passed(first, $changes) AS begun,
    passed(last, $changes) AS ended,
    records,
    rejected,
    syns,
    answers,
    packets_back + arrivals AS passages,
    bytes_out + bytes_back AS bytes,
    first,
    last
  FROM conversation
  WHERE source_inside + destination_inside >= 1
)
SELECT
  family,
  source_high,
  source_low,
  destination_high,
  destination_low,
  port,
  protocol,
  begun,
  ended,
  CAST(SUM(records) AS BIGINT) AS records,
  CAST(SUM(rejected) AS BIGINT) AS rejected,
  CAST(SUM(syns) AS BIGINT) AS syns,
  CAST(SUM(answers) AS BIGINT) AS answers,
  CAST(SUM(passages) AS BIGINT) AS passages,
  CAST(SUM(bytes) AS BIGINT) AS bytes,
  MIN(first) AS first,
  MAX(last) AS last
FROM timed
GROUP BY
  family, source_high, source_low, destination_high, destination_low, port, protocol, begun, ended
"""

# Middle boxes show by packets whose ends are not what the interface had.
RELAY: Final = """
WITH ends AS (
  SELECT family, seen_source_high AS high, seen_source_low AS low
  FROM flow
  WHERE packet_source_low IS NOT NULL
    AND (packet_source_low <> seen_source_low OR packet_source_high <> seen_source_high)
  UNION ALL
  SELECT family, seen_destination_high AS high, seen_destination_low AS low
  FROM flow
  WHERE packet_destination_low IS NOT NULL
    AND (
      packet_destination_low <> seen_destination_low
      OR packet_destination_high <> seen_destination_high
    )
)
SELECT family, high, low, COUNT(*) AS records FROM ends GROUP BY family, high, low
"""

# What a log may have none of: the condition that a record of `flow` has it. Scopes that know blocks
# of services, or changes, have those.
FACTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ipv6": "family IS NULL OR family <> 4 OR source_high IS NULL OR source_high <> 0 "
        "OR destination_high IS NULL OR destination_high <> 0",
        "flags": "flags IS NOT NULL",
        "directions": "direction IS NOT NULL",
        "services": "destination_service IS NOT NULL",
    }
)
_NONE: Final = "CAST(0 AS BIGINT)"
_ENDS: Final = {
    "family": ("4", "ipv6"),
    "source_high": (_NONE, "ipv6"),
    "destination_high": (_NONE, "ipv6"),
}
CONVERSATION_WITHOUT: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    _ENDS
    | {
        "to_service": ("0", "services"),
        "openings": ("records", "flags"),
        "answers": (_NONE, "flags"),
        "syns": (_NONE, "flags"),
        "arrivals": (_NONE, "directions"),
    }
)
EDGE_WITHOUT: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    _ENDS
    | {
        "begun": ("0", "changes"),
        "ended": ("0", "changes"),
        "answers": (_NONE, "flags"),
        "syns": (_NONE, "flags"),
    }
)
