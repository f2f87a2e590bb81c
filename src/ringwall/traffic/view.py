"""What queries read: views of the stored tables, and rollups that are shared, as SQL.

Input: the tables of a store, under `stored_flow`, `stored_transit`, `stored_quiet`, `stored_dns`.
Output: relations by name. A detection reads these alone.

Rules:
- The SQL keeps to the portable subset (docs/concepts/detections.md). `$since`, `$until` (seconds,
  half-open), `$inside` and `$services` (blocks: ours, and of AWS services) and `$changes` (of the
  network, in seconds) are given by who asks.
- An address is `…_high` and `…_low`; `family` is that of both addresses of a row.
- An endpoint is the packet's (`pkt-srcaddr`, `pkt-dstaddr`) where the log has it; `seen_…` is the
  interface's, `packet_…` the packet's or null. Files are sorted by the first, so whoever looks for
  one address asks these, not what is computed from both.
- `opened` is 1 if the source of a record opened the connection: a SYN without SYN-ACK says yes, a
  SYN-ACK says no. Without either, the end with a port below 1024 is the one that was called, then
  the one with a known port (`$known`); if that does not tell them apart, a rejected record is the
  caller's, and of an accepted one the lower port was called.
- Every interface on the way logs a flow. `conversation` counts what they all logged; what reports
  amounts counts a flow by the interface that saw most of it (`interface` of `flow`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from ringwall.traffic import rollups

# Ports from 1024 on at which services are called, though clients' ports may lie below them.
_KNOWN = """
1433 1521 2049 3306 3389 5432 5672 5900 5985 6379 8000 8080 8443 9000 9042 9090 9092 9200 11211
27017 50051
"""
KNOWN_PORTS: Final = tuple(int(word) for word in _KNOWN.split())


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation: its query, the columns that tell its rows apart, whether it is computed once.

    `key` is empty where rows may be equal. `is_hourly`: a row is of flow records that lie in one
    hour of the store, so that an engine may compute it hour by hour. `without`: which column is
    what in every row, and of what (rollups.FACTS) there must be none.
    """

    name: str
    holds: str
    sql: str
    key: tuple[str, ...] = ()
    is_kept: bool = False
    is_hourly: bool = False
    without: Mapping[str, tuple[str, str]] = field(default_factory=dict)


_FLOW = """
WITH packet AS (
  SELECT
    family,
    COALESCE(pkt_srcaddr_high, srcaddr_high) AS source_high,
    COALESCE(pkt_srcaddr_low, srcaddr_low) AS source_low,
    COALESCE(pkt_dstaddr_high, dstaddr_high) AS destination_high,
    COALESCE(pkt_dstaddr_low, dstaddr_low) AS destination_low,
    srcaddr_high AS seen_source_high,
    srcaddr_low AS seen_source_low,
    dstaddr_high AS seen_destination_high,
    dstaddr_low AS seen_destination_low,
    pkt_srcaddr_high AS packet_source_high,
    pkt_srcaddr_low AS packet_source_low,
    pkt_dstaddr_high AS packet_destination_high,
    pkt_dstaddr_low AS packet_destination_low,
    COALESCE(srcport, 0) AS source_port,
    COALESCE(dstport, 0) AS destination_port,
    protocol,
    packets,
    bytes,
    start AS first,
    start + COALESCE(seconds, 0) AS last,
    COALESCE(accepted, 1) AS accepted,
    tcp_flags AS flags,
    interface_id AS interface,
    account_id AS account,
    vpc_id AS vpc,
    subnet_id AS subnet,
    instance_id AS instance,
    flow_direction AS direction,
    traffic_path AS path,
    pkt_src_aws_service AS source_service,
    pkt_dst_aws_service AS destination_service,
    reject_reason
  FROM stored_flow
  WHERE start >= $since AND start < $until
)
SELECT
  family,
  source_high,
  source_low,
  destination_high,
  destination_low,
  seen_source_high,
  seen_source_low,
  seen_destination_high,
  seen_destination_low,
  packet_source_high,
  packet_source_low,
  packet_destination_high,
  packet_destination_low,
  source_port,
  destination_port,
  protocol,
  packets,
  bytes,
  first,
  last,
  accepted,
  flags,
  interface,
  account,
  vpc,
  subnet,
  instance,
  direction,
  path,
  source_service,
  destination_service,
  reject_reason,
  CASE WHEN among(family, source_high, source_low, $inside) THEN 1 ELSE 0 END AS source_inside,
  CASE WHEN among(family, destination_high, destination_low, $inside) THEN 1 ELSE 0 END
    AS destination_inside,
  CASE
    WHEN protocol = 6 AND flags % 4 >= 2 AND flags % 32 >= 16 THEN 0
    WHEN protocol = 6 AND flags % 4 >= 2 THEN 1
    WHEN protocol <> 6 AND protocol <> 17 THEN 1
    WHEN destination_port < 1024 AND source_port >= 1024 THEN 1
    WHEN source_port < 1024 AND destination_port >= 1024 THEN 0
    WHEN destination_port IN ($known) AND NOT source_port IN ($known) THEN 1
    WHEN source_port IN ($known) AND NOT destination_port IN ($known) THEN 0
    WHEN accepted = 0 THEN 1
    WHEN source_port < destination_port THEN 0
    ELSE 1
  END AS opened
FROM packet
"""

