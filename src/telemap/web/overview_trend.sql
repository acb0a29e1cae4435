-- Runs over time, in sixty parts of the time that there is.
--
-- Columns
--   start_time_unix_nano  BIGINT   of the part
--   length_ns             BIGINT   of each part
--   runs                  BIGINT   of sequences, and root spans of traces, that began in it
--   errors                BIGINT   of these, failed
--   p95_ns                DOUBLE   95th percentile of their durations
WITH run AS (
    SELECT start_time_unix_nano, duration_ns, status
    FROM span
    WHERE (kind = 'sequence' OR (kind = 'span' AND parent_span_id IS NULL)) AND start_time_unix_nano IS NOT NULL
),
whole AS (
    SELECT
        min(start_time_unix_nano) AS first_time,
        greatest(1, (max(start_time_unix_nano) - min(start_time_unix_nano)) // 60 + 1) AS length_ns
    FROM run
)
SELECT
    w.first_time + (r.start_time_unix_nano - w.first_time) // w.length_ns * w.length_ns AS start_time_unix_nano,
    w.length_ns, count(*) AS runs, count(*) FILTER (r.status = 'error') AS errors,
    quantile_cont(CASE WHEN r.duration_ns >= 0 THEN r.duration_ns END, 0.95) AS p95_ns
FROM run AS r
CROSS JOIN whole AS w
GROUP BY 1, 2
ORDER BY 1
