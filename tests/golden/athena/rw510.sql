WITH transit AS (
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
    CASE
      WHEN (
        (
          family = 4
          AND (
            srcaddr_low BETWEEN 167772160 AND 184549375
            OR srcaddr_low BETWEEN 1681915904 AND 1686110207
            OR srcaddr_low BETWEEN 2130706432 AND 2147483647
            OR srcaddr_low BETWEEN 2851995648 AND 2852061183
            OR srcaddr_low BETWEEN 2886729728 AND 2887778303
            OR srcaddr_low BETWEEN 3232235520 AND 3232301055
            OR srcaddr_low BETWEEN 3758096384 AND 4026531839
            OR srcaddr_low = 4294967295
          )
        )
        OR (
          family = 6
          AND (
            srcaddr_high BETWEEN 8935141660703064064 AND 9079256848778919935
            OR srcaddr_high BETWEEN 9115285645797883904 AND 9133300044307365887
            OR srcaddr_high BETWEEN 9151314442816847872 AND 9223372036854775807
          )
        )
      )
      THEN 1
      ELSE 0
    END AS source_inside,
    CASE
      WHEN (
        (
          family = 4
          AND (
            dstaddr_low BETWEEN 167772160 AND 184549375
            OR dstaddr_low BETWEEN 1681915904 AND 1686110207
            OR dstaddr_low BETWEEN 2130706432 AND 2147483647
            OR dstaddr_low BETWEEN 2851995648 AND 2852061183
            OR dstaddr_low BETWEEN 2886729728 AND 2887778303
            OR dstaddr_low BETWEEN 3232235520 AND 3232301055
            OR dstaddr_low BETWEEN 3758096384 AND 4026531839
            OR dstaddr_low = 4294967295
          )
        )
        OR (
          family = 6
          AND (
            dstaddr_high BETWEEN 8935141660703064064 AND 9079256848778919935
            OR dstaddr_high BETWEEN 9115285645797883904 AND 9133300044307365887
            OR dstaddr_high BETWEEN 9151314442816847872 AND 9223372036854775807
          )
        )
      )
      THEN 1
      ELSE 0
    END AS destination_inside
  FROM stored_transit
  WHERE
    (
      start >= 1767225600 AND start < 1767312000
    )
    AND day >= '2026-01-01'
    AND day <= '2026-01-01'
)
SELECT
  family,
  source_high,
  source_low,
  destination_high,
  destination_low,
  destination_port AS port,
  protocol,
  SUM(lost_no_route) AS no_route,
  SUM(lost_blackhole) AS blackhole,
  COUNT(*) AS records,
  MIN(first) AS first,
  MAX(last) AS last
FROM transit
WHERE
  lost_no_route + lost_blackhole > 0
GROUP BY
  family,
  source_high,
  source_low,
  destination_high,
  destination_low,
  destination_port,
  protocol
HAVING
  SUM(lost_no_route + lost_blackhole) >= 1
ORDER BY
  family,
  source_high,
  source_low,
  destination_high,
  destination_low,
  port,
  protocol
