-- How long some handlers took under each build, as they ran: the first to run first.
--
-- Parameters
--   $keys  UBIGINT[]  numbers of handlers (handler_key)
-- Columns
--   build                 VARCHAR   service.version
--   executions            BIGINT
--   untimed               BIGINT    of these, without a known duration
--   errors                BIGINT    of these, failed
--   min_ns                BIGINT
--   max_ns                BIGINT
--   avg_ns                DOUBLE
--   percentiles_ns        DOUBLE[]  50th, 95th and 99th
--   first_time_unix_nano  BIGINT    start of the first
--   last_time_unix_nano   BIGINT    start of the last
SELECT
    service_version AS build, count(*) AS executions, count(*) - count(duration_ns) AS untimed,
    count(*) FILTER (is_failed) AS errors, min(duration_ns) AS min_ns, max(duration_ns) AS max_ns,
    avg(duration_ns) AS avg_ns, quantile_cont(duration_ns, [0.5, 0.95, 0.99]) AS percentiles_ns,
    min(start_time_unix_nano) AS first_time_unix_nano, max(start_time_unix_nano) AS last_time_unix_nano
FROM stored.handler_run
WHERE list_contains($keys::UBIGINT[], handler_key)
GROUP BY service_version
ORDER BY first_time_unix_nano, build
