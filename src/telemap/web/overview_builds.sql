-- The builds of each service, oldest first.
--
-- Columns
--   build                 VARCHAR
--   service               VARCHAR
--   runs                  BIGINT   of sequences, and root spans of traces
--   errors                BIGINT   of these, failed
--   first_time_unix_nano  BIGINT
--   last_time_unix_nano   BIGINT
SELECT
    service_version AS build, service_name AS service, count(*) AS runs,
    count(*) FILTER (status = 'error') AS errors,
    min(start_time_unix_nano) AS first_time_unix_nano,
    max(coalesce(end_time_unix_nano, start_time_unix_nano)) AS last_time_unix_nano
FROM span
WHERE kind = 'sequence' OR (kind = 'span' AND parent_span_id IS NULL)
GROUP BY ALL
ORDER BY first_time_unix_nano, build, service