_TRANSIT = """
SELECT
  family,
  srcaddr_high AS source_high,
  srcaddr_low AS source_low,
  dstaddr_high AS destination_high,
  dstaddr_low AS destination_low,
  COALESCE(srcport, 0) AS source_port,
  COALESCE(dstport, 0) AS destination_port,
  protocol,
  packets,
  bytes,
  start AS first,
  start + COALESCE(seconds, 0) AS last,
  tgw_id AS gateway,
  tgw_attachment_id AS attachment,
  tgw_src_vpc_id AS source_vpc,
  tgw_dst_vpc_id AS destination_vpc,
  COALESCE(packets_lost_no_route, 0) AS lost_no_route,
  COALESCE(packets_lost_blackhole, 0) AS lost_blackhole,
  COALESCE(packets_lost_mtu_exceeded, 0) AS lost_mtu,
  COALESCE(packets_lost_ttl_expired, 0) AS lost_ttl,
  CASE WHEN among(family, srcaddr_high, srcaddr_low, $inside) THEN 1 ELSE 0 END AS source_inside,
  CASE WHEN among(family, dstaddr_high, dstaddr_low, $inside) THEN 1 ELSE 0 END
    AS destination_inside
FROM stored_transit
WHERE start >= $since AND start < $until
"""

_QUIET = """
SELECT
  interface_id AS interface,
  account_id AS account,
  vpc_id AS vpc,
  subnet_id AS subnet,
  start AS first,
  start + COALESCE(seconds, 0) AS last,
  log_status AS status
FROM stored_quiet
WHERE start >= $since AND start < $until
"""

# The registered domain, without a list of public suffixes: the last two labels, or three where
# the last has two letters and the one before is a word that registries use (co.uk, com.au).
_DNS = """
WITH counted AS (
  SELECT
    family,
    srcaddr_high AS source_high,
    srcaddr_low AS source_low,
    time,
    COALESCE(query_name, '') AS name,
    LENGTH(COALESCE(query_name, '')) - LENGTH(REPLACE(COALESCE(query_name, ''), '.', '')) + 1
      AS labels,
    query_type AS type,
    rcode,
    vpc_id AS vpc,
    instance,
    firewall_rule_action AS action,
    firewall_rule_group_id AS rule_group,
    firewall_domain_list_id AS domain_list,
    firewall_protection AS protection
  FROM stored_dns
  WHERE time >= $since AND time < $until
),
parted AS (
  SELECT
    family,
    source_high,
    source_low,
    time,
    name,
    labels,
    type,
    rcode,
    vpc,
    instance,
    action,
    rule_group,
    domain_list,
    protection,
    CASE WHEN labels >= 1 THEN SPLIT_PART(name, '.', CAST(labels AS INTEGER)) ELSE '' END AS top,
    CASE WHEN labels >= 2 THEN SPLIT_PART(name, '.', CAST(labels - 1 AS INTEGER)) ELSE '' END
      AS second,
    CASE WHEN labels >= 3 THEN SPLIT_PART(name, '.', CAST(labels - 2 AS INTEGER)) ELSE '' END
      AS third
  FROM counted
)
SELECT
  family,
  source_high,
  source_low,
  time,
  name,
  labels,
  type,
  rcode,
  vpc,
  instance,
  action,
  rule_group,
  domain_list,
  protection,
  CASE
    WHEN labels >= 3 AND LENGTH(top) = 2
      AND second IN ('co', 'com', 'net', 'org', 'gov', 'edu', 'ac', 'or', 'ne', 'go')
    THEN CONCAT(third, '.', second, '.', top)
    WHEN labels >= 2 THEN CONCAT(second, '.', top)
    ELSE name
  END AS domain
FROM parted
"""

RELATIONS: Mapping[str, Relation] = MappingProxyType(
    {
        relation.name: relation
        for relation in (
            Relation("flow", "a record of a VPC flow log", _FLOW),
            Relation(
                "conversation",
                "who opened connections to whom, on which port, in five minutes; bytes and packets "
                "are of what was accepted; counts are as logged, so what two interfaces saw "
                "counts twice",
                rollups.CONVERSATION,
                key=(
                    "family",
                    "source_high",
                    "source_low",
                    "destination_high",
                    "destination_low",
                    "port",
                    "protocol",
                    "slot",
                ),
                is_kept=True,
                is_hourly=True,
                without=rollups.CONVERSATION_WITHOUT,
            ),
            Relation(
                "edge",
                "who opened connections to whom, on which port, where one of them is inside; from "
                "change to change of the network: `begun` and `ended` are how many changes the "
                "first and the last second have passed",
                rollups.EDGE,
                key=(
                    "family",
                    "source_high",
                    "source_low",
                    "destination_high",
                    "destination_low",
                    "port",
                    "protocol",
                    "begun",
                    "ended",
                ),
                is_kept=True,
                without=rollups.EDGE_WITHOUT,
            ),
            Relation(
                "relay",
                "an address that packets of others pass: NAT, a load balancer, a node of pods",
                rollups.RELAY,
                key=("family", "high", "low"),
                is_kept=True,
            ),
            Relation("transit", "a record of a Transit Gateway flow log", _TRANSIT),
            Relation("quiet", "a window without records", _QUIET),
            Relation("dns", "a query that the Route 53 Resolver's cache did not answer", _DNS),
        )
    }
)
