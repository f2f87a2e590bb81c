WITH dns AS (
  WITH counted AS (
    SELECT
      family,
      srcaddr_high AS source_high,
      srcaddr_low AS source_low,
      time,
      COALESCE(query_name, '') AS name,
      LENGTH(COALESCE(query_name, '')) - LENGTH(REPLACE(COALESCE(query_name, ''), '.', '')) + 1 AS labels,
      query_type AS type,
      rcode,
      vpc_id AS vpc,
      instance,
      firewall_rule_action AS action,
      firewall_rule_group_id AS rule_group,
      firewall_domain_list_id AS domain_list,
      firewall_protection AS protection
    FROM stored_dns
    WHERE
      (
        time >= 1767225600 AND time < 1767312000
      )
      AND day >= '2026-01-01'
      AND day <= '2026-01-01'
  ), parted AS (
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
        WHEN labels >= 1
        THEN SPLIT_PART(name, '.', CAST(labels AS INTEGER))
        ELSE ''
      END AS top,
      CASE
        WHEN labels >= 2
        THEN SPLIT_PART(name, '.', CAST(labels - 1 AS INTEGER))
        ELSE ''
      END AS second,
      CASE
        WHEN labels >= 3
        THEN SPLIT_PART(name, '.', CAST(labels - 2 AS INTEGER))
        ELSE ''
      END AS third
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
      WHEN labels >= 3
      AND LENGTH(top) = 2
      AND second IN ('co', 'com', 'net', 'org', 'gov', 'edu', 'ac', 'or', 'ne', 'go')
      THEN CONCAT(
        COALESCE(CAST(third AS VARCHAR), ''),
        COALESCE(CAST('.' AS VARCHAR), ''),
        COALESCE(CAST(second AS VARCHAR), ''),
        COALESCE(CAST('.' AS VARCHAR), ''),
        COALESCE(CAST(top AS VARCHAR), '')
      )
      WHEN labels >= 2
      THEN CONCAT(
        COALESCE(CAST(second AS VARCHAR), ''),
        COALESCE(CAST('.' AS VARCHAR), ''),
        COALESCE(CAST(top AS VARCHAR), '')
      )
      ELSE name
    END AS domain
  FROM parted
), hours AS (
  SELECT
    family,
    source_high,
    source_low,
    time - time % 3600 AS hour,
    domain,
    CASE WHEN rcode = 'NXDOMAIN' THEN 1 ELSE 0 END AS missing,
    name,
    time
  FROM dns
  WHERE
    action IS NULL OR action <> 'BLOCK'
), domains AS (
  SELECT
    family,
    source_high,
    source_low,
    hour,
    domain,
    MIN(missing) AS missing,
    COUNT(*) AS queries,
    MIN(time) AS first,
    MAX(time) AS last
  FROM hours
  GROUP BY
    family,
    source_high,
    source_low,
    hour,
    domain
), counted AS (
  SELECT
    family,
    source_high,
    source_low,
    hour,
    SUM(missing) AS missing,
    COUNT(*) AS domains,
    MIN(CASE WHEN missing = 1 THEN domain ELSE NULL END) AS sample,
    MIN(first) AS first,
    MAX(last) AS last
  FROM domains
  GROUP BY
    family,
    source_high,
    source_low,
    hour
  HAVING
    SUM(missing) >= 15 AND SUM(missing) >= 0.5 * COUNT(*)
)
SELECT
  family,
  source_high,
  source_low,
  MAX(missing) AS missing,
  SUM(domains) AS domains,
  COUNT(*) AS hours,
  MIN(sample) AS sample,
  MIN(first) AS first,
  MAX(last) AS last
FROM counted
GROUP BY
  family,
  source_high,
  source_low
ORDER BY
  missing DESC,
  family,
  source_high,
  source_low
