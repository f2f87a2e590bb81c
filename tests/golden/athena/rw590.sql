WITH quiet AS (
  SELECT
    interface_id AS interface,
    account_id AS account,
    vpc_id AS vpc,
    subnet_id AS subnet,
    start AS first,
    start + COALESCE(seconds, 0) AS last,
    log_status AS status
  FROM stored_quiet
  WHERE
    (
      start >= 1767225600 AND start < 1767312000
    )
    AND day >= '2026-01-01'
    AND day <= '2026-01-01'
)
SELECT
  interface,
  COUNT(*) AS windows,
  SUM(last - first) AS seconds,
  MIN(first) AS first,
  MAX(last) AS last
FROM quiet
WHERE
  status = 'SKIPDATA' AND NOT interface IS NULL
GROUP BY
  interface
HAVING
  COUNT(*) >= 10
ORDER BY
  interface
