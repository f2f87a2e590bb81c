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
), relay AS (
  WITH ends AS (
    SELECT
      family,
      seen_source_high AS high,
      seen_source_low AS low
    FROM flow
    WHERE
      NOT packet_source_low IS NULL
      AND (
        packet_source_low <> seen_source_low OR packet_source_high <> seen_source_high
      )
    UNION ALL
    SELECT
      family,
      seen_destination_high AS high,
      seen_destination_low AS low
    FROM flow
    WHERE
      NOT packet_destination_low IS NULL
      AND (
        packet_destination_low <> seen_destination_low
        OR packet_destination_high <> seen_destination_high
      )
  )
  SELECT
    family,
    high,
    low,
    COUNT(*) AS records
  FROM ends
  GROUP BY
    family,
    high,
    low
), sent AS (
  SELECT
    family,
    CASE WHEN source_inside = 1 THEN source_high ELSE destination_high END AS host_high,
    CASE WHEN source_inside = 1 THEN source_low ELSE destination_low END AS host_low,
    CASE WHEN source_inside = 1 THEN destination_high ELSE source_high END AS peer_high,
    CASE WHEN source_inside = 1 THEN destination_low ELSE source_low END AS peer_low,
    slot,
    CASE WHEN source_inside = 1 THEN bytes_out ELSE bytes_back END AS sent,
    CASE WHEN source_inside = 1 THEN bytes_back ELSE bytes_out END AS received,
    first,
    last
  FROM conversation
  WHERE
    (
      source_inside = 1 AND destination_inside = 0 AND to_service <= 0 AND bytes_out > 0
    )
    OR (
      source_inside = 0 AND destination_inside = 1 AND bytes_back > 0
    )
), pairs AS (
  SELECT
    family,
    host_high,
    host_low,
    peer_high,
    peer_low,
    SUM(sent) AS sent
  FROM sent
  GROUP BY
    family,
    host_high,
    host_low,
    peer_high,
    peer_low
  HAVING
    SUM(sent) >= 5000000 AND SUM(sent) > SUM(received)
), hosts AS (
  SELECT
    family,
    host_high,
    host_low
  FROM pairs
  GROUP BY
    family,
    host_high,
    host_low
), span AS (
  SELECT
    MIN(slot) AS start,
    MAX(slot) - MIN(slot) + 3600 AS seconds
  FROM conversation
), host_slots AS (
  SELECT
    sent.family AS family,
    sent.host_high AS host_high,
    sent.host_low AS host_low,
    sent.slot - span.start - (
      sent.slot - span.start
    ) % 86400 AS day,
    sent.sent AS sent
  FROM sent
  JOIN hosts
    ON hosts.family = sent.family
    AND hosts.host_high = sent.host_high
    AND hosts.host_low = sent.host_low
  CROSS JOIN span
), host_days AS (
  SELECT
    family,
    host_high,
    host_low,
    day,
    SUM(sent) AS sent
  FROM host_slots
  GROUP BY
    family,
    host_high,
    host_low,
    day
), pair_slots AS (
  SELECT
    sent.family AS family,
    sent.host_high AS host_high,
    sent.host_low AS host_low,
    sent.peer_high AS peer_high,
    sent.peer_low AS peer_low,
    sent.slot - span.start - (
      sent.slot - span.start
    ) % 3600 AS hour,
    sent.sent AS sent,
    sent.first AS first,
    sent.last AS last
  FROM sent
  JOIN pairs
    ON pairs.family = sent.family
    AND pairs.host_high = sent.host_high
    AND pairs.host_low = sent.host_low
    AND pairs.peer_high = sent.peer_high
    AND pairs.peer_low = sent.peer_low
  CROSS JOIN span
), pair_hours AS (
  SELECT
    family,
    host_high,
    host_low,
    peer_high,
    peer_low,
    hour,
    SUM(sent) AS sent,
    MIN(first) AS first,
    MAX(last) AS last
  FROM pair_slots
  GROUP BY
    family,
    host_high,
    host_low,
    peer_high,
    peer_low,
    hour
), ranked AS (
  SELECT
    pair_hours.family AS family,
    pair_hours.host_high AS host_high,
    pair_hours.host_low AS host_low,
    pair_hours.peer_high AS peer_high,
    pair_hours.peer_low AS peer_low,
    pair_hours.hour AS hour,
    pair_hours.sent AS sent,
    span.seconds AS seconds,
    ROW_NUMBER() OVER (
      PARTITION BY pair_hours.family, pair_hours.host_high, pair_hours.host_low, pair_hours.peer_high, pair_hours.peer_low
      ORDER BY pair_hours.sent DESC, pair_hours.hour
    ) AS number
  FROM pair_hours
  CROSS JOIN span
), steady AS (
  SELECT
    family,
    host_high,
    host_low,
    peer_high,
    peer_low,
    24 * MAX(CASE WHEN number * 4 * 3600 >= 3 * seconds THEN sent ELSE 0 END) AS sent
  FROM ranked
  GROUP BY
    family,
    host_high,
    host_low,
    peer_high,
    peer_low
), pair_days AS (
  SELECT
    family,
    host_high,
    host_low,
    peer_high,
    peer_low,
    hour - hour % 86400 AS day,
    sent,
    first,
    last
  FROM pair_hours
), days AS (
  SELECT
    family,
    host_high,
    host_low,
    peer_high,
    peer_low,
    day,
    SUM(sent) AS sent,
    COUNT(*) AS hours,
    MIN(first) AS first,
    MAX(last) AS last
  FROM pair_days
  GROUP BY
    family,
    host_high,
    host_low,
    peer_high,
    peer_low,
    day
), compared AS (
  SELECT
    days.family AS family,
    days.host_high AS host_high,
    days.host_low AS host_low,
    days.peer_high AS peer_high,
    days.peer_low AS peer_low,
    days.day AS day,
    days.sent AS sent,
    days.hours AS hours,
    days.first AS first,
    days.last AS last,
    steady.sent AS steady,
    MAX(others.sent - COALESCE(same.sent, 0)) AS others,
    COALESCE(MAX(CASE WHEN same.day <> days.day THEN same.sent ELSE 0 END), 0) AS before
  FROM days
  JOIN steady
    ON steady.family = days.family
    AND steady.host_high = days.host_high
    AND steady.host_low = days.host_low
    AND steady.peer_high = days.peer_high
    AND steady.peer_low = days.peer_low
  JOIN host_days AS others
    ON others.family = days.family
    AND others.host_high = days.host_high
    AND others.host_low = days.host_low
  LEFT JOIN days AS same
    ON same.family = days.family
    AND same.host_high = days.host_high
    AND same.host_low = days.host_low
    AND same.peer_high = days.peer_high
    AND same.peer_low = days.peer_low
    AND same.day = others.day
  GROUP BY
    days.family,
    days.host_high,
    days.host_low,
    days.peer_high,
    days.peer_low,
    days.day,
    days.sent,
    days.hours,
    days.first,
    days.last,
    steady.sent
), judged AS (
  SELECT
    family,
    host_high,
    host_low,
    peer_high,
    peer_low,
    day,
    sent,
    hours,
    first,
    last,
    CASE
      WHEN steady >= others AND steady >= before
      THEN steady
      WHEN others >= before
      THEN others
      ELSE before
    END AS usual
  FROM compared
), chosen AS (
  SELECT
    family,
    host_high,
    host_low,
    peer_high,
    peer_low,
    MAX(usual) AS usual,
    SUM(sent) AS sent,
    COUNT(*) AS days,
    SUM(hours) AS hours,
    MIN(first) AS first,
    MAX(last) AS last
  FROM judged
  WHERE
    sent >= 5000000 AND sent >= 2.5 * usual
  GROUP BY
    family,
    host_high,
    host_low,
    peer_high,
    peer_low
), shared AS (
  SELECT
    family,
    peer_high,
    peer_low,
    COUNT(*) AS hosts
  FROM pairs
  GROUP BY
    family,
    peer_high,
    peer_low
), relayed AS (
  SELECT
    chosen.family AS family,
    chosen.host_high AS host_high,
    chosen.host_low AS host_low,
    chosen.peer_high AS peer_high,
    chosen.peer_low AS peer_low,
    COUNT(*) AS origins
  FROM chosen
  JOIN relay
    ON relay.family = chosen.family
    AND relay.high = chosen.host_high
    AND relay.low = chosen.host_low
  JOIN pairs
    ON pairs.family = chosen.family
    AND pairs.peer_high = chosen.peer_high
    AND pairs.peer_low = chosen.peer_low
    AND (
      pairs.host_high <> chosen.host_high OR pairs.host_low <> chosen.host_low
    )
  WHERE
    2 * pairs.sent >= chosen.sent
  GROUP BY
    chosen.family,
    chosen.host_high,
    chosen.host_low,
    chosen.peer_high,
    chosen.peer_low
), taken AS (
  SELECT
    chosen.family AS family,
    chosen.host_high AS host_high,
    chosen.host_low AS host_low,
    chosen.peer_high AS peer_high,
    chosen.peer_low AS peer_low,
    chosen.usual AS usual,
    chosen.sent AS sent,
    chosen.days AS days,
    chosen.hours AS hours,
    chosen.first AS first,
    chosen.last AS last
  FROM chosen
  LEFT JOIN relayed
    ON relayed.family = chosen.family
    AND relayed.host_high = chosen.host_high
    AND relayed.host_low = chosen.host_low
    AND relayed.peer_high = chosen.peer_high
    AND relayed.peer_low = chosen.peer_low
  JOIN shared
    ON shared.family = chosen.family
    AND shared.peer_high = chosen.peer_high
    AND shared.peer_low = chosen.peer_low
  WHERE
    relayed.origins IS NULL AND shared.hosts < 4
), measured AS (
  SELECT
    taken.family AS family,
    taken.host_high AS host_high,
    taken.host_low AS host_low,
    taken.peer_high AS peer_high,
    taken.peer_low AS peer_low,
    taken.usual AS usual,
    taken.sent AS sent,
    taken.days AS days,
    taken.hours AS hours,
    taken.first AS first,
    taken.last AS last,
    flow.interface AS interface,
    SUM(flow.bytes) AS bytes,
    COUNT(*) AS records
  FROM taken
  JOIN flow
    ON flow.family = taken.family
    AND flow.source_high = taken.host_high
    AND flow.source_low = taken.host_low
    AND flow.destination_high = taken.peer_high
    AND flow.destination_low = taken.peer_low
  WHERE
    flow.accepted = 1 AND flow.first >= taken.first AND flow.first <= taken.last
  GROUP BY
    taken.family,
    taken.host_high,
    taken.host_low,
    taken.peer_high,
    taken.peer_low,
    taken.usual,
    taken.sent,
    taken.days,
    taken.hours,
    taken.first,
    taken.last,
    flow.interface
)
SELECT
  family,
  host_high AS source_high,
  host_low AS source_low,
  peer_high AS destination_high,
  peer_low AS destination_low,
  MAX(bytes) AS bytes,
  MAX(records) AS records,
  CASE
    WHEN MAX(usual) = 0
    THEN NULL
    ELSE FLOOR(CAST(10 * MAX(sent) AS DOUBLE) / MAX(usual)) / CAST(10 AS DOUBLE)
  END AS times_usual,
  MAX(days) AS days,
  MAX(hours) AS hours,
  MIN(first) AS first,
  MAX(last) AS last
FROM measured
GROUP BY
  family,
  host_high,
  host_low,
  peer_high,
  peer_low
ORDER BY
  bytes DESC,
  family,
  source_high,
  source_low,
  destination_high,
  destination_low
