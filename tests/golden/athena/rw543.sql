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
), conversation AS (
  WITH turned AS (
    SELECT
      family,
      CASE WHEN opened = 1 THEN source_high ELSE destination_high END AS source_high,
      CASE WHEN opened = 1 THEN source_low ELSE destination_low END AS source_low,
      CASE WHEN opened = 1 THEN destination_high ELSE source_high END AS destination_high,
      CASE WHEN opened = 1 THEN destination_low ELSE source_low END AS destination_low,
      CASE WHEN opened = 1 THEN destination_port ELSE source_port END AS port,
      CASE
        WHEN opened = 1 AND NOT destination_service IS NULL
        THEN 1
        WHEN opened = 1 AND (
          1 = 0
        )
        THEN 1
        ELSE 0
      END AS to_service,
      CASE WHEN opened = 1 AND COALESCE(flags, 2) % 4 >= 2 THEN 1 ELSE 0 END AS opening,
      CASE WHEN opened = 0 AND flags % 4 >= 2 THEN 1 ELSE 0 END AS answer,
      CASE WHEN opened = 1 AND protocol = 6 AND flags % 4 >= 2 THEN 1 ELSE 0 END AS syn,
      CASE
        WHEN opened = 1
        AND accepted = 1
        AND direction = 'ingress'
        AND seen_destination_high = destination_high
        AND seen_destination_low = destination_low
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
  ), summed AS (
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
      CAST(SUM(CAST((
        1 - opened
      ) * accepted * bytes AS DOUBLE)) AS BIGINT) AS bytes_back,
      CAST(SUM(CAST((
        1 - opened
      ) * accepted * packets AS DOUBLE)) AS BIGINT) AS packets_back,
      MIN(first) AS first,
      MAX(last) AS last
    FROM turned
    GROUP BY
      family,
      source_high,
      source_low,
      destination_high,
      destination_low,
      port,
      protocol,
      slot
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
      WHEN answers > 0
      THEN 0
      WHEN rejected > 0 AND packets_back = 0
      THEN 1
      WHEN protocol = 6 AND family = 4 AND bytes_back <= 40 * packets_back
      THEN 1
      WHEN protocol = 6 AND family = 6 AND bytes_back <= 60 * packets_back
      THEN 1
      ELSE 0
    END AS failed
  FROM summed
), pairs AS (
  SELECT
    family,
    source_high,
    source_low,
    destination_high,
    destination_low,
    port,
    protocol,
    COUNT(*) AS slots
  FROM conversation
  WHERE
    source_inside = 1 AND destination_inside = 0 AND protocol = 6
  GROUP BY
    family,
    source_high,
    source_low,
    destination_high,
    destination_low,
    port,
    protocol
  HAVING
    COUNT(*) >= 8 * 5
), held AS (
  SELECT
    flow.family AS family,
    flow.source_high AS source_high,
    flow.source_low AS source_low,
    flow.destination_high AS destination_high,
    flow.destination_low AS destination_low,
    flow.destination_port AS port,
    flow.source_port AS client
  FROM pairs
  JOIN flow
    ON flow.family = pairs.family
    AND flow.source_high = pairs.source_high
    AND flow.source_low = pairs.source_low
    AND flow.destination_high = pairs.destination_high
    AND flow.destination_low = pairs.destination_low
    AND flow.destination_port = pairs.port
    AND flow.protocol = pairs.protocol
  WHERE
    flow.accepted = 1
  GROUP BY
    flow.family,
    flow.source_high,
    flow.source_low,
    flow.destination_high,
    flow.destination_low,
    flow.destination_port,
    flow.source_port
  HAVING
    MAX(flow.last) - MIN(flow.first) >= 8 * 3600 AND COUNT(*) >= 8 * 5
), connections AS (
  SELECT
    held.family AS family,
    held.source_high AS source_high,
    held.source_low AS source_low,
    held.destination_high AS destination_high,
    held.destination_low AS destination_low,
    held.port AS port,
    held.client AS client,
    flow.interface AS interface,
    COUNT(*) AS records,
    SUM(flow.bytes) AS bytes,
    MIN(flow.first) AS first,
    MAX(flow.last) AS last
  FROM held
  JOIN flow
    ON flow.family = held.family
    AND flow.source_high = held.source_high
    AND flow.source_low = held.source_low
    AND flow.destination_high = held.destination_high
    AND flow.destination_low = held.destination_low
    AND flow.destination_port = held.port
    AND flow.source_port = held.client
  WHERE
    flow.protocol = 6 AND flow.opened = 1 AND flow.accepted = 1
  GROUP BY
    held.family,
    held.source_high,
    held.source_low,
    held.destination_high,
    held.destination_low,
    held.port,
    held.client,
    flow.interface
  HAVING
    MAX(flow.last) - MIN(flow.first) >= 8 * 3600 AND COUNT(*) >= 8 * 5
)
SELECT
  family,
  source_high,
  source_low,
  destination_high,
  destination_low,
  port,
  client,
  MAX(records) AS records,
  MAX(bytes) AS bytes,
  MIN(first) AS first,
  MAX(last) AS last
FROM connections
GROUP BY
  family,
  source_high,
  source_low,
  destination_high,
  destination_low,
  port,
  client
ORDER BY
  bytes DESC,
  family,
  source_high,
  source_low,
  destination_high,
  destination_low,
  port,
  client
