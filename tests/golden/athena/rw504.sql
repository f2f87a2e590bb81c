WITH flow AS (
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
    CASE
      WHEN (
        (
          family = 4
          AND (
            source_low BETWEEN 167772160 AND 184549375
            OR source_low BETWEEN 1681915904 AND 1686110207
            OR source_low BETWEEN 2130706432 AND 2147483647
            OR source_low BETWEEN 2851995648 AND 2852061183
            OR source_low BETWEEN 2886729728 AND 2887778303
            OR source_low BETWEEN 3232235520 AND 3232301055
            OR source_low BETWEEN 3758096384 AND 4026531839
            OR source_low = 4294967295
          )
        )
        OR (
          family = 6
          AND (
            source_high BETWEEN 8935141660703064064 AND 9079256848778919935
            OR source_high BETWEEN 9115285645797883904 AND 9133300044307365887
            OR source_high BETWEEN 9151314442816847872 AND 9223372036854775807
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
            destination_low BETWEEN 167772160 AND 184549375
            OR destination_low BETWEEN 1681915904 AND 1686110207
            OR destination_low BETWEEN 2130706432 AND 2147483647
            OR destination_low BETWEEN 2851995648 AND 2852061183
            OR destination_low BETWEEN 2886729728 AND 2887778303
            OR destination_low BETWEEN 3232235520 AND 3232301055
            OR destination_low BETWEEN 3758096384 AND 4026531839
            OR destination_low = 4294967295
          )
        )
        OR (
          family = 6
          AND (
            destination_high BETWEEN 8935141660703064064 AND 9079256848778919935
            OR destination_high BETWEEN 9115285645797883904 AND 9133300044307365887
            OR destination_high BETWEEN 9151314442816847872 AND 9223372036854775807
          )
        )
      )
      THEN 1
      ELSE 0
    END AS destination_inside,
    CASE
      WHEN protocol = 6 AND flags % 4 >= 2 AND flags % 32 >= 16
      THEN 0
      WHEN protocol = 6 AND flags % 4 >= 2
      THEN 1
      WHEN protocol <> 6 AND protocol <> 17
      THEN 1
      WHEN destination_port < 1024 AND source_port >= 1024
      THEN 1
      WHEN source_port < 1024 AND destination_port >= 1024
      THEN 0
      WHEN destination_port IN (
        1433,
        1521,
        2049,
        3306,
        3389,
        5432,
        5672,
        5900,
        5985,
        6379,
        8000,
        8080,
        8443,
        9000,
        9042,
        9090,
        9092,
        9200,
        11211,
        27017,
        50051
      )
      AND NOT source_port IN (
        1433,
        1521,
        2049,
        3306,
        3389,
        5432,
        5672,
        5900,
        5985,
        6379,
        8000,
        8080,
        8443,
        9000,
        9042,
        9090,
        9092,
        9200,
        11211,
        27017,
        50051
      )
      THEN 1
      WHEN source_port IN (
        1433,
        1521,
        2049,
        3306,
        3389,
        5432,
        5672,
        5900,
        5985,
        6379,
        8000,
        8080,
        8443,
        9000,
        9042,
        9090,
        9092,
        9200,
        11211,
        27017,
        50051
      )
      AND NOT destination_port IN (
        1433,
        1521,
        2049,
        3306,
        3389,
        5432,
        5672,
        5900,
        5985,
        6379,
        8000,
        8080,
        8443,
        9000,
        9042,
        9090,
        9092,
        9200,
        11211,
        27017,
        50051
      )
      THEN 0
      WHEN accepted = 0
      THEN 1
      WHEN source_port < destination_port
      THEN 0
      ELSE 1
    END AS opened
  FROM packet
), tried AS (
  SELECT
    family,
    seen_source_high,
    seen_source_low,
    destination_port,
    MIN(first) AS first,
    MAX(last) AS last
  FROM flow
  WHERE
    accepted = 0
  GROUP BY
    family,
    seen_source_high,
    seen_source_low,
    destination_port
)
SELECT
  family,
  seen_source_high AS source_high,
  seen_source_low AS source_low,
  COUNT(*) AS ports,
  MIN(first) AS first,
  MAX(last) AS last
FROM tried
GROUP BY
  family,
  seen_source_high,
  seen_source_low
ORDER BY
  ports DESC,
  family,
  source_high,
  source_low
LIMIT 10
